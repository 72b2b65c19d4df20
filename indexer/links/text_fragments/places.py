"""Where a quotation stands in the text of a page.

In: the text of a page, and a quotation, or another version of the page's text and a span of it.
Out: spans of the page's text. Refuses nothing; what isn't found is no span.

White space, case and characters that show nothing don't count, and a border counts as a space, so
that a quotation may reach over several segments.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category

from indexer.links.text_fragments.page_text import PageText
from indexer.model import Span

CONTEXT = 64  # characters on either side by which places with the same words are told apart
_SPACES = re.compile(r"\s+")


class _Squeezed:
    """A text in lower case, without white space, with offsets back."""

    def __init__(self, text: str) -> None:
        self.text, self.origins = _squeeze(text)

    def span(self, start: int, size: int) -> Span:
        """Where the squeezed characters stand in the text."""
        return Span(self.origins[start], self.origins[start + size - 1] + 1)


@lru_cache(maxsize=1 << 14)
def _plain(char: str) -> str:
    return "" if char.isspace() or category(char) in ("Cf", "Cc") else char.lower()


def _squeeze(text: str) -> tuple[str, list[int]]:
    """A text without white space, and the offset that each of its characters comes from."""
    parts = list(map(_plain, text))
    origins = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), origins


def places_of(page: PageText, quote: str) -> list[Span]:
    """Where a quotation stands by whole words, in order; overlapping ones too."""
    squeezed, sought = _Squeezed(page.text), _squeeze(quote)[0]
    found: list[Span] = []
    at = squeezed.text.find(sought) if sought else -1
    while at >= 0:
        span = squeezed.span(at, len(sought))
        if _is_whole(page.text, span) and _is_spaced_alike(span.of(page.text), quote):
            found.append(span)
        at = squeezed.text.find(sought, at + 1)
    return found


def _is_whole(text: str, span: Span) -> bool:
    """Whether neither end cuts a word."""
    before, after = span.start - 1, span.end
    while before >= 0 and category(text[before]) == "Cf":
        before -= 1
    while after < len(text) and category(text[after]) == "Cf":
        after += 1
    return not (
        _is_word(text[before : before + 1] if before >= 0 else "")
        or _is_word(text[after : after + 1])
    )


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_spaced_alike(text: str, quote: str) -> bool:
    """Whether words of the quotation are words of the text ("the rapist" is no "therapist")."""
    joined = ["".join(map(_plain, word)) for word in _SPACES.split(text.strip())]
    return list(filter(None, joined)) == [
        word for part in _SPACES.split(quote.strip()) if (word := "".join(map(_plain, part)))
    ]


def place_of(page: PageText, text: str, span: Span) -> Span | None:
    """Where a span of another version of the page's text stands in the page's text.

    Of several places the one with the same text around it; None when the words aren't there.
    """
    here, there = _Squeezed(text), _Squeezed(page.text)
    start, end = (_first_from(here.origins, offset) for offset in (span.start, span.end))
    sought = here.text[start:end]
    best: tuple[int, int] | None = None
    at = there.text.find(sought) if sought else -1
    while at >= 0:
        alike = _alike(here.text[:start][-CONTEXT:][::-1], there.text[:at][-CONTEXT:][::-1])
        beyond = at + len(sought)
        alike += _alike(here.text[end : end + CONTEXT], there.text[beyond : beyond + CONTEXT])
        best = max(best or (-1, 0), (alike, -at))
        at = there.text.find(sought, at + 1)
    return there.span(-best[1], len(sought)) if best else None


def _first_from(origins: list[int], offset: int) -> int:
    """Squeezed offset of the first character at or after an offset."""
    low, high = 0, len(origins)
    while low < high:
        middle = (low + high) // 2
        if origins[middle] < offset:
            low = middle + 1
        else:
            high = middle
    return low


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common from their beginnings on."""
    for size, (a, b) in enumerate(zip(one, other)):
        if a != b:
            return size
    return min(len(one), len(other))
