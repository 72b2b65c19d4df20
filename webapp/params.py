"""Parses query strings into questions and forms, and writes these back as query strings.

In: the query string of a request. Out: questions, which the command line shares (`questions`), and
forms, which are the questions of pages. Refuses a value that is too long, out of range, not one of
the choices or given twice with a `ParameterError`, which names the parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Any, TypeVar, get_args

from typing_extensions import Self
from werkzeug.datastructures import MultiDict

from indexer import Selection, questions

QueryString = MultiDict[str, str]
Question = questions.Question
Parameter = questions.Parameter
Spec = questions.Spec
parameter = questions.parameter
MOST_TERMS = questions.MOST_TERMS
Form = TypeVar("Form", bound=Question)

PAGE_SIZE = 10  # hits on a page of results
SELECTED = "selection.1"  # anchor of the words of a link; no passage has this anchor
ALIGNED = {"words": 12, "characters": 80}  # widest context that fits on a line
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
STATUSES = get_args(questions.Status)[1:]  # the most broken first

WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,18})(?:\.0{1,18})?")
LINE_END = re.compile(r"[\r\n]+")
TRUE, FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
WITH_SPACE = ("prefix", "suffix", "id", "article")  # whose outer white space matters


class ParameterError(ValueError):
    """A parameter that can't be used: `parameter` is its name, `reason` what is wrong with it."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter, self.reason = parameter, reason
        super().__init__(f"{parameter}: {reason}")


@dataclass(frozen=True)
class OnPage(Question):
    """The parameters of a page, all of them optional."""


# --- reading -----------------------------------------------------------------------------------


def parameters_of(form: type[Question]) -> list[Parameter]:
    """The parameters that a page, or an operation of the API, accepts in its query string."""
    lacking = ("command", "api" if issubclass(form, OnPage) else "page")
    return [one for one in questions.declared_in(form) if one.spec.only not in lacking]


def read(form: type[Form], query: QueryString) -> Form:
    """Parses a query string. Raises `ParameterError` for the first parameter that can't be used."""
    on_page = issubclass(form, OnPage)
    given = {}
    for one in parameters_of(form):
        if one.spec.needed and one.name not in query and not on_page:
            raise ParameterError(one.name, "it is missing")
        given[one.name] = value_of(one, query.getlist(one.name))
    made = form(**given)
    if isinstance(made, questions.CollocatesQuestion) and not made.left + made.right:
        reason = "the window has no words on the left or right; give one side at least 1"
        raise ParameterError("left", reason)
    return made


def value_of(parameter: Parameter, given: list[str]) -> Any:
    """The value of one parameter; its default if it is missing or empty."""
    name, kind, spec = parameter.name, parameter.kind, parameter.spec
    if kind is tuple and not parameter.choices:
        return lines_of(name, given)
    if len(given) > 1:
        raise ParameterError(name, f"it is given {len(given)} times; once is enough")
    whole = given[0] if given else ""
    value = whole.strip()
    if kind is tuple:
        return words_of(name, value, parameter)
    if kind is int:
        return number_of(name, value, parameter)
    if kind is bool:
        if value.lower() not in TRUE + FALSE:
            raise ParameterError(name, f"{shown(value.lower())} is neither true nor false")
        return value.lower() in TRUE
    if parameter.choices:
        return one_of(name, value or parameter.default, parameter.choices)
    if len(whole) > spec.most:
        raise ParameterError(name, f"it has {len(whole):,} characters; {spec.most:,} are allowed")
    return whole if name in WITH_SPACE else value


def number_of(name: str, value: str, parameter: Parameter) -> int:
    """Parses a whole number within bounds."""
    if not value:
        return int(parameter.default)
    # int() would accept "1_0", " 1", "+1" and digits of other scripts, and is slow on long ones.
    # 10.0 is a whole number, as in JSON Schema.
    written = WHOLE_NUMBER.fullmatch(value)
    if not written:
        raise ParameterError(name, f"{shown(value)} is not a whole number")
    least, most = parameter.spec.least, parameter.spec.most
    if not least <= int(written[1]) <= most:
        raise ParameterError(name, f"{written[1]} is not between {least:,} and {most:,}")
    return int(written[1])


def one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """The value, which must be one of `choices`."""
    if value not in choices:
        listed = ", ".join(filter(None, choices))
        raise ParameterError(name, f"{shown(value)} is not one of {listed}")
    return value


def words_of(name: str, value: str, parameter: Parameter) -> tuple[str, ...]:
    """Parses a list of distinct words, separated by commas."""
    choices, most = parameter.choices, parameter.spec.most
    words = tuple(one_of(name, word.strip(), choices) for word in value.split(",") if value)
    if len(words) > most or len(set(words)) < len(words):
        raise ParameterError(name, f"it takes at most {most} different words")
    return words


