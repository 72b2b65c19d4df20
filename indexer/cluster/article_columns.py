"""Whole articles: the columns that a cluster keeps of each, so that reading tokenises nothing.

When an index is written, in: a run; out: two columns of bytes for each article: its *outline*, the
tables of the run and how many words each text has; and its *words*: tokens, forms and texts. When
articles are read, in: the outlines of all articles to be counted over, and the words of those that
may hold a match; out: a snapshot over which the unchanged matcher and audits give the same results
as over the whole index. An article without its words has all of its passages and headings, but no
token in any of them. Refuses nothing.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from indexer.cluster.layout import MemoryContainer, snapshot_of
from indexer.cluster.sketch import other_form
from indexer.segments.builder import segment_arrays
from indexer.segments.container import write_container
from indexer.segments.inverter import entry_of
from indexer.segments.runs import TOKEN_MARKS, ZONES_OF, Run, merge, to_offsets
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import Array, compacted

PART = 50_000  # passages that a part holds in memory before it is written to a file
_WORDS = ("token", "byte")  # groups of columns that belong to the words, not to the outline
_SIZE = struct.Struct("<I")
_entry = lru_cache(None)(entry_of)  # grows to the number of forms in the corpora read


def divided(run: Run) -> Iterator[Run]:
    """Splits a run into runs of one article each, in the same order."""
    n = run.articles
    edges = {group: to_offsets(counts).tolist() for group, counts in run.counts.items()}
    for number in range(n):
        rows = {
            group: [slice(*edges[group][at : at + 2]) for at in range(number, zones * n, n)]
            for group, zones in ZONES_OF.items()
        }
        texts = {
            name: [text for some in rows[_group(name)] for text in column[some]]
            for name, column in run.texts.items()
        }
        columns = {
            name: np.concatenate([column[some] for some in rows[_group(name)]])
            for name, column in run.columns.items()
        }
        used, columns["token.form"] = compacted(columns["token.form"], len(run.forms))
        counts = {name: sizes[number::n] for name, sizes in run.counts.items()}
        yield Run(counts, columns, texts, [run.forms[form] for form in used.tolist()])


def packed_run(run: Run) -> tuple[bytes, bytes]:
    """Outline and words of an article, from its run."""
    columns, counts = dict(run.columns), {n: run.counts[n].tolist() for n in ("passage", "head")}
    starts = columns["token.start"]
    columns["token.start"] = np.diff(starts, prepend=starts.dtype.type(0))  # small numbers
    words = {name: columns.pop(name) for name in run.columns if _group(name) in _WORDS}
    # language and form suffice: fold and stem follow from them
    parts = [form.split("\0") for form in run.forms]
    forms = [[name, [one[3] for one in some]] for name, some in groupby(parts, itemgetter(0))]
    return _packed([counts, run.texts], columns), _packed(forms, words)


class DistinctForms:
    """The forms of a corpus that queries may match; all other forms count as one."""

    def __init__(self, entries: Iterable[str]) -> None:
        """`entries`: as `Run.forms` has them."""
        self.entries = list(entries)
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)
        for number, entry in enumerate(self.entries):
            language, _, _, form = entry.split("\0")
            self._numbers[language][form] = number

    def numbers(self, spoken: Iterable[tuple[str, Iterable[str]]]) -> Array:
        """Indexes in `entries` of (language, forms) pairs, in their order (uint32); the length of
        `entries` for every other form."""
        other = len(self.entries)
        found = [self._numbers[name].get(form, other) for name, some in spoken for form in some]
        return np.array(found, np.uint32)


def run_of(outline: bytes, words: bytes | None, distinct: DistinctForms | None = None) -> Run:
    """The run of an article; without tokens if `words` is None. `distinct`: the only forms to tell
    apart; the run then lacks hyphen marks, too (the corpus knows the hyphenated words)."""
    (counts, texts), columns = _unpacked(outline)
    forms: list[str] = []
    columns["passage.words"] = columns["unit.tokens"][: sum(counts["passage"])]
    if words is None:
        none = np.zeros(0, np.uint32)
        columns["unit.tokens"] = columns["unit.bytes"] = np.zeros_like(columns["unit.tokens"])
        columns |= {"byte.text": none.astype(np.uint8), "token.marks": none.astype(np.uint8)}
        columns |= {"token.form": none, "token.start": none}
    else:
        spoken, tokens = _unpacked(words)
        columns |= tokens
        if distinct:
            columns["token.form"] = distinct.numbers(spoken)[columns["token.form"]]
            columns["token.marks"] = columns["token.marks"] & np.uint8(
                ~TOKEN_MARKS["hyphens"] & 0xFF
            )
            forms = [*distinct.entries, other_form(texts["article.language"][0].split(" ")[0])]
        else:
            forms = [_entry(form, language) for language, some in spoken for form in some]
        columns["token.start"] = columns["token.start"].cumsum(dtype=np.uint32)
    run = Run(
        {name: np.array(some, np.int64) for name, some in counts.items()}, columns, texts, forms
    )
    run.count_rest()
    return run


def _group(name: str) -> str:
    return name.partition(".")[0]


def _packed(facts: Any, arrays: Mapping[str, Array]) -> bytes:
    """Plain values and arrays, compressed to bytes."""
    named = [(name, array.dtype.str, array.size) for name, array in arrays.items()]
    header = json.dumps([facts, named]).encode()
    raw = (array.tobytes() for array in arrays.values())
    return zlib.compress(b"".join((_SIZE.pack(len(header)), header, *raw)), 3)


def _unpacked(data: bytes) -> tuple[Any, dict[str, Array]]:
    raw = zlib.decompress(data)
    at = _SIZE.size + _SIZE.unpack_from(raw)[0]
    facts, named = json.loads(raw[_SIZE.size : at])
    arrays: dict[str, Array] = {}
    for name, kind, size in named:
        arrays[name] = np.frombuffer(raw, kind, size, at)
        at += arrays[name].nbytes
    return facts, arrays


# --- snapshots ----------------------------------------------------------------------------------


class CountedSegment(Segment):
    """A segment of some articles; knows the length of each passage even if the article came
    without its words."""

    @cached_property
    def words(self) -> Array:
        """Tokens of each passage (int64)."""
        return self.container["passage.words"]


def snapshot_of_articles(runs: Iterable[Run]) -> Snapshot:
    """A snapshot of the articles of runs, in parts. The last part is in memory, the others in
    files already deleted but still open, so that a snapshot may exceed the memory."""
    parts: list[Part] = []
    some: list[Run] = []
    size = 0
    for run in runs:
        some.append(run)
        size += int(run.counts["passage"].sum())
        if size >= PART:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "part"
                write_container(path, *_assembled(some))
                parts.append(Part(CountedSegment(path), ()))
            some, size = [], 0
    if some:
        parts.append(Part(CountedSegment(MemoryContainer(*_assembled(some))), ()))
    return Snapshot(0, parts) if parts else snapshot_of(())


def _assembled(runs: list[Run]) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment that merges some runs."""
    run = merge(runs, sorted(run.texts["article.id"][0] for run in runs))
    arrays, facts = segment_arrays(run)
    return arrays | {"passage.words": run.columns["passage.words"]}, facts
