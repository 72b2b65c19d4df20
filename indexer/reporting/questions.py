"""Parameters of each request, declared once for command line, API and pages.

Each `Question` is a frozen dataclass whose fields are the parameters of one kind of request, with
their defaults; the `Spec` of a parameter has its description and bounds. Out: `declared_in` lists
them. Refuses nothing: the command line and the site check the values that they read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

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
    hints = get_type_hints(question, include_extras=True)
    for field in fields(question):
        kind, spec = get_args(hints[field.name])
        items = get_args(kind)[0] if get_origin(kind) is tuple else kind
        choices = get_args(items) if get_origin(items) is Literal else ()
        kind = tuple if items is not kind else str if choices else kind
        yield Parameter(field.name, kind, choices, field.default, spec)


# --- parameters of several questions -----------------------------------------------------------

Q = Annotated[str, Spec("What to look for, in the query language.", needed=True)]
Matching = Annotated[
    Match,
    Spec(
        "How bare words match: stem (any form), word (this form) or case (exactly as written).",
        "Match any form of a word, the word as written, or its exact case.",
    ),
]
AnyWord = Annotated[bool, Spec("Match any of the words.")]
ExactNames = Annotated[
    bool,
    Spec(
        "Only the names as typed: no passages with other names of a drug (brand, generic) or unit."
    ),
]
Article = Annotated[str, Spec("Only the article with this id.", "Only this article.")]
CountedBy = Annotated[By, Spec("Count in each article or in each section.")]
Least = Annotated[int, Spec("Minimum frequency of what is listed.", least=1, most=MANY)]
Stop = Annotated[
    bool,
    Spec("Leave function words (the, of, with …) out of the list, though not of the counts."),
]


def _shown(things: str, most: int) -> Spec:
    """Spec of a `limit`; `most` is its maximum over HTTP."""
    return Spec(f"How many {things} to show.", "Show at most N.", 1, most, "api", typed=0)


def _skipped(things: str, most: int = 10 * MANY) -> Spec:
    """Spec of an `offset`; `most` is its maximum over HTTP."""
    return Spec(f"How many {things} to skip.", "Skip the first N.", 0, most, "api")


WordLimit = Annotated[int, _shown("words", 1_000)]
WordOffset = Annotated[int, _skipped("words")]


# --- passages, articles, links -----------------------------------------------------------------


@dataclass(frozen=True)
class SearchQuestion(Question):
    """A search for passages."""

    q: Q = ""
    match: Matching = "stem"
    any: AnyWord = False
    article: Article = ""
    section: Annotated[
        str,
        Spec(
            "Only passages of exactly this section, without its subsections: its headings joined "
            "by ` > `, with `>` and `\\` in a heading written `\\>` and `\\\\`, as in facets. A "
            "value that is no section's path is read as a phrase in a heading, with a note.",
            "Only this section, without subsections: PATH as in the facets of the JSON answer.",
        ),
    ] = ""
    heading: Annotated[
        str,
        Spec(
            "Only passages in sections with this phrase in one of their headings.",
            "Only below a heading with the phrase TEXT.",
        ),
    ] = ""
    kind: Annotated[
        PassageKind,
        Spec(
            "Only passages of this kind; empty for all but boilerplate.",
            "Only passages of this kind.  [default: all but boilerplate]",
        ),
    ] = ""
    sort: Annotated[
        Literal["relevance", "position", "semantic"],
        Spec(
            "Sort by relevance (best match first), position (text order) or semantic (similarity "
            "in meaning, after index --semantic)."
        ),
    ] = "relevance"
    exact_names: ExactNames = False
    partial: Annotated[
        bool,
        Spec(
            "If shards of a cluster don't answer, show what the others have, with a note; an index "
            "in a folder has no shards.",
            only="api",
        ),
    ] = False
    limit: Annotated[int, _shown("passages", 100)] = 10
    offset: Annotated[int, _skipped("passages", MANY)] = 0


@dataclass(frozen=True)
class RelatedQuestion(Question):
    """A search for passages of similar meaning."""

    q: Annotated[str, Spec("What to look for, in plain words.")] = ""
    limit: Annotated[int, _shown("passages", 50)] = 5


@dataclass(frozen=True)
class SimilarQuestion(Question):
    """Passages similar to a given one."""

    limit: Annotated[int, _shown("passages", 50)] = 10


@dataclass(frozen=True)
class SuggestQuestion(Question):
    """Completions of a word or heading."""

    q: Annotated[str, Spec("The beginning of a word or heading.", most=200, needed=True)] = ""
    limit: Annotated[int, _shown("suggestions", 50)] = 8


@dataclass(frozen=True)
class ArticlesQuestion(Question):
    """A list of articles, or one article."""

    limit: Annotated[int, _shown("articles", 1_000)] = 100
    offset: Annotated[int, _skipped("articles")] = 0
    id: Annotated[
        str, Spec("The one article with this id, for ids that can't be part of a path.")
    ] = ""


@dataclass(frozen=True)
class LinksQuestion(Question):
    """A list of links and what became of them."""

    status: Annotated[Status, Spec("Only links of this status; empty for all.")] = ""
    only: Annotated[
        tuple[Fate, ...],
        Spec(
            f"Show only these statuses, separated by commas: {', '.join(get_args(Fate))}.",
            only="command",
        ),
    ] = ()
    limit: Annotated[int, _shown("links", 500)] = 50
    offset: Annotated[int, _skipped("links", 100 * MANY)] = 0


@dataclass(frozen=True)
class QueriesQuestion(Question):
    """A list of queries from the log."""

    readers: Annotated[int, Spec("List queries of at least N readers.", "", 1, MANY)] = 1
    limit: Annotated[int, _shown("queries", 1_000)] = 50
    offset: Annotated[int, _skipped("queries")] = 0


# --- audits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuditQuestion(Question):
    """Counts of terms."""

    q: Annotated[
        tuple[str, ...],
        Spec(
            "A term to count, in the query language; repeat it for each of up to "
            f"{MOST_TERMS} terms ({LONGEST_LIST:,} characters in all).",
            most=MOST_TERMS,
            needed=True,
        ),
    ] = ()
    by: CountedBy = "article"
    match: Matching = "stem"
    article: Article = ""


@dataclass(frozen=True)
class ConcordanceQuestion(Question):
    """A concordance: occurrences in context, and their order."""

    q: Q = ""
    match: Matching = "stem"
    article: Article = ""
    window: Annotated[
        int, Spec("Words or characters of context on each side.", "", 1, 100, typed=0)
    ] = 8
    unit: Annotated[
        Literal["words", "characters", "sentence", "passage"],
        Spec("Context: N words or characters, or the whole sentence or passage."),
    ] = "words"
    sort: Annotated[
        tuple[SortKey, ...],
        Spec(
            "Sort keys, the first one first.",
            f"Sort by {', '.join(get_args(SortKey))}: up to three, separated by commas.",
            most=3,
        ),
    ] = ()
    limit: Annotated[int, _shown("lines", 1_000)] = 50
    offset: Annotated[int, _skipped("lines")] = 0


@dataclass(frozen=True)
class CollocatesQuestion(Question):
    """Collocates of a query."""

    q: Q = ""
    match: Matching = "stem"
    left: Annotated[
        int, Spec("Width of the window to the left of the query, in words.", most=20, capped=True)
    ] = 5
    right: Annotated[
        int, Spec("Width of the window to the right of the query, in words.", most=20, capped=True)
    ] = 5
    least: Least = 3
    measure: Annotated[
        Measure,
        Spec(
            "Measure to sort by: logDice, G² (log-likelihood) over two or four cells, mutual "
            "information, t score, or occurrences near the query."
        ),
    ] = "log_dice"
    stop: Stop = False
    limit: WordLimit = 50
    offset: WordOffset = 0


@dataclass(frozen=True)
class ClustersQuestion(Question):
    """Recurring word sequences (n-grams)."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    q: Annotated[
        str, Spec("What the sequences contain, in the query language; empty for any sequences.")
    ] = ""
    match: Matching = "stem"
    size: Annotated[int, Spec("Words per sequence.", least=2, most=8, capped=True)] = 3
    at: Annotated[
        Literal["any", "first", "last"], Spec("Position of the query in the sequence.")
    ] = "any"
    least: Least = 2


