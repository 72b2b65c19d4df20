"""What can be asked: the parameters of each answer, declared once.

Command line, API and pages are made from these. Each question is a frozen dataclass whose fields
are its parameters, with defaults; each parameter says what it means and between what bounds it
lies. Out: `declared_in` lists them. Refuses nothing: whoever reads a value checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from indexer.model import Match as Match

LONGEST_QUERY = 2_000  # characters; longer ones are refused rather than half understood
MOST_TERMS = 200
LONGEST_LIST = 20_000  # characters of all terms
MANY = 1_000_000

By = Literal["article", "section"]
Compared = Literal["", "passage", "sentence"]  # "": both
Measure = Literal["log_dice", "g2", "g2_four", "mi", "t", "count"]
PassageKind = Literal[
    "", "paragraph", "list_item", "table_row", "quote", "code", "caption", "boilerplate"
]  # "": all but boilerplate
SortKey = Literal[
    "left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position"
]
Status = Literal["", "lost", "edited", "moved", "intact"]  # the most broken first; "": all
Fate = Literal["intact", "moved", "edited", "lost", "unknown"]  # of links in files, too


@dataclass(frozen=True, slots=True)
class Says:
    """What is said of a parameter beside its type and default."""

    about: str
    help: str = ""  # of a command's option, where that says it in other words
    least: int = 0  # of a number
    most: int = LONGEST_QUERY  # of a number, of the characters of a text, of the items of a list
    only: Literal["", "api", "page", "command"] = ""  # who alone has it; api: commands have it too
    needed: bool = False  # whether the API refuses a question without it
    typed: int | None = None  # the least number for a command, which has no upper bound
    capped: bool = False  # whether a command has that too


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a question."""

    name: str
    kind: type  # bool, int, float, str or tuple
    choices: tuple[str, ...]  # words that it, or an item of it, must be one of; (): any
    default: Any
    says: Says

    @property
    def schema(self) -> dict[str, Any]:
        """What the API takes for it, as JSON Schema."""
        most, words = self.says.most, [*dict.fromkeys((*self.choices, ""))]  # "": as not given
        if self.kind is bool:
            return {"default": self.default, "type": "boolean"}
        if self.kind is int:
            bounds = {"maximum": most, "minimum": self.says.least}
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
    """What all questions have in common."""

    def values(self, *but: str) -> dict[str, Any]:
        """Its parameters by name but for some, as the methods of an `Index` take them."""
        asked = {p.name for p in declared_in(type(self)) if p.says.only in ("", "api")}
        return {name: getattr(self, name) for name in asked.difference(but)}


_KNOWN: dict[type[Question], tuple[Parameter, ...]] = {}


def declared_in(question: type[Question]) -> tuple[Parameter, ...]:
    """The parameters of a question, in their order; worked out once."""
    if question not in _KNOWN:
        _KNOWN[question] = tuple(_parameters(question))
    return _KNOWN[question]


def _parameters(question: type[Question]) -> Iterator[Parameter]:
    hints = get_type_hints(question, include_extras=True)
    for field in fields(question):
        kind, says = get_args(hints[field.name])
        items = get_args(kind)[0] if get_origin(kind) is tuple else kind
        choices = get_args(items) if get_origin(items) is Literal else ()
        kind = tuple if items is not kind else str if choices else kind
        yield Parameter(field.name, kind, choices, field.default, says)


# --- parameters of several questions -----------------------------------------------------------

Q = Annotated[str, Says("What to look for, in the query language.", needed=True)]
Matching = Annotated[
    Match,
    Says(
        "How bare words match: stem (any form), word (this form) or case (exactly as written).",
        "Match any form of a word, the word as written, or its exact case.",
    ),
]
AnyWord = Annotated[bool, Says("Match any of the words.")]
ExactNames = Annotated[
    bool,
    Says(
        "Only the names as typed: no passages with other names of a drug (brand, generic) or unit."
    ),
]
Article = Annotated[str, Says("Only the article with this id.", "Only this article.")]
CountedBy = Annotated[By, Says("Count in each article or in each section.")]
Least = Annotated[int, Says("Minimum frequency of what is listed.", least=1, most=MANY)]
Stop = Annotated[
    bool,
    Says("Leave function words (the, of, with …) out of the list, though not of the counts."),
]


