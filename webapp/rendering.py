"""Filters and functions for templates: marked text, word diffs, strips of matches, wording.

In: a text with marks, and a range of it; runs of a word diff; the spread of a query over an
article; plain values. Out: `Markup`, strips to draw, strings. Without its tags, marked `Markup` is
exactly the text of the range; a word diff labels each change for screen readers. All text of
articles and readers is escaped here or by the templates, nowhere else. Refuses nothing: marks
outside of the range are clipped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from flask import Flask
from markupsafe import Markup, escape

from indexer import Index, Mark, Spread, difference_html, equip_templates
from webapp import urls
from webapp.params import ReadingForm

Place: TypeAlias = tuple[int, int, Mark]  # start and end of a clipped mark, and the mark
# A bullet or number in the text itself, as in lists copied from a page.
OWN_BULLET = re.compile(r"\s*(?:[•◦▪‣·*–—-]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
OPENED, CLOSED = Markup("<mark>"), Markup("</mark>")
TURNED = Markup(' dir="rtl"')
WHY = {
    "synonym": "A synonym of your word",
    "prefix": "Begins with your letters",
    "wildcard": "Matches your pattern",
    "fuzzy": "Spelled almost like your word",
    "proximity": "Near the other word",
}  # exact words, phrases and other forms of a word need no explanation


def marked(text: str, marks: Sequence[Mark] = (), start: int = 0, end: int | None = None) -> Markup:
    """`text[start:end]` with its marks, which must be sorted, as `<mark>` elements."""
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


def by_word(text: str, places: Iterable[Place]) -> list[tuple[int, int, list[Place]]]:
    """Groups places by the word that they are part of: its start and end, and its places."""
    words: list[tuple[int, int, list[Place]]] = []
    for place in places:
        left, right = word_around(text, *place[:2])
        if words and place[0] < words[-1][1]:
            first, last, within = words[-1]
            words[-1] = first, max(last, right), [*within, place]
        else:
            words.append((left, right, [place]))
    return words


def with_marks(text: str, start: int, end: int, places: Iterable[Place]) -> Markup:
    """`text[start:end]` with these places marked."""
    parts: list[str] = []
    for low, high, mark in places:
        parts += [escape(text[start:low]), mark_element(text[low:high], mark)]
        start = high
    return Markup("").join([*parts, escape(text[start:end])])


def clipped(marks: Iterable[Mark], start: int, end: int) -> Iterator[Place]:
    """Start, end and mark of each mark within [start, end), clipped, without overlaps."""
    at = start
    for mark in marks:
        low, high = max(mark.start, at), min(mark.end, end)
        if low < high:
            yield low, high, mark
            at = high


def mark_element(text: str, mark: Mark) -> Markup:
    """One `<mark>`, with a title if the reason needs an explanation."""
    if why := WHY.get(mark.reason):
        return Markup('<mark title="{}">{}</mark>').format(why, text)
    return OPENED + escape(text) + CLOSED


def whole_word(word: str, inner: Markup) -> Markup:
    """A word with a mark on a part of it, which screen readers read as one word.

    They pause at the edges of a `<mark>`, so that a mark inside a word splits it. Here they get the
    whole word from the attribute (through generated content), and its parts are hidden from them.
    """
    shell = Markup('<span class="word" data-word="{}"><span aria-hidden="true">{}</span></span>')
    return shell.format(word, inner)


def word_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The range, extended to the whole word if it begins or ends inside one.

    Only letters of alphabets, digits and joiners extend it, because scripts without spaces have no
    such words.
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
    """The attribute `dir="rtl"` for a list or table with this text, if it runs right to left.

    `dir="auto"` would not do: it ignores elements inside that choose their own direction.
    """
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in ("L", "R", "AL"):
            return TURNED if kind != "L" else Markup()
    return Markup()


def is_letter(character: str) -> bool:
    """Whether a character is part of a word in a script with spaces."""
    return character.isalnum() and ord(character) < 0x2E80  # above: CJK


KINDS = {
    "paragraph": "Paragraphs",
    "list_item": "Lists",
    "table_row": "Tables",
    "quote": "Quotations",
    "code": "Code",
    "caption": "Captions",
    "boilerplate": "Boilerplate",
}
# Of one passage that is no paragraph.
KIND = {kind: name.removesuffix("s") for kind, name in KINDS.items() if kind != "paragraph"}
MATCHES = {"stem": "Any form", "word": "This word", "case": "Exact case"}

FATES = {  # status of a link: its label and meaning
    "lost": ("Lost", "the text is in no article any more"),
    "edited": ("Edited", "the text has changed; the link leads to its present form"),
    "moved": ("Moved", "the same text, in another place"),
    "intact": ("Intact", "the same text, in the same place"),
}


def sentence(note: str) -> str:
    """A note as a sentence: with a capital and a full stop."""
    ended = note if note.endswith((".", "!", "?", "…")) else note + "."
    return ended[:1].upper() + ended[1:]


def add_filters(app: Flask) -> None:
    """Registers these filters and functions, and `urls`, for templates."""
    app.jinja_env.filters.update(leaning=leaning, sentence=sentence, runs=difference_html)
    app.jinja_env.filters.update(place=place, marked=marked)
    equip_templates(app.jinja_env)
    app.jinja_env.globals.update(urls=urls, KIND=KIND, KINDS=KINDS, MATCHES=MATCHES, FATES=FATES)


SCALE = 1000  # length of a strip, in its own units
THICK = 8  # width of a tick, in the same units
MOST = 64  # most ticks on a strip: more could neither be distinguished nor clicked


def strips(
    index: Index, article_ids: Sequence[str], form: ReadingForm, *, other_names: bool = False
) -> Mapping[str, Spread]:
    """The positions of a query's matches in articles; `other_names`: also those of other names of
    drugs."""
    options: dict[str, Any] = {"match": form.match, "any": form.any, "other_names": other_names}
    return index.spread(article_ids, form.q, most=MOST, **options)


def place(start: int, length: int) -> int:
    """Position of a tick on a strip, in thousandths, such that the whole tick is on the strip."""
    return min(start * SCALE // max(length, 1), SCALE - THICK)


def own_bullet(text: str) -> bool:
    """Whether a list item's text begins with its own bullet or number."""
    return OWN_BULLET.match(text) is not None
