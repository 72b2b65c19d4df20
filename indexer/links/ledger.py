"""One step of an article's life: which id each passage has now, and what the others lead to.

In: an article's passages before and after, with the records of its ids, and the moment. Out:
`Followed`: the ids of the new passages, and the records that changed. Pure.

An id is made of words and the number of equal passages before, so that deleting the first of two
equal passages would hand its id to the second. Here each passage keeps the id that it had; one
that is new gets an id that never was another's. An id that was lost comes back when its words do,
and one that leads to an edited passage comes back when its words do in its own surroundings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from indexer.links.alignment import fit
from indexer.links.reanchor import Verdict, reanchor
from indexer.links.selectors import Event, Record, Selectors, Status, says_the_same
from indexer.naming import Identities

_AT_HOME = 0.5  # how well the surroundings must agree for words to be back in their old place

_BACK = 0.9  # how well they must for a passage that had moved to be told intact again


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
    """What an article's new version means for its ids."""

    ids: tuple[str, ...]  # of the new passages, in order
    records: Mapping[str, Record]  # new or changed ones, by id
    fresh: tuple[int, ...]  # new passages that nothing became


def follow(
    old: Sequence[Selectors],
    new: Sequence[Selectors],
    records: Mapping[str, Record],
    moment: Moment,
    digest: str = "",
) -> Followed:
    """What became of `old` in `new`, whose ids are provisional; `records` are the article's."""
    return _Step(old, new, records, moment, digest).take()


def bury(
    old: Sequence[Selectors], records: Mapping[str, Record], moment: Moment
) -> dict[str, Record]:
    """The records of an article that is gone: every id that led to it is lost."""
    return dict(_Step(old, (), records, moment, "").take().records)


def led_on(record: Record, event: Event, was: Selectors | None = None) -> Record:
    """The record after an event; nothing is added to its history if nothing is new."""
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


class _Step:
    def __init__(
        self,
        old: Sequence[Selectors],
        new: Sequence[Selectors],
        records: Mapping[str, Record],
        moment: Moment,
        digest: str,
    ) -> None:
        self.old, self.new, self.records = old, new, records
        self.moment, self.digest = moment, digest
        self.verdicts = reanchor(old, new)
        self.by_id = {old[verdict.old].id: verdict for verdict in self.verdicts}
        self.ids: list[str] = [""] * len(new)
        self.changed: dict[str, Record] = {}

    def take(self) -> Followed:
        taken = {verdict.new for verdict in self.verdicts if verdict.new >= 0}
        for verdict in self.verdicts:
            if verdict.exact:
                self.ids[verdict.new] = self.old[verdict.old].id
        revived = self._give_ids()
        for verdict in self.verdicts:
            self._note(verdict)
        taken |= revived
        fresh = tuple(n for n in range(len(self.new)) if n not in taken)
        return Followed(tuple(self.ids), self.changed, fresh)

    # --- ids of passages whose words were not there before ---

    def _give_ids(self) -> set[int]:
        """An id for each passage without; which of them came back."""
        open_places = [n for n, name in enumerate(self.ids) if not name]
        if not open_places:
            return set()
        used = {name for name in self.ids if name}
        revived = set()
        if self.records:
            for n, name in self._returning(open_places):
                if not self.ids[n] and name not in used:
                    self.ids[n] = name
                    used.add(name)
                    revived.add(n)
                    self._revive(n, name)
        identities = Identities(self.new[0].article_id)
        for n in open_places:
            if not self.ids[n]:
                name = next(self._unheard_of(identities, self.new[n], used))
                self.ids[n] = name
                used.add(name)
        return revived

    def _unheard_of(self, identities: Identities, one: Selectors, used: set[str]) -> Iterator[str]:
        """Ids for a passage that have never been another's, the first choice first."""
        for number in count():
            name = identities.numbered(one.key, number)
            if name not in used and name not in self.by_id and name not in self.records:
                yield name

    def _returning(self, places: Sequence[int]) -> list[tuple[int, str]]:
        """New passages with an id that they may have back, the best fitting first."""
        by_key: dict[bytes, list[Record]] = {}
        for record in self.records.values():
            if record.id not in self.by_id and record.was.article_id == self.new[0].article_id:
                by_key.setdefault(record.was.key, []).append(record)
        found = []
        for n in places:
            for record in by_key.get(self.new[n].key, ()):
                alike = fit(record.was, self.new[n])
                if alike >= _AT_HOME or self._leads_to(record) in (-1, n):
                    found.append((-alike, n, record.id))
        return [(n, name) for _, n, name in sorted(found)]

    def _leads_to(self, record: Record) -> int:
        """The new passage that a record leads to; -1 if to none here, -2 if to another article."""
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
        self.changed[name] = led_on(record, self.moment.event(self.digest, status, name))

    # --- what became of the old ones ---

    def _note(self, verdict: Verdict) -> None:
        """A record of an old passage, unless there is nothing to say."""
        one = self.old[verdict.old]
        record = self.records.get(one.id)
        target = self.ids[verdict.new] if verdict.new >= 0 else ""
        status, other = verdict.status, self.new[verdict.new] if verdict.new >= 0 else None
        if verdict.exact and other is not None:
            if status == "intact" and one.section == other.section:
                return
            if record is not None and record.target == one.id:
                one = record.was  # where it was before anything happened to it
                status = _since(record, verdict, other)
        sure = verdict.confidence
        if record is not None and record.status == "moved" and record.target == one.id:
            sure *= record.confidence
        event = self.moment.event(self.digest, status, target, sure)
        if record is None:
            record = Record(one, status, target, event.confidence)
            self.changed[one.id] = replace(record, history=(event,))
        else:
            self.changed[one.id] = led_on(record, event, one)


def _since(record: Record, verdict: Verdict, now: Selectors) -> Status:
    """The status of words that something happened to before, and now something else."""
    was = record.was
    if not says_the_same(was.text, now.text):
        return "edited"
    if verdict.status == "intact":  # a heading was renamed, perhaps where it had moved to
        return record.status if record.status != "edited" else "intact"
    is_back = was.section == now.section and fit(was, now) > _BACK
    return "intact" if is_back else "moved"