def _shown(things: str, most: int) -> Says:
    """How many of these things are shown, and at most over HTTP."""
    return Says(f"How many {things} to show.", "Show at most N.", 1, most, "api", typed=0)


def _skipped(things: str, most: int = 10 * MANY) -> Says:
    """How many of these things are passed over, and at most over HTTP."""
    return Says(f"How many {things} to skip.", "Skip the first N.", 0, most, "api")


WordLimit = Annotated[int, _shown("words", 1_000)]
WordOffset = Annotated[int, _skipped("words")]


# --- passages, articles, links -----------------------------------------------------------------


@dataclass(frozen=True)
class SearchQuestion(Question):
    """Which passages are searched for."""

    q: Q = ""
    match: Matching = "stem"
    any: AnyWord = False
    article: Article = ""
    section: Annotated[
        str,
        Says(
            "Only passages of exactly this section, without its subsections: its headings joined "
            "by ` > `, a `>` or `\\` in a heading written `\\>`, `\\\\`, as facets give it. What "
            "is no section's path is read as a phrase of a heading, and a note says so.",
            "Only this section, without subsections: PATH as in the facets of the JSON answer.",
        ),
    ] = ""
    heading: Annotated[
        str,
        Says(
            "Only passages in sections with this phrase in one of their headings.",
            "Only below a heading with the phrase TEXT.",
        ),
    ] = ""
    kind: Annotated[
        PassageKind,
        Says(
            "Only passages of this kind; empty for all but boilerplate.",
            "Only passages of this kind.  [default: all but boilerplate]",
        ),
    ] = ""
    sort: Annotated[
        Literal["relevance", "position", "semantic"],
        Says(
            "Best match first, in text order, or by semantic similarity (after index --semantic)."
        ),
    ] = "relevance"
    exact_names: ExactNames = False
    partial: Annotated[
        bool,
        Says(
            "Where shards of a cluster don't answer, show what the others have, and say so; an "
            "index in a folder has no shards.",
            only="api",
        ),
    ] = False
    limit: Annotated[int, _shown("passages", 100)] = 10
    offset: Annotated[int, _skipped("passages", MANY)] = 0


@dataclass(frozen=True)
class RelatedQuestion(Question):
    """What passages are to be similar to in meaning."""

    q: Annotated[str, Says("What to look for, in plain words.")] = ""
    limit: Annotated[int, _shown("passages", 50)] = 5


@dataclass(frozen=True)
class SimilarQuestion(Question):
    """How many similar passages are wanted."""

    limit: Annotated[int, _shown("passages", 50)] = 10


@dataclass(frozen=True)
class SuggestQuestion(Question):
    """What is to be completed."""

    q: Annotated[str, Says("The beginning of a word or heading.", most=200, needed=True)] = ""
    limit: Annotated[int, _shown("suggestions", 50)] = 8


@dataclass(frozen=True)
class ArticlesQuestion(Question):
    """Which articles are listed."""

    limit: Annotated[int, _shown("articles", 1_000)] = 100
    offset: Annotated[int, _skipped("articles")] = 0
    id: Annotated[
        str, Says("The one article with this id, for ids that can't stand in a path.")
    ] = ""


@dataclass(frozen=True)
class LinksQuestion(Question):
    """Of which links it is told what became of them."""

    status: Annotated[Status, Says("Only links of this status; empty for all.")] = ""
    only: Annotated[
        tuple[Fate, ...],
        Says(
            f"Show only these statuses, separated by commas: {', '.join(get_args(Fate))}.",
            only="command",
        ),
    ] = ()
    limit: Annotated[int, _shown("links", 500)] = 50
    offset: Annotated[int, _skipped("links", 100 * MANY)] = 0


@dataclass(frozen=True)
class QueriesQuestion(Question):
    """Which queries of the log are listed."""

    readers: Annotated[int, Says("List queries of at least N readers.", "", 1, MANY)] = 1
    limit: Annotated[int, _shown("queries", 1_000)] = 50
    offset: Annotated[int, _skipped("queries")] = 0


