"""Judges verdicts on edited articles by the truth.

In: an article, a kind of edit, a random generator. Out: for each passage that the edit changed, and
for the others, whether the verdict was right. A verdict is *right* if it leads to the passage with
most of the old words (or nearly as many), or says "lost" of a deleted passage. It is *wrong* if it
leads anywhere else; else it is *lost*, which is safe. A wrong one whose target has exactly the old
words is a *twin*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.edits.drafts import NOWHERE, Draft, Version, marked, publish
from benchmarks.edits.mutations import BEFOREHAND, MUTATIONS, SINGLE, Desk, ImpossibleEdit
from indexer.links.ledger import Moment, follow
from indexer.links.moves import find_moves
from indexer.links.reanchor import Verdict, reanchor
from indexer.links.selectors import key_of
from indexer.model import Record, Selectors

Outcome = Literal["right", "lost", "twin", "wrong"]
OUTCOMES: tuple[Outcome, ...] = ("right", "lost", "twin", "wrong")
_NEARLY = 0.7  # share of the most old words that any passage holds
_TRACE = 0.1  # share of a passage's words below which it counts as deleted


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict and its judgement."""

    outcome: Outcome
    about: bool  # whether the edit changed this passage
    verdict: Verdict
    old: Selectors
    new: Selectors | None


def judge(draft: Draft, kind: str, desk: Desk) -> list[Judged] | None:
    """Makes an edit of this kind and judges the verdicts; None if the draft does not allow it."""
    draft = draft.copy()
    try:
        if kind in BEFOREHAND:
            BEFOREHAND[kind](draft, desk)
    except ImpossibleEdit:
        return None
    draft = marked(draft)
    before = publish(draft)
    edit = MUTATIONS[kind](draft.copy(), desk)
    if edit is None:
        return None
    after = publish(edit.draft)
    return judged(before, after, reanchor(before.selectors, after.selectors), edit.about)


def judged(
    before: Version, after: Version, verdicts: Sequence[Verdict], about: frozenset[int]
) -> list[Judged]:
    """Compares each verdict with where the words went."""
    sizes = [counts.get(n, 0) for n, counts in enumerate(before.origins)]
    places: dict[int, dict[int, int]] = {}
    for n, counts in enumerate(after.origins):
        for origin, count in counts.items():
            if origin != NOWHERE:
                places.setdefault(origin, {})[n] = count
    found = []
    for verdict in verdicts:
        held = places.get(verdict.old, {})
        old = before.selectors[verdict.old]
        new = after.selectors[verdict.new] if verdict.new >= 0 else None
        outcome = _outcome(verdict, held, sizes[verdict.old], old, new)
        found.append(Judged(outcome, verdict.old in about, verdict, old, new))
    return found


def _outcome(
    verdict: Verdict, held: dict[int, int], size: int, old: Selectors, new: Selectors | None
) -> Outcome:
    """`held`: how many of the `size` words of the old passage each new one has."""
    if new is None:
        return "lost" if held and sum(held.values()) >= _TRACE * size else "right"
    if held and held.get(verdict.new, 0) >= _NEARLY * max(held.values()):
        return "right"
    return "twin" if key_of(old.text) == key_of(new.text) else "wrong"


# --- more than one article, more than one step -------------------------------------------------

_GENERATIONS = 6


def judge_generations(draft: Draft, desk: Desk, others: Sequence[Draft]) -> list[Judged] | None:
    """Makes several edits, each of them followed, and judges the final verdicts."""
    del others
    draft = marked(draft.copy())
    before = publish(draft)
    named: Sequence[Selectors] = before.selectors
    records: dict[str, Record] = {}
    after, about = before, frozenset[int]()
    for generation in range(_GENERATIONS):
        edit = MUTATIONS[desk.chance.choice(SINGLE)](draft.copy(), desk)
        if edit is None:
            continue
        draft, about = edit.draft, about | edit.about
        after = publish(draft)
        moment = Moment(generation, "2024-01-01T00:00:00+00:00")
        followed = follow(named, after.selectors, records, moment)
        named = [replace(one, id=name) for one, name in zip(after.selectors, followed.ids)]
        records |= followed.records
    if not about:
        return None
    places = {one.id: n for n, one in enumerate(named)}
    verdicts = [_end_of(n, one.id, records, places) for n, one in enumerate(before.selectors)]
    return judged(before, after, verdicts, about)


