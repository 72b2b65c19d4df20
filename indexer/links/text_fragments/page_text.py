"""The text of a page as a browser searches it for text fragments.

In: the page's segments in order; a segment is a run of text that no border of a block, no line
break and no control cuts (it holds no newline). Out: `PageText`, which holds them folded, with
offsets both ways, and tells where terms occur. Refuses nothing.

A browser compares by the primary strength of the Unicode collation: case, accents, the shape of
quotation marks and characters that show nothing make no difference; the number of spaces does.
`fold` comes near to that and errs towards "the same": a link is then told apart from more places
than it need be, never from fewer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category, combining, normalize

from indexer.links.text_fragments.words import Boundary, boundary
from indexer.model import Span

BORDER = "\n"  # between segments: no term crosses it
TIGHT = "\x0b"  # the same where no word need end: within ruby, say
GAP = " \t\n\x0b\r\f\xa0"  # what may stand between a prefix, a text and a suffix
_SPECIAL = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u05f3\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u05f4\uff02", '"'),
    **dict.fromkeys("øØ", "o"),
    **dict.fromkeys("æÆ", "ae"),
    **dict.fromkeys("œŒ", "oe"),
    **dict.fromkeys("łŁ", "l"),
    **dict.fromkeys("đĐ", "d"),
    **dict.fromkeys("ħĦ", "h"),
    BORDER: BORDER,
    TIGHT: TIGHT,
}
_VOICED = "\u3099\u309a"  # tell kana apart, unlike the accents of other scripts
_KATAKANA = range(0x30A1, 0x30F7)
_TO_HIRAGANA = 0x60


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text within which a browser finds a term."""

    text: str
    closed: bool = False  # within closed `details` and the like: found, but not beside what is open
    element: str = ""  # id of the nearest element at or before it
    tight: bool = False  # follows the one before without a space and within its word, perhaps


@lru_cache(maxsize=1 << 14)
def _fold_char(char: str) -> str:
    special = _SPECIAL.get(char)
    if special is not None:
        return special
    folded = []
    for part in normalize("NFKD", char.casefold()):
        if part in _VOICED:
            folded.append(part)
        elif category(part) not in ("Cc", "Cf") and not combining(part):
            kana = ord(part) in _KATAKANA
            folded.append(chr(ord(part) - _TO_HIRAGANA) if kana else _SPECIAL.get(part, part))
    if char.isspace():
        return " "
    result = "".join(folded)
    return char if result.startswith(" ") else result  # a lone accent is no space


def fold(text: str) -> str:
    """What a browser compares."""
    if text.isascii() and text.isprintable():
        return text.lower()
    return "".join(map(_fold_char, text))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a term's characters stand."""

    span: Span  # in `PageText.text`, without what shows nothing at its end
    starts: Boundary  # whether a word begins at its start
    ends: Boundary  # … or ends at its end


