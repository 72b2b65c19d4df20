"""Permanent links to passages: made, and found in whatever text somebody wrote them into.

In: an id; or text of any kind (a list of addresses, HTML, Markdown, a mail, an export). Out: the
path of its permalink; or each address that holds `/p/<id>`, whatever its host, with its line.
Slashes may be written as HTML, JSON or another address would hold them. Refuses nothing; what
merely resembles a permalink is passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from indexer.links.selection import Selection

_SLASH = r"(?:/|\\/|%2F|&#(?:x2F|47);|&sol;)"
# An id has 16 digits. A few less or more are one that was damaged, and must be told; the twelve
# of other sites' addresses are not ours.
_PERMALINK = re.compile(
    rf"{_SLASH}p{_SLASH}(?P<id>[0-9a-f]{{13,64}})(?![0-9A-Za-z_-])", re.IGNORECASE
)
_OUTSIDE = re.compile(r"""[\s"'<>()\[\]{}|^`]""")  # never in an address as people write them
_BEFORE = re.compile(r"""[^\s"'<>()\[\]{}|^`]*\Z""")
_AFTER = re.compile(r"""(?:[?#/%&\\][^\s"'<>()\[\]{}|^`]*)?""")
_AND = re.compile(r"&(?:amp|#38|#x26);|\\u0026", re.IGNORECASE)
_LONGEST = 2_000  # characters of an address on either side of the id
_STOPS = ".,;:!?\\"  # what ends a sentence after an address


@dataclass(frozen=True, slots=True)
class Permalink:
    """A link to a passage, as it was written down."""

    id: str  # of the passage, as written
    url: str  # the address that it stands in
    line: int  # in the text, from 1

    @property
    def selection(self) -> Selection | None:
        """The words of the passage that the link is for; None when it is for all of it."""
        try:
            asked = parse_qs(urlsplit(_AND.sub("&", self.url)).query, max_num_fields=100)
        except ValueError:
            return None
        text, end, prefix, suffix = (
            asked.get(name, [""])[0] for name in ("text", "end", "prefix", "suffix")
        )
        return Selection(text, end, prefix, suffix) if text.strip() else None


def permalink(passage_id: str) -> str:
    """Path of the passage's permanent address on the site that serves the index."""
    return "/p/" + quote(passage_id, safe="")


def find_permalinks(text: str) -> Iterator[Permalink]:
    """Permalinks in order of the text. Lines end in `\\n`."""
    ends: list[int] | None = None
    for found in _PERMALINK.finditer(text):
        if ends is None:
            ends = [at.start() for at in re.finditer(r"\n", text)]
        start, end = found.span()
        before = _BEFORE.search(text[max(0, start - _LONGEST) : start])
        after = _AFTER.match(text[end : end + _LONGEST])
        url = (before[0] if before else "") + found[0] + (after[0] if after else "").rstrip(_STOPS)
        yield Permalink(found["id"], url, bisect_right(ends, start) + 1)


def permalink_id(given: str) -> str:
    """The id in `given`, which is an id or an address with one; "" if there is none."""
    if re.fullmatch(r"[0-9a-fA-F]{16}", given):
        return given
    if _OUTSIDE.search(given):
        return ""
    found = next(find_permalinks(given), None)
    return found.id if found else ""
