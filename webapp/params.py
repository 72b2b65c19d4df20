"""What a request may ask: query strings read as questions, and written back.

In: the query string of a request. Out: the questions of the API, which command line and pages have
too (`questions`), and forms: what pages are asked. Refuses a value that is too long, out of
range, not one of the choices or given twice with `ParameterError`, which names the parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Annotated, Any, TypeVar, get_args

from typing_extensions import Self
from werkzeug.datastructures import MultiDict

from indexer import Selection, questions

Query = MultiDict[str, str]
Question = questions.Question
Parameter = questions.Parameter
Spec = questions.Spec
MOST_TERMS = questions.MOST_TERMS
Form = TypeVar("Form", bound=Question)

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
STATUSES = get_args(questions.Status)[1:]  # the most broken first

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
class OnPage(Question):
    """What a page is asked, of which nothing has to be given."""


# --- reading -----------------------------------------------------------------------------------


def parameters_of(form: type[Question]) -> list[Parameter]:
    """What the query string of a page, or of an operation of the API, may hold."""
    lacking = ("command", "api" if issubclass(form, OnPage) else "page")
    return [one for one in questions.declared_in(form) if one.spec.only not in lacking]


def read(form: type[Form], query: Query) -> Form:
    """The form in a query string. `ParameterError` for the first parameter that can't be used."""
    on_page = issubclass(form, OnPage)
    given = {}
    for one in parameters_of(form):
        if one.spec.needed and one.name not in query and not on_page:
            raise ParameterError(one.name, "it is missing")
        given[one.name] = value_of(one, query.getlist(one.name))
    return check(form(**given))


def check(form: Form) -> Form:
    """The form, unless its parameters contradict each other."""
    if isinstance(form, questions.CollocatesQuestion) and not form.left + form.right:
        reason = "no words on the left and none on the right; give one side a word"
        raise ParameterError("left", reason)
    return form


def value_of(parameter: Parameter, given: list[str]) -> Any:
    """The value of one parameter; its default where it is absent or empty."""
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
    """A whole number within bounds."""
    if not value:
        return int(parameter.default)
    # int() would take "1_0", " 1", "+1" and digits of other scripts, and be slow on long ones.
    # That 10.0 is a whole number is what JSON Schema says.
    written = WHOLE_NUMBER.fullmatch(value)
    if not written:
        raise ParameterError(name, f"{shown(value)} is not a whole number")
    least, most = parameter.spec.least, parameter.spec.most
    if not least <= int(written[1]) <= most:
        raise ParameterError(name, f"{written[1]} is not between {least:,} and {most:,}")
    return int(written[1])


def one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in choices:
        listed = ", ".join(filter(None, choices))
        raise ParameterError(name, f"{shown(value)} is not one of {listed}")
    return value


def words_of(name: str, value: str, parameter: Parameter) -> tuple[str, ...]:
    """Different words with commas between them."""
    choices, most = parameter.choices, parameter.spec.most
    words = tuple(one_of(name, word.strip(), choices) for word in value.split(",") if value)
    if len(words) > most or len(set(words)) < len(words):
        raise ParameterError(name, f"it takes at most {most} different words")
    return words


def lines_of(name: str, given: list[str]) -> tuple[str, ...]:
    """A list of terms: one parameter given several times, or lines of one."""
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
    """The stretch of a list that one of its pages shows."""

    number: int  # of the page, from 1
    last: int  # page
    start: int  # before the first item shown
    end: int
    total: int

    @property
    def shown(self) -> str:
        """Which of its items it shows: `1–50`."""
        return f"{self.start + 1:,}–{self.end:,}"

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


# --- pages -------------------------------------------------------------------------------------

Part = Annotated[int, Spec("Which part of a long article.", "", 1, questions.MANY)]


@dataclass(frozen=True)
class Paged(OnPage):
    """What a page of a list is asked; over it `limit` and `offset` of the question are set."""

    page: Annotated[int, Spec("Which page of the list.", "", 1, questions.MANY, "page")] = 1

    def changed(self, **changes: Any) -> Self:
        """The same question but for `changes`, from its first page on."""
        return replace(self, **{"page": 1, **changes})

    def arguments(self) -> dict[str, Any]:
        """Its query string: what is not as usual, in the order of the fields."""
        given: dict[str, Any] = {}
        for one in parameters_of(type(self)):
            value = getattr(self, one.name)
            if value != one.default:
                given[one.name] = "1" if value is True else value
            if value and one.kind is tuple:
                given[one.name] = ",".join(value) if one.choices else list(value)
        return given

    def spec(self, name: str) -> Spec:
        """What is said of a parameter, for the field of a form."""
        return next(one.spec for one in parameters_of(type(self)) if one.name == name)

    def sized(self, size: int) -> Self:
        """The same question, of which so many items are on a page."""
        part: dict[str, Any] = {"limit": size, "offset": (self.page - 1) * size}
        return replace(self, **part)


@dataclass(frozen=True)
class SearchForm(Paged, questions.SearchQuestion):
    """What the search page is asked."""

    def reading(self) -> ReadingForm:
        """What to mark in an article that this form has found."""
        return ReadingForm(q=self.q, match=self.match, any=self.any, exact_names=self.exact_names)

    @property
    def filtered(self) -> bool:
        """Whether it asks for a part of the corpus only."""
        return bool(self.article or self.section or self.heading or self.kind)


