"""Listings as text and CSV: collocates, clusters, keywords, word lists and query logs.

In: `Collocates`, `Ngrams`, `Keywords`, a `WordList` or a `QueryReport`. Out: lines as `rich` texts,
with what was counted above the table and how many rows are not shown below it; CSV. Refuses
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.text import Text

from indexer.audits.collocates import Collocate, Collocates
from indexer.audits.frequencies import WordFrequency, WordList
from indexer.audits.keywords import Keyword, Keywords
from indexer.audits.ngrams import Ngram, Ngrams
from indexer.links.permalinks import query_link, search_link
from indexer.query_log import KEPT_DAYS, QueryReport, Unanswered
from indexer.reporting.csv import Column, Table, named, plain_table
from indexer.reporting.results import wrapped
from indexer.reporting.text_tables import table_lines
from indexer.reporting.wording import ASSOCIATIONS, count_of, one_line, page_of

FEW = "few: fewer than 5 occurrences, not reliable"

COLLOCATE_COLUMNS: tuple[Column[Collocate], ...] = (
    *named("word", "left", "right", "count", "frequency"),
    Column("expected", "expected", lambda row: row.expected, 1),
    Column("log_dice", "logDice", lambda row: row.log_dice, 2),
    Column("g2", "G²", lambda row: row.g2, 1),
    Column("g2_four", "G² four cells", lambda row: row.g2_four, 1, shown=False),
    Column("mi", "MI", lambda row: row.mi, 2),
    Column("t", "t", lambda row: row.t, 2),
    Column("few", "", lambda row: "few" if row.few else ""),
)


def _collocates_said(found: Collocates) -> str:
    window, (name, meaning) = found.window, ASSOCIATIONS[found.measure]
    return (
        f"words that occur {count_of(found.least, 'time')} or more up to {window.left} words to "
        f"the left and {window.right} to the right of {count_of(found.nodes, 'occurrence')} of "
        f"{found.query}, in the same sentence: {count_of(found.near, 'word')} in these windows, "
        f"{found.words:,} in total; sorted by {name} ({meaning}){_stopped(found.stopped)}"
    )


NGRAM_COLUMNS: tuple[Column[Ngram], ...] = (
    Column("text", "words", lambda row: row.text),
    Column("count", "occurrences", lambda row: row.count),
    *named("articles"),
)


def _ngrams_said(found: Ngrams) -> str:
    around = f" around {found.query}" if found.query else ""
    return (
        f"sequences of {found.size} words{around} that occur {count_of(found.least, 'time')} or "
        f"more, of {count_of(found.of, 'occurrence')} of such sequences"
    )


KEYWORD_COLUMNS: tuple[Column[Keyword], ...] = (
    Column("word", "word", lambda row: row.word),
    Column("count", "here", lambda row: row.keyness.count),
    Column("reference_count", "there", lambda row: row.keyness.reference_count),
    Column("g2", "G²", lambda row: row.keyness.g2, 1),
    Column("g2_four", "G² four cells", lambda row: row.keyness.g2_four, 1, shown=False),
    Column("p", "p", lambda row: row.keyness.p, 4, shown=False),
    Column("log_ratio", "log ratio", lambda row: row.keyness.log_ratio, 2),
    Column("simple_maths", "simple maths", lambda row: row.keyness.simple_maths, 2, shown=False),
    Column("percent_diff", "% more", lambda row: _finite(row.keyness.percent_diff), 0),
    Column("odds_ratio", "odds", lambda row: _finite(row.keyness.odds_ratio), 2, shown=False),
    Column("few", "", lambda row: "few" if row.keyness.few else ""),
)


def _keywords_said(found: Keywords) -> str:
    return (
        f"{count_of(found.words, 'word')} here compared with "
        f"{count_of(found.reference_words, 'word')} there; sorted by G², two cells "
        "(above 3.84: p < 0.05; negative: rarer here); log ratio: 1 is twice as frequent"
        f"{_stopped(found.stopped)}"
    )


WORD_COLUMNS: tuple[Column[WordFrequency], ...] = (
    Column("word", "word", lambda row: row.word),
    Column("count", "occurrences", lambda row: row.count),
    Column("per_1000", "per 1,000 words", lambda row: row.per_1000, 2),
    *named("articles"),
)


def _words_said(found: WordList) -> str:
    return (
        f"words that occur {count_of(found.least, 'time')} or more, of "
        f"{count_of(found.words, 'word')} in total{_stopped(found.stopped)}"
    )


OUTCOMES = {"nothing": "nothing", "relaxed": "some words"}
QUERY_COLUMNS: tuple[Column[Unanswered], ...] = (
    *named("query"),
    Column("outcome", "found", lambda row: OUTCOMES[row.outcome]),
    *named("readers", "times", "last"),
)


def _queries_said(found: QueryReport) -> str:
    least = f", of {count_of(found.least, 'reader')} or more," if found.least > 1 else ""
    return (
        f"queries of the last {KEPT_DAYS} days{least} that found nothing, or only passages with "
        "some of the words"
    )


Listed = TypeVar("Listed", Collocates, Ngrams, Keywords, WordList, QueryReport)


@dataclass(frozen=True)
class Listing(Generic[Listed]):
    """How one kind of listing is shown: as lines and as CSV."""

    columns: Sequence[Column[Any]]
    row: str  # noun for one row
    said: Callable[[Listed], str]  # the sentence above the table: what was counted
    shape: str  # name of its model in `audit_schema`
    address: Callable[[str], str] = search_link  # path of the search for a row's words

    def lines(self, found: Listed, width: int | None) -> Iterator[Text]:
        """What was counted, the table of rows, and how many rows are not shown."""
        yield from wrapped(Text(one_line(self.said(found)), "dim"), width, 0)
        yield Text()
        yield from table_lines(self.columns, found.rows, width)
        if found.rows:
            yield Text()
        few = [column.value for column in self.columns if column.name == "few"]
        if any(value(row) for value in few for row in found.rows):
            yield Text(FEW, "dim")
        yield Text(self.size(found))

    def size(self, found: Listed) -> str:
        """`50 of 311 words`, and how to show more."""
        return page_of(len(found.rows), found.page.offset, found.total, self.row)

    def table(self, found: Listed, site: str = "") -> Table:
        """All columns of all rows, for CSV and workbooks, with a link that searches for the words
        of each row."""
        words = self.columns[0].value
        link: Column[Any] = Column("link", "", lambda row: site + self.address(str(words(row))))
        return plain_table((*self.columns, link), found.rows)


def _stopped(number: int) -> str:
    """How many function words the list leaves out, in words; "" for none."""
    return f"; {count_of(number, 'function word')} counted but not listed" if number else ""


def _finite(value: float) -> float | None:
    """The value; None for infinity (a ratio to zero), which JSON and spreadsheets can't hold."""
    return value if math.isfinite(value) else None


COLLOCATES = Listing(COLLOCATE_COLUMNS, "word", _collocates_said, "CollocatesShape")
CLUSTERS = Listing(NGRAM_COLUMNS, "sequence", _ngrams_said, "ClustersShape")
KEYWORDS = Listing(KEYWORD_COLUMNS, "word", _keywords_said, "KeywordsShape")
WORDS = Listing(WORD_COLUMNS, "word", _words_said, "WordsShape")
QUERIES = Listing(QUERY_COLUMNS, "query", _queries_said, "QueriesShape", query_link)
