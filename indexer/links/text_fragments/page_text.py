"""The text of a page as a browser searches it for text fragments.

Takes a text whose newlines are the borders that no term crosses: edges of blocks, line breaks,
cells. Returns `PageText`, which holds it folded, maps offsets both ways, and finds terms. Refuses
nothing.

Browsers compare at the primary strength of the Unicode collation: case, accents, the shape of
quotation marks and invisible characters make no difference; the number of spaces does.
`browser_fold` approximates that and errs towards "equal", so a link is made unique among more
places than necessary, never fewer.

Word boundaries are those of Unicode's default segmentation (UAX #29), as in the library `regex`.
They are `MAYBE` where browsers use a dictionary (Chinese, Japanese, Thai and related scripts) or
depart from the annex (a full stop or colon between letters). A link may rely on a `SURE` boundary
only; a rival match that could be found first must be expected at a `MAYBE` too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from unicodedata import category, combining, decomposition, normalize

import regex

from indexer.model import Span

BORDER = "\n"  # no term crosses it
GAP = " \t\n\x0b\r\f\xa0"  # white space allowed between prefix, text and suffix
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
}
_VOICED = "\u3099\u309a"  # distinguish kana, unlike the accents of other scripts
_KATAKANA = range(0x30A1, 0x30F7)
_TO_HIRAGANA = 0x60


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
    return char if result.startswith(" ") else result  # a lone accent decomposes to a space


def is_raised(char: str) -> bool:
    """Whether a character is a raised or lowered form of others."""
    return decomposition(char).startswith(("<super>", "<sub>"))


def browser_fold(text: str) -> str:
    """A text as a browser compares it."""
    if text.isascii() and text.isprintable():
        return text.lower()
    return "".join(map(_fold_char, text))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A match of a term's characters."""

    span: Span  # in `PageText.text`, without invisible characters at its end
    starts: Boundary  # whether a word begins at its start
    ends: Boundary  # … or ends at its end


class PageText:
    """All text of a page that a browser would search."""

    def __init__(self, text: str) -> None:
        self.text = text
        folded = [_fold_char(char) for char in text]
        self._folded = "".join(folded)
        self._origins: list[int] = []  # folded offset → offset
        self._places: list[int] = []  # offset → folded offset
        for place, part in enumerate(folded):
            self._places.append(len(self._origins))
            self._origins.extend([place] * len(part))
        self._places.append(len(self._origins))

    def within(self, offset: int) -> Span:
        """The span between two borders that contains an offset."""
        end = self.text.find(BORDER, offset)
        return Span(self.text.rfind(BORDER, 0, offset) + 1, end if end >= 0 else len(self.text))

    def is_one(self, span: Span) -> bool:
        """Whether a span has no border inside."""
        return BORDER not in self.text[span.start : span.end - 1]

    def occurrences(self, term: str, start: int = 0) -> Iterator[Occurrence]:
        """Matches of a term's characters from an offset on, in order, overlapping ones too."""
        sought = browser_fold(term)
        if not sought.strip(BORDER):
            return
        at = self._folded.find(sought, self._places[start])
        while at >= 0:
            if (found := self._occurrence(at, at + len(sought))) is not None:
                yield found
            at = self._folded.find(sought, at + 1)

    def _occurrence(self, start: int, end: int) -> Occurrence | None:
        """The match at a range of folded characters; None if the range cuts a character."""
        first, last = self._origins[start], self._origins[end - 1]
        if self._places[first] != start or self._places[last + 1] != end:
            return None
        beyond = self.settled(last + 1)
        return Occurrence(
            Span(first, last + 1), boundary(self.text, first), boundary(self.text, beyond)
        )

    def settled(self, offset: int) -> int:
        """An end moved past invisible characters, which belong to the character before them."""
        while offset < len(self.text) and self._places[offset] == self._places[offset + 1]:
            offset += 1
        return offset

    def trimmed(self, span: Span) -> Span:
        """A span without white space and invisible characters at its edges."""
        start, end = span.start, span.end
        while start < end and self._is_nothing(start):
            start += 1
        while end > start and self._is_nothing(end - 1):
            end -= 1
        return Span(start, end)

    def _is_nothing(self, offset: int) -> bool:
        return self.text[offset].isspace() or self._places[offset] == self._places[offset + 1]

    def before(self, offset: int) -> Span:
        """Span from the last border to an offset, without white space before the offset: a prefix
        must end at its end."""
        end = offset
        while end and self.text[end - 1] in GAP:
            end -= 1
        return Span(self.within(end - 1).start if end else 0, end)

    def after(self, offset: int) -> Span:
        """The same after an offset, up to the next border: a suffix must start at its start."""
        start = offset
        while start < len(self.text) and self.text[start] in GAP:
            start += 1
        return Span(start, self.within(start).end)

    def follows(self, term: str, offset: int, *, bounded: bool = True) -> bool:
        """Whether a term is right before an offset, beginning at a word boundary if `bounded`."""
        room, sought = self.before(offset), browser_fold(term.rstrip(GAP))
        end = self._places[room.end]
        start = end - len(sought)
        if not sought or start < self._places[room.start] or self._folded[start:end] != sought:
            return False
        first = self._origins[start]
        if not bounded:
            return True
        return self._places[first] == start and boundary(self.text, first) != Boundary.NO

    def precedes(self, term: str, offset: int, *, bounded: bool = True) -> bool:
        """Whether a term is right after an offset, ending at a word boundary if `bounded`."""
        room, sought = self.after(self.settled(offset)), browser_fold(term.lstrip(GAP))
        start = self._places[room.start]
        end = start + len(sought)
        if not sought or end > self._places[room.end] or self._folded[start:end] != sought:
            return False
        last = self._origins[end - 1] + 1
        if not bounded:
            return True
        return self._places[last] == end and boundary(self.text, self.settled(last)) != Boundary.NO


