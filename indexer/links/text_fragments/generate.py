"""Makes links to a place in an article's original page: element id and text fragment.

Takes an article and a span of its text. Returns a `Fragment`, to be appended to the page's address.
Refuses nothing: if the specification allows no directive for exactly this span, the fragment has
the reason, and a directive that begins a little earlier if one exists. Never makes a directive for
another place.

A span within one block and of at most 300 characters is given whole, any other by its first and
last words. Prefix and suffix, of whole words, are added where a word is cut or the same text occurs
elsewhere: the shortest pair that makes it unique. A directive that is unique on the page is
preferred to a shorter one that is only the first match. Only the text that the parser kept of the
page is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from indexer.links.text_fragments.directive import Directive, find, find_end, write_fragment
from indexer.links.text_fragments.page_text import BORDER, Boundary, Occurrence, PageText, boundary
from indexer.model import Article, Span

LONGEST_EXACT = 300  # characters; a text up to this length is given whole
_FEW = 2  # words; a start or an end has more if the text does
_LONGEST_WORD = 2_000  # characters; up to so many are given whole if they can't be split
_LONGEST_EDGE = 200  # characters of a start or an end that is not its whole block
_LONGEST_CONTEXT = 200  # characters of a prefix or a suffix
_WIDEST = 600  # characters by which a directive may begin before its target
_CUT = re.compile(r"\t| (?= )")  # tabs between cells, and spaces that the page shows as one
_SILENT = {0xAD: None}  # browsers ignore soft hyphens


@dataclass(frozen=True, slots=True)
class Fragment:
    """The part of an address that leads to a place in a page."""

    element: str  # id of the nearest element; "" when unknown
    directive: Directive | None  # None: the specification allows none
    reason: str = ""  # why there is no directive, or only one for a span around this one

    @property
    def written(self) -> str:
        """The fragment with its `#`; "" when the place is unknown."""
        return write_fragment(self.element, self.directive)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no directive for a span."""

    reason: str


def fragment_for(article: Article, span: Span) -> Fragment:
    """The fragment for a span of an article's text."""
    return fragment_in(page_text_of(article), span, _element_at(article, span))


def fragment_in(page: PageText, span: Span, element: str = "") -> Fragment:
    """The fragment for a span of a page's text; `element`: id of the nearest element."""
    target = page.trimmed(span)
    result = make_directive(page, target)
    if isinstance(result, Directive):
        return Fragment(element, result)
    return Fragment(element, _wider(page, target) if len(target) else None, result.reason)


def _wider(page: PageText, target: Span) -> Directive | None:
    """A directive for a span that ends like `target` and begins with its block or one above."""
    start = target.start
    while start > 0 and target.start - start <= _WIDEST:
        start = page.within(start - (start == page.within(start).start)).start
        if isinstance(result := make_directive(page, Span(start, target.end)), Directive):
            return result
    return None


def page_text_of(article: Article) -> PageText:
    """The page's text as far as the article's text shows it; offsets are those of the article.

    A border too many only makes terms shorter; one too few makes a link that leads nowhere. So a
    table row with unknown cells has a border at each space, and any text at its line breaks.
    """
    text = _CUT.sub(BORDER, article.text)
    parts: list[str] = []
    at = 0
    for block in article.blocks:
        if block.kind == "table_row" and not block.cells:
            parts += [text[at : block.span.start], block.span.of(text).replace(" ", BORDER)]
            at = block.span.end
    return PageText("".join(parts) + text[at:])


def _element_at(article: Article, span: Span) -> str:
    """Id of the nearest element at or above a span; "" when unknown."""
    for block in reversed(article.blocks):
        if block.element and block.span.start <= span.start:
            return block.element
    return ""


def make_directive(page: PageText, span: Span) -> Directive | Refusal:
    """A directive for a span of `page.text`, ignoring white space at its edges."""
    target = page.trimmed(span)
    if not len(target):
        return Refusal("there is no text")
    if page.is_one(target) and len(target) <= LONGEST_EXACT:
        result = _exact(page, target)
    else:
        result = _range(page, target)
        if isinstance(result, Refusal) and page.is_one(target) and len(target) <= _LONGEST_WORD:
            result = _exact(page, target)
    if isinstance(result, Directive) and find(result, page) != target:
        return Refusal("the words can't be told from others on the page")
    return result


