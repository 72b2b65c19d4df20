"""The ledger of ids: assigns each passage its id, and records where all earlier ids lead.

Takes the transaction of a run, then each article that is new, changed or removed. Returns the
article as it is to be stored, with the ids that its passages keep, and writes the ledger's records
in the same transaction. Unchanged articles cost nothing, and those of a first run next to nothing.
Refuses nothing: the passages of an article whose stored copy is damaged are not followed.

An id is made from the words and the number of equal passages before, so deleting the first of two
equal passages would hand its id to the second. The ledger lets each passage keep its id, and gives
a new passage an id that was never used. A lost id comes back when its words do, and an id that
leads to an edited passage comes back when its words do in their old surroundings.
`follow` decides this for one article, and is pure; `Tracker` does it for a whole run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from itertools import count

from indexer.errors import IndexDamaged
from indexer.links.alignment import fit
from indexer.links.moves import find_moves
from indexer.links.reanchor import Verdict, reanchor
from indexer.links.selectors import have_same_signs, key_of, selectors_of
from indexer.model import Event, Record, Selectors, Status
from indexer.passages import Identities
from indexer.store.codec import Entry, Packed, decode, pack, unpack
from indexer.store.writer import Writer

_AT_HOME = 0.5  # least `fit` of the surroundings for words to be back in their old place
_BACK = 0.9  # least `fit` for a passage that had moved to count as intact again


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change was noticed."""

    generation: int  # of the index
    date: str  # UTC, ISO 8601 to the second

    def event(
        self, digest: str, status: Status, target: str = "", confidence: float = 1.0
    ) -> Event:
        """A line of history."""
        return Event(self.generation, self.date, digest, status, target, round(confidence, 3))


@dataclass(frozen=True, slots=True)
class Followed:
    """The ids and records that follow from an article's new version."""

    ids: tuple[str, ...]  # of the new passages, in order
    records: Mapping[str, Record]  # id → new or changed record
    fresh: tuple[int, ...]  # indices of the new passages that no old passage became


def follow(
    old: Sequence[Selectors],
    new: Sequence[Selectors],
    records: Mapping[str, Record],
    moment: Moment,
    digest: str = "",
) -> Followed:
    """Follow the passages of `old` into `new`, whose ids are provisional.

    `records`: the article's. For a removed article `new` is empty: every id that led to it is lost.
    """
    return _Step(old, new, records, moment, digest).run()


def with_event(record: Record, event: Event, was: Selectors | None = None) -> Record:
    """The record after an event; its history grows only if status or target changed."""
    same = (event.status, event.target) == (record.status, record.target)
    history = record.history if same and record.history else (*record.history, event)
    return replace(
        record,
        was=was or record.was,
        status=event.status,
        target=event.target,
        confidence=event.confidence,
        history=history,
    )


@dataclass(slots=True)
class _Step:
    old: Sequence[Selectors]
    new: Sequence[Selectors]
    records: Mapping[str, Record]
    moment: Moment
    digest: str
    verdicts: Sequence[Verdict] = ()
    by_id: dict[str, Verdict] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    changed: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.verdicts = reanchor(self.old, self.new)
        self.by_id = {self.old[verdict.old].id: verdict for verdict in self.verdicts}
        self.ids = [""] * len(self.new)

    def run(self) -> Followed:
        taken = {verdict.new for verdict in self.verdicts if verdict.new >= 0}
        for verdict in self.verdicts:
            if verdict.exact:
                self.ids[verdict.new] = self.old[verdict.old].id
        revived = self._give_ids()
        for verdict in self.verdicts:
            self._record(verdict)
        taken |= revived
        fresh = tuple(n for n in range(len(self.new)) if n not in taken)
        return Followed(tuple(self.ids), self.changed, fresh)

    # --- ids of passages whose words are new ---

    def _give_ids(self) -> set[int]:
        """Gives an id to each passage without one; returns the passages that came back."""
        places = [n for n, name in enumerate(self.ids) if not name]
        used, revived = set(self.ids), set()
        for n, name in self._returning(places):
            if not self.ids[n] and name not in used:
                self.ids[n] = name
                used.add(name)
                revived.add(n)
                self._revive(n, name)
        for n in places:
            if not self.ids[n]:  # the first id that was never used
                passage = self.new[n]
                numbered = partial(Identities(passage.article_id).numbered, key_of(passage.text))
                taken = (used, self.by_id, self.records)
                names = map(numbered, count())
                self.ids[n] = next(x for x in names if not any(x in each for each in taken))
                used.add(self.ids[n])
        return revived

    def _returning(self, places: Sequence[int]) -> list[tuple[int, str]]:
        """(new passage, former id that it may get back), best fit first."""
        by_key: dict[bytes, list[Record]] = {}
        for record in self.records.values():
            if record.id not in self.by_id:
                by_key.setdefault(key_of(record.was.text), []).append(record)
        found = []
        for n in places:
            for record in by_key.get(key_of(self.new[n].text), ()):
                if record.was.article_id != self.new[n].article_id:
                    continue
                alike = fit(record.was, self.new[n])
                if alike >= _AT_HOME or self._leads_to(record) in (-1, n):
                    found.append((-alike, n, record.id))
        return [(n, name) for _, n, name in sorted(found)]

    def _leads_to(self, record: Record) -> int:
        """Index of the new passage that a record leads to; -1: to none, -2: to another article."""
        seen = set()
        while record.target and record.target not in seen:
            seen.add(record.target)
            if (verdict := self.by_id.get(record.target)) is not None:
                return verdict.new
            if record.target not in self.records:
                return -2
            record = self.records[record.target]
        return -1

    def _revive(self, n: int, name: str) -> None:
        record = self.records[name]
        at_home = fit(record.was, self.new[n]) >= _AT_HOME
        at_home = at_home or record.was.section == self.new[n].section
        status: Status = "intact" if at_home else "moved"
        self.changed[name] = with_event(record, self.moment.event(self.digest, status, name))

    # --- records of the old passages ---

    def _record(self, verdict: Verdict) -> None:
        """Records what became of an old passage, unless nothing changed."""
        was = self.old[verdict.old]
        record = self.records.get(was.id)
        target = self.ids[verdict.new] if verdict.new >= 0 else ""
        status, other = verdict.status, self.new[verdict.new] if verdict.new >= 0 else None
        if verdict.exact and other is not None:
            unmoved = status == "intact" and was.section == other.section
            if unmoved and (record is None or record.status != "moved"):
                return
            if record is not None and record.target == was.id:
                was = record.was  # as it was before its first change
                status = _since(record, verdict, other)
        sure = verdict.confidence
        if record is not None and record.status == "moved" and record.target == was.id:
            sure *= record.confidence
        event = self.moment.event(self.digest, status, target, sure)
        if record is None:
            record = Record(was, status, target, event.confidence)
            self.changed[was.id] = replace(record, history=(event,))
        else:
            self.changed[was.id] = with_event(record, event, was)


