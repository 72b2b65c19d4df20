"""What a run over a corpus means for the ids that were handed out: the ledger is kept up to date.

In: the transaction, then each article that is new, changed or removed. Out: the article as it is
to be stored, with the ids that its passages keep, and the ledger's records in the same
transaction. Articles that have not changed cost nothing, and those of a first run next to nothing.
Refuses nothing: the passages of an article whose stored copy is damaged are not followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from indexer.errors import IndexDamaged
from indexer.links.ledger import Moment, bury, follow, led_on
from indexer.links.moves import wander
from indexer.links.selectors import Event, Record, Selectors, select
from indexer.store.codec import Entry, Packed, Stored, pack, unpack
from indexer.store.writer import Writer


class Tracker:
    """Follows passages through one run; `finish` when all articles are known."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._moment = Moment(writer.next_generation, now)
        self._ledgers = writer.ledgers
        self._is_first = not writer.entries and not self._ledgers
        self._lost: dict[str, Selectors] = {}  # by id, of articles of this run
        self._fresh: list[Selectors] = []  # of articles that changed
        self._added: list[Packed] = []  # articles of which all passages are fresh
        self._digests: dict[str, str] = {}  # of the articles above
        self._restored: set[str] = set()  # articles of another ledger
        self._living: set[str] = set()  # ids of their passages

    def follow(self, packed: Packed, before: Entry | None) -> Packed:
        """The article as it is to be stored in place of the one `before`."""
        entry = packed.entry
        if self._is_first or (before is not None and before.version == entry.version):
            return packed
        if before is None and entry.article_id not in self._ledgers:
            self._added.append(packed)
            return packed
        new = _unpacked(packed)
        old = self._stored(entry.article_id) if before is not None else ()
        records = self._records(entry.article_id)
        selectors = select(new.article, new.passages)
        followed = follow(old, selectors, records, self._moment, entry.digest)
        self._keep(entry.article_id, records, followed.records)
        named = [replace(one, id=name) for one, name in zip(selectors, followed.ids)]
        self._fresh += (named[n] for n in followed.fresh)
        self._digests[entry.article_id] = entry.digest
        if all(one.id == name for one, name in zip(selectors, followed.ids)):
            return packed
        passages = [replace(p, id=name) for p, name in zip(new.passages, followed.ids)]
        return pack(new.article, passages, source=entry.source, root=entry.root)

    def bury(self, entry: Entry) -> None:
        """Notes that an article is to be removed."""
        records = self._records(entry.article_id)
        gone = bury(self._stored(entry.article_id), records, self._moment)
        self._keep(entry.article_id, records, gone)

    def finish(self) -> None:
        """Looks for what is lost in other articles, and writes what became of it."""
        if not self._fresh and not self._added:
            return
        lost = [*self._lost.values(), *self._lost_before()]
        if not lost:
            return
        by_home: dict[str, dict[str, Record]] = {}
        for arrival in wander(lost, [*self._fresh, *self._arrived()]):
            home = arrival.old.article_id
            records = by_home.setdefault(home, self._records(home))
            event = self._moment.event(
                self._digests.get(arrival.new.article_id, ""),
                arrival.status,
                arrival.new.id,
                arrival.confidence,
            )
            records[arrival.old.id] = _arrived(records[arrival.old.id], event, self._moment)
        for home, records in by_home.items():
            self._writer.keep_records(home, records.values())

    # --- what another ledger knows ---

    def restore(
        self, article_id: str, old: Sequence[Selectors], records: Mapping[str, Record]
    ) -> None:
        """Takes in what the passages of an article were when another ledger was written.

        `records` are those of their ids: what had happened to them before.

        What this index knows itself goes before. Where it has only just been made, so that no id
        of it can have been handed out in another meaning, equal passages get their old ids back.
        """
        own = self._records(article_id)
        ordered = sorted(old, key=lambda one: one.start)
        entry = self._writer.entries.get(article_id)
        if entry is None:
            unknown = bury(ordered, records, self._moment)
            self._keep(article_id, own, {n: r for n, r in unknown.items() if n not in own})
            return
        packed = self._writer.packed(article_id)
        stored = _unpacked(packed)
        new = select(stored.article, stored.passages)
        followed = follow(ordered, new, records, self._moment, entry.digest)
        changed = {**records, **followed.records}
        names = [one.id for one in new]
        if own:
            there = dict(zip(followed.ids, names))
            changed = {
                name: replace(record, target=there.get(record.target, record.target))
                for name, record in changed.items()
                if name not in own and name not in names
            }
        elif names != list(followed.ids):
            names = list(followed.ids)
            passages = [replace(p, id=name) for p, name in zip(stored.passages, names)]
            self._writer.add(pack(stored.article, passages, source=entry.source, root=entry.root))
        self._keep(article_id, own, changed)
        self._fresh += (replace(new[n], id=names[n]) for n in followed.fresh)
        self._living.update(names)
        self._restored.add(article_id)

    def adopt(self, records: Iterable[Record]) -> None:
        """Takes in records of another ledger: of ids that had been retired, and all histories."""
        by_home: dict[str, dict[str, Record]] = {}
        for record in records:
            home = record.was.article_id
            own = by_home.setdefault(home, self._records(home))
            mine = own.get(record.id)
            if mine is not None:
                own[record.id] = replace(mine, history=_merged(record.history, mine.history))
            elif record.target != record.id and record.id not in self._living:
                own[record.id] = record
                if not record.target:
                    self._lost[record.id] = record.was
        for home, own in by_home.items():
            self._writer.keep_records(home, own.values())
        for name in self._writer.entries.keys() - self._restored:
            self._added.append(self._writer.packed(name))

    # --- inside ---

    def _stored(self, article_id: str) -> tuple[Selectors, ...]:
        """The passages of an article as they were."""
        try:
            stored = _unpacked(self._writer.packed(article_id))
        except IndexDamaged:
            return ()
        return select(stored.article, stored.passages)

    def _records(self, article_id: str) -> dict[str, Record]:
        try:
            return self._writer.records(article_id)
        except IndexDamaged:
            if not self._writer.is_anew:
                raise  # what can't be read must not be overwritten unless that is asked for
            return {}

    def _keep(
        self, article_id: str, records: dict[str, Record], changed: Mapping[str, Record]
    ) -> None:
        """Writes the records of an article, with those that changed."""
        if changed:
            self._writer.keep_records(article_id, {**records, **changed}.values())
        self._lost.update((n, r.was) for n, r in changed.items() if not r.target)

    def _lost_before(self) -> Iterator[Selectors]:
        """What earlier runs have lost, and this one has not found in its own article."""
        for article_id, entry in self._ledgers.items():
            if entry.lost:
                for record in self._records(article_id).values():
                    if not record.target and record.id not in self._lost:
                        yield record.was

    def _arrived(self) -> Iterator[Selectors]:
        for packed in self._added:
            stored = _unpacked(packed)
            self._digests[packed.entry.article_id] = packed.entry.digest
            yield from select(stored.article, stored.passages)


def _merged(one: Sequence[Event], other: Sequence[Event]) -> tuple[Event, ...]:
    """Events of two histories, each once, in the order of their dates."""
    return tuple(sorted({*one, *other}, key=lambda event: (event.date, event.generation)))


def _unpacked(packed: Packed) -> Stored:
    return unpack(packed.entry, packed.payload)


def _arrived(record: Record, event: Event, moment: Moment) -> Record:
    """A record that was lost and is found elsewhere; that it was lost just now goes unsaid."""
    if record.history and record.history[-1].generation == moment.generation:
        record = replace(record, history=record.history[:-1])
    return led_on(record, event)
