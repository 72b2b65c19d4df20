"""Parameters of each request, declared once for command line, API and pages.

Each `Question` is a frozen dataclass whose fields are the parameters of one kind of request, with
their defaults; the `Spec` of a parameter has its description and bounds. Out: `declared_in` lists
them. Refuses nothing: the command line and the site check the values that they read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from indexer.model import Match as Match

LONGEST_QUERY = 2_000  # characters; longer queries are refused rather than cut
MOST_TERMS = 200
LONGEST_LIST = 20_000  # characters of all terms
MANY = 1_000_000

By = Literal["article", "section"]
Compared = Literal["", "passage", "sentence"]  # "": both
Measure = Literal["log_dice", "g2", "g2_four", "mi", "t", "count"]
PassageKind = Literal[
    "", "paragraph", "list_item", "table_row", "quote", "code", "caption", "boilerplate"
]  # "": all kinds but boilerplate
SortKey = Literal[
    "left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position"
]
Status = Literal["", "lost", "edited", "moved", "intact"]  # the most broken first; "": all
Fate = Literal["intact", "moved", "edited", "lost", "unknown"]  # of links in files, too


@dataclass(frozen=True, slots=True)
class Spec:
    """Description and bounds of a parameter."""

    about: str  # description for the API
    help: str = ""  # help text of the command's option; "": `about`
    least: int = 0  # minimum of a number
    most: int = LONGEST_QUERY  # maximum of a number, of characters of a text, of items of a list
    only: Literal["", "api", "page", "command"] = ""  # where it exists; api: in commands too
    needed: bool = False  # whether the API requires it
    typed: int | None = None  # minimum in a command, if another; a command has no maximum
    capped: bool = False  # whether the command has the maximum too

    @classmethod
    def parameter(cls, default: Any, *spec: Any, **more: Any) -> Any:
        """A field of a question; after the default come the values of its `Spec`."""
        return field(default=default, metadata={"spec": cls(*spec, **more)})


parameter = Spec.parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a question."""

    name: str
    kind: type  # bool, int, float, str or tuple
    choices: tuple[str, ...]  # allowed values of it or of its items; (): any
    default: Any
    spec: Spec

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the values that the API accepts."""
        most, words = self.spec.most, [*dict.fromkeys((*self.choices, ""))]  # "": as not given
        if self.kind is bool:
            return {"default": self.default, "type": "boolean"}
        if self.kind is int:
            bounds = {"maximum": most, "minimum": self.spec.least}
            return {"default": self.default, **bounds, "type": "integer"}
        if self.kind is tuple and self.choices:
            items: dict[str, Any] = {"enum": [*self.choices], "type": "string"}
            return {"items": items, "maxItems": most, "type": "array", "uniqueItems": True}
        if self.kind is tuple:
            items = {"maxLength": LONGEST_QUERY, "minLength": 1, "type": "string"}
            return {"items": items, "maxItems": most, "minItems": 1, "type": "array"}
        if self.choices:
            return {"default": self.default, "enum": words, "type": "string"}
        return {"maxLength": most, "type": "string"}


@dataclass(frozen=True)
class Question:
    """Base class of all questions."""

    def values(self, *but: str) -> dict[str, Any]:
        """Values by parameter name, except those named, as keyword arguments for an `Index`."""
        names = {p.name for p in declared_in(type(self)) if p.spec.only in ("", "api")}
        return {name: getattr(self, name) for name in names.difference(but)}


_KNOWN: dict[type[Question], tuple[Parameter, ...]] = {}


def declared_in(question: type[Question]) -> tuple[Parameter, ...]:
    """Parameters of a question, in order of declaration; cached."""
    if question not in _KNOWN:
        _KNOWN[question] = tuple(_parameters(question))
    return _KNOWN[question]


def _parameters(question: type[Question]) -> Iterator[Parameter]:
    hints = get_type_hints(question)
    for one in fields(question):
        kind = hints[one.name]
        items = get_args(kind)[0] if get_origin(kind) is tuple else kind
        choices = get_args(items) if get_origin(items) is Literal else ()
        kind = tuple if items is not kind else str if choices else kind
        yield Parameter(one.name, kind, choices, one.default, one.metadata["spec"])


# --- parameters of several questions -----------------------------------------------------------

Q = "What to look for, in the query language."
MATCHING = (
    "How bare words match: stem (any form), word (this form) or case (exactly as written).",
    "Match any form of a word, the word as written, or its exact case.",
)
ANY_WORD = "Match any of the words."
EXACT_NAMES = (
    "Only the names as typed: no passages with other names of a drug (brand, generic) or unit."
)
ARTICLE = ("Only the article with this id.", "Only this article.")
COUNTED_BY = "Count in each article or in each section."
STOP = "Leave function words (the, of, with …) out of the list, though not of the counts."


def _least(default: int) -> Any:
    return parameter(default, "Minimum frequency of what is listed.", least=1, most=MANY)


def _shown(default: int, things: str, most: int) -> Any:
    """A `limit`; `most` is its maximum over HTTP."""
    texts = (f"How many {things} to show.", "Show at most N.")
    return parameter(default, *texts, least=1, most=most, only="api", typed=0)


def _skipped(default: int, things: str, most: int = 10 * MANY) -> Any:
    """An `offset`; `most` is its maximum over HTTP."""
    return parameter(default, f"How many {things} to skip.", "Skip the first N.", 0, most, "api")


# --- passages, articles, links -----------------------------------------------------------------


@dataclass(frozen=True)
class SearchQuestion(Question):
    """A search for passages."""

    q: str = parameter("", Q, needed=True)
    match: Match = parameter("stem", *MATCHING)
    any: bool = parameter(False, ANY_WORD)
    article: str = parameter("", *ARTICLE)
    section: str = parameter(
        "",
        "Only passages of exactly this section, without its subsections: its headings joined "
        "by ` > `, with `>` and `\\` in a heading written `\\>` and `\\\\`, as in facets. A "
        "value that is no section's path is read as a phrase in a heading, with a note.",
        "Only this section, without subsections: PATH as in the facets of the JSON answer.",
    )
    heading: str = parameter(
        "",
        "Only passages in sections with this phrase in one of their headings.",
        "Only below a heading with the phrase TEXT.",
    )
    kind: PassageKind = parameter(
        "",
        "Only passages of this kind; empty for all but boilerplate.",
        "Only passages of this kind.  [default: all but boilerplate]",
    )
    sort: Literal["relevance", "position", "semantic"] = parameter(
        "relevance",
        "Sort by relevance (best match first), position (text order) or semantic (similarity "
        "in meaning, after index --semantic).",
    )
    exact_names: bool = parameter(False, EXACT_NAMES)
    partial: bool = parameter(
        False,
        "If shards of a cluster don't answer, show what the others have, with a note; an index "
        "in a folder has no shards.",
        only="api",
    )
    limit: int = _shown(10, "passages", 100)
    offset: int = _skipped(0, "passages", MANY)


@dataclass(frozen=True)
class RelatedQuestion(Question):
    """A search for passages of similar meaning."""

    q: str = parameter("", "What to look for, in plain words.")
    limit: int = _shown(5, "passages", 50)


@dataclass(frozen=True)
class SimilarQuestion(Question):
    """Passages similar to a given one."""

    limit: int = _shown(10, "passages", 50)


@dataclass(frozen=True)
class SuggestQuestion(Question):
    """Completions of a word or heading."""

    q: str = parameter("", "The beginning of a word or heading.", most=200, needed=True)
    limit: int = _shown(8, "suggestions", 50)


@dataclass(frozen=True)
class ArticlesQuestion(Question):
    """A list of articles, or one article."""

    limit: int = _shown(100, "articles", 1_000)
    offset: int = _skipped(0, "articles")
    id: str = parameter("", "The one article with this id, for ids that can't be part of a path.")


@dataclass(frozen=True)
class LinksQuestion(Question):
    """A list of links and what became of them."""

    status: Status = parameter("", "Only links of this status; empty for all.")
    only: tuple[Fate, ...] = parameter(
        (),
        f"Show only these statuses, separated by commas: {', '.join(get_args(Fate))}.",
        only="command",
    )
    limit: int = _shown(50, "links", 500)
    offset: int = _skipped(0, "links", 100 * MANY)


@dataclass(frozen=True)
class QueriesQuestion(Question):
    """A list of queries from the log."""

    readers: int = parameter(1, "List queries of at least N readers.", "", 1, MANY)
    limit: int = _shown(50, "queries", 1_000)
    offset: int = _skipped(0, "queries")


# --- audits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuditQuestion(Question):
    """Counts of terms."""

    q: tuple[str, ...] = parameter(
        (),
        "A term to count, in the query language; repeat it for each of up to "
        f"{MOST_TERMS} terms ({LONGEST_LIST:,} characters in all).",
        most=MOST_TERMS,
        needed=True,
    )
    by: By = parameter("article", COUNTED_BY)
    match: Match = parameter("stem", *MATCHING)
    article: str = parameter("", *ARTICLE)


@dataclass(frozen=True)
class ConcordanceQuestion(Question):
    """A concordance: occurrences in context, and their order."""

    q: str = parameter("", Q, needed=True)
    match: Match = parameter("stem", *MATCHING)
    article: str = parameter("", *ARTICLE)
    window: int = parameter(8, "Words or characters of context on each side.", "", 1, 100, typed=0)
    unit: Literal["words", "characters", "sentence", "passage"] = parameter(
        "words", "Context: N words or characters, or the whole sentence or passage."
    )
    sort: tuple[SortKey, ...] = parameter(
        (),
        "Sort keys, the first one first.",
        f"Sort by {', '.join(get_args(SortKey))}: up to three, separated by commas.",
        most=3,
    )
    limit: int = _shown(50, "lines", 1_000)
    offset: int = _skipped(0, "lines")


@dataclass(frozen=True)
class CollocatesQuestion(Question):
    """Collocates of a query."""

    q: str = parameter("", Q, needed=True)
    match: Match = parameter("stem", *MATCHING)
    left: int = parameter(
        5, "Width of the window to the left of the query, in words.", most=20, capped=True
    )
    right: int = parameter(
        5, "Width of the window to the right of the query, in words.", most=20, capped=True
    )
    least: int = _least(3)
    measure: Measure = parameter(
        "log_dice",
        "Measure to sort by: logDice, G² (log-likelihood) over two or four cells, mutual "
        "information, t score, or occurrences near the query.",
    )
    stop: bool = parameter(False, STOP)
    limit: int = _shown(50, "words", 1_000)
    offset: int = _skipped(0, "words")


@dataclass(frozen=True)
class ClustersQuestion(Question):
    """Recurring word sequences (n-grams)."""

    limit: int = _shown(50, "words", 1_000)
    offset: int = _skipped(0, "words")
    q: str = parameter(
        "", "What the sequences contain, in the query language; empty for any sequences."
    )
    match: Match = parameter("stem", *MATCHING)
    size: int = parameter(3, "Words per sequence.", least=2, most=8, capped=True)
    at: Literal["any", "first", "last"] = parameter("any", "Position of the query in the sequence.")
    least: int = _least(2)


@dataclass(frozen=True)
class KeywordsQuestion(Question):
    """Keywords of an article, compared with the others."""

    limit: int = _shown(50, "words", 1_000)
    offset: int = _skipped(0, "words")
    article: str = parameter(
        "",
        "The article with this id, compared with all others.",
        "Compare this article with all others.",
        needed=True,
    )
    against: str = parameter(
        "", "Compare with the index in DIR instead of the other articles.", only="command"
    )
    least: int = _least(3)
    positive: bool = parameter(
        False, "Only words that are more frequent than in the reference.", only="api"
    )
    stop: bool = parameter(False, STOP)


@dataclass(frozen=True)
class WordsQuestion(Question):
    """Frequencies of words."""

    limit: int = _shown(50, "words", 1_000)
    offset: int = _skipped(0, "words")
    article: str = parameter("", *ARTICLE)
    least: int = _least(1)
    stop: bool = parameter(False, STOP)


@dataclass(frozen=True)
class DuplicatesQuestion(Question):
    """Duplicates and near-duplicates."""

    article: str = parameter("", *ARTICLE)
    unit: Compared = parameter(
        "",
        "Compare only passages, or only sentences; empty for both.",
        "Compare only passages, or only sentences.  [default: both]",
    )
    limit: int = _shown(10, "groups", 100)
    offset: int = _skipped(0, "groups")
    threshold: float = parameter(
        0.6,
        "Minimum share of shingles that copies have in common (Jaccard index).",
        most=1,
        only="command",
    )
    width: int = parameter(
        2,
        "Words per shingle (the word sequences that are compared).",
        least=1,
        most=20,
        only="command",
        capped=True,
    )
    least: int = parameter(
        6, "Compare only passages and sentences of N words or more.", "", 1, only="command"
    )


@dataclass(frozen=True)
class ReadabilityQuestion(Question):
    """Length and readability of articles and sections."""

    article: str = parameter("", *ARTICLE)
    by: By = parameter("article", COUNTED_BY)
    limit: int = _shown(100, "articles or sections", 1_000)
    offset: int = _skipped(0, "articles or sections")
    outliers: int = parameter(
        10, "Show at most N sentences and N passages of unusual length.", only="command"
    )
    cutoff: float = parameter(
        3.5, "Modified z-score above which a length is an outlier.", most=0, only="command"
    )
