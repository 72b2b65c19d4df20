"""The text of a page as a browser searches it for text fragments.

In: a text whose newlines are the borders that no term crosses: edges of blocks, line breaks,
cells. Out: `PageText`, which holds it folded, with offsets both ways, and tells where terms occur.
Refuses nothing.

Browsers compare by the primary strength of the Unicode collation: case, accents, the shape of
quotation marks and characters that show nothing make no difference; the number of spaces does.
`fold` comes near to that and errs towards "the same": a link is then told apart from more places
than it need be, never from fewer.

Word boundaries are those of Unicode's default segmentation (UAX #29), told from the general
categories of Python's `unicodedata` and from the short lists of that annex. "Perhaps" is said
where browsers ask a dictionary (Chinese, Japanese, Thai and their neighbours) and where they depart
from the annex (a full stop or colon between letters). A link may lean on a sure boundary only; a
place that might be found instead of the right one must be reckoned with at a perhaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from unicodedata import category, combining, decomposition, name, normalize

from indexer.model import Span

BORDER = "\n"  # no term crosses it
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
}
_VOICED = "\u3099\u309a"  # tell kana apart, unlike the accents of other scripts
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
    return char if result.startswith(" ") else result  # a lone accent is no space


def is_raised(char: str) -> bool:
    """Whether a character is a raised or lowered form of others."""
    return decomposition(char).startswith(("<super>", "<sub>"))


def browser_fold(text: str) -> str:
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
        """The stretch between two borders that holds an offset."""
        end = self.text.find(BORDER, offset)
        return Span(self.text.rfind(BORDER, 0, offset) + 1, end if end >= 0 else len(self.text))

    def is_one(self, span: Span) -> bool:
        """Whether no border parts a span."""
        return BORDER not in self.text[span.start : span.end - 1]

    def occurrences(self, term: str, start: int = 0) -> Iterator[Occurrence]:
        """Where a term's characters stand from an offset on, overlapping ones too, in order."""
        sought = browser_fold(term)
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

    def trimmed(self, span: Span) -> Span:
        """A span without white space at its edges and without what shows nothing."""
        start, end = span.start, span.end
        while start < end and self._is_nothing(start):
            start += 1
        while end > start and self._is_nothing(end - 1):
            end -= 1
        return Span(start, end)

    def _is_nothing(self, offset: int) -> bool:
        return self.text[offset].isspace() or self._places[offset] == self._places[offset + 1]

    def before(self, offset: int) -> Span | None:
        """The text that stands right before an offset, from a border on; None if there is none.

        Its end is where a prefix would have to end.
        """
        end = offset
        while end and self.text[end - 1] in GAP:
            end -= 1
        return Span(self.within(end - 1).start, end) if end else None

    def after(self, offset: int) -> Span | None:
        """The same on the other side; its start is where a suffix would have to start."""
        start = offset
        while start < len(self.text) and self.text[start] in GAP:
            start += 1
        return Span(start, self.within(start).end) if start < len(self.text) else None

    def follows(self, term: str, offset: int, *, bounded: bool = True) -> bool:
        """Whether a term stands right before an offset, beginning with a word if `bounded`."""
        room, sought = self.before(offset), browser_fold(term.rstrip(GAP))
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
        room, sought = self.after(self.settled(offset)), browser_fold(term.lstrip(GAP))
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


# --- word boundaries ------------------------------------------------------------------------------


class Boundary(IntEnum):
    """Whether a word begins or ends at an offset."""

    NO = 0
    MAYBE = 1
    SURE = 2


class _Class(IntEnum):
    """Word_Break property of a character, as far as the rules need it."""

    OTHER = 0
    NEWLINE = 1
    IGNORED = 2  # Extend, Format, ZWJ: part of the character before
    SPACE = 3
    LETTER = 4
    HEBREW = 5
    DIGIT = 6
    JOINER = 7  # ExtendNumLet: low lines, narrow no-break space
    MID_LETTER = 8
    MID_NUMBER = 9
    MID_BOTH = 10  # MidNumLet but for the full stop
    STOP = 11  # full stop: MidNumLet in the annex, MidNum in Chromium
    COLON = 12  # MidLetter in older versions of the annex and in some languages
    SINGLE_QUOTE = 13
    DOUBLE_QUOTE = 14
    IDEOGRAPH = 15  # Han, Hiragana, Katakana: words by dictionary
    COMPLEX = 16  # scripts without spaces between words
    FLAG = 17  # regional indicators
    DOUBTFUL = 18  # modifier symbols, of which the annex counts some as letters


_C = _Class
_LISTED: dict[str, _Class] = {
    **dict.fromkeys("\n\r\x0b\x0c\x85\u2028\u2029", _C.NEWLINE),
    "\u200b": _C.OTHER,
    "\u202f": _C.JOINER,
    **dict.fromkeys("\xa0\u2007", _C.OTHER),
    **dict.fromkeys("\xb7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a", _C.MID_LETTER),
    **dict.fromkeys(
        ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b",
        _C.MID_NUMBER,
    ),
    **dict.fromkeys("\u2018\u2019\u2024\ufe52\uff07", _C.MID_BOTH),
    **dict.fromkeys(".\uff0e", _C.STOP),
    ":": _C.COLON,
    "'": _C.SINGLE_QUOTE,
    '"': _C.DOUBLE_QUOTE,
    "\u066b": _C.DIGIT,
}
_COMPLEX_NAMES = ("THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI ", "NEW TAI ", "AHOM ")
_IDEOGRAPHIC_NAMES = (
    "CJK UNIFIED", "CJK COMPAT", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "IDEOGRAPHIC",
    "VERTICAL KANA", "VERTICAL IDEOGRAPHIC", "HENTAIGANA", "FULLWIDTH DIGIT", "FULLWIDTH LATIN",
)  # fmt: skip
_LETTERS = frozenset((_C.LETTER, _C.HEBREW))
_BY_DICTIONARY = frozenset((_C.IDEOGRAPH, _C.COMPLEX))
_BETWEEN_LETTERS = frozenset((_C.MID_LETTER, _C.MID_BOTH, _C.SINGLE_QUOTE))
_PERHAPS_BETWEEN_LETTERS = frozenset((_C.STOP, _C.COLON))
_BETWEEN_DIGITS = frozenset((_C.MID_NUMBER, _C.MID_BOTH, _C.STOP, _C.SINGLE_QUOTE))
_JOINED = frozenset((_C.LETTER, _C.HEBREW, _C.DIGIT, _C.JOINER))


