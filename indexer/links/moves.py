"""Passages that went to another article: one that was renamed, or that took over a section.

In: passages that are lost, of any articles, and passages that are fresh, of any articles: nothing
became these, or their article is new. Out: `Move`s. Pure.

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
_TOGETHER, _ALONE = 0.99, 0.95  # confidence, measured as in `reanchor`
_ALIKE = 0.6  # agreement of what stands around

_ByKey = Mapping[bytes, Sequence[Selectors]]  # fresh passages by their words


@dataclass(frozen=True, slots=True)
class Move:
    """A lost passage and the fresh one, of another article, that it is now."""

    old: Selectors
    new: Selectors
    status: Status  # moved or edited
    confidence: float


def find_moves(lost: Iterable[Selectors], fresh: Iterable[Selectors]) -> list[Move]:
    """Where lost passages went, for those of which that can be told."""
    places = _by_article(fresh)
    by_key: dict[bytes, list[Selectors]] = defaultdict(list)
    for passages in places.values():
        for one in passages:
            by_key[key_of(one.text)].append(one)
    taken: set[str] = set()  # ids of fresh passages
    moves: list[Move] = []
    for article_id, gone in _by_article(lost).items():
        settled: set[str] = set()  # ids of lost passages
        size, has_moved = sum(map(_size, gone)), False
        for other, words in _targets(article_id, gone, by_key):
            if has_moved and words < _SPLIT * size:
                break  # what is left of it was deleted; articles of a kind share sentences
            left = [one for one in gone if one.id not in settled]
            free = [one for one in places[other] if one.id not in taken]
            found = _moves_to(left, free, by_key)
            moves += found
            settled.update(move.old.id for move in found)
            taken.update(move.new.id for move in found)
            has_moved = has_moved or sum(_size(move.old) for move in found) >= _MOST * size
    return moves


def _by_article(some: Iterable[Selectors]) -> dict[str, list[Selectors]]:
    """Passages by article, each article's in order of its text."""
    found: dict[str, list[Selectors]] = {}
    for one in some:
        found.setdefault(one.article_id, []).append(one)
    for passages in found.values():
        passages.sort(key=lambda one: one.start)
    return found


def _targets(article_id: str, gone: Sequence[Selectors], by_key: _ByKey) -> list[tuple[str, int]]:
    """Articles that hold exact words of what is gone, and how many, those with most first."""
    words: Counter[str] = Counter()
    for one in gone:
        found = by_key.get(key_of(one.text), ())
        if len(found) <= _COPIES:
            for other in {place.article_id for place in found} - {article_id}:
                words[other] += _size(one)
    return sorted(words.items(), key=lambda item: (-item[1], item[0]))[:_WAYS]


def _moves_to(gone: Sequence[Selectors], free: Sequence[Selectors], by_key: _ByKey) -> list[Move]:
    """What of `gone` is in one other article."""
    verdicts = reanchor(gone, free)
    exact = {verdict.old: verdict.new for verdict in verdicts if verdict.exact}
    most = sum(_size(gone[n]) for n in exact) >= _MOST * max(sum(map(_size, gone)), 1)
    found = []
    for verdict in verdicts:
        if verdict.new < 0:
            continue
        n, one, other = verdict.old, gone[verdict.old], free[verdict.new]
        if not verdict.exact:
            if most or {n - 1, n + 1} & exact.keys():
                found.append(Move(one, other, "edited", verdict.confidence * _TOGETHER))
            continue
        # whether a neighbour went along and is the neighbour still
        together = exact.get(n - 1) == verdict.new - 1 or exact.get(n + 1) == verdict.new + 1
        unique = len(by_key.get(key_of(one.text), ())) == 1
        alike = fit(one, other) >= _ALIKE
        if (
            together
            or (most and (unique or alike or len(exact) >= _SOME))
            or (unique and (alike or _size(one) >= _LONG))
        ):
            sure = _TOGETHER if most or together else _ALONE
            status: Status = "edited" if verdict.status == "edited" else "moved"
            found.append(Move(one, other, status, sure))
    return found


def _size(one: Selectors) -> int:
    """The number of words."""
    return len(key_of(one.text).split())
