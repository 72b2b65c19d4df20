"""What may be said of the text beside a span, and which other places it rules out.

In: a page, an offset, and the places that must be told from it. Out: a `Side`: terms, from none or
the shortest on, each with the places that it leaves. Refuses nothing; a side may have no term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from indexer.links.text_fragments.page_text import Occurrence, PageText
from indexer.links.text_fragments.words import Boundary, boundary
from indexer.model import Span

LONGEST_CONTEXT = 200  # characters of a prefix or a suffix
_SILENT = {0xAD: None}  # soft hyphens change nothing for a browser
_Fits = Callable[[str, Occurrence], bool]


def term_of(page: PageText, span: Span) -> str:
    """A span's text as it goes into a directive."""
    return span.of(page.text).translate(_SILENT)


def is_sure(page: PageText, at: int) -> bool:
    """Whether browsers agree that a word begins or ends here."""
    return boundary(page.text, at) == Boundary.SURE


class Side:
    """Prefixes or suffixes, by length, and what each fails to rule out."""

    def __init__(
        self, terms: Sequence[str], rivals: Sequence[Occurrence], alone: _Fits, beside: _Fits
    ) -> None:
        """`alone` judges a rival without a term, `beside` one with a term."""
        self.terms = terms
        self._alone, self._beside = alone, beside
        self._rivals = rivals
        self._left: list[frozenset[int]] = []  # starts of the rivals that each term leaves
        self._nested = rivals  # those that the longest term seen so far leaves

    def left_by(self, number: int) -> frozenset[int]:
        """Starts of the rivals that term `number` leaves."""
        while len(self._left) <= number:
            term = self.terms[len(self._left)]
            if term:  # what stands beside a longer term stands beside a shorter one
                self._nested = [r for r in self._nested if self._beside(term, r)]
                left = self._nested
            else:
                left = [r for r in self._rivals if self._alone(term, r)]
            self._left.append(frozenset(r.span.start for r in left))
        return self._left[number]


def before(page: PageText, at: int, rivals: Sequence[Occurrence]) -> Side:
    """Prefixes of what begins at `at`: none if a word begins there, then ever more words."""
    terms = [""] if is_sure(page, at) else []
    room = page.before(at)
    if room is not None:
        terms += _telling(page, room, _outwards(room.end, room.start))
    return Side(
        terms,
        rivals,
        lambda _, r: r.starts != Boundary.NO,
        lambda term, r: page.follows(term, r.span.start, bounded=False),
    )


def after(page: PageText, at: int, rivals: Sequence[Occurrence]) -> Side:
    """Suffixes of what ends at `at`."""
    terms = [""] if is_sure(page, at) else []
    room = page.after(at)
    if room is not None:
        terms += _telling(page, room, _outwards(room.start, room.end))
    return Side(
        terms,
        rivals,
        lambda _, r: r.ends != Boundary.NO,
        lambda term, r: page.precedes(term, r.span.end, bounded=False),
    )


def _outwards(near: int, far: int) -> Iterator[Span]:
    """Ranges that begin at `near` and grow towards `far`."""
    step = 1 if far > near else -1
    for reach in range(1, min(abs(far - near), LONGEST_CONTEXT) + 1):
        yield Span(*sorted((near, near + step * reach)))


def _telling(page: PageText, room: Span, ranges: Iterator[Span]) -> Iterator[str]:
    """Those that end with a word and hold a letter or digit, unless there is none to have."""
    for span in ranges:
        outer = span.start if span.end == room.end else span.end
        edge = page.text[span.start] if outer == span.start else page.text[span.end - 1]
        if not edge.isspace() and is_sure(page, outer):
            term = term_of(page, span)
            if span == room or any(map(str.isalnum, term)):
                yield term


def pairs(prefixes: Side, suffixes: Side) -> Iterator[tuple[str, str, frozenset[int]]]:
    """Prefix, suffix and what both leave; the shortest together first."""
    numbers = [(p, s) for p in range(len(prefixes.terms)) for s in range(len(suffixes.terms))]
    numbers.sort(key=lambda n: len(prefixes.terms[n[0]]) + len(suffixes.terms[n[1]]))
    for p, s in numbers:
        left = prefixes.left_by(p) & suffixes.left_by(s)
        yield prefixes.terms[p], suffixes.terms[s], left