@dataclass(frozen=True)
class KeywordsQuestion(Question):
    """Keywords of an article, compared with the others."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    article: Annotated[
        str,
        Spec(
            "The article with this id, compared with all others.",
            "Compare this article with all others.",
            needed=True,
        ),
    ] = ""
    against: Annotated[
        str,
        Spec("Compare with the index in DIR instead of the other articles.", only="command"),
    ] = ""
    least: Least = 3
    positive: Annotated[
        bool, Spec("Only words that are more frequent than in the reference.", only="api")
    ] = False
    stop: Stop = False


@dataclass(frozen=True)
class WordsQuestion(Question):
    """Frequencies of words."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    article: Article = ""
    least: Least = 1
    stop: Stop = False


@dataclass(frozen=True)
class DuplicatesQuestion(Question):
    """Duplicates and near-duplicates."""

    article: Article = ""
    unit: Annotated[
        Compared,
        Spec(
            "Compare only passages, or only sentences; empty for both.",
            "Compare only passages, or only sentences.  [default: both]",
        ),
    ] = ""
    limit: Annotated[int, _shown("groups", 100)] = 10
    offset: Annotated[int, _skipped("groups")] = 0
    threshold: Annotated[
        float,
        Spec(
            "Minimum share of shingles that copies have in common (Jaccard index).",
            most=1,
            only="command",
        ),
    ] = 0.6
    width: Annotated[
        int,
        Spec(
            "Words per shingle (the word sequences that are compared).",
            least=1,
            most=20,
            only="command",
            capped=True,
        ),
    ] = 2
    least: Annotated[
        int, Spec("Compare only passages and sentences of N words or more.", "", 1, only="command")
    ] = 6


@dataclass(frozen=True)
class ReadabilityQuestion(Question):
    """Length and readability of articles and sections."""

    article: Article = ""
    by: CountedBy = "article"
    limit: Annotated[int, _shown("articles or sections", 1_000)] = 100
    offset: Annotated[int, _skipped("articles or sections")] = 0
    outliers: Annotated[
        int, Spec("Show at most N sentences and N passages of unusual length.", only="command")
    ] = 10
    cutoff: Annotated[
        float,
        Spec("Modified z-score above which a length is an outlier.", most=0, only="command"),
    ] = 3.5
