"""Plain Whoosh: its own text postings, matchers and highlighter.

No stop list and no minimum word length, as in the other engines; its own English stemmer with an
unbounded cache. One writer with 512 MB, one segment at the end. Occurrences come from the spans of
its matchers.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from importlib import import_module
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

from benchmarks.engines import base
from benchmarks.engines.base import TOP, WIDTH, Audit, Mode, Shown
from benchmarks.engines.passages import Row
from benchmarks.engines.queries import NEAR, Query

warnings.filterwarnings("ignore", category=SyntaxWarning)


class Engine(base.Engine):
    """The library of Pilcrow's store and query trees."""

    label = "Whoosh"
    needs = "whoosh"
    install = "comes with Pilcrow"

    def version(self) -> str:
        """The version of the installed distribution."""
        import_module("whoosh.index")  # so that a build does not include the import
        name = packages_distributions()["whoosh"][0]
        return f"{name} {version(name)}"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """One document per passage."""
        index = import_module("whoosh.index").create_in(str(folder), _schema(mode))
        writer = index.writer(limitmb=512)
        for row in rows:
            writer.add_document(
                text=row.text, article=row.article, title=row.title, section=row.section
            )
        writer.commit(optimize=True)
        index.close()

    def open(self, folder: Path, mode: Mode) -> Session:
        """A searcher."""
        return Session(folder, mode)


def _schema(mode: Mode) -> Any:
    fields, analysis = import_module("whoosh.fields"), import_module("whoosh.analysis")
    if mode == "stem":
        analyzer = analysis.StemmingAnalyzer(stoplist=None, minsize=1, cachesize=-1)
    else:
        analyzer = analysis.StandardAnalyzer(stoplist=None, minsize=1)
    text = fields.TEXT(analyzer=analyzer, phrase=True, stored=True)
    stored = {name: fields.STORED() for name in ("article", "title", "section")}
    return fields.Schema(text=text, **stored)


class Session(base.Session):
    """An open searcher."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        index = import_module("whoosh.index").open_dir(str(folder))
        self._query: Any = import_module("whoosh.query")
        self._spans: Any = import_module("whoosh.query.spans")
        highlight: Any = import_module("whoosh.highlight")
        self._fragmenter = highlight.ContextFragmenter(maxchars=WIDTH, surround=WIDTH // 2)
        self._formatter = highlight.HtmlFormatter(tagname="mark")
        self._searcher = index.searcher()
        self._analyzer = index.schema["text"].analyzer

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten documents by BM25F, with Whoosh's own highlights."""
        found = self._searcher.search(self._tree(query), limit=TOP)
        found.fragmenter, found.formatter = self._fragmenter, self._formatter
        return [
            Shown(escape(hit["title"]), escape(hit["section"]), hit.highlights("text", top=1))
            for hit in found
        ]

    def count(self, query: Query) -> int:
        """Documents that match, unscored."""
        return sum(1 for _ in self._searcher.docs_for_query(self._tree(query)))

    def audit(self, query: Query) -> Audit:
        """Spans of the matcher in each document."""
        places: list[tuple[int, int]] = []
        cells: Counter[tuple[str, str]] = Counter()
        context = self._searcher.boolean_context().set(needs_current=True)  # keeps the spans
        matcher = self._tree(query).matcher(self._searcher, context)
        while matcher.is_active():
            doc = matcher.id()
            spans = matcher.spans()
            places += ((doc, span.start) for span in spans)
            fields = self._searcher.stored_fields(doc)
            cells[fields["article"], fields["section"]] += len(spans)
            matcher.next()
        return Audit(places, cells)

    def close(self) -> None:
        """Closes the searcher."""
        self._searcher.close()

    def _tree(self, query: Query) -> Any:
        q = self._query
        if query.kind == "prefix":
            return q.Prefix("text", query.words[0])
        if query.kind == "fuzzy":
            return q.FuzzyTerm("text", query.words[0], maxdist=1, prefixlength=0)
        words = [token.text for word in query.words for token in self._analyzer(word)]
        if query.kind == "phrase":
            return q.Phrase("text", words)
        terms = [q.Term("text", word) for word in words]
        if query.kind == "near":
            return self._spans.SpanNear(*terms, slop=NEAR, ordered=False)
        if len(terms) == 1:
            return terms[0]
        return (q.Or if query.kind == "or" else q.And)(terms)
