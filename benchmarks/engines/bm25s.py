"""bm25s: scores computed at indexing, in one sparse matrix; ranks only bags of words.

It has no positions, no snippets and no boolean operators, so only single words and OR apply. The
words in the ten texts shown are marked with a regular expression, as its users do. Scores and texts
are mapped, not read. Counting computes all scores and counts those above zero (in its Lucene
formula only texts without a match score zero). PyStemmer stems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.engines import base
from benchmarks.engines.base import ALL, CLOSE, OPEN, TOP, Audit, Mode, Shown, marked
from benchmarks.engines.passages import Row
from benchmarks.engines.queries import Query

_WORD = re.compile(r"\w+")
_OTHERS = ALL - {"rare", "middle", "common", "or"}


class Engine(base.Engine):
    """A ranking library in NumPy."""

    label = "bm25s"
    needs = "bm25s, Stemmer"
    install = "pip install bm25s PyStemmer"
    cannot: ClassVar = {"top": _OTHERS, "count": _OTHERS, "audit": ALL}

    def version(self) -> str:
        """The package's version."""
        import_module("bm25s")  # so that a build does not include the import
        return f"bm25s {version('bm25s')}"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """Scores and texts."""
        bm25s: Any = import_module("bm25s")
        corpus = [{"title": r.title, "section": r.section, "text": r.text} for r in rows]
        tokens = bm25s.tokenize(
            [record["text"] for record in corpus],
            token_pattern=_WORD.pattern,
            stopwords=None,
            stemmer=_stemmer(mode),
            show_progress=False,
        )
        retriever = bm25s.BM25()
        retriever.index(tokens, show_progress=False)
        retriever.save(folder, corpus=corpus, show_progress=False)

    def open(self, folder: Path, mode: Mode) -> Session:
        """The matrix, mapped."""
        return Session(folder, mode)


def _stemmer(mode: Mode) -> Any:
    return import_module("Stemmer").Stemmer("english") if mode == "stem" else None


class Session(base.Session):
    """An open matrix."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        bm25s: Any = import_module("bm25s")
        self._retriever = bm25s.BM25.load(folder, mmap=True, load_corpus=True)
        self._stemmer = _stemmer(mode)

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten texts by score; texts that score zero are no hits."""
        words = self._words(query)
        records, scores = self._retriever.retrieve([words], k=TOP, show_progress=False)
        return [
            Shown(marked(r["title"]), marked(r["section"]), marked(self._marked(r["text"], words)))
            for r, score in zip(records[0], scores[0])
            if score > 0
        ]

    def count(self, query: Query) -> int:
        """Passages with a score."""
        return int((self._retriever.get_scores(self._words(query)) > 0).sum())

    def audit(self, query: Query) -> Audit:
        """Not possible: there are no positions."""
        raise NotImplementedError

    def _words(self, query: Query) -> list[str]:
        return [self._stem(word) for word in query.words]

    def _stem(self, word: str) -> str:
        return str(self._stemmer.stemWord(word)) if self._stemmer else word

    def _marked(self, text: str, words: Sequence[str]) -> str:
        def mark(match: re.Match[str]) -> str:
            found = self._stem(match[0].lower()) in words
            return f"{OPEN}{match[0]}{CLOSE}" if found else match[0]

        return _WORD.sub(mark, text)
