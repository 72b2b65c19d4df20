"""Typed queries over a few texts, each a passage of its own, with marks written as ‹ ›."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indexer.model import Article, Hit, Mark, Match, Results
from indexer.search.highlight import snippets
from indexer.search.searcher import Request
from indexer.text.synonyms import Synonyms, read_synonyms
from tests.oracle import Engine, paragraphs, shelve


def with_marks(text: str, marks: Sequence[Mark], start: int = 0, end: int | None = None) -> str:
    """The text, or a window of it, with ‹ › around its marks."""
    out, at = "", start
    for mark in marks:
        out += f"{text[at : mark.start]}‹{text[mark.start : mark.end]}›"
        at = mark.end
    return out + text[at:end]


def snippet(text: str, marks: Sequence[Mark], width: int) -> str:
    """The best window of a text, with … where it is cut."""
    (best,) = snippets(text, marks, width=width)
    shown = with_marks(text, best.marks, best.start, best.end)
    return "…" * (best.start > 0) + shown + "…" * (best.end < len(text))


def rules(*lines: str) -> Synonyms:
    """Synonyms from the lines of a file."""
    return read_synonyms("\n".join(lines).encode(), "synonyms.txt")


class Library:
    """A few texts to search."""

    def __init__(self, *texts: str, articles: Sequence[Article] = (), **options: Any) -> None:
        """Each text is the only passage of its article; `options` are those of `Engine`."""
        self.engine = Engine(shelve([*articles, *paragraphs(*texts)]), **options)

    def ask(self, query: str, match: Match = "stem", **request: Any) -> Results:
        """All results of a query, in order of the texts."""
        asked = Request(match=match, limit=1000, sort="position", **request)
        return self.engine.searcher.search(query, asked)

    def hits(self, query: str, match: Match = "stem") -> tuple[Hit, ...]:
        """All hits, in order of the texts."""
        return self.ask(query, match).hits

    def marked(self, query: str, match: Match = "stem") -> list[str]:
        """The texts of all hits with their marks, in order of the texts."""
        return [with_marks(hit.passage.text, hit.marks) for hit in self.hits(query, match)]

    def reasons(self, query: str, match: Match = "stem") -> list[str]:
        """The reason of each mark, in order."""
        return [mark.reason for hit in self.hits(query, match) for mark in hit.marks]
