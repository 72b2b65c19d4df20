"""What an index answers to these pages.

In: an open index and a form. Out: the library's answers, of which an `Index` keeps the last few for
who leafs through them. Refuses an audit with more cells than a page could ever be made of
(`ParameterError`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from indexer import Index, NotFound, Resolution, Results, questions
from webapp.library import once_per_index
from webapp.params import STATUSES, ParameterError

MOST_CELLS = 5_000_000  # terms by places
UNITS: tuple[Literal["passage", "sentence"], ...] = ("passage", "sentence")
ODD = 20  # sentences, and passages, of unusual length that are listed


def searched(index: Index, asked: questions.SearchQuestion) -> Results:
    """Some of the passages that are searched for. A section that is no path of the index is read as
    a phrase of a heading, as it was in old links, and a note says so."""
    path, heading = asked.section or None, asked.heading or None
    notes: tuple[str, ...] = ()
    if path and not heading and not index.has_section(path) and any(map(str.isalnum, path)):
        path, heading = None, path
        notes = (
            f"no section has the path {heading}; showing sections whose headings have these words",
        )
    sort = asked.sort
    if sort == "semantic" and not index.has_vectors:
        sort = "relevance"
        notes = (*notes, "this index has no embedding vectors; sorted by best match")
    found = index.search(
        asked.q,
        match=asked.match,
        any=asked.any,
        limit=asked.limit,
        offset=asked.offset,
        article=asked.article or None,
        section=heading,
        section_path=path,
        kind=asked.kind or None,
        sort=sort,
        other_names=not asked.exact_names,
        why=True,
        partial=asked.partial,
    )
    return replace(found, notes=(*notes, *found.notes)) if notes else found


def audited(index: Index, form: questions.AuditQuestion) -> Any:
    """The audit of a form. `ParameterError`, `UsageError`, `NotFound`."""
    check_size(index, form)
    return index.audit(form.q, by=form.by, match=form.match, articles=only(form.article))


def check_size(index: Index, form: questions.AuditQuestion, most: int = MOST_CELLS) -> None:
    """Refuses more cells than can be counted at once."""
    places, terms = 1, len(form.q)
    if not form.article:
        places = index.totals.articles if form.by == "article" else sections(index)
    if terms * places > most:
        raise ParameterError(
            "q",
            f"{terms:,} terms in {places:,} {form.by}s are {terms * places:,} numbers; "
            f"{most:,} are allowed at once, so give fewer terms or choose an article",
        )


@once_per_index
def sections(index: Index) -> int:
    """How many places there are when sections are counted."""
    return len(index.audit(["a"], by="section").places)


def concordance(index: Index, asked: questions.ConcordanceQuestion) -> Any:
    """Some of the occurrences of a query in their contexts."""
    return index.concordance(asked.q, articles=only(asked.article), **asked.values("q", "article"))


def collocates(index: Index, asked: questions.CollocatesQuestion) -> Any:
    """Some of the words that occur with a query."""
    return index.collocates(asked.q, **asked.values("q"))


def keywords(index: Index, asked: questions.KeywordsQuestion) -> Any:
    """Some of the words in which an article differs from all others."""
    return index.keywords([asked.article], **asked.values("article"))


def duplicates(index: Index, asked: questions.DuplicatesQuestion) -> Any:
    """Some groups of near-duplicates."""
    units = (asked.unit,) if asked.unit else UNITS
    return index.duplicates(
        units=units, articles=only(asked.article), limit=asked.limit, offset=asked.offset
    )


def readability(index: Index, article: str) -> Any:
    """Readability and length."""
    return index.readability(articles=only(article), most=ODD)


def only(article: str) -> tuple[str, ...] | None:
    """The articles that an audit is about; None for all."""
    return (article,) if article else None


# --- links -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IssuedLinks:
    """Every id ever issued, those that changed apart from those that did not."""

    changed: Mapping[str, tuple[Resolution, ...]]  # by status
    recorded: frozenset[str]  # ids of passages that are there and that `changed` tells of
    plain: Mapping[str, int]  # article id → ids in it that are where they always were

    def counts(self) -> dict[str, int]:
        """How many ids there are of each status."""
        found = {status: len(self.changed.get(status, ())) for status in STATUSES}
        found["intact"] += sum(self.plain.values())
        return found


@once_per_index
def issued_links(index: Index) -> IssuedLinks:
    """What became of all ids."""
    changed: dict[str, list[Resolution]] = {}
    homes: Counter[str] = Counter()
    recorded = set()
    for link in index.changed_links():
        changed.setdefault(link.status, []).append(link)
        if home := home_of(index, link.id):
            recorded.add(link.id)
            homes[home] += 1
    plain = {name: count - homes[name] for name, count in index.passage_counts().items()}
    return IssuedLinks(
        {status: tuple(some) for status, some in changed.items()}, frozenset(recorded), plain
    )


def home_of(index: Index, passage_id: str) -> str:
    """The article that has a passage of this id; "" for none."""
    try:
        return index.passage(passage_id).article_id
    except NotFound:
        return ""


def links_listed(index: Index, status: str, offset: int, limit: int) -> list[Resolution]:
    """Some of the ids of a status ("" for all), the most broken first."""
    known = issued_links(index)
    wanted = (status,) if status else STATUSES
    changed = [link for name in wanted for link in known.changed.get(name, ())]
    shown = changed[offset : offset + limit]
    if "intact" in wanted and len(shown) < limit:
        skipped = max(0, offset - len(changed))
        shown += map(index.resolve, islice(plain_ids(index, known, skipped), limit - len(shown)))
    return shown


def plain_ids(index: Index, known: IssuedLinks, skipped: int) -> Iterator[str]:
    """Ids that are where they always were, by article, but for the first ones."""
    for article_id, count in known.plain.items():
        if count <= skipped:
            skipped -= count
            continue
        ids = [p.id for p in index.passages(article_id) if p.id not in known.recorded]
        yield from ids[skipped:]
        skipped = 0
