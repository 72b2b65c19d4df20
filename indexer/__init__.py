"""Pilcrow finds passages: build an index, open it, search it.

from indexer import build_index, open_index

build_index(["corpus"], ".pilcrow")
with open_index(".pilcrow") as index:
    print(index.search("tapering").total)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from indexer.errors import NotFound, PilcrowError, UsageError
from indexer.index import Index, open_index
from indexer.links.permalinks import Resolution
from indexer.links.selection import Selection
from indexer.model import Article, ArticleRef, Block, Concordance, Hit, Mark, Passage, Results
from indexer.search.highlight import snippets
from indexer.settings import Settings, load_settings

if TYPE_CHECKING:
    from indexer.ingest.build import build_index
    from indexer.reporting import shapes
else:
    # What only some callers need is imported when they ask for it: the parsers of all formats
    # take longer to import than an index takes to open and answer.
    def __getattr__(name: str) -> object:
        if name == "build_index":
            return import_module("indexer.ingest.build").build_index
        if name == "shapes":
            return import_module("indexer.reporting.shapes")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Article",
    "ArticleRef",
    "Block",
    "Concordance",
    "Hit",
    "Index",
    "Mark",
    "NotFound",
    "Passage",
    "PilcrowError",
    "Resolution",
    "Results",
    "Selection",
    "Settings",
    "UsageError",
    "build_index",
    "load_settings",
    "open_index",
    "shapes",
    "snippets",
]
