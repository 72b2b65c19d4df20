"""The snapshot as a Whoosh `IndexReader`, whose documents are the passages.

Any Whoosh query runs through a plain `whoosh.searching.Searcher` over it: slow, and the reference
for what users get from `matching`. Terms are folded words of the fields text, section and title,
and the ids of the fields article and kind. Documents number the live and dead content passages of
all parts in turn; boilerplate is left out.
"""

# ruff: noqa: D102 (Whoosh's IndexReader documents what its methods mean)

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from whoosh import fields, formats
from whoosh.matching import ListMatcher
from whoosh.reading import IndexReader, TermInfo, TermNotFound

from indexer.model import KINDS
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

SCHEMA = fields.Schema(
    text=fields.TEXT(), section=fields.TEXT(), title=fields.TEXT(), article=fields.ID(),
    kind=fields.ID(),
)  # fmt: skip
BLOCK_GAP = 1000  # positions left free between two blocks, so that no phrase crosses


class PassageReader(IndexReader):  # type: ignore[misc]
    """Whoosh's view of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.schema = SCHEMA
        counts = [p.segment.contents for p in snapshot.parts]
        self._bases = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        self._format = formats.Positions()
        self._postings = lru_cache(maxsize=1024)(self._read_postings)

    # --- documents ------------------------------------------------------------------------------

    def generation(self) -> int:
        return self._snapshot.generation

    def doc_count_all(self) -> int:
        return int(self._bases[-1])

    def doc_count(self) -> int:
        return sum(part.sums[0] for part in self._snapshot.parts)

    def has_deletions(self) -> bool:
        return self.doc_count() < self.doc_count_all()

    def is_deleted(self, docnum: int) -> bool:
        if docnum >= self.doc_count_all():
            return False  # Whoosh's inverse matcher asks beyond the last document
        part, number = self.place(docnum)
        live = self._snapshot.parts[part].live
        return live is not None and not live[number]

    def place(self, docnum: int) -> tuple[int, int]:
        """(part, passage) of a Whoosh document."""
        part = int(np.searchsorted(self._bases, docnum, "right")) - 1
        return part, docnum - int(self._bases[part])

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        part, number = self.place(docnum)
        passage = self._snapshot.parts[part].segment.passage(number)
        return {"id": passage.id, "text": passage.text, "section": passage.section}

    # --- terms ----------------------------------------------------------------------------------

    def indexed_field_names(self) -> list[str]:
        return sorted(SCHEMA.names())

    def _words(self, fieldname: str) -> list[str]:
        found: set[str] = set()
        for part in self._snapshot.parts:
            if fieldname == "article":
                found.update(part.segment.article_ids)
            elif fieldname == "kind":
                found.update(KINDS)
            else:
                found.update(part.segment.vocabulary.folds)
        return sorted(w for w in found if self._postings(fieldname, w)[0].size)

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        for fieldname in self.indexed_field_names():
            for word in self._words(fieldname):
                yield fieldname, word.encode("utf-8", "surrogatepass")

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        fieldname, text = term
        return fieldname in SCHEMA and bool(self._postings(fieldname, _string(text))[0].size)

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        return int(self._postings(fieldname, _string(text))[0].size)

    def frequency(self, fieldname: str, text: str | bytes) -> float:
        return float(sum(map(len, self._postings(fieldname, _string(text))[1])))

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        docs, positions = self._postings(fieldname, _string(text))
        if not docs.size:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        sizes = [len(p) for p in positions]
        return TermInfo(
            weight=float(sum(sizes)), df=int(docs.size), minlength=1, maxlength=1 << 20,
            maxweight=float(max(sizes)), minid=int(docs[0]), maxid=int(docs[-1]),
        )  # fmt: skip

    def postings(self, fieldname: str, text: str | bytes, scorer: Any = None) -> ListMatcher:
        docs, positions = self._postings(fieldname, _string(text))
        if not docs.size:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return ListMatcher(
            docs.tolist(),
            weights=[float(len(p)) for p in positions],
            values=[self._format.encode(p) for p in positions],
            format=self._format,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )

    def _read_postings(self, fieldname: str, word: str) -> tuple[Array, list[list[int]]]:
        """Live documents (ascending) that hold the word in a field, and its positions in each."""
        docs: list[int] = []
        positions: list[list[int]] = []
        for number, part in enumerate(self._snapshot.parts):
            if fieldname in ("article", "kind"):
                found = {n: [0] for n in _of_column(part.segment, fieldname, word)}
            elif fieldname == "text":
                found = _in_text(part.segment, word)
            else:
                found = _in_heads(part.segment, word, fieldname == "title")
            for passage, places in sorted(found.items()):
                if part.live is None or part.live[passage]:
                    docs.append(int(self._bases[number]) + passage)
                    positions.append(places)
        return np.array(docs, np.int64), positions

    # --- lengths --------------------------------------------------------------------------------

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        part, number = self.place(docnum)
        segment = self._snapshot.parts[part].segment
        lengths = {
            "text": segment.words,
            "section": segment.section_words,
            "title": segment.title_words,
        }
        return int(lengths[fieldname][number]) if fieldname in lengths else 1

    def field_length(self, fieldname: str) -> int:
        at = {"text": 1, "section": 2, "title": 3}.get(fieldname, 0)
        return sum(part.sums[at] for part in self._snapshot.parts)

    def min_field_length(self, fieldname: str) -> int:
        return 0

    def max_field_length(self, fieldname: str) -> int:
        return 1 << 20

    # --- what this reader has not ---------------------------------------------------------------

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Any:
        raise KeyError(f"no vectors: {fieldname}")


def _string(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "surrogatepass")


def _tokens(segment: Segment, word: str) -> Array:
    ranges = segment.vocabulary.fold_ranges(word)
    found = [segment.positions(low, high) for low, high in ranges]
    return np.sort(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)


def _in_text(segment: Segment, word: str) -> dict[int, list[int]]:
    tokens = _tokens(segment, word)
    tokens = tokens[tokens < segment.content_end]
    passages = segment.passage_of(tokens)
    firsts = segment.unit_tokens[passages].astype(np.int64)
    blocks = segment.block_of(tokens) - segment.block_of(firsts)
    found: dict[int, list[int]] = {}
    for passage, place in zip(
        passages.tolist(), (tokens - firsts + BLOCK_GAP * blocks).tolist(), strict=True
    ):
        found.setdefault(passage, []).append(place)
    return found


def _in_heads(segment: Segment, word: str, title: bool) -> dict[int, list[int]]:
    tokens = _tokens(segment, word)
    tokens = tokens[tokens >= segment.heads_start]
    heads = segment.head_of(tokens)
    found: dict[int, list[int]] = {}
    for head, token in zip(heads.tolist(), tokens.tolist(), strict=True):
        if bool(segment.column("head.title")[head]) is not title:
            continue
        first, last = (int(segment.column(f"head.{n}")[head]) for n in ("first", "last"))
        place = token - int(segment.unit_tokens[segment.passages]) + BLOCK_GAP * head
        for passage in range(first, last):
            found.setdefault(passage, []).append(place)
    return found


def _of_column(segment: Segment, fieldname: str, word: str) -> list[int]:
    if fieldname == "kind":
        number = KINDS.index(word) if word in KINDS else -1
    else:
        number = segment.article_ids.find(word)
    found: list[int] = np.flatnonzero(
        segment.column(f"passage.{fieldname}")[: segment.contents] == number
    ).tolist()
    return found
