"""What a request may ask: each parameter declared once, then read, documented and written back.

In: the query string of a request. Out: frozen forms, one for each page and each operation of the
API. Refuses a value that is too long, out of range, not one of the choices or given twice with
`ParameterError`, which names the parameter. Bounds, defaults and descriptions are read from the
JSON Schemas of the forms, of which the OpenAPI description is made too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from math import ceil
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter
from werkzeug.datastructures import MultiDict

from indexer import Selection

Query = MultiDict[str, str]
Form = TypeVar("Form", bound="Asked")

LONGEST_QUERY = 2_000  # characters; longer ones are refused rather than half understood
MOST_TERMS = 200
LONGEST_LIST = 20_000  # characters of all terms
LAST_PAGE = 10_000
PAGE_SIZE = 10  # hits on a page of results
SELECTED = "selection.1"  # where the words begin on an article's page; no passage is called so
ALIGNED = {"words": 12, "characters": 80}  # the widest context that fits on a line
SORT_KEYS = {
    "left1": "First word left",
    "left2": "Second word left",
    "left3": "Third word left",
    "right1": "First word right",
    "right2": "Second word right",
    "right3": "Third word right",
    "node": "Match",
    "article": "Article",
    "position": "Place in the text",
}
STATUSES = ("lost", "edited", "moved", "intact")  # the most broken first

WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,18})(?:\.0{1,18})?")
LINE_END = re.compile(r"[\r\n]+")
TRUE, FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
WITH_SPACE = ("prefix", "suffix")  # parameters in which white space at the ends means something


class ParameterError(ValueError):
    """A parameter that can't be used: `parameter` is its name, `reason` what is wrong with it."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter, self.reason = parameter, reason
        super().__init__(f"{parameter}: {reason}")


@dataclass(frozen=True)
class Asked:
    """What all forms have in common; their fields are the parameters."""

    def changed(self: Form, **changes: Any) -> Form:
        """The same question but for `changes`, from its first page on."""
        first = {"page": 1} if any(field.name == "page" for field in fields(self)) else {}
        return replace(self, **{**first, **changes})

    def values(self, *but: str) -> dict[str, Any]:
        """Its parameters by name but for some, as the methods of an `Index` take them."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in but}

    def arguments(self) -> dict[str, Any]:
        """Its query string: what is not as usual, in the order of the fields."""
        given: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                given[field.name] = "1" if value is True else value
        for name, value in given.items():
            if isinstance(value, tuple):
                given[name] = ",".join(value) if name == "sort" else list(value)
        return given


# --- reading -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, as the documentation of the API needs it."""

    name: str
    about: str
    required: bool
    schema: Mapping[str, Any]  # JSON Schema


def parameters_of(form: type[Asked]) -> tuple[Parameter, ...]:
    """The parameters of a form, in their order; worked out once."""
    if form not in _KNOWN:
        _KNOWN[form] = tuple(_parameters(form))
    return _KNOWN[form]


_KNOWN: dict[type[Asked], tuple[Parameter, ...]] = {}


def _parameters(form: type[Asked]) -> Iterator[Parameter]:
    whole = TypeAdapter(form).json_schema()
    for name, schema in whole.get("properties", {}).items():
        schema.pop("title", None)
        described = schema.pop("description")
        if "enum" in schema:
            schema["enum"] = list(dict.fromkeys((*schema["enum"], "")))  # "" counts as not given
        elif schema["type"] in ("string", "array"):
            schema.pop("default", None)
        yield Parameter(name, described, REQUIRED.get(form) == name, schema)


def read(form: type[Form], query: Query) -> Form:
    """The form in a query string. `ParameterError` for the first parameter that can't be used."""
    return form(**{one.name: value_of(one, query) for one in parameters_of(form)})