# --- given whole ---------------------------------------------------------------------------------


def _exact(page: PageText, target: Span) -> Directive | Refusal:
    """A directive with the whole text."""
    text = _term(page, target)
    rivals = _rivals(page, text, target)
    prefixes = _prefixes(page, target.start)
    suffixes = _suffixes(page, page.settled(target.end))
    if not prefixes or not suffixes:
        return Refusal("it begins or ends within a word, beside which nothing can be said")
    before = zip(prefixes, _left(prefixes, rivals, partial(_begins, page)))
    after = zip(suffixes, _left(suffixes, rivals, partial(_ends, page)))
    first: Directive | None = None
    pairs = sorted(product(before, after), key=lambda pair: len(pair[0][0]) + len(pair[1][0]))
    for (prefix, left_before), (suffix, left_after) in pairs:
        left = left_before & left_after
        if left and (first is not None or min(left) < target.start):
            continue
        directive = Directive(text, "", prefix, suffix)
        if not left:
            return directive
        first = directive
    reason = f"the same text stands there {len(rivals) + 1} times between the same words"
    return first or Refusal(reason)


def _term(page: PageText, span: Span) -> str:
    """A span's text as a term of a directive."""
    return span.of(page.text).translate(_SILENT)


def _rivals(page: PageText, text: str, target: Span) -> list[Occurrence]:
    """Other occurrences of the same characters."""
    return [rival for rival in page.occurrences(text) if rival.span != target]


def _is_sure(page: PageText, at: int) -> bool:
    """Whether browsers agree that a word begins or ends at an offset."""
    return boundary(page.text, at) == Boundary.SURE


# --- given by its edges --------------------------------------------------------------------------


def _range(page: PageText, target: Span) -> Directive | Refusal:
    """A directive with a start and an end."""
    head = Span(target.start, min(page.within(target.start).end, target.end))
    found = _start(page, head)
    if isinstance(found, Refusal):
        return found
    start, begun = found
    tail = page.trimmed(Span(max(page.within(target.end - 1).start, begun), target.end))
    return _with_end(page, start, tail, begun)


def _start(page: PageText, head: Span) -> tuple[Directive, int] | Refusal:
    """The shortest directive without an end that leads to `head`, and where its start ends.

    A unique one is preferred to one that is only the first match, then one without a prefix.
    """
    for places in _word_ends(page, head):
        choices = list(_choices(page, head.start, places))
        if choices:
            *_, end, directive = min(choices, key=lambda choice: choice[:4])
            return directive, end
    if not _prefixes(page, head.start):
        return Refusal("it begins within a word, beside which nothing can be said")
    most = page.trimmed(head if len(head) <= LONGEST_EXACT else Span(head.start, head.start + 1))
    count = len(_rivals(page, _term(page, most), most)) + 1
    return Refusal(f"its beginning stands there {count} times after the same words")


def _choices(
    page: PageText, start: int, places: Iterable[int]
) -> Iterator[tuple[bool, bool, int, int, Directive]]:
    """Directives that lead to `start`: is not unique, has a prefix, size, end, directive."""
    prefixes = _prefixes(page, start)
    for end in places:
        own = page.trimmed(Span(start, end))
        term = _term(page, own)
        rivals = [rival for rival in _rivals(page, term, own) if rival.ends]
        for prefix, left in zip(prefixes, _left(prefixes, rivals, partial(_begins, page))):
            if not left or min(left) > start:
                size = len(prefix) + len(term)
                yield bool(left), bool(prefix), size, end, Directive(term, "", prefix)
            if not left and not prefix:
                return  # longer ones are no better
            if not left:
                break


def _with_end(page: PageText, start: Directive, tail: Span, begun: int) -> Directive | Refusal:
    """The directive with the shortest end in `tail` that has no earlier match.

    A suffix is added if no end works without one.
    """
    suffixes = _suffixes(page, page.settled(tail.end))
    for places in _word_starts(page, tail):
        for choices in (suffixes[:1], suffixes[1:]):
            for place in places:
                wanted = Span(place, tail.end)
                for suffix in choices:
                    directive = replace(start, end=_term(page, wanted), suffix=suffix)
                    if find_end(directive, page, begun) == wanted:
                        return directive
    return Refusal("its last words stand within it before, or end within a word")