# --- audits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuditQuestion(Question):
    """Which terms are counted, and where."""

    q: Annotated[
        tuple[str, ...],
        Says(
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
    """Whose occurrences are shown, with how much around them and in which order."""

    q: Q = ""
    match: Matching = "stem"
    article: Article = ""
    window: Annotated[
        int, Says("Words or characters of context on each side.", "", 1, 100, typed=0)
    ] = 8
    unit: Annotated[
        Literal["words", "characters", "sentence", "passage"],
        Says("Context: N words or characters, or the whole sentence or passage."),
    ] = "words"
    sort: Annotated[
        tuple[SortKey, ...],
        Says(
            "What to sort the lines by, first key first.",
            f"Sort by {', '.join(get_args(SortKey))}: up to three, separated by commas.",
            most=3,
        ),
    ] = ()
    limit: Annotated[int, _shown("lines", 1_000)] = 50
    offset: Annotated[int, _skipped("lines")] = 0


@dataclass(frozen=True)
class CollocatesQuestion(Question):
    """Words near what are listed, and which of them."""

    q: Q = ""
    match: Matching = "stem"
    left: Annotated[
        int, Says("Width of the window to the left of the query, in words.", most=20, capped=True)
    ] = 5
    right: Annotated[
        int, Says("Width of the window to the right of the query, in words.", most=20, capped=True)
    ] = 5
    least: Least = 3
    measure: Annotated[
        Measure,
        Says(
            "Measure to sort by: logDice, G² (log-likelihood) over two or four cells, mutual "
            "information, t score, or occurrences near the query."
        ),
    ] = "log_dice"
    stop: Stop = False
    limit: WordLimit = 50
    offset: WordOffset = 0


@dataclass(frozen=True)
class ClustersQuestion(Question):
    """Which recurring sequences of words are listed."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    q: Annotated[
        str, Says("What the sequences contain, in the query language; empty for any sequences.")
    ] = ""
    match: Matching = "stem"
    size: Annotated[int, Says("Words per sequence.", least=2, most=8, capped=True)] = 3
    at: Annotated[
        Literal["any", "first", "last"], Says("Position of the query in the sequence.")
    ] = "any"
    least: Least = 2


@dataclass(frozen=True)
class KeywordsQuestion(Question):
    """In which words an article differs from the others."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    article: Annotated[
        str,
        Says(
            "The keywords of the article with this id, compared with all others.",
            "Compare this article with all others.",
            needed=True,
        ),
    ] = ""
    against: Annotated[
        str,
        Says("Compare with the index in DIR instead of the other articles.", only="command"),
    ] = ""
    least: Least = 3
    positive: Annotated[
        bool, Says("Only words that are more frequent here than there.", only="api")
    ] = False
    stop: Stop = False


@dataclass(frozen=True)
class WordsQuestion(Question):
    """Which words are listed with their frequencies."""

    limit: WordLimit = 50
    offset: WordOffset = 0
    article: Article = ""
    least: Least = 1
    stop: Stop = False


@dataclass(frozen=True)
class DuplicatesQuestion(Question):
    """What is compared with what, and which copies count as near."""

    article: Article = ""
    unit: Annotated[
        Compared,
        Says(
            "Compare only passages, or only sentences; empty for both.",
            "Compare only passages, or only sentences.  [default: both]",
        ),
    ] = ""
    limit: Annotated[int, _shown("groups", 100)] = 10
    offset: Annotated[int, _skipped("groups")] = 0
    threshold: Annotated[
        float,
        Says(
            "Minimum share of shingles that copies have in common (Jaccard index).",
            most=1,
            only="command",
        ),
    ] = 0.6
    width: Annotated[
        int,
        Says(
            "Words per shingle (the word sequences that are compared).",
            least=1,
            most=20,
            only="command",
            capped=True,
        ),
    ] = 2
    least: Annotated[
        int, Says("Compare only passages and sentences of N words or more.", "", 1, only="command")
    ] = 6


@dataclass(frozen=True)
class ReadabilityQuestion(Question):
    """Whose length and readability is told."""

    article: Article = ""
    by: CountedBy = "article"
    limit: Annotated[int, _shown("articles or sections", 1_000)] = 100
    offset: Annotated[int, _skipped("articles or sections")] = 0
    outliers: Annotated[
        int, Says("Show at most N sentences and N passages of unusual length.", only="command")
    ] = 10
    cutoff: Annotated[
        float,
        Says("Modified z-score above which a length is an outlier.", most=0, only="command"),
    ] = 3.5