def lines_of(name: str, given: list[str]) -> tuple[str, ...]:
    """Parses a list of terms: a repeated parameter, or the lines of one."""
    size = sum(map(len, given))
    if size > questions.LONGEST_LIST:
        reason = f"the terms have {size:,} characters; {questions.LONGEST_LIST:,} are allowed"
        raise ParameterError(name, reason)
    terms = tuple(line.strip() for one in given for line in LINE_END.split(one) if line.strip())
    if given and not terms:
        raise ParameterError(name, "there is no term; write one per line")
    if len(terms) > MOST_TERMS:
        reason = f"there are {len(terms):,} terms; {MOST_TERMS} are allowed at once"
        raise ParameterError(name, reason)
    longest = max(map(len, terms), default=0)
    if longest > questions.LONGEST_QUERY:
        reason = f"a term has {longest:,} characters; {questions.LONGEST_QUERY:,} are allowed"
        raise ParameterError(name, reason)
    return terms


def shown(value: str) -> str:
    """`value` in quotes and shortened, for a message."""
    return f"“{value[:40]}{'…' if len(value) > 40 else ''}”"


# --- pages of lists ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPart:
    """The part of a list that is shown on one of its pages."""

    number: int  # of the page, from 1
    last: int  # number of the last page
    start: int  # index of the first item shown
    end: int  # index after the last one
    total: int  # items in the list

    @property
    def shown(self) -> str:
        """The numbers of the items shown: `1–50`."""
        return f"{self.start + 1:,}–{self.end:,}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """Pages to link to: the first, the last and those around this one; 0 for a gap."""
        near = {n for n in range(self.number - 2, self.number + 3) if 0 < n <= self.last}
        shown = sorted(near | {1, self.last})
        gaps = {
            n + 1: 0 if after > n + 2 else n + 1 for n, after in pairwise(shown) if after > n + 1
        }
        return tuple(gaps.get(n, n) for n in sorted({*shown, *gaps}))


def part_of(total: int, size: int, number: int) -> ListPart:
    """The page with this number; a page beyond the last one is empty."""
    start = min((number - 1) * size, total)
    return ListPart(number, max(1, ceil(total / size)), start, min(start + size, total), total)


def existing_part(total: int, size: int, number: int, name: str = "page") -> ListPart:
    """The page with this number. Raises `ParameterError` for one beyond the last."""
    part = part_of(total, size, number)
    if number > part.last:
        raise ParameterError(name, f"{number:,} is beyond the last page, {part.last:,}")
    return part


# --- pages -------------------------------------------------------------------------------------

PART = "Which part of a long article."


@dataclass(frozen=True)
class Paged(OnPage):
    """The parameters of a page of a list, from which `limit` and `offset` are derived."""

    page: int = parameter(1, "Which page of the list.", "", 1, questions.MANY, "page")

    def changed(self, **changes: Any) -> Self:
        """The same question with `changes`, at its first page."""
        return replace(self, **{"page": 1, **changes})

    def arguments(self) -> dict[str, Any]:
        """Its query string: values that are not the default, in the order of the fields."""
        given: dict[str, Any] = {}
        for one in parameters_of(type(self)):
            value = getattr(self, one.name)
            if value != one.default:
                given[one.name] = "1" if value is True else value
            if value and one.kind is tuple:
                given[one.name] = ",".join(value) if one.choices else list(value)
        return given

    def spec(self, name: str) -> Spec:
        """Description and bounds of a parameter, for the field of a form."""
        return next(one.spec for one in parameters_of(type(self)) if one.name == name)

    def sized(self, size: int) -> Self:
        """The same question, with `limit` and `offset` for pages of `size` items."""
        part: dict[str, Any] = {"limit": size, "offset": (self.page - 1) * size}
        return replace(self, **part)


@dataclass(frozen=True)
class SearchForm(Paged, questions.SearchQuestion):
    """The parameters of the search page."""

    def reading(self) -> ReadingForm:
        """The form that marks the same query in an article."""
        return ReadingForm(q=self.q, match=self.match, any=self.any, exact_names=self.exact_names)

    @property
    def filtered(self) -> bool:
        """Whether the search is restricted by filters."""
        return bool(self.article or self.section or self.heading or self.kind)


@dataclass(frozen=True)
class LiveForm(OnPage):
    """Parameters of a search while the reader types."""

    live: bool = parameter(False, "The last word may be incomplete.")
    fragment: bool = parameter(False, "Answer with the results only, not a whole page.")


@dataclass(frozen=True)
class SelectionForm(Question):
    """The words that a link is for."""

    text: str = parameter("", "The words that the link is for, or the first of them.", most=1_000)
    end: str = parameter("", "The last words, if `text` has only the first.", most=500)
    prefix: str = parameter("", "The text right before the words.", most=200)
    suffix: str = parameter("", "The text right after the words.", most=200)

    @property
    def selection(self) -> Selection | None:
        """The words with their context; None if there are no words."""
        found = Selection(self.text, self.end, self.prefix, self.suffix)
        return found if self.text else None


@dataclass(frozen=True)
class ReadingForm(OnPage, SelectionForm):
    """The parameters of an article's page."""

    q: str = parameter("", questions.Q)  # query whose matches are marked
    match: questions.Match = parameter("stem", *questions.MATCHING)
    any: bool = parameter(False, questions.ANY_WORD)
    exact_names: bool = parameter(False, questions.EXACT_NAMES)
    passage: str = parameter("", "Id of the passage that the link was made for.", most=100)
    part: int = parameter(1, PART, "", 1, questions.MANY)
    whole: bool = parameter(False, "Show all of a long article on one page.")
    at: str = parameter("", "An anchor or text fragment; redirects to its part.")

    def linked(self) -> dict[str, Any]:
        """The part of its query string that comes from a permalink."""
        return {**({"passage": self.passage} if self.passage else {}), **selecting(self.selection)}

    def asked(self) -> dict[str, Any]:
        """The part of its query string with the query; defaults are left out."""
        given = {"q": self.q, "match": "" if self.match == "stem" else self.match}
        given["any"] = "1" if self.any else ""
        given["exact_names"] = "1" if self.exact_names else ""
        return {name: value for name, value in given.items() if value} if self.q else {}


