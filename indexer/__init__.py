"""Pilcrow finds passages: build an index, open it, search it.

    from indexer import build_index, open_index

    build_index(["corpus"], ".pilcrow")
    with open_index(".pilcrow") as index:
        print(index.search("tapering").total)
"""

from indexer.building import IndexReport, build_index
from indexer.errors import NotFound, PilcrowError, UsageError
from indexer.highlighting import snippets
from indexer.index import Index, open_index
from indexer.model import (
    Article,
    ArticleRef,
    Block,
    Concordance,
    Hit,
    Mark,
    Passage,
    Results,
    Snippet,
)
from indexer.reporting import shapes
from indexer.settings import Settings, load_settings

__all__ = [
    "Article",
    "ArticleRef",
    "Block",
    "Concordance",
    "Hit",
    "Index",
    "IndexReport",
    "Mark",
    "NotFound",
    "Passage",
    "PilcrowError",
    "Results",
    "Settings",
    "Snippet",
    "UsageError",
    "build_index",
    "load_settings",
    "open_index",
    "shapes",
    "snippets",
]
