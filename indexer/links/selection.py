"""Any stretch of an article as a few words that can stand in an address, and back.

In: a text and a span of it, or a `Selection` and about where it stood. Out: the shortest
`Selection` that leads back to the span, or the place that one leads to, with whether its words
still stand there. None for words that are gone; words that are only like them are believed next to
the place where they stood and nowhere else. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

from indexer.links.quotes import match_quote, shortest_context
from indexer.links.similarity import likeness
from indexer.model import Article, Span

WHOLE = 300  # characters of a selection that is written down whole
EDGE = 48  # characters of the first and the last words of a longer one, at least
CONTEXT = 190  # characters of context, at most
LONGEST = 50_000  # characters from the first to the last word

_FIT = 0.9  # score of words in the very context
_ALIKE = 0.6  # share of the characters that must be there of words that were edited
_FEW = 8  # characters; fewer are too easily like others
_FEW_ALIKE = 0.8
_TELLING = 16  # characters that, standing somewhere once, are taken for what was meant
_TRIED = 200  # places of the same words that are compared
_ALIKE_SIGNS = ("’‘ʼ'", '“”„«»"')  # a reader types the plain ones

Fate = Literal["here", "moved", "edited"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Words of an article with as much of what stands around as tells them from others."""

    text: str  # all of it, or the first words
    end: str = ""  # the last words of a long one; "": `text` is all
    prefix: str = ""  # what stands right before
    suffix: str = ""  # what stands right after


@dataclass(frozen=True, slots=True)
class Selected:
    """Where a selection leads."""

    span: Span
    fate: Fate  # its words: where they stood, elsewhere, or changed


def find_selection(text: str, wanted: Selection, near: Span | None = None) -> Selected | None:
    """The place in `text` that a selection means; `near` is the stretch that it begins in."""
    first = _beginning(text, wanted, near)
    if first is None or not wanted.end:
        return first
    last = _ending(text, wanted, first.span)
    if last is None:
        return None
    span, exact = last
    return Selected(Span(first.span.start, span.end), first.fate if exact else "edited")


def select_words(text: str, span: Span) -> Selection:
    """The shortest selection that leads to `span`, which must hold more than white space.

    Where the text repeats itself so that `CONTEXT` can't tell two places apart, it leads to the
    one that is in the passage it was made for, or the first.
    """
    words = span.of(text)
    begin = span.start + len(words) - len(words.lstrip())
    plain = squeezed(text)  # as a selection is compared: blocks and cells are parted by one blank
    start = len(squeezed(text[:begin]))
    end = start + len(squeezed(words.strip()))
    if end - start <= WHOLE:
        before, after = shortest_context(plain, Span(start, end))
        suffix = _to_word(plain, end, len(after))
        return Selection(plain[start:end], "", _from_word(plain, start, len(before)), suffix)
    first = _to_word(plain, start, EDGE)
    before, _ = shortest_context(plain, Span(start, start + len(first)))
    last, suffix = _last_words(plain, Span(start, start + len(first)), end)
    return Selection(first, last, _from_word(plain, start, len(before)), suffix)


def _last_words(plain: str, first: Span, end: int) -> tuple[str, str]:
    """The last words of what begins with `first` and goes on to `end`, and what must follow."""
    last = ""
    for size in (EDGE, 2 * EDGE, WHOLE):
        last = _from_word(plain, end, size, WHOLE)
        at = plain.find(last, first.start)
        while at + len(last) < first.end:
            at = plain.find(last, at + 1)
        if at + len(last) == end:
            return last, ""
    return last, _to_word(plain, end, CONTEXT)


def stretch_of(article: Article, passage: Span) -> Span:
    """A passage with the headings right above it."""
    start = passage.start
    for block in reversed(article.blocks):
        if block.span.start >= passage.start:
            continue
        if block.kind not in ("heading", "title"):
            break
        start = block.span.start
    return Span(start, passage.end)


def squeezed(text: str) -> str:
    """`text` with each run of white space as one blank."""
    return re.sub(r"\s+", " ", text)


