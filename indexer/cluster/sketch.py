"""Sketches: everything that decides whether a passage matches and how it scores, without its text.

When an index is written, in: a run; out: the sketch of each passage, as bytes: its place, the
headings and the title that count for it, and a code for each token. When an index is searched, in:
sketches of any passages, and the forms of the corpus that a query may match; out: a segment in
memory over which the unchanged matcher and scorer give the same results as over the passages
themselves (see `layout`). Nothing is tokenised, and all forms that the query can't match become
one. A whole article has a sketch too, as if one passage: it holds what its texts add to scores.

A code is 30 bits of the CRC of an entry of `Run.forms`, then two bits of `token.marks`: whether a
block or a sentence begins. Several forms may share a code: `Codes` knows which do in a corpus, and
refuses sketches for queries that may match them.

A sketch consists of 32-bit words: a row of `PASSAGE`, rows of `HEAD`, the codes of the text and of
each head; then JSON: id, language and title of the article, and the text of each head. It fills
whole groups of base64, so that many sketches can be decoded at once.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from indexer.cluster.engine import Json, column_of
from indexer.cluster.layout import HEAD, PASSAGE, STAND_IN, TOLD, Layout, snapshot_of_layout
from indexer.search.expansion import Expansion
from indexer.search.plan import Node, leaves, terms
from indexer.segments.runs import MARKS, Run, to_offsets
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, expanded, member

_MARKS = np.uint32(MARKS["block_starts"] | MARKS["sentence_starts"])  # the lowest bits
MOST_FORMS = 10_000  # forms that a query may match for sketches to be used
_OTHER = "\U0010fffd" * 4  # the one form for all forms that a query can't match
_GROUP = 12  # bytes: three words of 32 bits, and four groups of base64


def codes(entries: Iterable[str]) -> Array:
    """Codes of entries of `Run.forms`, without marks (uint32)."""
    made = [zlib.crc32(entry.encode("utf-8", "surrogatepass")) for entry in entries]
    return np.array(made, np.uint32) & ~_MARKS


def coded_units(run: Run) -> list[bytes]:
    """Codes of the tokens of each unit of a run, in the order of its units."""
    found = codes(run.forms)[run.columns["token.form"]] | (run.columns["token.marks"] & _MARKS)
    raw = found.astype("<u4").tobytes()
    edges = (4 * to_offsets(run.columns["unit.tokens"])).tolist()
    return [raw[a:b] for a, b in pairwise(edges)]


def sketch(excerpt: Json, unit: bytes, heads: Sequence[bytes]) -> bytes:
    """The sketch of a passage. `excerpt`: the passage's (see `layout`); `unit`: the codes of its
    text; `heads`: the codes of the heads in the excerpt, in their order."""
    name, _, _, language, title = excerpt["article"]
    (row, *_), above = excerpt["passages"], excerpt["heads"]
    passage = np.array((*row[:-2], len(above), len(unit) // 4), PASSAGE)
    table = [(n, *rest, len(one) // 4) for (n, _, *rest), one in zip(above, heads, strict=True)]
    facts = json.dumps([name, language, title, *(text for _, text, *_ in above)]).encode()
    data = b"".join((passage.tobytes(), np.array(table, HEAD).tobytes(), unit, *heads, facts))
    return data + b" " * (-len(data) % _GROUP)


def article_sketch(texts: Sequence[str], units: Sequence[bytes]) -> bytes:
    """The compressed sketch of an article. `texts`: see `ARTICLE_TEXTS`; `units`: the codes of its
    content passages. (Each passage begins a block, so no phrase spans two passages.)"""
    title = [0, "", 0, 1, -1, -1, 0]
    excerpt = {"article": texts, "passages": [[0, *STAND_IN]], "heads": [title]}
    return zlib.compress(sketch(excerpt, b"".join(units), [b""]), 1)


def tally(units: Sequence[bytes]) -> bytes:
    """The tally of an article, from the codes of its content passages: the distinct form codes,
    ascending, then the number of occurrences of each (all uint32)."""
    form_codes = np.frombuffer(b"".join(units), "<u4") & ~_MARKS
    return np.array(np.unique(form_codes, return_counts=True), "<u4").tobytes()


@dataclass(frozen=True)
class ArticleTally:
    """How often each form occurs in the texts of an article."""

    codes: Array
    counts: Array

    @classmethod
    def of(cls, hit: Json) -> ArticleTally:
        """The tally of an article, from its hit."""
        return cls(*np.frombuffer(column_of(hit, "tally"), "<u4").reshape(2, -1))

    @property
    def words(self) -> int:
        """The number of words in the texts."""
        return int(self.counts.sum())

    def count(self, forms: SoughtForms) -> int:
        """Occurrences of some forms, summed."""
        return int(self.counts[member(self.codes, forms.codes)].sum())


NO_TALLY = ArticleTally(np.zeros(0, np.uint32), np.zeros(0, np.uint32))


class Codes:
    """The codes of the forms of a corpus."""

    def __init__(self, entries: Sequence[str]) -> None:
        """`entries`: as `Run.forms` has them, by form id."""
        self._entries, self._codes = entries, codes(entries)
        ordered = np.sort(self._codes)
        self._shared = ordered[1:][ordered[1:] == ordered[:-1]]  # codes of several forms

    def sought(self, plan: Node, expansion: Expansion) -> SoughtForms | None:
        """The forms of the corpus that a plan may match; None if codes can't tell them apart, or
        if there are too many for sketches to save time."""
        forms = sought_forms(plan, expansion)
        if forms is None:
            return None
        found = self._codes[forms]
        if member(self._shared, np.sort(found)).any():
            return None
        order = np.argsort(found)
        return SoughtForms([self._entries[form] for form in forms[order].tolist()], found[order])


def sought_forms(plan: Node, expansion: Expansion) -> Array | None:
    """Ids of the forms of the corpus that a plan may match (int64, ascending); None if it may
    match any form, or more than `MOST_FORMS`."""
    sought = {term for leaf in leaves(plan, negated=True) for term in terms(leaf.sought)}
    places = {
        place
        for term in sought
        for spelling in expansion.pattern(term).spellings
        for place in spelling
    }
    if any(place.how == "wildcard" and not place.text.strip("*?") for place in places):
        return None  # it might match the form `_OTHER`
    elements = [expansion.element(place, 0) for place in places]
    ranges = [pair for one in elements for pair in zip(*(e.tolist() for e in one.joined))]
    if sum(high - low for low, high in ranges) > MOST_FORMS:
        return None
    return np.array(sorted({form for pair in ranges for form in range(*pair)}), np.int64)


def other_form(language: str) -> str:
    """The entry that replaces all forms of a language that a query can't match."""
    return f"{language}\0{_OTHER}\0{_OTHER}\0{_OTHER}"


