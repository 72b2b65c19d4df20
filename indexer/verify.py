"""Checks an index for errors: the stored articles, the ledger of ids, and the arrays.

In: the store and a snapshot of it. Out: a `Verification`. Nothing is changed or mended; errors are
reported, never raised.

    store      Each file matches its digest in the manifest, and so does the ledger's second copy.
    articles   The payload matches its checksum. Blocks are in order and inside the text. Passages
               are in order, cover every word outside of title and headings once, and have their
               block's kind and section, the right anchor, and an id derived from their words.
    ledger     Each record matches its checksum. It leads to a passage, directly or through other
               records, or says that its id is lost.
    arrays     Every block of every array matches its checksum. The live articles are those of the
               store, in the same versions, each once. Each segment is inverted again from the
               store, and every array must come out the same, byte for byte.

The store no longer has articles of a segment that were removed or replaced since. They are read
back from the segment itself instead (`read_back`): arrays derived from that content are still
compared, and everything live is compared with the store.

Not checked: whether files have changed since, were parsed well, or whether queries are answered
correctly. The tests compare answers with an independent evaluation.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from indexer.errors import PilcrowError
from indexer.links.selectors import key_of
from indexer.model import Article, Passage, Record
from indexer.passages import Anchors, Identities
from indexer.segments.builder import read_back, segment_arrays
from indexer.segments.container import ContainerDamaged
from indexer.segments.inverter import invert
from indexer.segments.runs import merge
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.segments.strings import Strings
from indexer.sorted_arrays import Array
from indexer.store.codec import Entry
from indexer.store.reader import Store

MOST_KEPT = 1000  # failures listed one by one; all are counted
_LONGEST = 400  # characters of one failure
_HEADS = ("title", "heading")
Progress = Callable[[str, int, int], None]  # (what is checked, number done, number in all)


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of checking an index."""

    checked: Mapping[str, int]  # kind of thing → how many were checked
    failures: tuple[str, ...]  # the first `MOST_KEPT`, one line each
    failed: int  # failures in all
    characters: int  # in the texts of all articles
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether no check failed."""
        return not self.failed


def verify(store: Store, snapshot: Snapshot, progress: Progress | None = None) -> Verification:
    """Check an index for errors; `progress` is called after each article and segment."""
    began = time.perf_counter()
    check = _Check(store, snapshot, progress or (lambda what, done, total: None))
    with check.reporting("store"):
        for failure in store.misfits():
            check.fail("store", failure)
        check.articles()
    with check.reporting("ledger"):
        check.ledger()
    check.arrays()
    failures, seconds = tuple(check.failures), time.perf_counter() - began
    return Verification(dict(check.checked), failures, check.failed, check.characters, seconds)


class _Check:
    """One run over an index, with its counts and failures."""

    def __init__(self, store: Store, snapshot: Snapshot, progress: Progress) -> None:
        self.store, self.snapshot, self.progress = store, snapshot, progress
        self.checked: Counter[str] = Counter()
        self.failures: list[str] = []
        self.failed = self.characters = 0
        self.versions: dict[str, str] = {}  # article id → version, of articles that can be read
        self.owners: dict[str, str] = {}  # passage id → article id

    def fail(self, place: str, what: str) -> None:
        """Record a failure at a place."""
        self.failed += 1
        if len(self.failures) < MOST_KEPT:
            line = f"{place}: {what}"
            self.failures.append(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…")

    def expect(self, place: str, what: str, expected: object, found: object) -> None:
        """Record a failure unless both values are equal."""
        if expected != found:
            self.fail(place, f"{what}: expected {expected!r}, found {found!r}")

    @contextmanager
    def reporting(self, place: str) -> Iterator[None]:
        """Record any exception of the block as a failure: damaged data can raise anything."""
        try:
            yield
        except (PilcrowError, ContainerDamaged) as error:
            self.fail(place, str(error))
        except Exception as error:
            self.fail(place, f"can't be read: {type(error).__name__}: {error}")

    # --- articles -------------------------------------------------------------------------------

    def articles(self) -> None:
        """Check each article of the store, and that no two passages share an id."""
        entries = self.store.entries()
        for done, entry in enumerate(entries, 1):
            place = f"article {entry.article_id!r}"
            with self.reporting(place):
                self._article(entry, place)
            self.progress("articles", done, len(entries))

    def _article(self, entry: Entry, place: str) -> None:
        stored = self.store.load(entry.article_id)
        article, passages = stored.article, stored.passages
        self.versions[entry.article_id] = entry.version
        self.expect(place, "id", entry.article_id, article.id)
        self.expect(place, "number of passages", entry.passages, len(passages))
        self._order(article, passages, place)
        self._passages(article, passages, place)
        self.characters += len(article.text)
        sizes = {"blocks": len(article.blocks), "passages": len(passages), "articles": 1}
        self.checked.update(sizes)

    def _order(self, article: Article, passages: Sequence[Passage], place: str) -> None:
        """Check that blocks and passages are in order and cover every word once."""
        text = article.text
        held = [passage.span for passage in passages]
        heads = [block.span for block in article.blocks if block.kind in _HEADS]
        if len(heads) == len(article.blocks):  # headings alone: one of them is also a passage
            heads = [h for h in heads if not any(s.start <= h.start < s.end for s in held)]
        rows = {
            "block": [block.span for block in article.blocks],
            "passage": held,
            "passage or heading": sorted([*held, *heads], key=lambda span: (span.start, span.end)),
        }
        for what, spans in rows.items():
            end = 0
            for number, span in enumerate(spans, 1):
                if not end <= span.start < span.end <= len(text):
                    at = f"{what} {number} at {span.start}–{span.end}"
                    self.fail(place, f"{at} is empty, out of order or outside of the text")
                elif what == "passage or heading" and text[end : span.start].strip():
                    self.fail(place, f"text at {end}–{span.start} is in no {what}")
                end = max(end, span.end)
        if text[end:].strip():
            self.fail(place, f"text at {end}–{len(text)} is in no passage or heading")

    def _passages(self, article: Article, passages: Sequence[Passage], place: str) -> None:
        """Check kind, section, ordinal, anchor, breaks, context and id of each passage.

        An id is derived from the words and a number that tells equal passages apart. A passage
        keeps its number when others equal to it are removed, so any number that the article's ids
        can have reached is accepted.
        """
        anchors, identities = Anchors(article.title), Identities(article.id)
        starts = [block.span.start for block in article.blocks]
        for number, one in enumerate(passages, 1):
            here = f"{place}, passage {one.id}"
            block = article.blocks[max(bisect_right(starts, one.span.start) - 1, 0)]
            kind = "paragraph" if block.kind in _HEADS else block.kind
            inner = sorted({at for at in one.breaks if 0 < at < len(one.text)})
            self.expect(here, "kind and section", (kind, block.section), (one.kind, one.section))
            self.expect(here, "ordinal", number, one.ordinal)
            self.expect(here, "anchor", anchors.give(one.section), one.anchor)
            self.expect(here, "breaks", inner, list(one.breaks))
            if (own := one.context) and not 0 <= own.start < own.end <= len(article.text):
                self.fail(here, f"its context at {own.start}–{own.end} is no part of the text")
            if one.id != identities.give(one.text):
                most = len(passages) + len(self.store.records(article.id)) + 1
                words = key_of(one.text)
                if all(one.id != identities.numbered(words, n) for n in range(most)):
                    self.fail(here, "its id is not made of its words")
            if (owner := self.owners.get(one.id)) is not None:
                self.fail(here, f"another passage, in article {owner!r}, has the same id")
            self.owners[one.id] = article.id

    # --- the ledger -----------------------------------------------------------------------------

    def ledger(self) -> None:
        """Check that each record leads to a passage or says that its id is lost."""
        records: dict[str, Record] = {}
        for article_id in self.store.recorded_articles():
            with self.reporting(f"ledger of article {article_id!r}"):
                records |= self.store.records(article_id)
        for record in records.values():
            place = f"ledger of article {record.was.article_id!r}, id {record.id}"
            if (record.status == "lost") == bool(record.target):
                self.fail(place, f"is {record.status!r}, and leads to {record.target!r}")
            seen, target = {record.id}, record.target
            while target and target not in self.owners:
                if target in seen or target not in records:
                    self.fail(place, f"leads to {target}, which is no passage and has no record")
                    break
                seen.add(target)
                target = records[target].target
        self.checked["records"] += len(records)

    # --- the arrays -----------------------------------------------------------------------------

    def arrays(self) -> None:
        """Check all checksums, compare sound segments with new inversions, report lost articles."""
        parts, live = self.snapshot.parts, set[str]()
        is_whole = True
        for done, part in enumerate(parts, 1):
            place, before = _name(part.segment), self.failed
            for name in part.segment.container.names:
                with self.reporting(place):
                    part.segment.container.check_size()
                    part.segment.container.check(name)
                self.checked["arrays"] += 1
            if self.failed > before:
                is_whole = False
            else:
                with self.reporting(place):
                    self._segment(part, live)
            self.progress("segments", done, len(parts))
        if is_whole:
            for name in sorted(self.versions.keys() - live):
                self.fail(f"article {name!r}", "is not in the arrays")

    def _segment(self, part: Part, live: set[str]) -> None:
        """Invert a segment's live articles again and compare; adds their ids to `live`."""
        segment, container, place = part.segment, part.segment.container, _name(part.segment)
        ids: list[str] = segment.article_ids[:]
        versions: list[str] = Strings(container, "article.version")[:]
        again = []  # articles whose stored version is the segment's
        for number in part.live_articles:
            name = ids[number]
            here = f"article {name!r} in {place}"
            if name in live:
                self.fail(here, "is twice in the arrays")
            elif self.versions.get(name) == versions[number]:
                again.append(name)
            else:
                self.expect(here, "version", self.versions.get(name), versions[number])
            live.add(name)
        runs = []
        if len(again) < len(ids):
            runs.append(read_back(segment))
        runs += invert(self.store, again)  # takes precedence over the articles read back
        arrays, facts = segment_arrays(merge(runs, ids))
        self.expect(place, "facts", facts, container.facts)
        self.expect(place, "names of arrays", sorted(arrays), sorted(container.names))
        for name in arrays.keys() & set(container.names):
            if difference := _difference(arrays[name], container[name]):
                self.fail(place, f"array {name}, inverted again, {difference}")
        self.checked["segments"] += 1
        self.checked["tokens"] += segment.tokens
        self.checked["forms"] += len(segment.vocabulary.forms)


def _difference(expected: Array, found: Array) -> str:
    """Describe briefly how two arrays differ; empty if they are the same, byte for byte."""
    if (expected.dtype, expected.size) != (found.dtype, found.size):
        return f"is {expected.size} of {expected.dtype}, not {found.size} of {found.dtype}"
    wrong = np.flatnonzero(expected != found)
    if not wrong.size:
        return ""
    at = int(wrong[0])
    return f"differs at {wrong.size} of {found.size}: {at} is {expected[at]}, not {found[at]}"


def _name(segment: Segment) -> str:
    return f"segment {segment.container.path.name}"
