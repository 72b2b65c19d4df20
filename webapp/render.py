"""Text and marks → safe HTML.

In: a text, marks in it, a range of it. Out: `Markup` whose text, with the tags taken out, is
exactly that range. Everything that comes from an article or a reader is escaped here or by
the templates, nowhere else. Refuses nothing: marks outside of the range are clipped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup, escape

from indexer import Mark

Place: TypeAlias = tuple[int, int, Mark]  # where a mark begins and ends once clipped
TURNED = Markup(' dir="rtl"')
WHY = {
    "synonym": "A synonym of your word",
    "prefix": "Begins as your word does",
    "wildcard": "Fits your pattern",
    "fuzzy": "Spelled almost like your word",
    "proximity": "Near the other word",
}  # exact words, phrases and other forms of a word explain themselves


def marked(text: str, marks: Sequence[Mark] = (), start: int = 0, end: int | None = None) -> Markup:
    """`text[start:end]` with its marks as `<mark>` elements; marks are sorted."""
    end = len(text) if end is None else end
    parts: list[str] = []
    at = start
    for left, right, within in by_word(text, clipped(marks, start, end)):
        left, right = max(left, at), min(right, end)
        inner = with_marks(text, left, right, within)
        bare = len(within) == 1 and (left, right) == within[0][:2]
        parts += [escape(text[at:left]), inner if bare else whole_word(text[left:right], inner)]
        at = right
    parts.append(escape(text[at:end]))
    return Markup("").join(parts)


def by_word(text: str, places: Iterable[Place]) -> Iterator[tuple[int, int, list[Place]]]:
    """The places with the word that each cuts; those that cut the same word together."""
    left, right, within = 0, 0, list[Place]()
    for place in places:
        if within and place[0] < right:
            within.append(place)
            right = max(right, word_around(text, *place[:2])[1])
            continue
        if within:
            yield left, right, within
        left, right = word_around(text, *place[:2])
        within = [place]
    if within:
        yield left, right, within


def with_marks(text: str, start: int, end: int, places: Iterable[Place]) -> Markup:
    """`text[start:end]` with these places marked."""
    parts: list[str] = []
    for low, high, mark in places:
        parts += [escape(text[start:low]), mark_element(text[low:high], mark)]
        start = high
    return Markup("").join([*parts, escape(text[start:end])])


def clipped(marks: Iterable[Mark], start: int, end: int) -> Iterator[Place]:
    """Start, end and mark of what lies within [start, end), without empty or overlapping rests."""
    at = start
    for mark in marks:
        low, high = max(mark.start, at), min(mark.end, end)
        if low < high:
            yield low, high, mark
            at = high


def mark_element(text: str, mark: Mark) -> Markup:
    """One `<mark>`; it says why unless the words on both sides explain that."""
    if why := WHY.get(mark.reason):
        return Markup('<mark title="{}">{}</mark>').format(why, text)
    return Markup("<mark>{}</mark>").format(text)


def whole_word(word: str, inner: Markup) -> Markup:
    """A word of which a part is marked, read out as one word.

    Screen readers pause at the edge of a `<mark>`, so that a mark inside of a word splits it.
    They get the whole word from the attribute (through generated content), and the parts are
    hidden from them.
    """
    shell = '<span class="word" data-word="{}"><span aria-hidden="true">{}</span></span>'
    return Markup(shell).format(word, inner)


def word_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The range widened to the word that it cuts; the range itself where it cuts none.

    Scripts written without spaces have no such words, so only letters of alphabets with
    digits and joiners widen it.
    """
    left, right = start, end
    if is_letter(text[start : start + 1]):
        while left > 0 and is_letter(text[left - 1]):
            left -= 1
    if is_letter(text[end - 1 : end]):
        while right < len(text) and is_letter(text[right]):
            right += 1
    return left, right


def leaning(text: str) -> Markup:
    """The attribute that turns a list or table with this text round; none where it runs right.

    Elements inside that choose their own direction leave `dir="auto"` nothing to go by.
    """
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in ("L", "R", "AL"):
            return TURNED if kind != "L" else Markup()
    return Markup()


def is_letter(character: str) -> bool:
    """Whether a character joins its neighbours to one word."""
    return character.isalnum() and ord(character) < 0x2E80  # from there on: CJK