@dataclass(frozen=True)
class SoughtForms:
    """Forms of the corpus that a query may match."""

    entries: list[str]  # of `Run.forms`, in the order of their codes
    codes: Array  # the codes of `entries`, ascending (uint32)

    def snapshot(self, hits: Iterable[Json]) -> Snapshot:
        """A snapshot of passages, from hits with their sketches."""
        raw = [hit["fields"]["sketch"][0] for hit in hits]
        return self._snapshot(urlsafe_b64decode("".join(raw)), [len(one) * 3 // 4 for one in raw])

    def articles(self, hits: Iterable[Json]) -> Snapshot:
        """A snapshot of articles, from hits with their sketches."""
        sketches = [zlib.decompress(column_of(hit, "sketch")) for hit in hits]
        return self._snapshot(b"".join(sketches), [*map(len, sketches)])

    def _snapshot(self, data: bytes, sizes: list[int]) -> Snapshot:
        """A snapshot from joined sketches; `sizes`: the size of each in bytes."""
        words, edges = np.frombuffer(data, "<u4"), to_offsets(np.array(sizes, np.int64) // 4)
        rows = _table(words, edges[:-1], PASSAGE)
        above, counts = edges[:-1] + PASSAGE.itemsize // 4, rows["heads"].astype(np.int64)
        of, nth = np.repeat(np.arange(rows.size), counts), expanded(np.zeros_like(counts), counts)
        size = HEAD.itemsize // 4
        heads = _table(words, above[of] + size * nth, HEAD)
        starts = above + size * counts
        # the codes of heads follow the codes of the text
        past = to_offsets(heads["tokens"].astype(np.int64))
        firsts = past[to_offsets(counts)]
        below = (starts + rows["tokens"] - firsts[:-1])[of] + past[:-1]
        ends = starts + rows["tokens"] + np.diff(firsts)
        bounds = zip((4 * ends).tolist(), (4 * edges[1:]).tolist())
        texts = json.loads(b"[%b]" % b",".join([data[a:b] for a, b in bounds]))
        columns, forms = self._tokens(words, texts[0][1] if texts else "")
        lengths = np.concatenate((rows["tokens"], heads["tokens"])).astype(np.int64)
        columns |= {"unit.tokens": lengths, "unit.bytes": np.zeros_like(lengths)}
        return snapshot_of_layout(
            Layout(
                rows,
                heads,
                [[name, "", "", language, title] for name, language, title, *_ in texts],
                [TOLD] * rows.size,
                [heading for _, _, _, *some in texts for heading in some],
                columns,
                np.concatenate((starts, below)),
                forms,
            )
        )

    def _tokens(self, words: Array, language: str) -> tuple[dict[str, Array], list[str]]:
        """Token columns for these codes, and the forms that `token.form` numbers."""
        may_be = np.zeros(1 << 16, bool)  # by the upper half of a code: rules out most
        may_be[self.codes >> np.uint32(16)] = True
        at = may_be[words >> np.uint32(16)].nonzero()[0]
        found = words[at] & ~_MARKS
        form = np.minimum(self.codes.searchsorted(found), self.codes.size - 1)
        is_one = self.codes[form] == found
        forms = np.full(words.size, len(self.entries), np.uint32)
        forms[at[is_one]] = form[is_one]
        return {
            "byte.text": np.zeros(0, np.uint8),
            "token.form": forms,
            "token.start": np.zeros(words.size, np.uint32),
            # without hyphen marks: the corpus knows the hyphenated words
            "token.marks": (words & _MARKS).astype(np.uint8),
        }, [*self.entries, other_form(language.split(" ")[0])]


def _table(words: Array, at: Array, row: np.dtype[Any]) -> Array:
    """The rows of this dtype that begin at these positions in `words`."""
    found: Array = words[at[:, None] + np.arange(row.itemsize // 4)].view(row)[:, 0]
    return found
