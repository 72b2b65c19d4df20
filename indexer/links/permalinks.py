"""Permanent links to passages: makes them, finds them in any text, and resolves them.

Makes the path of a permalink from an id. In text of any kind (a list of addresses, HTML, Markdown,
a mail, an export) finds each address with `/p/<id>`, whatever its host, and its line; slashes may
be escaped as in HTML, JSON or another address, and lookalikes are skipped. From the store with its
ledger, and a look-up of passages by id, makes `Resolution`s for one id or for every id ever issued.
Refuses an id that was never issued (`NotFound`).
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

# Printing a permalink imports this module, so what only resolving needs is imported where used.
if TYPE_CHECKING:
    from indexer.links.selection import Selection
    from indexer.links.similarity import DiffRun
    from indexer.store.reader import Store

_SLASH = r"(?:/|\\/|%2F|&#(?:x2F|47);|&sol;)"
# An id has 16 digits. A few less or more are a damaged id, which must be reported; twelve digits
# are addresses of other sites.
_PERMALINK = re.compile(
    rf"{_SLASH}p{_SLASH}(?P<id>[0-9a-f]{{13,64}})(?![0-9A-Za-z_-])", re.IGNORECASE
)
_OUTSIDE = re.compile(r"""[\s"'<>()\[\]{}|^`]""")  # characters that never occur in an address
_BEFORE = re.compile(r"""[^\s"'<>()\[\]{}|^`]*\Z""")
_AFTER = re.compile(r"""(?:[?#/%&\\][^\s"'<>()\[\]{}|^`]*)?""")
_AND = re.compile(r"&(?:amp|#38|#x26);|\\u0026", re.IGNORECASE)
_LONGEST = 2_000  # characters of an address on either side of the id
_STOPS = ".,;:!?\\"  # punctuation after an address


def search_link(words: str) -> str:
    """Path of the search for a word, or for several words as a phrase."""
    return query_link(f'"{words}"' if " " in words else words)


def query_link(query: str) -> str:
    """Path of the search for a query."""
    return "/?" + urlencode({"q": query})


@dataclass(frozen=True, slots=True)
class Permalink:
    """A link to a passage, as written in a text."""

    id: str  # of the passage, as written
    url: str  # the whole address
    line: int  # in the text, from 1

    @property
    def selection(self) -> Selection | None:
        """The words that the link selects in the passage; None when it is to all of it."""
        from indexer.links.selection import Selection

        try:
            fields = parse_qs(urlsplit(_AND.sub("&", self.url)).query, max_num_fields=100)
        except ValueError:
            return None
        text, end, prefix, suffix = (
            fields.get(name, [""])[0] for name in ("text", "end", "prefix", "suffix")
        )
        return Selection(text, end, prefix, suffix) if text.strip() else None


def permalink(passage_id: str) -> str:
    """Path of the passage's permanent address on the site that serves the index."""
    return "/p/" + quote(passage_id, safe="")


def find_permalinks(text: str) -> Iterator[Permalink]:
    """Permalinks in text order. Lines must end in `\\n`."""
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _PERMALINK.finditer(line):
            start, end = found.span()
            before = _BEFORE.search(line[max(0, start - _LONGEST) : start])
            after = _AFTER.match(line[end : end + _LONGEST])
            rest = (after[0] if after else "").rstrip(_STOPS)
            yield Permalink(found["id"], (before[0] if before else "") + found[0] + rest, number)


def permalink_id(given: str) -> str:
    """The id in `given`, an id or an address that contains one; "" if it has none."""
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
    """Where an id leads now, and its history."""

    id: str
    status: Status
    was: Selectors  # the passage as it was before its first change
    passage: Passage | None  # the passage that the id leads to; None when lost
    now: Selectors | None  # selectors of that passage
    confidence: float  # 0 to 1, that the passage is the right one
    history: tuple[Event, ...] = ()  # oldest first

    @property
    def article_id(self) -> str:
        """Id of the article that the id leads to, or last led to."""
        return self.passage.article_id if self.passage else self.was.article_id

    @property
    def section(self) -> tuple[str, ...]:
        """Section path of the passage now, or when it was last there."""
        return self.passage.section if self.passage else self.was.section

    def difference(self) -> tuple[DiffRun, ...]:
        """The word diff from `was` to now; everything is removed if the passage is lost."""
        from indexer.links.similarity import word_diff

        return word_diff(self.was.text, self.passage.text if self.passage else "")


class Resolver:
    """Resolves ids in one generation of the store."""

    def __init__(self, store: Store, find: Find, last: dict[str, Article] | None = None) -> None:
        """`last`: a cache for the article read last, which resolvers may share."""
        self._store, self._find = store, find
        self._last = {} if last is None else last

    def resolve(self, passage_id: str) -> Resolution:
        """Where an id leads. `NotFound` if it was never issued."""
        record = self._store.record(passage_id)
        if record is not None:
            return self._of_record(record)
        passage = self._find(passage_id)
        was = self._describe(passage)
        return Resolution(passage_id, "intact", was, passage, was, 1.0)

    def links(self) -> Iterator[Resolution]:
        """Every id ever issued, by article: first those of its passages, in text order."""
        from indexer.links.selectors import selectors_of

        present = {entry.article_id for entry in self._store.entries()}
        for article_id in sorted(present.union(self._store.recorded_articles())):
            records = self._store.records(article_id)
            if article_id in present:
                stored = self._store.load(article_id)
                passages = selectors_of(stored.article, stored.passages)
                for passage, was in zip(stored.passages, passages, strict=True):
                    record = records.pop(passage.id, None)
                    if record is not None:
                        yield self._of_record(record)
                    else:
                        yield Resolution(passage.id, "intact", was, passage, was, 1.0)
            yield from self._of_records(records.values())

    def changed(self) -> Iterator[Resolution]:
        """The ids with a record: all but those whose passages never changed."""
        for article_id in self._store.recorded_articles():
            yield from self._of_records(self._store.records(article_id).values())

    def _of_records(self, records: Iterable[Record]) -> Iterator[Resolution]:
        return map(self._of_record, sorted(records, key=lambda r: (r.was.start, r.id)))

    def _of_record(self, record: Record) -> Resolution:
        """Resolves a record, following further records of the passages that it leads to."""
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
        """The selectors of a present passage. The article read last is cached."""
        from indexer.links.selectors import selectors_of

        article = self._last.get(passage.article_id)
        if article is None:
            article = self._store.load(passage.article_id).article
            self._last.clear()
            self._last[passage.article_id] = article
        return selectors_of(article, [passage])[0]

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
    """The history of an id, continued by that of each id it led to, from then on."""
    events: list[Event] = []
    for record in chain:
        since = events[-1].generation if events else -1
        events += (event for event in record.history if event.generation > since)
    return tuple(events)
