"""What a browser finds for a text directive.

In: a directive and the text of a page. Out: the span it would show, or None. Refuses nothing.

This follows "find a range from a text directive" of the specification (WICG, "URL Fragment Text
Directives"): a prefix begins at a word boundary, a suffix ends at one; the text begins at one
unless a prefix is given and ends at one unless a suffix is given or an end is; an end begins at
one; none of the four crosses a border, and nothing but white space parts them. The first range
that fits is it, overlaps included. Where browsers differ on a word boundary, it is taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexer.links.text_fragments.directive import Directive
from indexer.links.text_fragments.page_text import Occurrence, PageText
from indexer.links.text_fragments.words import Boundary
from indexer.model import Span


def find(directive: Directive, page: PageText) -> Span | None:
    """The range that a directive shows, in `page.text`."""
    return next(find_all(directive, page), None)


def find_all(directive: Directive, page: PageText) -> Iterator[Span]:
    """All ranges that it could show, by their starts; a browser shows the first."""
    for found in starts(directive, page):
        if not directive.end:
            yield found.span
            continue
        end = next(ends(directive, page, found.span.end), None)
        if end is None:
            return  # nor does a later start have one
        yield Span(found.span.start, end.span.end)


def starts(directive: Directive, page: PageText) -> Iterator[Occurrence]:
    """Where the text begins (or stands, when the directive has no end)."""
    whole = not directive.end
    for found in page.occurrences(directive.start):
        if not directive.prefix and found.starts == Boundary.NO:
            continue
        if not (whole and directive.suffix) and found.ends == Boundary.NO:
            continue
        if directive.prefix and not page.follows(directive.prefix, found.span.start):
            continue
        if whole and directive.suffix and not page.precedes(directive.suffix, found.span.end):
            continue
        yield found


def ends(directive: Directive, page: PageText, start: int) -> Iterator[Occurrence]:
    """Where it ends when its beginning ends at `start`."""
    for found in page.occurrences(directive.end, start):
        if found.starts == Boundary.NO:
            continue
        if not directive.suffix and found.ends == Boundary.NO:
            continue
        if not directive.suffix or page.precedes(directive.suffix, found.span.end):
            yield found
