"""The shortest text directive that shows a span and nothing else.

In: the text of a page and a span of it. Out: a `Directive` that `fragment_finding` leads to that
very span, or a `Refusal` that says what in the specification stands against one. Never a directive
for another place.

A span within one segment and of at most 300 characters is given whole, any other by its first and
last words. A prefix or a suffix, by whole words, is added where a word is cut or where the same
text stands elsewhere, the shortest pair that tells them apart. Each lies in one segment, since a
browser finds none across a border. A directive that is unique on the page goes before a shorter
one that is only the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.links.text_fragments import contexts
from indexer.links.text_fragments.contexts import is_sure, term_of
from indexer.links.text_fragments.directive import Directive
from indexer.links.text_fragments.finding import ends, find
from indexer.links.text_fragments.page_text import Occurrence, PageText
from indexer.model import Span

LONGEST_EXACT = 300  # characters of a text that is given whole
_FEW = 2  # words; a start or an end has more where there are as many
_LONGEST_WORD = 2_000  # characters that are given whole where no words are to be had
_LONGEST_EDGE = 200  # characters of a start or an end that is not all of its segment


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no directive for a span."""

    reason: str


def make_directive(page: PageText, span: Span) -> Directive | Refusal:
    """A directive for a span of `page.text`; white space at its edges doesn't count."""
    target = page.bare(span)
    if not len(target):
        return Refusal("there is no text")
    if page.is_one(target) and len(target) <= LONGEST_EXACT:
        made = _exact(page, target)
    else:
        made = _range(page, target)
        if isinstance(made, Refusal) and page.is_one(target) and len(target) <= _LONGEST_WORD:
            made = _exact(page, target)
    if isinstance(made, Directive) and find(made, page) != target:
        return Refusal("the words can't be told from others on the page")
    return made


def _exact(page: PageText, target: Span) -> Directive | Refusal:
    """A directive that gives the text whole."""
    text = term_of(page, target)
    rivals = _rivals(page, text, target)
    prefixes = contexts.before(page, target.start, rivals)
    suffixes = contexts.after(page, page.settled(target.end), rivals)
    if not prefixes.terms or not suffixes.terms:
        return Refusal("it begins or ends within a word, beside which nothing can be said")
    first: Directive | None = None
    for prefix, suffix, left in contexts.pairs(prefixes, suffixes):
        made = Directive(text, "", prefix, suffix)
        if not left:
            return made
        if first is None and min(left) > target.start:
            first = made
    reason = f"the same text stands there {len(rivals) + 1} times between the same words"
    return first or Refusal(reason)


def _rivals(page: PageText, text: str, target: Span) -> list[Occurrence]:
    """Other places with the same characters."""
    return [found for found in page.occurrences(text) if found.span != target]


# --- given by its edges --------------------------------------------------------------------------


def _range(page: PageText, target: Span) -> Directive | Refusal:
    """A directive of start and end."""
    head = Span(target.start, min(page.within(target.start).end, target.end))
    found = _start(page, head)
    if isinstance(found, Refusal):
        return found
    start, begun = found
    tail = page.bare(Span(max(page.within(target.end - 1).start, begun), target.end))
    return _with_end(page, start, tail, begun)


def _start(page: PageText, head: Span) -> tuple[Directive, int] | Refusal:
    """A directive without its end, the shortest that leads to `head`, and where its start ends.

    One that is unique goes before one that is only the first, one without a prefix before others.
    """
    for places in _word_ends(page, head):
        choices = list(_choices(page, head.start, places))
        if choices:
            *_, end, made = min(choices, key=lambda choice: choice[:4])
            return made, end
    if not contexts.before(page, head.start, ()).terms:
        return Refusal("it begins within a word, beside which nothing can be said")
    most = page.bare(head if len(head) <= LONGEST_EXACT else Span(head.start, head.start + 1))
    count = len(_rivals(page, term_of(page, most), most)) + 1
    return Refusal(f"its beginning stands there {count} times after the same words")


def _choices(
    page: PageText, start: int, places: Iterable[int]
) -> Iterator[tuple[bool, bool, int, int, Directive]]:
    """Beginnings that lead to `start`: rank, where each ends, and the directive."""
    for end in places:
        own = page.bare(Span(start, end))
        term = term_of(page, own)
        rivals = [r for r in _rivals(page, term, own) if r.ends]
        prefixes = contexts.before(page, start, rivals)
        for number, prefix in enumerate(prefixes.terms):
            left = prefixes.left_by(number)
            if not left or min(left) > start:
                size = len(prefix) + len(term)
                yield bool(left), bool(prefix), size, end, Directive(term, "", prefix)
            if not left:
                break
        if prefixes.terms[:1] == [""] and not prefixes.left_by(0):
            return  # longer ones are no better


def _with_end(page: PageText, start: Directive, tail: Span, begun: int) -> Directive | Refusal:
    """The directive with the shortest end in `tail` that is not met before.

    A suffix is added when no end does without.
    """
    suffixes = contexts.after(page, page.settled(tail.end), ()).terms
    tries = [(places, some) for places in _word_starts(page, tail)
             for some in (suffixes[:1], suffixes[1:])]  # fmt: skip
    for places, some in tries:
        for place in places:
            wanted = Span(place, tail.end)
            for suffix in some:
                made = replace(start, end=term_of(page, wanted), suffix=suffix)
                found = next(ends(made, page, begun), None)
                if found is not None and found.span == wanted:
                    return made
    return Refusal("its last words stand within it before, or end within a word")


def _word_ends(page: PageText, head: Span) -> tuple[list[int], list[int]]:
    """Ends of a start in `head`: of its third word and on, last its own; and those before."""
    limit = min(head.end, head.start + _LONGEST_EDGE)
    inner = [p for p in range(head.start + 1, limit) if _parts(page, p - 1, p)]
    whole = len(head) <= LONGEST_EXACT and is_sure(page, page.settled(head.end))
    return inner[_FEW:] + [head.end] * whole, inner[:_FEW][::-1]


def _word_starts(page: PageText, tail: Span) -> tuple[list[int], list[int]]:
    """Beginnings of an end in `tail`: of the last word but two and up, its own; and those below."""
    limit = max(tail.start, tail.end - _LONGEST_EDGE)
    inner = [p for p in range(tail.end - 1, limit, -1) if _parts(page, p, p)]
    whole = len(tail) <= LONGEST_EXACT and is_sure(page, tail.start)
    return inner[_FEW:] + [tail.start] * whole, inner[:_FEW][::-1]


def _parts(page: PageText, letter: int, at: int) -> bool:
    """Whether a word whose first or last letter stands at `letter` begins or ends at `at`."""
    return page.text[letter].isalnum() and is_sure(page, at)
