"""Xapian through Debian's python3-xapian, as its documentation advises.

One index for both modes: the term generator writes each word as written, with positions, and its
stem. It flushes every 200,000 documents instead of 10,000; then `compact`, timed separately.
Articles and sections are value slots, displayed text is document data. Phrases and NEAR match words
as written, in both modes. Edit distance is not in the 1.4 series. Positions give the occurrences.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.engines import base
from benchmarks.engines.base import TOP, WIDTH, Audit, Mode, Shown, runs
from benchmarks.engines.passages import Row
from benchmarks.engines.queries import NEAR, Query

ARTICLE, SECTION = 0, 1  # value slots


class Engine(base.Engine):
    """The C++ library behind notmuch and Debian's package search."""

    label = "Xapian"
    needs = "xapian"
    install = "apt install python3-xapian, for /usr/bin/python3"
    index_by_mode = False
    cannot: ClassVar = {task: frozenset({"fuzzy"}) for task in base.TASKS}

    def version(self) -> str:
        """The library's version."""
        return f"Xapian {import_module('xapian').version_string()}"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """One document per passage."""
        os.environ["XAPIAN_FLUSH_THRESHOLD"] = "200000"  # read when the database is opened
        xapian: Any = import_module("xapian")
        db = xapian.WritableDatabase(str(folder / "db"), xapian.DB_CREATE)
        generator = xapian.TermGenerator()
        generator.set_stemmer(xapian.Stem("english"))
        for row in rows:
            doc = xapian.Document()
            generator.set_document(doc)
            generator.index_text(row.text)
            doc.add_value(ARTICLE, row.article)
            doc.add_value(SECTION, row.section)
            doc.set_data(json.dumps((row.title, row.section, row.text), ensure_ascii=False))
            db.add_document(doc)
        db.commit()
        db.close()

    def tidy(self, folder: Path) -> bool:
        """Compacts the tables."""
        xapian: Any = import_module("xapian")
        xapian.Database(str(folder / "db")).compact(str(folder / "compact"))
        shutil.rmtree(folder / "db")
        (folder / "compact").rename(folder / "db")
        return True

    def open(self, folder: Path, mode: Mode) -> Session:
        """A database for reading."""
        return Session(folder, mode)


class Session(base.Session):
    """An open database."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self._xapian: Any = import_module("xapian")
        self._db = self._xapian.Database(str(folder / "db"))
        self._stems = mode == "stem"
        self._stem = self._xapian.Stem("english" if self._stems else "none")

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten documents by BM25, with Xapian's own snippets."""
        found = self._enquire(query).get_mset(0, TOP)
        shown = []
        for match in found:
            title, section, text = json.loads(match.document.get_data())
            snippet = found.snippet(
                text, WIDTH, self._stem, self._flags, "<mark>", "</mark>", "…"
            ).decode()
            shown.append(Shown(escape(title), escape(section), snippet))
        return shown

    @property
    def _flags(self) -> int:
        snippet = self._xapian.MSet
        return int(snippet.SNIPPET_BACKGROUND_MODEL | snippet.SNIPPET_EXHAUSTIVE)

    def count(self, query: Query) -> int:
        """Documents that match, without weights."""
        enquire = self._enquire(query)
        enquire.set_weighting_scheme(self._xapian.BoolWeight())
        return int(enquire.get_mset(0, 0, self._db.get_doccount()).get_matches_estimated())

    def audit(self, query: Query) -> Audit:
        """Positions of all words in all documents that match."""
        places = list(self._places(query))
        articles, sections = (self._values(slot, places) for slot in (ARTICLE, SECTION))
        cells = Counter((articles[doc], sections[doc]) for doc, _ in places)
        return Audit(places, cells)

    def _values(self, slot: int, places: Sequence[tuple[int, int]]) -> dict[int, str]:
        """One value of each matching document, read in order."""
        wanted = sorted({doc for doc, _ in places})
        if len(wanted) * 20 < self._db.get_doccount():
            return {doc: self._db.get_document(doc).get_value(slot).decode() for doc in wanted}
        stream = {item.docid: item.value for item in self._db.valuestream(slot)}
        return {doc: stream[doc].decode() for doc in wanted}

    def _places(self, query: Query) -> Iterator[tuple[int, int]]:
        """(document, position) of every occurrence; only words as written have positions."""
        groups = [self._forms(word, query.kind) for word in query.words]
        if query.kind not in ("and", "phrase", "near"):
            for form in {form for group in groups for form in group}:
                for posting in self._db.postlist(form):
                    for position in posting.positer:
                        yield posting.docid, position
            return
        enquire = self._enquire(query)
        enquire.set_weighting_scheme(self._xapian.BoolWeight())
        for match in enquire.get_mset(0, self._db.get_doccount()):
            doc = match.docid
            positions = [[p for form in group for p in self._at(doc, form)] for group in groups]
            for position in _occurrences(query.kind, positions):
                yield doc, position

    def _at(self, doc: int, form: str) -> list[int]:
        try:
            return list(self._db.positionlist(doc, form))
        except self._xapian.RangeError:
            return []

    def _forms(self, word: str, kind: str) -> list[str]:
        """The words of the corpus that match a word of the query."""
        if kind == "prefix":
            return [t.term.decode() for t in self._db.allterms(word)]
        if not self._stems or kind in ("phrase", "near"):
            return [word]
        root = self._stem(word)
        stem = root.decode() if isinstance(root, bytes) else str(root)
        likely = [t.term.decode() for t in self._db.allterms(stem[: max(len(stem) - 1, 2)])]
        return [form for form in likely if self._decoded(self._stem(form)) == stem]

    @staticmethod
    def _decoded(text: bytes | str) -> str:
        return text.decode() if isinstance(text, bytes) else text

    def _enquire(self, query: Query) -> Any:
        enquire = self._xapian.Enquire(self._db)
        enquire.set_query(self._tree(query))
        return enquire

    def _tree(self, query: Query) -> Any:
        new, words = self._xapian.Query, query.words
        if query.kind == "prefix":
            return new(new.OP_WILDCARD, words[0], 0, new.WILDCARD_LIMIT_ERROR)  # 0: no limit
        if query.kind == "phrase":
            return new(new.OP_PHRASE, list(words), len(words))
        if query.kind == "near":
            return new(new.OP_NEAR, list(words), NEAR + 1)
        terms = ["Z" + self._decoded(self._stem(w)) for w in words] if self._stems else list(words)
        return new(new.OP_OR if query.kind == "or" else new.OP_AND, terms)


def _occurrences(kind: str, positions: Sequence[Sequence[int]]) -> Iterable[int]:
    if kind == "and":
        return [p for held in positions for p in held]
    if kind == "phrase":
        return runs(positions)
    left, right = positions
    return [a for a in left if any(0 < abs(a - b) <= NEAR for b in right)]
