"""Text directives, the part of a URL after `:~:`, read and written.

In: a directive or a URL's fragment, or the terms of a directive. Out: `Directive`s, or the
characters that stand in a URL. A directive that breaks the grammar of the specification (WICG,
"URL Fragment Text Directives") is None, as it is to a browser.

    #id:~:text=prefix-,start,end,-suffix&text=another
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

DELIMITER = ":~:"
_NAME = "text="  # lower case only
_ESCAPE_MISSING = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Directive:
    """What a browser is asked to find: the first range that fits."""

    start: str  # the whole text when there is no end, else how it begins
    end: str = ""  # how it ends
    prefix: str = ""  # stands right before it, white space aside
    suffix: str = ""  # … right after it

    def written(self) -> str:
        """As it stands in a URL: `text=prefix-,start,end,-suffix`."""
        parts = [escape(self.start)]
        if self.end:
            parts.append(escape(self.end))
        if self.prefix:
            parts.insert(0, escape(self.prefix) + "-")
        if self.suffix:
            parts.append("-" + escape(self.suffix))
        return _NAME + ",".join(parts)


def escape(text: str) -> str:
    """Percent-encoded UTF-8, with the signs that a directive gives a meaning (`-`, `,`, `&`)."""
    return quote(text, safe="", errors="replace").replace("-", "%2D")


def parse_directive(written: str) -> Directive | None:
    """A directive as it stands in a URL, `text=…`; None for other names and what is malformed."""
    if not written.startswith(_NAME):
        return None
    terms = written[len(_NAME) :].split(",")
    prefix = suffix = ""
    if terms[0].endswith("-"):
        prefix = terms.pop(0)[:-1]
        if not prefix:
            return None
    if terms and terms[-1].startswith("-"):
        suffix = terms.pop()[1:]
        if not suffix:
            return None
    if len(terms) not in (1, 2) or not all(terms):
        return None
    decoded = [_decode(term) for term in (terms[0], *terms[1:], prefix, suffix)]
    if None in decoded:
        return None
    start, *end, before, after = (term or "" for term in decoded)
    return Directive(start, end[0] if end else "", before, after)


def parse_fragment(fragment: str) -> tuple[str, tuple[Directive, ...]]:
    """A URL's fragment, with or without `#`: the element's id and the directives, in order."""
    element, _, directives = fragment.removeprefix("#").partition(DELIMITER)
    parsed = (parse_directive(part) for part in directives.split("&"))
    return element, tuple(directive for directive in parsed if directive is not None)


def write_fragment(element: str, directive: Directive | None) -> str:
    """A URL's fragment with its `#`; "" when there is neither an element nor a directive."""
    written = DELIMITER + directive.written() if directive is not None else ""
    named = quote(element, safe="!$&'()*+,;=:@/?~", errors="replace")
    return f"#{named}{written}" if element or written else ""


def _decode(term: str) -> str | None:
    """A term's text; None for a bare dash, a broken escape, or bytes that are no UTF-8."""
    if "-" in term or _ESCAPE_MISSING.search(term):
        return None
    try:
        return unquote_to_bytes(term).decode("utf-8")
    except UnicodeDecodeError:
        return None
