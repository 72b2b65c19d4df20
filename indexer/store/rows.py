"""A stored article as columns of plain values: for the arrays, to whom dataclasses are too dear.

In: the entry of an article with its payload, or the content that the payload was made of. Out:
`Rows`, which say what `unpack` says of texts, headings and passages. Refuses (`DamageError`) what
`unpack` refuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from indexer.model import Kind
from indexer.store.codec import FORMAT, KINDS, Bytes, DamageError, Entry, checked

_HEADING = KINDS.index("heading")
_SHORT = 7  # fields that every row of a passage has


@dataclass(frozen=True, slots=True)
class More:
    """What few passages have."""

    context: tuple[int, int] | None  # of a list's lead-in or a table's head row
    element: str  # id of the nearest element of the original page
    breaks: tuple[int, ...]  # offsets in the passage's text


@dataclass(frozen=True, slots=True)
class Rows:
    """An article; a column has an item a passage, in order of the text."""

    id: str
    title: str
    url: str
    language: str
    text: str
    headings: list[tuple[int, int, int]]  # start and end in the text, and how many stand above
    ids: tuple[str, ...]
    anchors: tuple[str, ...]
    depths: list[int]  # how many headings stand above
    kinds: list[Kind]
    ordinals: tuple[int, ...]
    starts: tuple[int, ...]  # in the text
    ends: tuple[int, ...]
    more: dict[int, More]  # by number of the passage, for those that have any of it


def rows_of(entry: Entry, payload: Bytes) -> Rows:
    """The article of `entry`. `DamageError` if `payload` is not what was packed."""
    return rows_in(entry.article_id, checked(entry, payload))


def rows_in(article_id: str, content: Bytes) -> Rows:
    """The article that `content` holds. `DamageError` if it is of another version."""
    line, _, text = str(content, "utf-8", "surrogatepass").partition("\n")
    head = json.loads(line)
    if head["format"] != FORMAT:
        raise DamageError(f"the stored article {article_id} is of another version")
    depth = [len(path) for path in head["sections"]]
    passages = head["passages"]
    # `zip` stops at the shortest row: these are the columns that all of them have
    columns = list(zip(*passages)) if passages else [()] * _SHORT
    ids, anchors, sections, kinds, ordinals, starts, ends = columns[:_SHORT]
    return Rows(
        id=head["id"],
        title=head["title"],
        url=head["url"],
        language=head["language"],
        text=text,
        headings=[(row[2], row[3], depth[row[4]]) for row in head["blocks"] if row[0] == _HEADING],
        ids=ids,
        anchors=anchors,
        depths=[depth[section] for section in sections],
        kinds=[KINDS[kind] for kind in kinds],
        ordinals=ordinals,
        starts=starts,
        ends=ends,
        more={n: _more(*row[_SHORT:]) for n, row in enumerate(passages) if len(row) > _SHORT},
    )


def _more(place: list[int] | None, element: str, breaks: list[int]) -> More:
    return More((place[0], place[1]) if place else None, element, tuple(breaks))