def _beginning(text: str, wanted: Selection, near: Span | None) -> Selected | None:
    """Where `wanted.text` is: in its stretch, else anywhere, else changed in its stretch."""
    words = _pattern(wanted.text)
    fit = partial(_fit, text, wanted)
    if near is not None:
        high = near.end + 2 * len(wanted.text)
        found = (Span(*m.span(1)) for m in words.finditer(text, near.start, high))
        if close := [place for place in found if place.start < near.end]:
            return Selected(max(close, key=fit), "here")  # of equal ones the first
    places = [Span(*m.span(1)) for m in islice(words.finditer(text), _TRIED)]
    if places and (place := max(places, key=fit)) and _is_meant(wanted, fit(place), len(places)):
        return Selected(place, "here" if near is None else "moved")
    return None if near is None else _changed(text, wanted, near)


def _is_meant(wanted: Selection, fit: float, rivals: int) -> bool:
    """Whether the very words, where they were not expected, are those beyond doubt."""
    if rivals == 1 and len(wanted.text) >= _TELLING:
        return True
    return bool(wanted.prefix or wanted.suffix) and len(wanted.text) >= _FEW and fit >= _FIT


def _changed(text: str, wanted: Selection, near: Span) -> Selected | None:
    """What became of the words in their stretch, if it is enough like them."""
    low = max(0, near.start - CONTEXT)
    window = text[low : near.end + len(wanted.text)]
    suffix = "" if wanted.end else wanted.suffix
    found = match_quote(window, wanted.text, wanted.prefix, suffix)
    if found is None or not _is_like(wanted.text, found.span.of(window)):
        return None
    span = Span(found.span.start + low, found.span.end + low)
    return Selected(span, "edited") if near.start <= span.start < near.end else None


def _is_like(wanted: str, found: str) -> bool:
    """Whether words are enough like what was selected to be what became of it."""
    least = _ALIKE if len(wanted) >= _FEW else _FEW_ALIKE
    return likeness(squeezed(wanted), squeezed(found)) >= least


def _ending(text: str, wanted: Selection, first: Span) -> tuple[Span, bool] | None:
    """The last words, the nearest that fit and end after the first ones; whether the very ones."""
    start, end = first.start, first.end + LONGEST
    found = (Span(*m.span(1)) for m in _pattern(wanted.end).finditer(text, start, end))
    behind = Selection(wanted.end, suffix=wanted.suffix)
    if places := list(islice((place for place in found if place.end >= first.end), _TRIED)):
        return max(places, key=partial(_fit, text, behind)), True
    near = match_quote(text[first.end : end], wanted.end, "", wanted.suffix, 0)
    if near is None or not _is_like(wanted.end, near.span.of(text[first.end : end])):
        return None
    return Span(near.span.start + first.end, near.span.end + first.end), False


def _pattern(words: str) -> re.Pattern[str]:
    """What finds words however they are spaced and quoted."""
    written = re.escape(squeezed(words.strip()))
    for some in _ALIKE_SIGNS:
        written = re.sub(f"[{some}]", f"[{some}]", written)
    return re.compile(f"(?=({written}))".replace(r"\ ", r"\s+"))  # overlapping ones too


def _fit(text: str, wanted: Selection, place: Span) -> float:
    """How much of the context stands around a place, from 0 to 1; 1 when none is known."""
    likes = []
    if wanted.prefix:
        before = squeezed(text[max(0, place.start - 2 * CONTEXT) : place.start])
        likes.append(likeness(wanted.prefix, before[-len(wanted.prefix) :]))
    if wanted.suffix and not wanted.end:
        after = squeezed(text[place.end : place.end + 2 * CONTEXT])
        likes.append(likeness(wanted.suffix, after[: len(wanted.suffix)]))
    return sum(likes) / len(likes) if likes else 1.0


def _from_word(text: str, end: int, size: int, most: int = CONTEXT) -> str:
    """At least `size` characters before `end`, from the beginning of a word; bounded by `most`."""
    start, least = max(0, end - size), max(0, end - most)
    while size and start > least and not text[start - 1].isspace():
        start -= 1
    return text[max(start, least) : end]


def _to_word(text: str, start: int, size: int, most: int = CONTEXT) -> str:
    """At least `size` characters after `start`, to the end of a word; bounded by `most`."""
    end, last = start + size, min(len(text), start + most)
    while size and end < last and not text[end].isspace():
        end += 1
    return text[start : min(end, last)]
