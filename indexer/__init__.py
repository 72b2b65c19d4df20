"""Pilcrow finds passages: build an index, open it, search it.

from indexer import build_index, open_index

build_index(["corpus"], ".pilcrow")
with open_index(".pilcrow") as index:
    print(index.search("tapering").total)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.lazy import importer

if TYPE_CHECKING:
    from indexer.cluster.opening import build_index, cluster_signature, open_index
    from indexer.errors import NotFound, PilcrowError, UsageError
    from indexer.index import Index
    from indexer.links.permalinks import Resolution
    from indexer.links.selection import Selection
    from indexer.model import (
        Article,
        ArticleRef,
        Block,
        Concordance,
        Hit,
        Mark,
        Passage,
        Results,
        Spread,
    )
    from indexer.query_log import QueryLog
    from indexer.reporting import audit_schema, questions, schema
    from indexer.reporting.charts import SHADES, BarcodeView, bar_of, heat_map
    from indexer.reporting.citations import citation_formats
    from indexer.reporting.differences import difference_html
    from indexer.reporting.export import audit_file, concordance_file
    from indexer.reporting.formats import FILE_TYPES, to_json, to_json_line
    from indexer.reporting.html import equip_templates, palette
    from indexer.search.highlight import snippets
    from indexer.settings import Settings, load_settings
    from indexer.text.synonyms import is_drug_name
else:
    # Imported when asked for: the parsers of all formats take longer to import than an index takes
    # to open and answer.
    __getattr__ = importer(
        __name__,
        {
            "indexer.cluster.opening": ("build_index", "cluster_signature", "open_index"),
            "indexer.errors": ("NotFound", "PilcrowError", "UsageError"),
            "indexer.index": ("Index",),
            "indexer.links.permalinks": ("Resolution",),
            "indexer.links.selection": ("Selection",),
            "indexer.model": (
                *("Article", "ArticleRef", "Block", "Concordance"),
                *("Hit", "Mark", "Passage", "Results", "Spread"),
            ),
            "indexer.query_log": ("QueryLog",),
            "indexer.reporting": ("audit_schema", "questions", "schema"),
            "indexer.reporting.charts": ("SHADES", "BarcodeView", "bar_of", "heat_map"),
            "indexer.reporting.citations": ("citation_formats",),
            "indexer.reporting.differences": ("difference_html",),
            "indexer.reporting.export": ("audit_file", "concordance_file"),
            "indexer.reporting.formats": ("FILE_TYPES", "to_json", "to_json_line"),
            "indexer.reporting.html": ("equip_templates", "palette"),
            "indexer.search.highlight": ("snippets",),
            "indexer.settings": ("Settings", "load_settings"),
            "indexer.text.synonyms": ("is_drug_name",),
        },
    )

__all__ = [
    "FILE_TYPES",
    "SHADES",
    "Article",
    "ArticleRef",
    "BarcodeView",
    "Block",
    "Concordance",
    "Hit",
    "Index",
    "Mark",
    "NotFound",
    "Passage",
    "PilcrowError",
    "QueryLog",
    "Resolution",
    "Results",
    "Selection",
    "Settings",
    "Spread",
    "UsageError",
    "audit_file",
    "audit_schema",
    "bar_of",
    "build_index",
    "citation_formats",
    "cluster_signature",
    "concordance_file",
    "difference_html",
    "equip_templates",
    "heat_map",
    "is_drug_name",
    "load_settings",
    "open_index",
    "palette",
    "questions",
    "schema",
    "snippets",
    "to_json",
    "to_json_line",
]