# --- word boundaries ------------------------------------------------------------------------------


class Boundary(IntEnum):
    """Whether a word begins or ends at an offset."""

    NO = 0
    MAYBE = 1
    SURE = 2


# White space that ends a line, and characters that are part of the one before.
_LINE_END = regex.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
_PART = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}\U0001f3fb-\U0001f3ff]"
_IS_PART = regex.compile(_PART)
_EDGE = regex.compile(r"(?w)\b")  # a word boundary by the annex

# Characters between which browsers differ, or use a dictionary.
_LETTER = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]"
_STOP = r"[.:\uff0e]"
_LOW_LINE = r"\p{WB=ExtendNumLet}"
_OF_WORD = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}\p{WB=ExtendNumLet}\p{Nd}]"
_WIDE = r"\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"  # digits and Latin letters
_IDEOGRAPH = rf"[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\u30a0\u30fb\u30fc\uff70{_WIDE}]"
_UNSPACED = r"\p{LB=SA}"  # Thai and related scripts
_BY_DICTIONARY = rf"[{_IDEOGRAPH}{_UNSPACED}]"
_DOUBTFUL = r"[\p{Sk}\p{dt=super}\p{dt=sub}]"  # some are letters by the annex, some plain on a page
_FLAG = r"\p{RI}"


def _between(before: str, after: str) -> str:
    """A pattern for the place between two characters, with any extenders (`_PART`) of the first."""
    return rf"(?<={before}{_PART}*+)(?={after})"


def _beside(one: str, other: str) -> str:
    """A pattern for the place between two characters in either order."""
    return f"{_between(one, other)}|{_between(other, one)}"


_DOUBT = regex.compile(
    "|".join(
        (
            rf"(?<={_LETTER}{_PART}*+{_STOP}{_PART}*+)(?={_LETTER})",
            _between(_LETTER, rf"{_STOP}{_PART}*+{_LETTER}"),
            _between(_BY_DICTIONARY, _BY_DICTIONARY),
            _beside(_BY_DICTIONARY, rf"[{_LOW_LINE}\p{{Hangul}}]"),
            _beside(rf"[{_UNSPACED}&&\p{{L}}]", _OF_WORD),
            _beside(rf"[{_IDEOGRAPH}&&{_OF_WORD}]", _OF_WORD),
            _between(_DOUBTFUL, ""),
            rf"(?={_DOUBTFUL})",
            _between(_FLAG, _FLAG),
        )
    ),
    regex.V1,
)


def boundary(text: str, at: int) -> Boundary:
    """Whether there is a word boundary before the code point `at` of `text`."""
    if at <= 0 or at >= len(text) or _LINE_END.search(text, at - 1, at + 1):
        return Boundary.SURE
    if _IS_PART.match(text, at):
        return Boundary.NO
    if _DOUBT.match(text, at):
        return Boundary.MAYBE
    return Boundary.SURE if _EDGE.match(text, at) else Boundary.NO
