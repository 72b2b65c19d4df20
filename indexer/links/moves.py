"""Finds passages that moved to another article: a renamed one, or one that took over a section.

Takes lost passages and fresh passages, both of any articles (fresh: no old passage became it, or
its article is new). Returns `Move`s. Pure.

Only passages that appeared when others vanished, or later, are considered, never those that were
there before: that another article has the same words does not mean that a passage moved there.
Equal words need further evidence: they are long and occur in one place only, their contexts agree,
or most of the old article moved to the same article. If an article moved as a whole, its other
passages are also looked for there by similarity.

Articles made from one template share most of their words. So the old articles that have most in
common with a new one come first, and nothing moved to an article on another subject.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.links.alignment import fit
from indexer.links.reanchor import reanchor
from indexer.links.selectors import key_of
from indexer.model import Selectors, Status

_LONG = 10  # words; so many are not written twice by chance
_MOST = 0.5  # share of an article's lost words found in one article: it was renamed
_SPLIT = 0.2  # share that a further article must have, when most words moved to another
_SOME = 2  # passages that moved to the same article
_WAYS = 8  # most articles that the passages of one article may have moved to
_COPIES = 20  # more fresh passages with the same words than this are too common as evidence
_TOGETHER, _ALONE = 0.99, 0.95  # confidence, measured as in `reanchor`
_ALIKE = 0.6  # least agreement of the contexts

_ByKey = Mapping[bytes, Sequence[Selectors]]  # key of the words → fresh passages


@dataclass(frozen=True, slots=True)
class Move:
    """A lost passage and the fresh passage of another article that it became."""

    old: Selectors
    new: Selectors
    status: Status  # moved or edited
    confidence: float


def find_moves(lost: Iterable[Selectors], fresh: Iterable[Selectors]) -> list[Move]:
    """The moves of lost passages to other articles, as far as the evidence suffices."""
    places = _by_article(fresh)
    by_key: dict[bytes, list[Selectors]] = defaultdict(list)
    for passages in places.values():
        for passage in passages:
            by_key[key_of(passage.text)].append(passage)
    homes = _by_article(lost)
    sizes = {name: max(sum(map(_size, gone)), 1) for name, gone in homes.items()}
    claims = [
        (words / sizes[name], name, other)
        for name, gone in homes.items()
        for other, words in _targets(name, gone, by_key)
    ]
    settled: set[str] = set()  # ids of lost passages
    taken: set[str] = set()  # ids of fresh passages
    moved: set[str] = set()  # articles of which most moved to one other
    moves: list[Move] = []
    for share, name, other in sorted(claims, key=lambda claim: (-claim[0], *claim[1:])):
        if name in moved and share < _SPLIT:
            continue  # the remaining passages were deleted; similar articles share sentences
        left = [passage for passage in homes[name] if passage.id not in settled]
        free = [passage for passage in places[other] if passage.id not in taken]
        found = _moves_to(left, free, by_key)
        moves += found
        settled.update(move.old.id for move in found)
        taken.update(move.new.id for move in found)
        if sum(_size(move.old) for move in found) >= _MOST * sizes[name]:
            moved.add(name)
    return moves


def _by_article(passages: Iterable[Selectors]) -> dict[str, list[Selectors]]:
    """Article id → its passages in text order."""
    found: dict[str, list[Selectors]] = {}
    for passage in passages:
        found.setdefault(passage.article_id, []).append(passage)
    for group in found.values():
        group.sort(key=lambda passage: passage.start)
    return found


def _targets(article_id: str, gone: Sequence[Selectors], by_key: _ByKey) -> list[tuple[str, int]]:
    """Articles with passages equal to lost ones, and the words in these; most words first."""
    words: Counter[str] = Counter()
    for passage in gone:
        found = by_key.get(key_of(passage.text), ())
        if len(found) <= _COPIES:
            for other in {place.article_id for place in found} - {article_id}:
                words[other] += _size(passage)
    return sorted(words.items(), key=lambda item: (-item[1], item[0]))[:_WAYS]


def _moves_to(gone: Sequence[Selectors], free: Sequence[Selectors], by_key: _ByKey) -> list[Move]:
    """Moves of lost passages to one other article, whose fresh passages are `free`."""
    verdicts = reanchor(gone, free)
    if any(_names_another(gone[v.old], free[v.new]) for v in verdicts if v.new >= 0):
        return []
    exact = {verdict.old: verdict.new for verdict in verdicts if verdict.exact}
    most = sum(_size(gone[n]) for n in exact) >= _MOST * max(sum(map(_size, gone)), 1)
    found = []
    for verdict in verdicts:
        if verdict.new < 0:
            continue
        n, old, new = verdict.old, gone[verdict.old], free[verdict.new]
        if not verdict.exact:
            if most or {n - 1, n + 1} & exact.keys():
                found.append(Move(old, new, "edited", verdict.confidence * _TOGETHER))
            continue
        # whether a neighbour moved along and is still the neighbour
        together = exact.get(n - 1) == verdict.new - 1 or exact.get(n + 1) == verdict.new + 1
        unique = len(by_key.get(key_of(old.text), ())) == 1
        alike = fit(old, new) >= _ALIKE
        if (
            together
            or (most and (unique or alike or len(exact) >= _SOME))
            or (unique and (alike or _size(old) >= _LONG))
        ):
            sure = _TOGETHER if most or together else _ALONE
            status: Status = "edited" if verdict.status == "edited" else "moved"
            found.append(Move(old, new, status, sure))
    return found


def _names_another(old: Selectors, new: Selectors) -> bool:
    """Whether words of the old title gave way to words of the new one, in the passages too."""
    (title, text), (new_title, new_text) = (
        (set(key_of(one.title).split()), set(key_of(one.text).split())) for one in (old, new)
    )
    gone, come = text - new_text, new_text - text
    return bool(gone & title - new_title and come & new_title - title)


def _size(passage: Selectors) -> int:
    """Number of words."""
    return len(key_of(passage.text).split())
