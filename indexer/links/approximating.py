"""Finding what is nearly a pattern in a text: Myers's bit-parallel search.

In: a text, a pattern, how many edits are allowed. Out: spans with their edits (Levenshtein).
Python's integers are the bit vectors, so that a pattern may be of any length. Pure; a pattern
that is empty is found nowhere.

Gene Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic
programming", Journal of the ACM 46 (1999), 395-415; in the form without blocks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Near:
    """A stretch of the text that is nearly the pattern."""

    start: int
    end: int
    edits: int


def search_near(text: str, pattern: str, allowed: int, most: int = 12) -> list[Near]:
    """The stretches of `text` that are nearest to `pattern`, at most `most`, nearest first.

    Each is a local best: none of two that overlap by more than half of the pattern is worse than
    the other.
    """
    if not pattern:
        return []
    ends = _local_bests(_edits_by_end(text, pattern), allowed, max(1, len(pattern) // 2))
    ends.sort(key=lambda pair: (pair[1], pair[0]))
    found = []
    for end, edits in ends[:most]:
        begin = max(0, end - len(pattern) - edits)
        back = _edits_by_end(text[begin:end][::-1], pattern[::-1], from_start=True)
        # of equally good starts the one that makes the stretch as long as the pattern
        length = min(range(len(back)), key=lambda n: (back[n], abs(n + 1 - len(pattern)))) + 1
        found.append(Near(end - length, end, edits))
    return found


def _edits_by_end(text: str, pattern: str, *, from_start: bool = False) -> list[int]:
    """For each offset in `text`, the fewest edits of any stretch that ends just after it.

    `from_start`: of the stretch that begins where the text does.
    """
    size = len(pattern)
    places: dict[str, int] = {}
    for at, character in enumerate(pattern):
        places[character] = places.get(character, 0) | (1 << at)
    full, top = (1 << size) - 1, 1 << (size - 1)
    above, below, edits = full, 0, size
    found = []
    for character in text:
        equal = places.get(character, 0)
        diagonal = (((equal & above) + above) ^ above) | equal | below
        up = below | (full & ~(diagonal | above))
        down = above & diagonal
        if up & top:
            edits += 1
        elif down & top:
            edits -= 1
        up, down = ((up << 1) | from_start) & full, (down << 1) & full
        above = down | (full & ~(diagonal | up))
        below = up & diagonal
        found.append(edits)
    return found


def _local_bests(edits: list[int], allowed: int, reach: int) -> list[tuple[int, int]]:
    """Ends (one past) with their edits, each the first lowest within `reach` on either side."""
    bests: list[tuple[int, int]] = []
    for at, count in enumerate(edits):
        if count > allowed:
            continue
        end = at + 1
        if bests and end - bests[-1][0] < reach:
            if count < bests[-1][1]:
                bests[-1] = (end, count)
        else:
            bests.append((end, count))
    return bests