@lru_cache(maxsize=1 << 14)
def _class_of(char: str) -> _Class:
    listed = _LISTED.get(char)
    if listed is not None:
        return listed
    if is_raised(char):  # on the page perhaps a plain one
        return _C.DOUBTFUL
    kind = category(char)
    if kind[0] == "M" or kind == "Cf" or "\U0001f3fb" <= char <= "\U0001f3ff":
        return _C.IGNORED
    if kind[0] == "L" or kind in ("Nl", "Nd") or char in "\u30fb\u30a0":
        return _class_of_letter(char, kind)
    if kind == "Pc":
        return _C.JOINER
    if kind == "Zs":
        return _C.SPACE
    if kind == "Sk":
        return _C.DOUBTFUL
    if "\U0001f1e6" <= char <= "\U0001f1ff":
        return _C.FLAG
    return _C.LETTER if "\u24b6" <= char <= "\u24e9" else _C.OTHER


def _class_of_letter(char: str, kind: str) -> _Class:
    if char.isascii():
        return _C.DIGIT if kind == "Nd" else _C.LETTER
    called = name(char, "")
    if called.startswith(_IDEOGRAPHIC_NAMES):
        return _C.IDEOGRAPH
    if kind == "Nd":
        return _C.DIGIT
    if called.startswith(_COMPLEX_NAMES):
        return _C.COMPLEX
    return _C.HEBREW if called.startswith("HEBREW ") else _C.LETTER


def boundary(text: str, at: int) -> Boundary:
    """Whether a word boundary stands before the code point `at` of `text`."""
    if at <= 0 or at >= len(text):
        return Boundary.SURE
    before, after = _class_of(text[at - 1]), _class_of(text[at])
    if before == _C.NEWLINE or after == _C.NEWLINE:
        return Boundary.SURE
    if after == _C.IGNORED or before == after == _C.SPACE:
        return Boundary.NO
    if text[at - 1] == "\u200d" and category(text[at]) == "So":
        return Boundary.NO
    left = _significant(text, at - 1, -1)
    before = _class_of(text[left]) if left >= 0 else _C.NEWLINE
    return _between(text, left, before, after, at)


def _between(text: str, left: int, before: _Class, after: _Class, at: int) -> Boundary:
    """The verdict on two characters that are not ignored, at `left` and `at`."""
    if before in _JOINED and after in _JOINED:
        return Boundary.NO
    pair = {before, after}
    if pair <= _BY_DICTIONARY or _C.DOUBTFUL in pair or before == after == _C.FLAG:
        return Boundary.MAYBE
    if pair & _BY_DICTIONARY and (_C.JOINER in pair or _is_doubtful_neighbour(text, left, at)):
        return Boundary.MAYBE
    if before in _LETTERS and (verdict := _around(text, at, 1, before, after)) is not None:
        return verdict
    if after in _LETTERS and (verdict := _around(text, left, -1, after, before)) is not None:
        return verdict
    if before == _C.DIGIT and after in _BETWEEN_DIGITS and _next(text, at, 1) == _C.DIGIT:
        return Boundary.NO
    if after == _C.DIGIT and before in _BETWEEN_DIGITS and _next(text, left, -1) == _C.DIGIT:
        return Boundary.NO
    return Boundary.SURE


def _around(text: str, mark: int, step: int, letter: _Class, sign: _Class) -> Boundary | None:
    """A sign between letters: the letter on one side of `mark` is known, the other looked up."""
    if letter == _C.HEBREW and sign == _C.SINGLE_QUOTE and step == 1:
        return Boundary.NO
    if letter == _C.HEBREW and sign == _C.DOUBLE_QUOTE:
        return Boundary.NO if _next(text, mark, step) == _C.HEBREW else None
    if sign not in _BETWEEN_LETTERS and sign not in _PERHAPS_BETWEEN_LETTERS:
        return None
    if _next(text, mark, step) not in _LETTERS:
        return None
    return Boundary.NO if sign in _BETWEEN_LETTERS else Boundary.MAYBE


def _is_doubtful_neighbour(text: str, left: int, at: int) -> bool:
    """Whether letters beside a script without spaces may count as part of its run."""
    classes = (_class_of(text[left]), _class_of(text[at]))
    if _C.COMPLEX in classes:
        return bool(_JOINED & set(classes))
    return any(name(text[place], "").startswith("HANGUL") for place in (left, at))


def _significant(text: str, at: int, step: int) -> int:
    """The nearest offset from `at` on whose character is not ignored; -1 or the end if none."""
    while 0 <= at < len(text) and _class_of(text[at]) == _C.IGNORED:
        at += step
    return at


def _next(text: str, at: int, step: int) -> _Class:
    """Class of the next character that is not ignored."""
    place = _significant(text, at + step, step)
    return _class_of(text[place]) if 0 <= place < len(text) else _C.NEWLINE
