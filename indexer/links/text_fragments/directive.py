"""Text directives: the part of an address that names words to show, and how a browser finds them.

Takes the terms of a directive, and the text of a page. Returns the directive as written in an
address, or the span that a browser shows. Refuses nothing.

    #id:~:text=prefix-,start,end,-suffix

`find` follows "find a range from a text directive" of the specification (WICG, "URL Fragment Text
Directives"): a prefix begins at a word boundary, a suffix ends at one; the text begins at one
unless there is a prefix, and ends at one unless there is a suffix or an end; an end begins at one;
none of the four crosses a border, and only white space separates them. The first matching range
wins, overlaps included. Where browsers differ on a word boundary, it counts as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from indexer.links.text_fragments.page_text import Boundary, PageText, is_raised
from indexer.model import Span

BEGINS = ":~:text="


@dataclass(frozen=True, slots=True)
class Directive:
    """The terms for which a browser finds the first matching range."""

    start: str  # the whole text if there is no end, else its first words
    end: str = ""  # its last words
    prefix: str = ""  # text right before it, apart from white space
    suffix: str = ""  # … right after it

    def written(self) -> str:
        """The directive as in an address: `text=prefix-,start,end,-suffix`."""
        before = self.prefix and escape(self.prefix) + "-"
        after = self.suffix and "-" + escape(self.suffix)
        return "text=" + ",".join(
            filter(None, (before, escape(self.start), escape(self.end), after))
        )


def read_directive(written: str) -> Directive | None:
    """The first directive of `:~:text=[prefix-,]start[,end][,-suffix]`; None for anything else."""
    if not written.startswith(BEGINS):
        return None
    terms = written.removeprefix(BEGINS).partition("&")[0].split(",")
    prefix = terms.pop(0)[:-1] if terms[0].endswith("-") else ""
    suffix = terms.pop()[1:] if terms and terms[-1].startswith("-") else ""
    if not 1 <= len(terms) <= 2 or not all(unquote(term).strip() for term in terms):
        return None
    return Directive(*map(unquote, (terms[0], "".join(terms[1:]), prefix, suffix)))


def escape(text: str) -> str:
    """`plain` text percent-encoded, including the signs of the syntax (`-`, `,`, `&`)."""
    return quote(plain(text), safe="", errors="replace").replace("-", "%2D")


def plain(text: str) -> str:
    """A text with raised and lowered characters replaced by plain ones: a page may have raised them
    by `sup`, and a browser treats both as equal."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFKC", c) if is_raised(c) else c for c in text)


def write_fragment(element: str, directive: Directive | None) -> str:
    """An address's fragment with its `#`; "" when there is neither an element nor a directive."""
    written = ":~:" + directive.written() if directive is not None else ""
    named = quote(element, safe="!$&'()*+,;=:@/?~", errors="replace")
    return f"#{named}{written}" if element or written else ""


def find(directive: Directive, page: PageText) -> Span | None:
    """Span of `page.text` that a browser shows for a directive; None if there is none."""
    suffix = "" if directive.end else directive.suffix
    start = next(_places(page, directive.start, 0, directive.prefix, suffix), None)
    if start is None or not directive.end:
        return start
    end = find_end(directive, page, start.end)
    return None if end is None else Span(start.start, end.end)


def find_end(directive: Directive, page: PageText, start: int) -> Span | None:
    """Span of the directive's end text, searched from `start`; None if absent."""
    return next(_places(page, directive.end, start, "", directive.suffix), None)


def _places(page: PageText, term: str, start: int, prefix: str, suffix: str) -> Iterator[Span]:
    """Matches of a term from `start` on, between prefix and suffix (if empty: a word boundary)."""
    for found in page.occurrences(term, start):
        span = found.span
        begins = page.follows(prefix, span.start) if prefix else found.starts != Boundary.NO
        if begins and (page.precedes(suffix, span.end) if suffix else found.ends != Boundary.NO):
            yield span