def value_of(parameter: Parameter, query: Query) -> Any:
    """The value of one parameter; its default where it is absent or empty."""
    name, schema = parameter.name, parameter.schema
    given = query.getlist(name)
    if not given and parameter.required:
        raise ParameterError(name, "it is missing")
    if schema["type"] == "array" and "enum" not in schema["items"]:
        return lines_of(name, given)
    if len(given) > 1:
        raise ParameterError(name, f"it is given {len(given)} times; once is enough")
    whole = given[0] if given else ""
    value = whole.strip()
    if schema["type"] == "array":
        return words_of(name, value, schema)
    if schema["type"] == "integer":
        return number_of(name, value, schema)
    if schema["type"] == "boolean":
        if value.lower() not in TRUE + FALSE:
            raise ParameterError(name, f"{shown(value.lower())} is neither true nor false")
        return value.lower() in TRUE
    if "enum" in schema:
        return one_of(name, value or schema["default"], schema["enum"])
    if len(whole) > schema["maxLength"]:
        reason = f"it has {len(whole):,} characters; {schema['maxLength']:,} are allowed"
        raise ParameterError(name, reason)
    return whole if name in WITH_SPACE else value


def number_of(name: str, value: str, schema: Mapping[str, Any]) -> int:
    """A whole number within bounds."""
    if not value:
        return int(schema["default"])
    # int() would take "1_0", " 1", "+1" and digits of other scripts, and be slow on long ones.
    # That 10.0 is a whole number is what JSON Schema says.
    written = WHOLE_NUMBER.fullmatch(value)
    if not written:
        raise ParameterError(name, f"{shown(value)} is not a whole number")
    least, most = schema["minimum"], schema["maximum"]
    if not least <= int(written[1]) <= most:
        raise ParameterError(name, f"{written[1]} is not between {least:,} and {most:,}")
    return int(written[1])


def one_of(name: str, value: str, choices: list[str]) -> str:
    """One of a few words."""
    if value not in choices:
        listed = ", ".join(choice for choice in choices if choice or choices[0] == "")
        raise ParameterError(name, f"{shown(value)} is not one of {listed}")
    return value


