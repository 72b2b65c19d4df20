"""Saved audits: what is kept of an audit so that a later one can be compared with it.

In: counts and concordance lines, or the bytes of a saved audit. Out: a `SavedAudit`, as JSON or
read back. A line is known again by its article, the words of its sentence and, of several such, its
ordinal: never by a line number, which every edit above would change. Refuses what is no saved
audit (`UsageError`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.audits.counts import TermCount
from indexer.audits.scope import By
from indexer.errors import UsageError
from indexer.model import Line, Match
from indexer.text.tokenizer import normalise

FORMAT = "pilcrow audit"
VERSION = 1
Identity = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class SavedLine:
    """One occurrence, and by what it is known again."""

    article: str  # id
    sentence: str  # that it stands in, as written
    ordinal: int  # of the term's occurrences in such sentences of the article, from 1
    match: str  # the words themselves
    section: tuple[str, ...]
    passage: str  # passage id
    id: str = ""  # digest of `identity`, for other programs

    @property
    def identity(self) -> Identity:
        """Article, words of the sentence, ordinal."""
        return self.article, normalise(self.sentence), self.ordinal


@dataclass(frozen=True, slots=True)
class SavedCell:
    """Occurrences in one article or section."""

    article: str
    section: tuple[str, ...]
    count: int
    words: int  # in the text of the place
    headings: int | None = None  # in headings and titles; None: saved before these were told


@dataclass(frozen=True, slots=True)
class SavedTerm:
    """One term, its counts and its lines."""

    term: str  # the query
    group: str
    role: str
    total: int
    per_1000: float | None
    passages: int
    sections: int
    articles: int
    headings: int
    forms: dict[str, int]
    by: tuple[SavedCell, ...]
    lines: tuple[SavedLine, ...]  # all: as many as `total`

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same term in another list."""
        return self.term, self.group, self.role


@dataclass(frozen=True, slots=True)
class SavedArticle:
    """What a report says of an article that may be gone by then."""

    title: str
    language: str


@dataclass(frozen=True, slots=True)
class SavedAudit:
    """An audit, kept."""

    format: Literal["pilcrow audit"]
    version: Literal[1]
    made: str  # date and time, ISO 8601
    pilcrow: str
    analysis: int
    corpus_sha256: str
    terms_sha256: str
    by: By
    match: Match
    only: tuple[str, ...] | None  # ids of the articles audited; None: all
    words: int
    passages: int
    sections: int
    articles: int
    titles: dict[str, SavedArticle]  # by article id, of those with a line
    terms: tuple[SavedTerm, ...]


def saved_term(count: TermCount, lines: Iterable[Line]) -> SavedTerm:
    """One term as it is kept."""
    return SavedTerm(
        term=count.term.query,
        group=count.term.group,
        role=count.term.role,
        total=count.total,
        per_1000=count.per_1000,
        passages=count.passages,
        sections=count.sections,
        articles=count.articles,
        headings=count.headings,
        forms=dict(count.forms),
        by=tuple(
            SavedCell(c.article.id, c.section, c.count, c.words, c.headings) for c in count.by
        ),
        lines=tuple(_lines(lines)),
    )


def _lines(lines: Iterable[Line]) -> Iterator[SavedLine]:
    seen: Counter[tuple[str, str]] = Counter()
    for line in lines:
        sentence = " ".join((line.left + line.match + line.right).split())
        key = line.article.id, normalise(sentence)
        seen[key] += 1
        name = json.dumps([*key, seen[key]])
        yield SavedLine(
            article=line.article.id,
            sentence=sentence,
            ordinal=seen[key],
            match=" ".join(line.match.split()),
            section=line.section,
            passage=line.passage,
            id=hashlib.sha256(name.encode()).hexdigest()[:16],
        )


def read_saved(data: bytes, name: str) -> SavedAudit:
    """A saved audit read back; `name` is what a message calls it."""
    from pydantic import TypeAdapter, ValidationError  # here: only comparisons need it

    remedy = "give a file that --save has written"
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not a saved audit (not JSON); {remedy}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise UsageError(f"{name}: not a saved audit of Pilcrow; {remedy}")
    if found.get("version") != VERSION:
        raise UsageError(
            f"{name}: is a saved audit of version {str(found.get('version'))[:20]}, and {VERSION} "
            "is what this program reads; save it again"
        )
    try:
        return TypeAdapter(SavedAudit).validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{name}: the saved audit is damaged ({place}: {first['msg']})") from error
