"""Inverting: articles in, runs of their tokens and tables out, made by as many processes as help.

`arrays` makes segments of them. A process that helps imports this package and what it needs, and
so it needs little: no store, no index.
"""

from indexer.inverting.runs import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    SECTION_COLUMNS,
    ZONES,
    Run,
    Words,
    ZoneRun,
    to_offsets,
)
from indexer.inverting.sharing import ArticleSource, Harvest, Sharing, invert

__all__ = [
    "ARTICLE_COLUMNS",
    "ARTICLE_TEXTS",
    "HEAD_COLUMNS",
    "PASSAGE_COLUMNS",
    "SECTION_COLUMNS",
    "ZONES",
    "ArticleSource",
    "Harvest",
    "Run",
    "Sharing",
    "Words",
    "ZoneRun",
    "invert",
    "to_offsets",
]