def _word_ends(page: PageText, head: Span) -> tuple[list[int], list[int]]:
    """Ends for a start in `head`: from its third word on, and its own; then those before."""
    limit = min(head.end, head.start + _LONGEST_EDGE)
    inner = [p for p in range(head.start + 1, limit) if _parts(page, p - 1, p)]
    whole = len(head) <= LONGEST_EXACT and _is_sure(page, page.settled(head.end))
    return inner[_FEW:] + [head.end] * whole, inner[:_FEW][::-1]


def _word_starts(page: PageText, tail: Span) -> tuple[list[int], list[int]]:
    """Starts for an end in `tail`: from the third last word back, and its own; then those after."""
    limit = max(tail.start, tail.end - _LONGEST_EDGE)
    inner = [p for p in range(tail.end - 1, limit, -1) if _parts(page, p, p)]
    whole = len(tail) <= LONGEST_EXACT and _is_sure(page, tail.start)
    return inner[_FEW:] + [tail.start] * whole, inner[:_FEW][::-1]


def _parts(page: PageText, letter: int, at: int) -> bool:
    """Whether a word whose first or last letter stands at `letter` begins or ends at `at`."""
    return page.text[letter].isalnum() and _is_sure(page, at)


# --- prefixes and suffixes -----------------------------------------------------------------------


def _prefixes(page: PageText, at: int) -> list[str]:
    """Prefixes for a text that begins at `at`: "" if a word begins there, then ever longer ones."""
    room = page.before(at)
    starts = range(room.end - 1, max(room.start, room.end - _LONGEST_CONTEXT) - 1, -1)
    spans = [Span(start, room.end) for start in starts if _is_edge(page, start, start)]
    return [""] * _is_sure(page, at) + _terms(page, room, spans)


def _suffixes(page: PageText, at: int) -> list[str]:
    """Suffixes for a text that ends at `at`: "" if a word ends there, then ever longer ones."""
    room = page.after(at)
    ends = range(room.start + 1, min(room.end, room.start + _LONGEST_CONTEXT) + 1)
    spans = [Span(room.start, end) for end in ends if _is_edge(page, end - 1, end)]
    return [""] * _is_sure(page, at) + _terms(page, room, spans)


def _is_edge(page: PageText, outermost: int, at: int) -> bool:
    """Whether a context with this outermost character may begin or end at `at`."""
    return not page.text[outermost].isspace() and _is_sure(page, at)


def _terms(page: PageText, room: Span, spans: Iterable[Span]) -> list[str]:
    """The spans as terms. A term of signs alone is used only if the room holds nothing else."""
    terms = [(span, _term(page, span)) for span in spans]
    return [term for span, term in terms if span == room or any(map(str.isalnum, term))]


def _left(
    terms: Iterable[str],
    rivals: Sequence[Occurrence],
    goes_with: Callable[[Occurrence, str], bool],
) -> Iterator[frozenset[int]]:
    """For each term, the starts of the rivals that match it too (`goes_with`)."""
    nested = rivals
    for term in terms:
        left = [rival for rival in (nested if term else rivals) if goes_with(rival, term)]
        if term:  # a rival that matches a longer term also matches a shorter one
            nested = left
        yield frozenset(rival.span.start for rival in left)


def _begins(page: PageText, rival: Occurrence, prefix: str) -> bool:
    """Whether a prefix is right before a rival or, if the prefix is empty, a word begins there."""
    if not prefix:
        return rival.starts != Boundary.NO
    return page.follows(prefix, rival.span.start, bounded=False)


def _ends(page: PageText, rival: Occurrence, suffix: str) -> bool:
    """Whether a suffix is right after a rival or, if the suffix is empty, a word ends there."""
    if not suffix:
        return rival.ends != Boundary.NO
    return page.precedes(suffix, rival.span.end, bounded=False)
