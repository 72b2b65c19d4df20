"""Passages that went to another article: one that was renamed, or that took over a section.

In: passages that are lost, of any articles, and passages that are fresh, of any articles: nothing
became these, or their article is new. Out: `Arrival`s. Pure.

Only passages that appeared at the same time as others vanished, or later, are looked at, never
those that have long been there: that another article says the same is no sign that a passage went
there. Exact words must be borne out: by being long and in one place only, by what stands beside
them, or by most of the old article having gone the same way. Where an article went as a whole,
its other passages are looked for there by likeness too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.links.alignment import fit
from indexer.links.reanchor import reanchor
from indexer.links.selectors import key_of
from indexer.model import Selectors, Status

_LONG = 10  # words that nobody writes twice by chance
_MOST = 0.5  # share of an article's lost words that go one way: it was renamed
_SPLIT = 0.2  # share that must have gone to one more article, when most has gone to another
_SOME = 2  # passages that go one way together
_WAYS = 8  # articles that the passages of one may have gone to
_COPIES = 20  # fresh passages with the same words: too common to tell
_TOGETHER, _ALONE = 0.99, 0.95  # confidence, measured as in `believing`
_ALIKE = 0.6  # agreement of what stands around


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lost passage and the fresh one, of another article, that it is now."""

    old: Selectors
    new: Selectors
    status: Status  # moved or edited
    confidence: float


def wander(lost: Iterable[Selectors], fresh: Iterable[Selectors]) -> list[Arrival]:
    """Where lost passages went, for those of which that can be told."""
    homes = _by_article(lost)
    places = _by_article(fresh)
    by_key: dict[bytes, list[Selectors]] = defaultdict(list)
    for passages in places.values():
        for one in passages:
            by_key[key_of(one.text)].append(one)
    taken: set[str] = set()  # ids of fresh passages
    arrivals: list[Arrival] = []
    for article_id, gone in homes.items():
        settled: set[str] = set()  # ids of lost passages
        has_moved = False
        for other, words in _ways(article_id, gone, by_key):
            if has_moved and words < _SPLIT * sum(map(_size, gone)):
                break  # what is left of it was deleted; articles of a kind share sentences
            left = [one for one in gone if one.id not in settled]
            free = [one for one in places[other] if one.id not in taken]
            came = _arrivals(left, free, by_key)
            arrivals += came
            settled.update(arrival.old.id for arrival in came)
            went = sum(_size(arrival.old) for arrival in came)
            has_moved = has_moved or went >= _MOST * sum(map(_size, gone))
            taken.update(arrival.new.id for arrival in came)
    return arrivals


def _by_article(some: Iterable[Selectors]) -> dict[str, list[Selectors]]:
    """Passages by article, each article's in order of its text."""
    found: dict[str, list[Selectors]] = {}
    for one in some:
        found.setdefault(one.article_id, []).append(one)
    for passages in found.values():
        passages.sort(key=lambda one: one.start)
    return found


def _ways(
    article_id: str, gone: Sequence[Selectors], by_key: Mapping[bytes, Sequence[Selectors]]
) -> list[tuple[str, int]]:
    """Articles that hold exact words of what is gone, and how many, those with most first."""
    words: Counter[str] = Counter()
    for one in gone:
        found = by_key.get(key_of(one.text), ())
        if len(found) <= _COPIES:
            for other in {place.article_id for place in found} - {article_id}:
                words[other] += _size(one)
    ordered = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return ordered[:_WAYS]


def _arrivals(
    gone: Sequence[Selectors],
    free: Sequence[Selectors],
    by_key: Mapping[bytes, Sequence[Selectors]],
) -> list[Arrival]:
    """What of `gone` is in one other article."""
    verdicts = reanchor(gone, free)
    exact = {verdict.old: verdict.new for verdict in verdicts if verdict.exact}
    total = sum(map(_size, gone))
    share = sum(_size(gone[n]) for n in exact) / max(total, 1)
    company = _company(exact)
    found = []
    for verdict in verdicts:
        if verdict.new < 0:
            continue
        one, other = gone[verdict.old], free[verdict.new]
        if verdict.exact:
            alone = len(by_key.get(key_of(one.text), ())) == 1
            borne_out = (
                (share >= _MOST and (alone or len(exact) >= _SOME or fit(one, other) >= _ALIKE))
                or (alone and _size(one) >= _LONG)
                or verdict.old in company
                or (alone and fit(one, other) >= _ALIKE)
            )
            sure = _TOGETHER if share >= _MOST or verdict.old in company else _ALONE
            status: Status = "moved" if verdict.status != "edited" else "edited"
        else:
            borne_out = share >= _MOST or bool(_beside(verdict.old, exact))
            sure, status = verdict.confidence * _TOGETHER, "edited"
        if borne_out:
            found.append(Arrival(one, other, status, sure))
    return found


def _company(exact: Mapping[int, int]) -> set[int]:
    """Passages of which a neighbour went along and is the neighbour still."""
    return {
        n
        for n, place in exact.items()
        if exact.get(n - 1) == place - 1 or exact.get(n + 1) == place + 1
    }


def _beside(n: int, exact: Mapping[int, int]) -> set[int]:
    return {n - 1, n + 1} & exact.keys()


def _size(one: Selectors) -> int:
    return len(key_of(one.text).split())