class PageText:
    """All text of a page that a browser would search."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        """`text` is theirs, a border between any two; a segment may be empty."""
        self.segments = tuple(segments)
        joined = ((TIGHT if s.tight else BORDER) + s.text for s in self.segments)
        self.text = "".join(joined)[len(BORDER) :]
        self.starts: list[int] = []  # offset of each segment
        at = 0
        for segment in self.segments:
            self.starts.append(at)
            at += len(segment.text) + len(BORDER)
        folded = [_fold_char(char) for char in self.text]
        self._folded = "".join(folded)
        self._origins: list[int] = []  # folded offset → offset
        self._places: list[int] = []  # offset → folded offset
        for place, part in enumerate(folded):
            self._places.append(len(self._origins))
            self._origins.extend([place] * len(part))
        self._places.append(len(self._origins))

    @classmethod
    def of_text(cls, text: str) -> PageText:
        """A text whose line breaks are borders; offsets stay as they are."""
        return cls(map(Segment, text.split(BORDER)))

    # --- segments -------------------------------------------------------------------------------

    def number_at(self, offset: int) -> int:
        """Number of the segment that holds an offset."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def extent(self, number: int) -> Span:
        """Where a segment stands."""
        start = self.starts[number]
        return Span(start, start + len(self.segments[number].text))

    def within(self, offset: int) -> Span:
        """Where the segment that holds an offset stands."""
        return self.extent(self.number_at(offset))

    def is_one(self, span: Span) -> bool:
        """Whether a span lies in one segment."""
        return self.number_at(span.start) == self.number_at(max(span.end - 1, span.start))

    # --- looking --------------------------------------------------------------------------------

    def occurrences(self, term: str, start: int = 0) -> Iterator[Occurrence]:
        """Where a term's characters stand from an offset on, overlapping ones too, in order."""
        sought = fold(term)
        if not sought.strip(BORDER):
            return
        at = self._folded.find(sought, self._places[start])
        while at >= 0:
            if (found := self._occurrence(at, at + len(sought))) is not None:
                yield found
            at = self._folded.find(sought, at + 1)

    def _occurrence(self, start: int, end: int) -> Occurrence | None:
        """A range of folded characters as a range of characters; None when it cuts one."""
        first, last = self._origins[start], self._origins[end - 1]
        if self._places[first] != start or self._places[last + 1] != end:
            return None
        beyond = self.settled(last + 1)
        return Occurrence(
            Span(first, last + 1), boundary(self.text, first), boundary(self.text, beyond)
        )

    def settled(self, offset: int) -> int:
        """An end moved past what shows nothing, which belongs to the character before it."""
        while offset < len(self.text) and self._places[offset] == self._places[offset + 1]:
            offset += 1
        return offset

    def bare(self, span: Span) -> Span:
        """A span without white space at its edges and without what shows nothing."""
        start, end = span.start, span.end
        while start < end and self._is_nothing(start):
            start += 1
        while end > start and self._is_nothing(end - 1):
            end -= 1
        return Span(start, end)

    def _is_nothing(self, offset: int) -> bool:
        return self.text[offset].isspace() or self._places[offset] == self._places[offset + 1]

    # --- what stands beside ---------------------------------------------------------------------

    def before(self, offset: int) -> Span | None:
        """The text of one segment that stands right before an offset; None if there is none.

        Its end is where a prefix would have to end.
        """
        end = offset
        home = self.segments[self.number_at(offset)].closed
        while end > 0 and self.text[end - 1] in GAP:
            end -= 1
        while end > 0 and self._skips(end - 1, home):
            end = self.within(end - 1).start
            while end > 0 and self.text[end - 1] in GAP:
                end -= 1
        if end <= 0 or self.segments[self.number_at(end - 1)].closed != home:
            return None
        return Span(self.within(end - 1).start, end)

    def after(self, offset: int) -> Span | None:
        """The same on the other side; its start is where a suffix would have to start."""
        home = self.segments[self.number_at(max(offset - 1, 0))].closed
        size = len(self.text)
        start = self._past_gap(offset)
        while start < size and self._skips(start, home):
            start = self._past_gap(self.within(start).end)
        if start >= size or self.segments[self.number_at(start)].closed != home:
            return None
        return Span(start, self.within(start).end)

    def _past_gap(self, offset: int) -> int:
        while offset < len(self.text) and self.text[offset] in GAP:
            offset += 1
        return offset

    def _skips(self, offset: int, home: bool) -> bool:
        """Whether what stands there shows nothing to text that is open."""
        return not home and self.segments[self.number_at(offset)].closed

    def follows(self, term: str, offset: int, *, bounded: bool = True) -> bool:
        """Whether a term stands right before an offset, beginning with a word if `bounded`."""
        room, sought = self.before(offset), fold(term.rstrip(GAP))
        if room is None or not sought:
            return False
        end = self._places[room.end]
        start = end - len(sought)
        if start < self._places[room.start] or self._folded[start:end] != sought:
            return False
        first = self._origins[start]
        if not bounded:
            return True
        return self._places[first] == start and boundary(self.text, first) != Boundary.NO

    def precedes(self, term: str, offset: int, *, bounded: bool = True) -> bool:
        """Whether a term stands right after an offset, ending with a word if `bounded`."""
        room, sought = self.after(self.settled(offset)), fold(term.lstrip(GAP))
        if room is None or not sought:
            return False
        start = self._places[room.start]
        end = start + len(sought)
        if end > self._places[room.end] or self._folded[start:end] != sought:
            return False
        last = self._origins[end - 1] + 1
        if not bounded:
            return True
        return self._places[last] == end and boundary(self.text, self.settled(last)) != Boundary.NO