def selecting(wanted: Selection | None) -> dict[str, Any]:
    """The query string of selected words; words come last, so that no address ends in a space."""
    if wanted is None:
        return {}
    names = ("prefix", "suffix", "text", "end")
    return {name: value for name in names if (value := getattr(wanted, name))}


@dataclass(frozen=True)
class IdForm(Question):
    """The id of an article, as a parameter."""

    id: str = parameter("", "Id of an article that can't be part of a path.", needed=True)


@dataclass(frozen=True)
class OutlineForm(OnPage):
    """The parameters of the outline of an article."""

    part: int = parameter(1, PART, "", 1, questions.MANY)
    passage: str = parameter("", "Id of a passage; shows the part with it.", most=100)


@dataclass(frozen=True)
class LinksForm(Paged, questions.LinksQuestion):
    """The parameters of `/links`."""


@dataclass(frozen=True)
class AuditForm(Paged, questions.AuditQuestion):
    """The parameters of `/audit`."""

    columns: int = parameter(1, "Which page of the terms.", "", 1, MOST_TERMS)
    sort: int = parameter(
        0,
        "Column that sorts the places, most first: 1 words, 2 the first term …; negative: "
        "fewest first; 0: text order.",
        "",
        -MOST_TERMS - 1,
        MOST_TERMS + 1,
    )

    def only(self, term: str) -> AuditForm:
        """The same question for one term."""
        return replace(self, q=(term,), columns=1, sort=0, page=1)

    def lines(self, term: str) -> ConcordanceForm:
        """The concordance of one of its terms."""
        return ConcordanceForm(q=term, match=self.match, article=self.article)

    def collocates(self, term: str) -> CollocatesForm:
        """The collocates of one of its terms."""
        return CollocatesForm(q=term, match=self.match)


@dataclass(frozen=True)
class ConcordanceForm(Paged, questions.ConcordanceQuestion):
    """The parameters of `/audit/concordance`."""

    # This default fits on a screen of common width, beside the source of each line.
    window: int = parameter(6, "Words or characters on each side.", "", 1, 100)

    @property
    def aligned(self) -> bool:
        """Whether its lines are short enough for their matches to be aligned."""
        return self.unit in ALIGNED and self.window <= ALIGNED[self.unit]

    def reading(self) -> ReadingForm:
        """The form that marks the same query in an article."""
        return ReadingForm(q=self.q, match=self.match, exact_names=True)


def read_concordance(query: QueryString) -> ConcordanceForm:
    """Parses the form of `/audit/concordance`, which has three fields for sort keys."""
    given = MultiDict(query)
    keys = [key.strip() for one in query.getlist("sort") for key in one[:200].split(",")]
    given["sort"] = ",".join(dict.fromkeys(filter(None, keys)))
    return read(ConcordanceForm, given)


@dataclass(frozen=True)
class CollocatesForm(Paged, questions.CollocatesQuestion):
    """The parameters of `/audit/collocates`, which also shows clusters."""

    size: int = parameter(3, "Words per sequence.", "", 2, 8, "page")


@dataclass(frozen=True)
class KeywordsForm(Paged, questions.KeywordsQuestion):
    """The parameters of `/audit/keywords`."""


@dataclass(frozen=True)
class DuplicatesForm(Paged, questions.DuplicatesQuestion):
    """The parameters of `/audit/duplicates`."""


@dataclass(frozen=True)
class ReadabilityForm(Paged, questions.ReadabilityQuestion):
    """The parameters of `/audit/readability`."""


@dataclass(frozen=True)
class QueriesForm(Paged, questions.QueriesQuestion):
    """The parameters of `/queries`."""