def _since(record: Record, verdict: Verdict, now: Selectors) -> Status:
    """The status of a passage with a record after a further change, compared with `record.was`."""
    was = record.was
    if not have_same_signs(was.text, now.text):
        return "edited"
    if was.section == now.section and fit(was, now) > _BACK:  # also if only its neighbour moved
        return "intact"
    if verdict.status == "intact":  # a heading was renamed, perhaps after the passage had moved
        return record.status if record.status != "edited" else "intact"
    return "moved"


# --- a run over a corpus -----------------------------------------------------------------------


class Tracker:
    """Follows passages through one run; call `finish` when all articles are known."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._moment = Moment(writer.before.generation + 1, now)
        self._ledgers = writer.ledgers
        self._is_first = not writer.entries and not self._ledgers
        self._lost: dict[str, Selectors] = {}  # id → passage lost from an article of this run
        self._fresh: list[Selectors] = []  # fresh passages of articles that changed
        self._added: list[Packed] = []  # articles whose passages are all fresh
        self._digests: dict[str, str] = {}  # article id → digest, for the articles above
        self._restored: set[str] = set()  # ids of articles restored from another ledger
        self._living: set[str] = set()  # ids of the passages of restored articles

    def follow(self, packed: Packed, before: Entry | None) -> Packed:
        """The article as it is to be stored, replacing the one described by `before` (if any)."""
        entry = packed.entry
        if self._is_first or (before is not None and before.version == entry.version):
            return packed
        if before is None and entry.article_id not in self._ledgers:
            self._added.append(packed)
            return packed
        new = unpack(entry, packed.payload)
        old = self._stored(entry.article_id) if before is not None else ()
        records = self._records(entry.article_id)
        selectors = selectors_of(new.article, new.passages)
        followed = follow(old, selectors, records, self._moment, entry.digest)
        self._keep(entry.article_id, records, followed.records)
        named = [replace(passage, id=name) for passage, name in zip(selectors, followed.ids)]
        self._fresh += (named[n] for n in followed.fresh)
        self._digests[entry.article_id] = entry.digest
        if all(passage.id == name for passage, name in zip(selectors, followed.ids)):
            return packed
        passages = [replace(p, id=name) for p, name in zip(new.passages, followed.ids)]
        return pack(new.article, passages, source=entry.source, root=entry.root)

    def remove(self, entry: Entry) -> None:
        """Records the ids of an article that is to be removed as lost."""
        records = self._records(entry.article_id)
        followed = follow(self._stored(entry.article_id), (), records, self._moment)
        self._keep(entry.article_id, records, followed.records)

    def finish(self) -> None:
        """Looks for lost passages in other articles, and records those that moved there."""
        if not self._fresh and not self._added:
            return
        lost = [*self._lost.values(), *self._lost_before()]
        if not lost:
            return
        by_home: dict[str, dict[str, Record]] = {}
        for move in find_moves(lost, [*self._fresh, *self._added_selectors()]):
            home, digest = move.old.article_id, self._digests.get(move.new.article_id, "")
            records = by_home.setdefault(home, self._records(home))
            event = self._moment.event(digest, move.status, move.new.id, move.confidence)
            records[move.old.id] = _found_elsewhere(records[move.old.id], event, self._moment)
        for home, records in by_home.items():
            self._writer.keep_records(home, records.values())

    # --- records of another ledger ---

    def restore(
        self, article_id: str, old: Sequence[Selectors], records: Mapping[str, Record]
    ) -> None:
        """Takes in an article's passages as of the time when another ledger was written.

        `records`: the other ledger's records of their ids. Records of this index win over them. If
        it has no records of the article, as when it was just made, no id was handed out with
        another meaning, and equal passages get their old ids back.
        """
        own = self._records(article_id)
        ordered = sorted(old, key=lambda passage: passage.start)
        entry = self._writer.entries.get(article_id)
        if entry is None:
            unknown = follow(ordered, (), records, self._moment).records
            self._keep(article_id, own, {n: r for n, r in unknown.items() if n not in own})
            return
        stored = self._writer.before.load(article_id)
        new = selectors_of(stored.article, stored.passages)
        followed = follow(ordered, new, records, self._moment, entry.digest)
        changed = {**records, **followed.records}
        names = [passage.id for passage in new]
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
        """Takes in records of another ledger: its retired ids, and the histories of all ids."""
        by_home: dict[str, dict[str, Record]] = {}
        for record in records:
            home = record.was.article_id
            own = by_home.setdefault(home, self._records(home))
            known = own.get(record.id)
            if known is not None:
                events = {*record.history, *known.history}
                history = sorted(events, key=lambda event: (event.date, event.generation))
                own[record.id] = replace(known, history=tuple(history))
            elif record.target != record.id and record.id not in self._living:
                own[record.id] = record
                if not record.target:
                    self._lost[record.id] = record.was
        for home, own in by_home.items():
            self._writer.keep_records(home, own.values())
        for name in self._writer.entries.keys() - self._restored:
            self._added.append(self._writer.packed(name))

    def adopt_unknown(self, records: Iterable[Record]) -> tuple[str, ...]:
        """Takes in the records whose ids this index has never issued; returns these ids.

        Records that lead to no passage here, whether new or of this ledger, become lost, and
        `finish` looks for their passages.
        """
        living: set[str] = set()
        for name in self._writer.entries:
            with suppress(IndexDamaged):  # unreadable articles are skipped
                packed = self._writer.packed(name)
                living.update(decode(packed.entry, packed.payload).ids)
        every = {r.id: r for home in self._ledgers for r in self._records(home).values()}
        given = {r.id: r for r in records if r.id not in living and r.id not in every}
        every |= given
        lost = self._moment.event("", "lost")
        dangling: dict[str, dict[str, Record]] = {}
        for record in every.values():
            seen, target = {record.id}, record.target
            while target and target not in living and target in every and target not in seen:
                seen.add(target)
                target = every[target].target
            if target in living or not (target or not record.history):
                continue
            settled = with_event(record, lost)
            if record.id in given:
                given[record.id] = settled
            else:
                dangling.setdefault(record.was.article_id, {})[record.id] = settled
        for home, changed in dangling.items():
            self._keep(home, self._records(home), changed)
        self.adopt(given.values())
        return tuple(given)

    # --- inside ---

    def _stored(self, article_id: str) -> tuple[Selectors, ...]:
        """The passages of an article as of the last commit; none if they can't be read."""
        try:
            stored = self._writer.before.load(article_id)
        except IndexDamaged:
            self._writer.losses.append(
                f"the stored copy of article {article_id!r} is damaged: ids of passages that have "
                "changed since can't be followed"
            )
            return ()
        return selectors_of(stored.article, stored.passages)

    def _records(self, article_id: str) -> dict[str, Record]:
        try:
            return self._writer.records(article_id)
        except IndexDamaged:
            if not self._writer.is_anew:
                raise  # only a rebuild may overwrite what can't be read
            return {}

    def _keep(
        self, article_id: str, records: dict[str, Record], changed: Mapping[str, Record]
    ) -> None:
        """Writes the records of an article with the changed ones, and notes the lost passages."""
        if changed:
            self._writer.keep_records(article_id, {**records, **changed}.values())
        self._lost.update((n, r.was) for n, r in changed.items() if not r.target)

    def _lost_before(self) -> Iterator[Selectors]:
        """Passages that earlier runs lost, and that this run has not found in their own article."""
        for article_id, entry in self._ledgers.items():
            if entry.lost:
                for record in self._records(article_id).values():
                    if not record.target and record.id not in self._lost:
                        yield record.was

    def _added_selectors(self) -> Iterator[Selectors]:
        for packed in self._added:
            stored = unpack(packed.entry, packed.payload)
            self._digests[packed.entry.article_id] = packed.entry.digest
            yield from selectors_of(stored.article, stored.passages)


def _found_elsewhere(record: Record, event: Event, moment: Moment) -> Record:
    """A lost record whose passage was found elsewhere; a loss in this same run is not recorded."""
    if record.history and record.history[-1].generation == moment.generation:
        record = replace(record, history=record.history[:-1])
    return with_event(record, event)
