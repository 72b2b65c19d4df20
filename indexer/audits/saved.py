"""Saved audits: results of an audit, kept so that a later audit can be compared with them.

In: counts and concordance lines, or the bytes of a saved audit. Out: parts of a `SavedAudit`, or
one read back. A line is identified by its article, the words of its sentence and its ordinal among
equal sentences, never by a line number, which any edit above it would change. Refuses bytes that
are no saved audit (`UsageError`).
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
    """One occurrence with its identity."""

    article: str  # id
    sentence: str  # its sentence, as written
    ordinal: int  # number among the term's occurrences in equal sentences of the article, from 1
    match: str  # the matched words
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
    headings: int | None = None  # in headings and titles; None: the version didn't count these


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
        """Query, group and role: equal for the same term in another list."""
        return self.term, self.group, self.role


@dataclass(frozen=True, slots=True)
class SavedArticle:
    """Title and language of an article, for reports made when it is gone."""

    title: str
    language: str


@dataclass(frozen=True, slots=True)
class SavedAudit:
    """A saved audit."""

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
    titles: dict[str, SavedArticle]  # article id → title and language, of articles with a line
    terms: tuple[SavedTerm, ...]


def saved_term(count: TermCount, lines: Iterable[Line]) -> SavedTerm:
    """Make a saved term from its counts and concordance lines."""
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
    """Read a saved audit; `name` stands for it in messages. Raises `UsageError`."""
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
