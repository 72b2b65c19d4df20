"""Permanent links to passages: made, found in whatever text somebody wrote, and followed.

In: an id; text of any kind (a list of addresses, HTML, Markdown, a mail, an export); the store with
its ledger, and a way to look up passages by id. Out: the path of a permalink; each address that
holds `/p/<id>`, whatever its host, with its line; `Resolution`s, for one id or for every id ever
issued. Slashes may be written as HTML, JSON or another address would hold them, and what merely
resembles a permalink is passed over. Refuses an id that never was one (`NotFound`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from indexer.errors import NotFound
from indexer.model import Article, Event, Passage, Record, Selectors, Status

# Whoever prints a permalink imports this: what it takes to follow one is imported where it is used.
if TYPE_CHECKING:
    from indexer.links.selection import Selection
    from indexer.links.similarity import DiffRun
    from indexer.store.reader import Store

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


def search_link(words: str) -> str:
    """The path of the search for a word, or for several in a row."""
    return query_link(f'"{words}"' if " " in words else words)


def query_link(query: str) -> str:
    """The path of the search for a query."""
    return "/?" + urlencode({"q": query})


@dataclass(frozen=True, slots=True)
class Permalink:
    """A link to a passage, as it was written down."""

    id: str  # of the passage, as written
    url: str  # the address that it stands in
    line: int  # in the text, from 1

    @property
    def selection(self) -> Selection | None:
        """The words of the passage that the link is for; None when it is for all of it."""
        from indexer.links.selection import Selection

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
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _PERMALINK.finditer(line):
            start, end = found.span()
            before = _BEFORE.search(line[max(0, start - _LONGEST) : start])
            after = _AFTER.match(line[end : end + _LONGEST])
            rest = (after[0] if after else "").rstrip(_STOPS)
            yield Permalink(found["id"], (before[0] if before else "") + found[0] + rest, number)


def permalink_id(given: str) -> str:
    """The id in `given`, which is an id or an address with one; "" if there is none."""
    if re.fullmatch(r"[0-9a-fA-F]{16}", given):
        return given
    if _OUTSIDE.search(given):
        return ""
    found = next(find_permalinks(given), None)
    return found.id if found else ""


# --- where an id leads -------------------------------------------------------------------------

Find = Callable[[str], Passage]  # by id; raises NotFound


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of an id."""

    id: str
    status: Status
    was: Selectors  # what it meant before anything happened to it, or means if nothing has
    passage: Passage | None  # where it leads now; None when lost
    now: Selectors | None  # of that passage
    confidence: float  # 0 to 1, that this is right
    history: tuple[Event, ...] = ()  # oldest first

    @property
    def article_id(self) -> str:
        """The article that it leads to, or that it last was in."""
        return self.passage.article_id if self.passage else self.was.article_id

    @property
    def section(self) -> tuple[str, ...]:
        """Headings above the passage now, or when it was last there."""
        return self.passage.section if self.passage else self.was.section

    def difference(self) -> tuple[DiffRun, ...]:
        """What changed, by words; all of it removed if the passage is lost."""
        from indexer.links.similarity import word_diff

        return word_diff(self.was.text, self.passage.text if self.passage else "")


class Resolver:
    """Answers from one generation."""

    def __init__(self, store: Store, find: Find, last: dict[str, Article] | None = None) -> None:
        """`last`: where the last article that was read is kept for the next resolver."""
        self._store, self._find = store, find
        self._last = {} if last is None else last

    def resolve(self, passage_id: str) -> Resolution:
        """Where an id leads. `NotFound` if it never was one."""
        record = self._store.record(passage_id)
        if record is not None:
            return self._of_record(record)
        passage = self._find(passage_id)
        was = self._describe(passage)
        return Resolution(passage_id, "intact", was, passage, was, 1.0)

    def links(self) -> Iterator[Resolution]:
        """Every id ever issued: by article, first those that are there, in order of the text."""
        from indexer.links.selectors import select

        present = {entry.article_id for entry in self._store.entries()}
        for article_id in sorted(present.union(self._store.recorded_articles())):
            records = self._store.records(article_id)
            if article_id in present:
                stored = self._store.load(article_id)
                passages = select(stored.article, stored.passages)
                for passage, was in zip(stored.passages, passages, strict=True):
                    record = records.pop(passage.id, None)
                    if record is not None:
                        yield self._of_record(record)
                    else:
                        yield Resolution(passage.id, "intact", was, passage, was, 1.0)
            yield from self._of_records(records.values())

    def changed(self) -> Iterator[Resolution]:
        """The ids that have a record: those that are not simply where they always were."""
        for article_id in self._store.recorded_articles():
            yield from self._of_records(self._store.records(article_id).values())

    def _of_records(self, records: Iterable[Record]) -> Iterator[Resolution]:
        return map(self._of_record, sorted(records, key=lambda r: (r.was.start, r.id)))

    def _of_record(self, record: Record) -> Resolution:
        """What a record says, with what became of the passage that it leads to."""
        chain, passage = [record], self._live(record.target)
        seen = {record.id}
        while passage is None and chain[-1].target and chain[-1].target not in seen:
            seen.add(chain[-1].target)
            following = self._store.record(chain[-1].target)
            if following is None:
                break
            chain.append(following)
            passage = self._live(following.target)
        return Resolution(
            record.id,
            _status(record, passage),
            record.was,
            passage,
            self._describe(passage) if passage else None,
            prod(step.confidence for step in chain) if passage else chain[-1].confidence,
            _joined(chain),
        )

    def _describe(self, passage: Passage) -> Selectors:
        """The selectors of a passage that is there. The last article asked for is kept."""
        from indexer.links.selectors import select

        article = self._last.get(passage.article_id)
        if article is None:
            article = self._store.load(passage.article_id).article
            self._last.clear()
            self._last[passage.article_id] = article
        return select(article, [passage])[0]

    def _live(self, passage_id: str) -> Passage | None:
        with suppress(NotFound):
            return self._find(passage_id) if passage_id else None
        return None


def _status(record: Record, passage: Passage | None) -> Status:
    """The status of an id whose passage is `passage`, perhaps over several steps."""
    from indexer.links.selectors import key_of

    if passage is None:
        return "lost"
    if passage.id in (record.id, record.target):
        return record.status
    return "moved" if key_of(record.was.text) == key_of(passage.text) else "edited"


def _joined(chain: list[Record]) -> tuple[Event, ...]:
    """The history of an id, then of those that it led to, from when it did."""
    events: list[Event] = []
    for record in chain:
        since = events[-1].generation if events else -1
        events += (event for event in record.history if event.generation > since)
    return tuple(events)
