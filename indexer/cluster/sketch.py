"""Sketches: of a passage all that decides whether it is found and what it scores, and no text.

In: a run, when an index is written. Out: the sketch of each passage, as bytes: where it stands, the
headings and the title that count for it, and of each token a code. When an index is searched:
sketches of any passages, and which forms of the corpus a query may match. Out: a segment in memory
over which the unchanged matcher and scorer say what they would say over the passages themselves
(see `layout`). Nothing is tokenised, and all forms that the query can't match are one.

A code is 29 bits of the CRC of an entry of `Run.forms`, then the three bits of `token.marks`. Two
forms may have one code: whoever holds the words of the corpus knows which, and does without
sketches for a query of these.
"""

from __future__ import annotations

import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from indexer.cluster.engine import column_of
from indexer.cluster.layout import TOLD, Layout, Unit, snapshot_of_layouts
from indexer.search.expansion import Expansion
from indexer.search.plan import Node, leaves, terms
from indexer.segments.snapshot import Snapshot
from indexer.segments.tables import MARKS, Run, to_offsets
from indexer.sorted_arrays import Array, member

Json = dict[str, Any]
_MARKS = sum(MARKS.values())
MOST_FORMS = 10_000  # of a query that sketches are used for
_OTHER = "\U0010fffd" * 4  # the form of all that a query can't match
_SIZE = struct.Struct("<I")


def codes(entries: Iterable[str]) -> Array:
    """Codes of entries of `Run.forms`, without marks (uint32)."""
    made = [zlib.crc32(entry.encode("utf-8", "surrogatepass")) for entry in entries]
    return np.array(made, np.uint32) & np.uint32(~_MARKS & 0xFFFFFFFF)


def coded_units(run: Run) -> list[bytes]:
    """Codes of the tokens of each unit of a run, in the order of its units."""
    found = codes(run.forms)[run.columns["token.form"]] | run.columns["token.marks"]
    raw = found.astype("<u4").tobytes()
    edges = (4 * to_offsets(run.columns["unit.tokens"])).tolist()
    return [raw[a:b] for a, b in pairwise(edges)]


def sketch(excerpt: Json, unit: bytes, heads: Sequence[bytes]) -> str:
    """The sketch of a passage as a document holds it. `excerpt`: of the passage (see `layout`);
    `unit`, `heads`: the codes of its text and of the heads in the excerpt, in their order."""
    name, _, _, language, title = excerpt["article"]
    (place, *row), *_ = excerpt["passages"]
    sizes = [len(one) // 4 for one in (unit, *heads)]
    head = [name, language, title, place, row[:-2], excerpt["heads"], sizes]
    told = json.dumps(head, separators=(",", ":")).encode()
    return b64encode(b"".join((_SIZE.pack(len(told)), told, unit, *heads))).decode()


class Codes:
    """The codes of the forms of a corpus."""

    def __init__(self, entries: Sequence[str]) -> None:
        """`entries`: as `Run.forms` has them, by form id."""
        self._entries, self._codes = entries, codes(entries)
        ordered = np.sort(self._codes)
        self._shared = ordered[1:][ordered[1:] == ordered[:-1]]  # by several forms

    def sought(self, plan: Node, expansion: Expansion) -> Sought | None:
        """The forms that a plan may match, looked up in the corpus; None where that can't be told
        by codes, or takes as long as to do without."""
        forms = sought_forms(plan, expansion)
        if forms is None:
            return None
        found = self._codes[forms]
        if member(self._shared, np.sort(found)).any():
            return None
        order = np.argsort(found)
        return Sought([self._entries[form] for form in forms[order].tolist()], found[order])


def sought_forms(plan: Node, expansion: Expansion) -> Array | None:
    """Ids of the forms of the corpus that a plan may match (int64, ascending); None where that may
    be any, or too many."""
    sought = {term for leaf in leaves(plan, negated=True) for term in terms(leaf.sought)}
    places = {
        place
        for term in sought
        for spelling in expansion.pattern(term).spellings
        for place in spelling
    }
    if any(place.how == "wildcard" and not place.text.strip("*?") for place in places):
        return None  # it might match the form of all others
    elements = [expansion.element(place, 0) for place in places]
    ranges = [pair for one in elements for pair in zip(*(e.tolist() for e in one.joined))]
    if sum(high - low for low, high in ranges) > MOST_FORMS:
        return None
    return np.array(sorted({form for pair in ranges for form in range(*pair)}), np.int64)


def other_form(language: str) -> str:
    """The entry of all forms of a language that a query can't match."""
    return f"{language}\0{_OTHER}\0{_OTHER}\0{_OTHER}"


@dataclass(frozen=True)
class Sought:
    """Forms of the corpus that a query may match."""

    entries: list[str]  # of `Run.forms`, in the order of their codes
    codes: Array  # of these, ascending (uint32)

    def snapshot(self, hits: Iterable[Json]) -> Snapshot:
        """A snapshot of passages that were found, of their sketches."""
        sketches = [column_of(hit, "sketch") for hit in hits]
        ends = [_SIZE.size + _SIZE.unpack_from(data)[0] for data in sketches]
        told = b",".join([data[_SIZE.size : end] for data, end in zip(sketches, ends)])
        layouts: dict[str, Layout] = {}
        for data, at, row in zip(sketches, ends, json.loads(b"[%b]" % told)):
            name, language, title, place, passage, heads, sizes = row
            layout = layouts.get(name)
            if layout is None:
                layout = layouts[name] = Layout([name, "", "", language, title])
            layout.passages[place] = [*passage, TOLD, ""]
            layout.codes[place] = data[at : (at := at + 4 * sizes[0])]
            for (number, *head), size in zip(heads, sizes[1:], strict=True):
                if number not in layout.heads:
                    layout.heads[number] = head
                    layout.codes[~number] = data[at : at + 4 * size]
                at += 4 * size
        return snapshot_of_layouts(layouts, self._tokens)

    def _tokens(
        self, ordered: Sequence[Layout], units: Sequence[Unit]
    ) -> tuple[dict[str, Array], list[str]]:
        """Columns of units and tokens, and the forms that they name."""
        coded = [ordered[number].codes.get(at, b"") for number, at in units]
        told = np.frombuffer(b"".join(coded), "<u4")
        sought = told & np.uint32(~_MARKS & 0xFFFFFFFF)
        at = self.codes.searchsorted(sought)
        known = np.append(self.codes, np.uint32(_MARKS))[at] == sought
        language = ordered[0].texts[3].split(" ")[0] if ordered else ""
        return {
            "unit.tokens": np.fromiter(map(len, coded), np.int64, len(coded)) // 4,
            "unit.bytes": np.zeros(len(coded), np.int64),
            "byte.text": np.zeros(0, np.uint8),
            "token.form": np.where(known, at, len(self.entries)),
            "token.start": np.zeros(told.size, np.uint32),
            # what is hyphenated is asked of the corpus
            "token.marks": (told & np.uint32(_MARKS & ~MARKS["hyphens"])).astype(np.uint8),
        }, [*self.entries, other_form(language)]