def words_of(name: str, value: str, schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Different words with commas between them."""
    choices = schema["items"]["enum"]
    words = tuple(one_of(name, word.strip(), choices) for word in value.split(",") if value)
    if len(words) > schema["maxItems"] or len(set(words)) < len(words):
        raise ParameterError(name, f"it takes at most {schema['maxItems']} different words")
    return words


def lines_of(name: str, given: list[str]) -> tuple[str, ...]:
    """A list of terms: one parameter given several times, or lines of one."""
    size = sum(map(len, given))
    if size > LONGEST_LIST:
        reason = f"the terms have {size:,} characters; {LONGEST_LIST:,} are allowed"
        raise ParameterError(name, reason)
    terms = tuple(line.strip() for one in given for line in LINE_END.split(one) if line.strip())
    if given and not terms:
        raise ParameterError(name, "there is no term; write one a line")
    if len(terms) > MOST_TERMS:
        reason = f"there are {len(terms):,} terms; {MOST_TERMS} are allowed at once"
        raise ParameterError(name, reason)
    longest = max(map(len, terms), default=0)
    if longest > LONGEST_QUERY:
        reason = f"a term has {longest:,} characters; {LONGEST_QUERY:,} are allowed"
        raise ParameterError(name, reason)
    return terms


def shown(value: str, longest: int = 40) -> str:
    """`value` in quotes and shortened, for a message."""
    return f"“{value[:longest]}{'…' if len(value) > longest else ''}”"


# --- pages of lists ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPart:
    """The stretch of a list that one of its pages shows."""

    number: int  # of the page, from 1
    last: int  # page
    start: int  # before the first item shown
    end: int
    total: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """Pages to offer: the first, the last and those around this one; 0 for a gap."""
        near = {n for n in range(self.number - 2, self.number + 3) if 0 < n <= self.last}
        shown = sorted(near | {1, self.last})
        gaps = {
            n + 1: 0 if after > n + 2 else n + 1 for n, after in pairwise(shown) if after > n + 1
        }
        return tuple(gaps.get(n, n) for n in sorted({*shown, *gaps}))


def part_of(total: int, size: int, number: int) -> ListPart:
    """The page of this number; one beyond the last is empty."""
    start = min((number - 1) * size, total)
    return ListPart(number, max(1, ceil(total / size)), start, min(start + size, total), total)


def existing_part(total: int, size: int, number: int, name: str = "page") -> ListPart:
    """The same; a page beyond the last is refused."""
    part = part_of(total, size, number)
    if number > part.last:
        raise ParameterError(name, f"{number:,} is beyond the last page, {part.last:,}")
    return part


# --- parameters that several forms have --------------------------------------------------------


def string(about: str, most: int = LONGEST_QUERY) -> Any:
    """The declaration of a string of so many characters."""
    return Field(description=about, max_length=most)


def number(about: str, least: int, most: int) -> Any:
    """The declaration of a whole number."""
    return Field(description=about, ge=least, le=most)


def choice(description: str) -> Any:
    """The declaration of a choice or flag."""
    return Field(description=description)


Match = Annotated[
    Literal["stem", "word", "case"],
    choice("How bare words match: stem (any form), word (this form) or case (exactly as written)."),
]
By = Annotated[
    Literal["article", "section"], choice("What to count in: whole articles, or each section.")
]
Kind = Annotated[
    Literal["", "paragraph", "list_item", "table_row", "quote", "code", "caption", "boilerplate"],
    choice("Only passages of this kind; empty for all."),
]
Sort = Annotated[
    Literal["relevance", "position", "semantic"],
    choice("Order of the passages: relevance, position in the corpus, or likeness of meaning."),
]
Unit = Annotated[
    Literal["words", "characters", "sentence", "passage"], choice("What bounds the context.")
]
Measure = Annotated[
    Literal["log_dice", "g2", "g2_four", "mi", "t", "count"],
    choice("By which measure words are sorted."),
]
Compared = Annotated[
    Literal["", "passage", "sentence"], choice("What is compared; empty for both.")
]
Status = Annotated[
    Literal["", "lost", "edited", "moved", "intact"],
    choice("Only links of this status; empty for all."),
]
SortKey = Literal[
    "left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position"
]
SortKeys = Annotated[
    tuple[SortKey, ...],
    Field(
        description="What to sort the lines by, first key first.",
        max_length=3,
        json_schema_extra={"uniqueItems": True},
    ),
]
Terms = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY)], ...],
    Field(
        description="A term to count, in the query language; repeat it for each of up to "
        f"{MOST_TERMS} terms ({LONGEST_LIST:,} characters in all).",
        min_length=1,
        max_length=MOST_TERMS,
    ),
]
Q = Annotated[str, string("What to look for, in the query language.")]
AnyWord = Annotated[
    bool, choice("Whether passages with any of the words are found, not only those with all.")
]
ExactNames = Annotated[
    bool, choice("Whether passages that only have other names of a drug are left out.")
]
Inside = Annotated[str, string("Only passages of the article with this id.")]
OnlyArticle = Annotated[str, string("Only the article with this id.")]
Section = Annotated[
    str,
    string(
        "Only passages of exactly this section, without its subsections: its headings joined by "
        "` > `, a `>` or `\\` in a heading written `\\>`, `\\\\`, as facets give it. What is no "
        "section's path is read as a phrase of a heading, and a note says so."
    ),
]
Heading = Annotated[
    str, string("Only passages in sections with this phrase in one of their headings.")
]
Page = Annotated[int, number("Which page of the results.", 1, LAST_PAGE)]
Part = Annotated[int, number("Which part of a long article.", 1, 1_000_000)]
RowPage = Annotated[int, number("Which page of the places or lines.", 1, 1_000_000)]
Window = Annotated[int, number("Words, or characters, of context on each side.", 1, 100)]
Least = Annotated[int, number("How often a word must stand there to be listed.", 1, 1_000_000)]
Stop = Annotated[bool, choice("Whether function words are left out of the list.")]
Size = Annotated[int, number("Words of a run around the query.", 2, 8)]


# --- questions that pages and the API have in common -------------------------------------------


@dataclass(frozen=True)
class SearchQuestion(Asked):
    """What is searched for."""

    q: Q = ""
    match: Match = "stem"
    any: AnyWord = False
    article: Inside = ""  # an article's id; "" for all
    section: Section = ""  # a path as facets give it; "" for all
    heading: Heading = ""  # a phrase of one heading; "" for all
    kind: Kind = ""  # a passage's kind; "" for all but boilerplate
    sort: Sort = "relevance"
    exact_names: ExactNames = False


@dataclass(frozen=True)
class CollocatesQuestion(Asked):
    """Words near what are listed, and which of them."""

    q: Q = ""
    match: Match = "stem"
    left: Annotated[int, number("Words on the left of the query that are near.", 0, 20)] = 5
    right: Annotated[int, number("Words on the right of the query that are near.", 0, 20)] = 5
    least: Least = 3
    measure: Measure = "log_dice"
    stop: Stop = False

    def __post_init__(self) -> None:
        if not self.left + self.right:
            reason = "0 words on the left and none on the right; give one a word"
            raise ParameterError("left", reason)


@dataclass(frozen=True)
class AuditQuestion(Asked):
    """Which terms are counted, and where."""

    q: Terms = ()
    by: By = "article"
    match: Match = "stem"
    article: OnlyArticle = ""  # an article's id; "" for all


# --- pages -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SearchForm(SearchQuestion):
    """What the search page is asked."""

    page: Page = 1

    def reading(self) -> ReadingForm:
        """What to mark in an article that this form has found."""
        return ReadingForm(q=self.q, match=self.match, any=self.any, exact_names=self.exact_names)

    @property
    def filtered(self) -> bool:
        """Whether it asks for a part of the corpus only."""
        return bool(self.article or self.section or self.heading or self.kind)

    @property
    def offset(self) -> int:
        """Hits before the first one of its page."""
        return (self.page - 1) * PAGE_SIZE


@dataclass(frozen=True)
class LiveForm(Asked):
    """How much of the search page is asked for while the reader types."""

    live: Annotated[bool, choice("Whether the last word may still be growing.")] = False
    fragment: Annotated[bool, choice("Whether only the results are wanted.")] = False


@dataclass(frozen=True)
class SelectionForm(Asked):
    """The words that a link is for."""

    text: Annotated[str, string("The words that a link is for, or the first of them.", 1_000)] = ""
    end: Annotated[str, string("The last of the words, when `text` is only the first.", 500)] = ""
    prefix: Annotated[str, string("What stands right before the words.", 200)] = ""
    suffix: Annotated[str, string("What stands right after the words.", 200)] = ""

    @property
    def selection(self) -> Selection | None:
        """The words; None when there are none, whatever is said of their context."""
        found = Selection(self.text, self.end, self.prefix, self.suffix)
        return found if self.text else None


@dataclass(frozen=True)
class ReadingForm(SelectionForm):
    """What an article's page is asked."""

    q: Q = ""  # query whose matches are marked
    match: Match = "stem"
    any: AnyWord = False
    exact_names: ExactNames = False
    passage: Annotated[str, string("Id of the passage that the link was made for.", 100)] = ""
    part: Part = 1  # of a long article
    whole: Annotated[bool, choice("Whether all of a long article stands on one page.")] = False
    at: Annotated[str, string("An anchor or text fragment, to be led to its part.", 2_000)] = ""

    def linked(self) -> dict[str, str]:
        """What of its query string a permalink gave it."""
        return {**({"passage": self.passage} if self.passage else {}), **selecting(self.selection)}

    def asked(self) -> dict[str, str]:
        """Its query string, but for the passage; what is as usual is left out."""
        given = {"q": self.q, "match": "" if self.match == "stem" else self.match}
        given["any"] = "1" if self.any else ""
        given["exact_names"] = "1" if self.exact_names else ""
        return {name: value for name, value in given.items() if value} if self.q else {}


def selecting(wanted: Selection | None) -> dict[str, str]:
    """The query string of some words; these come last, so that no address ends with a blank."""
    if wanted is None:
        return {}
    names = ("prefix", "suffix", "text", "end")
    return {name: value for name in names if (value := getattr(wanted, name))}


@dataclass(frozen=True)
class IdForm(Asked):
    """The id of an article that a page is about."""

    id: Annotated[str, string("An article's id, for ids that can't stand in a path.")] = ""


@dataclass(frozen=True)
class OutlineForm(Asked):
    """What the outline of an article is asked."""

    part: Part = 1  # of a long one
    passage: Annotated[str, string("Id of a passage, for the part that holds it.", 100)] = ""


@dataclass(frozen=True)
class TypedForm(Asked):
    """What was typed into a browser's address bar."""

    q: Q = ""


@dataclass(frozen=True)
class ListForm(Asked):
    """What the list of articles is asked."""

    page: Page = 1


@dataclass(frozen=True)
class LinksForm(Asked):
    """What `/links` is asked."""

    status: Status = ""
    page: Page = 1


@dataclass(frozen=True)
class AuditForm(AuditQuestion):
    """What `/audit` is asked."""

    columns: Annotated[int, number("Which page of the terms.", 1, MOST_TERMS)] = 1
    sort: Annotated[
        int,
        number(
            "Column that orders the places: 1 their words, 2 the first term …, most first; below 0 "
            "fewest first; 0 as the text has them.",
            -MOST_TERMS - 1,
            MOST_TERMS + 1,
        ),
    ] = 0
    page: RowPage = 1  # which places are shown

    def only(self, term: str) -> AuditForm:
        """The same question about one term."""
        return replace(self, q=(term,), columns=1, sort=0, page=1)

    def lines(self, term: str) -> ConcordanceForm:
        """The concordance of one of its terms."""
        return ConcordanceForm(term, self.match, self.article)

    def collocates(self, term: str) -> CollocatesForm:
        """The collocates of one of its terms."""
        return CollocatesForm(term, self.match)


@dataclass(frozen=True)
class ConcordanceForm(Asked):
    """What `/audit/concordance` is asked."""

    q: Q = ""
    match: Match = "stem"
    article: Inside = ""
    window: Window = 6  # what fits beside its source on a screen of common width
    unit: Unit = "words"
    sort: SortKeys = ()
    page: RowPage = 1

    @property
    def aligned(self) -> bool:
        """Whether its lines are short enough to stand with their matches one below the other."""
        return self.unit in ALIGNED and self.window <= ALIGNED[self.unit]

    def reading(self) -> ReadingForm:
        """What to mark in an article that a line leads to."""
        return ReadingForm(q=self.q, match=self.match, exact_names=True)


def read_concordance(query: Query) -> ConcordanceForm:
    """The form of `/audit/concordance`, whose three lists give sort keys one by one."""
    given = MultiDict(query)
    keys = [key.strip() for one in query.getlist("sort") for key in one[:200].split(",")]
    given["sort"] = ",".join(dict.fromkeys(filter(None, keys)))
    return read(ConcordanceForm, given)


@dataclass(frozen=True)
class CollocatesForm(CollocatesQuestion):
    """What `/audit/collocates` is asked."""

    size: Size = 3
    page: RowPage = 1


@dataclass(frozen=True)
class DuplicatesForm(Asked):
    """What `/audit/duplicates` is asked."""

    article: Inside = ""
    unit: Compared = ""
    page: RowPage = 1


@dataclass(frozen=True)
class QueriesForm(Asked):
    """What `/queries` is asked."""

    readers: Annotated[int, number("How many readers must have asked a query.", 1, 1_000_000)] = 1
    page: RowPage = 1


@dataclass(frozen=True)
class ReadabilityForm(Asked):
    """What `/audit/readability` is asked."""

    article: Inside = ""
    by: By = "article"
    page: RowPage = 1


@dataclass(frozen=True)
class KeywordsForm(Asked):
    """What `/audit/keywords` is asked."""

    article: Inside = ""
    least: Least = 3
    stop: Stop = False
    page: RowPage = 1


# --- the API -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nothing(Asked):
    """What an operation is asked that takes no parameters."""


@dataclass(frozen=True)
class SearchAsked(SearchQuestion):
    """What the API's search is asked."""

    partial: Annotated[
        bool, choice("Whether, of a cluster that has lost shards, what the others have is shown.")
    ] = False
    limit: Annotated[int, number("How many passages to show.", 1, 100)] = 10
    offset: Annotated[int, number("How many passages to skip.", 0, 1_000_000)] = 0


@dataclass(frozen=True)
class RelatedAsked(Asked):
    """What passages of like meaning are asked."""

    q: Annotated[str, string("What is looked for, in plain words.")] = ""
    limit: Annotated[int, number("How many passages to show at most.", 1, 50)] = 5


@dataclass(frozen=True)
class SimilarAsked(Asked):
    """What passages like another are asked."""

    limit: Annotated[int, number("How many passages to show at most.", 1, 50)] = 10


@dataclass(frozen=True)
class SuggestAsked(Asked):
    """What completions are asked."""

    q: Annotated[str, string("The beginning of a word or heading.", 200)] = ""
    limit: Annotated[int, number("How many suggestions to show.", 1, 50)] = 8


@dataclass(frozen=True)
class ConcordanceAsked(Asked):
    """What the API's concordance is asked."""

    q: Q = ""
    match: Match = "stem"
    window: Window = 8
    unit: Unit = "words"
    sort: SortKeys = ()
    limit: Annotated[int, number("How many lines to show.", 1, 1_000)] = 50
    offset: Annotated[int, number("How many lines to skip.", 0, 10_000_000)] = 0


@dataclass(frozen=True)
class WordPart(Asked):
    """Which part of a list of words, or runs of words, is asked for."""

    limit: Annotated[int, number("How many words to show.", 1, 1_000)] = 50
    offset: Annotated[int, number("How many words to skip.", 0, 10_000_000)] = 0


@dataclass(frozen=True)
class CollocatesAsked(WordPart, CollocatesQuestion):
    """What the API's collocates are asked."""


@dataclass(frozen=True)
class ClustersAsked(WordPart):
    """What the API's clusters are asked."""

    q: Annotated[str, string("What the runs hold, in the query language; empty: any runs.")] = ""
    match: Match = "stem"
    size: Size = 3
    at: Annotated[Literal["any", "first", "last"], choice("Where in a run the query stands.")] = (
        "any"
    )
    least: Annotated[int, number("How often a run must occur to be listed.", 1, 1_000_000)] = 2


@dataclass(frozen=True)
class KeywordsAsked(WordPart):
    """What the API's keywords are asked."""

    article: Annotated[
        str, string("The words of the article with this id, against all others.")
    ] = ""
    least: Least = 3
    positive: Annotated[bool, choice("Whether only words are listed that are commoner there.")] = (
        False
    )
    stop: Stop = False


@dataclass(frozen=True)
class WordsAsked(WordPart):
    """What the API's words are asked."""

    article: OnlyArticle = ""
    least: Annotated[int, number("How often a word must occur to be listed.", 1, 1_000_000)] = 1
    stop: Stop = False


@dataclass(frozen=True)
class DuplicatesAsked(Asked):
    """What the API's duplicates are asked."""

    article: OnlyArticle = ""
    unit: Compared = ""
    limit: Annotated[int, number("How many groups to show.", 1, 100)] = 10
    offset: Annotated[int, number("How many groups to skip.", 0, 10_000_000)] = 0


@dataclass(frozen=True)
class ReadabilityAsked(Asked):
    """What the API's readability is asked."""

    article: OnlyArticle = ""
    by: By = "article"
    limit: Annotated[int, number("How many articles or sections to show.", 1, 1_000)] = 100
    offset: Annotated[int, number("How many of them to skip.", 0, 10_000_000)] = 0


@dataclass(frozen=True)
class ArticlesAsked(Asked):
    """What the API's list of articles is asked."""

    limit: Annotated[int, number("How many articles to show.", 1, 1_000)] = 100
    offset: Annotated[int, number("How many articles to skip.", 0, 10_000_000)] = 0
    id: Annotated[
        str, string("The one article with this id, for ids that can't stand in a path.")
    ] = ""


@dataclass(frozen=True)
class LinksAsked(Asked):
    """What the API's links are asked."""

    status: Status = ""
    limit: Annotated[int, number("How many links to show.", 1, 500)] = 50
    offset: Annotated[int, number("How many links to skip.", 0, 100_000_000)] = 0


# Parameters that a request must give.
REQUIRED: Mapping[type[Asked], str] = {
    **dict.fromkeys(
        (SearchAsked, SuggestAsked, ConcordanceAsked, AuditQuestion, CollocatesAsked), "q"
    ),
    KeywordsAsked: "article",
    IdForm: "id",
}