@dataclass(frozen=True)
class LiveForm(OnPage):
    """How much of the search page is asked for while the reader types."""

    live: Annotated[bool, Spec("The last word may still be growing.")] = False
    fragment: Annotated[bool, Spec("Only the results are wanted.")] = False


@dataclass(frozen=True)
class SelectionForm(Question):
    """The words that a link is for."""

    text: Annotated[
        str, Spec("The words that a link is for, or the first of them.", most=1_000)
    ] = ""
    end: Annotated[str, Spec("The last of the words, when `text` is only the first.", most=500)] = (
        ""
    )
    prefix: Annotated[str, Spec("What stands right before the words.", most=200)] = ""
    suffix: Annotated[str, Spec("What stands right after the words.", most=200)] = ""

    @property
    def selection(self) -> Selection | None:
        """The words; None when there are none, whatever is said of their context."""
        found = Selection(self.text, self.end, self.prefix, self.suffix)
        return found if self.text else None


@dataclass(frozen=True)
class ReadingForm(OnPage, SelectionForm):
    """What an article's page is asked."""

    q: questions.Q = ""  # query whose matches are marked
    match: questions.Matching = "stem"
    any: questions.AnyWord = False
    exact_names: questions.ExactNames = False
    passage: Annotated[str, Spec("Id of the passage that the link was made for.", most=100)] = ""
    part: Part = 1
    whole: Annotated[bool, Spec("All of a long article stands on one page.")] = False
    at: Annotated[str, Spec("An anchor or text fragment, to be led to its part.")] = ""

    def linked(self) -> dict[str, Any]:
        """What of its query string a permalink gave it."""
        return {**({"passage": self.passage} if self.passage else {}), **selecting(self.selection)}

    def asked(self) -> dict[str, Any]:
        """Its query string, but for the passage; what is as usual is left out."""
        given = {"q": self.q, "match": "" if self.match == "stem" else self.match}
        given["any"] = "1" if self.any else ""
        given["exact_names"] = "1" if self.exact_names else ""
        return {name: value for name, value in given.items() if value} if self.q else {}


def selecting(wanted: Selection | None) -> dict[str, Any]:
    """The query string of some words; these come last, so that no address ends with a blank."""
    if wanted is None:
        return {}
    names = ("prefix", "suffix", "text", "end")
    return {name: value for name in names if (value := getattr(wanted, name))}


@dataclass(frozen=True)
class IdForm(Question):
    """The id of an article that a page is about."""

    id: Annotated[str, Spec("Id of an article that can't stand in a path.", needed=True)] = ""


@dataclass(frozen=True)
class OutlineForm(OnPage):
    """What the outline of an article is asked."""

    part: Part = 1
    passage: Annotated[str, Spec("Id of a passage, for the part that holds it.", most=100)] = ""


@dataclass(frozen=True)
class TypedForm(OnPage):
    """What was typed into a browser's address bar."""

    q: questions.Q = ""


@dataclass(frozen=True)
class LinksForm(Paged, questions.LinksQuestion):
    """What `/links` is asked."""


@dataclass(frozen=True)
class AuditForm(Paged, questions.AuditQuestion):
    """What `/audit` is asked."""

    columns: Annotated[int, Spec("Which page of the terms.", "", 1, MOST_TERMS)] = 1
    sort: Annotated[
        int,
        Spec(
            "Column that orders the places: 1 their words, 2 the first term …, most first; below 0 "
            "fewest first; 0 as the text has them.",
            "",
            -MOST_TERMS - 1,
            MOST_TERMS + 1,
        ),
    ] = 0

    def only(self, term: str) -> AuditForm:
        """The same question about one term."""
        return replace(self, q=(term,), columns=1, sort=0, page=1)

    def lines(self, term: str) -> ConcordanceForm:
        """The concordance of one of its terms."""
        return ConcordanceForm(q=term, match=self.match, article=self.article)

    def collocates(self, term: str) -> CollocatesForm:
        """The collocates of one of its terms."""
        return CollocatesForm(q=term, match=self.match)


@dataclass(frozen=True)
class ConcordanceForm(Paged, questions.ConcordanceQuestion):
    """What `/audit/concordance` is asked."""

    window: Annotated[int, Spec("Words or characters on each side.", "", 1, 100)] = 6  # what fits
    # beside its source on a screen of common width

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
class CollocatesForm(Paged, questions.CollocatesQuestion):
    """What `/audit/collocates` is asked; it shows sequences too."""

    size: Annotated[int, Spec("Words per sequence.", "", 2, 8, "page")] = 3


@dataclass(frozen=True)
class KeywordsForm(Paged, questions.KeywordsQuestion):
    """What `/audit/keywords` is asked."""


@dataclass(frozen=True)
class DuplicatesForm(Paged, questions.DuplicatesQuestion):
    """What `/audit/duplicates` is asked."""


@dataclass(frozen=True)
class ReadabilityForm(Paged, questions.ReadabilityQuestion):
    """What `/audit/readability` is asked."""


@dataclass(frozen=True)
class QueriesForm(Paged, questions.QueriesQuestion):
    """What `/queries` is asked."""