def _end_of(n: int, name: str, records: dict[str, Record], places: dict[str, int]) -> Verdict:
    """The final verdict on an id."""
    record = records.get(name)
    if record is None:
        return Verdict(n, places[name], "intact", 1.0)
    sure = record.confidence
    while record.target and record.target not in places:
        record = records[record.target]
        sure *= record.confidence
    status = records[name].status if record.target else "lost"
    return Verdict(n, places[record.target] if record.target else -1, status, sure)


def judge_renaming(draft: Draft, desk: Desk, others: Sequence[Draft]) -> list[Judged] | None:
    """Judges an article with a new id; half of the time it was edited too."""
    draft = marked(draft.copy())
    before = publish(draft)
    renamed, about = replace(draft.copy(), id=f"{draft.id}-renamed"), set[int]()
    if desk.chance.random() < 0.5:
        edit = MUTATIONS["several edits at once"](renamed, desk)
        if edit is not None:
            renamed, about = edit.draft, set(edit.about)
    after = publish(renamed)
    everything = frozenset(range(len(before.passages)))
    return _judge_moves(before, after, others, everything | about)


def judge_transfer(draft: Draft, desk: Desk, others: Sequence[Draft]) -> list[Judged] | None:
    """Judges adjacent blocks that moved from one article into another."""
    draft = marked(draft.copy())
    before = publish(draft)
    content = [n for n, unit in enumerate(draft.units) if unit.kind != "title"]
    if len(content) < 4:
        return None
    start = desk.chance.choice(content[:-2])
    end = min(len(draft.units), start + desk.chance.randint(1, 8))
    host = desk.chance.choice(others).copy()
    at = desk.chance.randint(1, len(host.units))
    gone = draft.units[start:end]
    host.units[at:at] = [unit.copy() for unit in gone]
    about = frozenset(word.origin for unit in gone for word in unit.words) - {NOWHERE}
    rest = draft.copy()
    del rest.units[start:end]
    if not about or host.id == draft.id or not any(unit.is_content for unit in rest.units):
        return None
    left = publish(rest)
    stay = reanchor(before.selectors, left.selectors)
    lost = [before.selectors[verdict.old] for verdict in stay if verdict.new < 0]
    guest = publish(host)
    known = {key_of(one.text) for one in publish(_without(host, at, len(gone))).selectors}
    fresh = [one for one in guest.selectors if key_of(one.text) not in known]
    places = {one.id: n for n, one in enumerate(guest.selectors)}
    names = {one.id: n for n, one in enumerate(before.selectors)}
    verdicts = {
        names[a.old.id]: Verdict(names[a.old.id], places[a.new.id], a.status, a.confidence)
        for a in find_moves(lost, fresh)
    }
    told = [verdicts.get(names[one.id], Verdict(names[one.id], -1, "lost", 0.0)) for one in lost]
    return [one for one in judged(before, guest, told, about) if one.about]


def _without(host: Draft, at: int, count: int) -> Draft:
    """The host before `count` blocks were inserted at `at`."""
    before = host.copy()
    del before.units[at : at + count]
    return before


def _judge_moves(
    before: Version, after: Version, others: Sequence[Draft], about: frozenset[int]
) -> list[Judged]:
    """Judges verdicts on a deleted article when other articles are new, besides its successor."""
    fresh = [*after.selectors]
    for other in others:
        if other.id != before.article.id:
            fresh += publish(other).selectors
    places = {one.id: n for n, one in enumerate(after.selectors)}
    names = {one.id: n for n, one in enumerate(before.selectors)}
    verdicts = [Verdict(n, -1, "lost", 0.0) for n in range(len(before.selectors))]
    strays = []
    for move in find_moves(before.selectors, fresh):
        n = names[move.old.id]
        place = places.get(move.new.id, -1)
        verdicts[n] = Verdict(n, place, move.status, move.confidence)
        if place < 0:
            strays.append(n)
    found = judged(before, after, verdicts, about)
    for n in strays:  # led to a third article
        found[n] = replace(found[n], outcome="wrong", new=None)
    return found


MANY: dict[str, Callable[[Draft, Desk, Sequence[Draft]], list[Judged] | None]] = {
    "several edits one after the other": judge_generations,
    "article renamed, others new": judge_renaming,
    "blocks moved to another article": judge_transfer,
}
