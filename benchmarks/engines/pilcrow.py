"""Pilcrow: one index for both modes; store and arrays are made of the same passages.

A search returns more than those of the others: marks in titles and headings, the total, facets.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engines import base
from benchmarks.engines.base import CLOSE, OPEN, WIDTH, Audit, Mode, Shown
from benchmarks.engines.passages import Row, by_article
from benchmarks.engines.queries import NEAR, Query

if TYPE_CHECKING:
    from indexer.model import Article, Hit, Passage
    from indexer.segments.segment import Segment
    from indexer.sorted_arrays import Array


class Engine(base.Engine):
    """The engine of this repository."""

    label = "Pilcrow"
    needs = "indexer"
    install = "pip install -e ."
    index_by_mode = False

    def version(self) -> str:
        """Its version."""
        from importlib import import_module
        from importlib.metadata import PackageNotFoundError, version

        import_module("indexer")  # so that a build does not include the import
        try:
            return f"Pilcrow {version('pilcrow-search')}"
        except PackageNotFoundError:  # run from its source
            return "Pilcrow"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """Store and arrays, as `build_index` makes them after files are parsed and split."""
        from indexer.segments.refresh import refresh
        from indexer.store.codec import pack
        from indexer.store.reader import Store
        from indexer.store.writer import writing

        with writing(folder) as writer:
            for group in by_article(rows):
                article, passages = _article(group)
                writer.add(pack(article, passages, source=article.id, root=""))
        with Store.open(folder) as store:
            refresh(store, folder).close()

    def open(self, folder: Path, mode: Mode) -> Session:
        """Opens the index as the command line and the site do."""
        return Session(folder, mode)


class Session(base.Session):
    """An open index."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        from indexer import open_index

        self._index = open_index(folder)
        self._mode = mode

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten hits, their snippets as HTML."""
        found = self._index.search(as_typed(query), match=self._mode, limit=base.TOP)
        return [_shown(hit) for hit in found.hits]

    def count(self, query: Query) -> int:
        """Passages that match in their text."""
        return self._index.count(as_typed(query), match=self._mode)

    def audit(self, query: Query) -> Audit:
        """Reads occurrences, articles and sections from the arrays."""
        import numpy as np

        from indexer.audits.concordance import occurrences

        searcher = self._index._searcher
        tree = searcher.parse(as_typed(query)).tree
        matcher = searcher.matcher(tree, self._mode, text_only=True)
        found = occurrences(matcher).every()
        places = []
        cells: dict[tuple[str, str], int] = {}
        for number, part in enumerate(searcher.snapshot.parts):
            mine = found.parts == number
            passages = found.passages[mine]
            starts = part.segment.starts_at(found.starts[mine])
            places.append(np.stack((passages, starts), axis=1))
            cells.update(_cells(part.segment, passages))
        return Audit(np.concatenate(places), cells)

    def close(self) -> None:
        """Closes store and arrays."""
        self._index.close()


def _cells(segment: Segment, passages: Array) -> dict[tuple[str, str], int]:
    """Occurrences by article and section, from their passages; reads each path once."""
    import numpy as np

    headings = segment.column("passage.heading")[passages]
    paths = segment.column("head.path")[headings].astype(np.int64)
    articles = segment.column("passage.article")[passages].astype(np.int64)
    keys, counts = np.unique((articles << 32) | paths, return_counts=True)
    rows = list(zip((keys >> 32).tolist(), (keys & 0xFFFFFFFF).tolist(), counts.tolist()))
    ids = {article: segment.article_ids[article] for article in {row[0] for row in rows}}
    names = {path: segment.paths[path] for path in {row[1] for row in rows}}
    return {(ids[article], names[path]): count for article, path, count in rows}


def as_typed(query: Query) -> str:
    """The query as a user types it."""
    words = query.words
    return {
        "and": " ".join(words),
        "or": " OR ".join(words),
        "phrase": f'"{" ".join(words)}"',
        "prefix": f"{words[0]}*",
        "fuzzy": f"{words[0]}~1",
        "near": f" NEAR/{NEAR} ".join(words),
    }.get(query.kind, words[0])


def _shown(hit: Hit) -> Shown:
    from indexer import snippets

    text = hit.passage.text
    pieces: list[str] = []
    for window in snippets(text, hit.marks, width=WIDTH):
        at = window.start
        for mark in window.marks:
            pieces += (text[at : mark.start], OPEN, text[mark.start : mark.end], CLOSE)
            at = mark.end
        pieces.append(text[at : window.end])
    section = " › ".join(hit.passage.section)
    return Shown(html.escape(hit.article.title), html.escape(section), base.marked("".join(pieces)))


def _article(group: Sequence[Row]) -> tuple[Article, list[Passage]]:
    """An article made of these rows, and its passages."""
    from indexer.model import Article, Block, Passage, Span

    texts: list[str] = []
    blocks: list[Block] = []
    passages: list[Passage] = []
    at = 0
    name, section = group[0].article, ""

    def add(text: str) -> Span:
        nonlocal at
        span = Span(at, at + len(text))
        texts.append(text)
        at = span.end + 2
        return span

    for row in group:
        if row.section != section:
            section = row.section
            blocks.append(Block("heading", 1, add(section), ()))
        span = add(row.text)
        path = (section,)
        blocks.append(Block("paragraph", 0, span, path))
        number = row.number + 1
        digest = blake2b(f"{name}#{number}".encode(), digest_size=8).hexdigest()
        anchor = f"p-{number}"
        passages.append(Passage(digest, anchor, name, path, "paragraph", number, span, row.text))
    text = "\n\n".join(texts)
    return Article(name, group[0].title, "", "en", text, tuple(blocks)), passages
