"""What the pages of audits are asked, read, checked and written back into addresses.

In: the query string of a request. Out: frozen forms. Refuses with `ParameterError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeVar, cast

from webapp.forms import ARTICLE, MATCH, Match, ReadingForm
from webapp.parameters import LONGEST_QUERY, Choice, Number, ParameterError, Query, Text

By = Literal["article", "section"]
Unit = Literal["words", "characters", "sentence", "passage"]
Measure = Literal["log_dice", "g2", "g2_four", "mi", "t", "count"]
Division = Literal["passage", "sentence"]
Form = TypeVar("Form", bound="Asked")

LINE_END = re.compile(r"[\r\n]+")
MOST_TERMS = 200
LONGEST_LIST = 20_000  # characters of all terms
LAST_PAGE = 1_000_000
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
ALIGNED = {"words": 12, "characters": 80}  # the widest context that fits on a line
MEASURES = ("log_dice", "g2", "g2_four", "mi", "t", "count")


@dataclass(frozen=True, slots=True)
class Terms:
    """A list of queries: a parameter given several times, or lines of one."""

    name: str
    about: str
    required: bool = False

    def read(self, query: Query) -> tuple[str, ...]:
        """The terms, without empty lines; none when the parameter is absent."""
        given = query.getlist(self.name)
        if not given and self.required:
            raise ParameterError(self.name, "it is missing")
        size = sum(map(len, given))
        if size > LONGEST_LIST:
            reason = f"the terms have {size:,} characters; {LONGEST_LIST:,} are allowed"
            raise ParameterError(self.name, reason)
        terms = tuple(line.strip() for one in given for line in LINE_END.split(one) if line.strip())
        if given and not terms:
            raise ParameterError(self.name, "there is no term; write one a line")
        if len(terms) > MOST_TERMS:
            reason = f"there are {len(terms):,} terms; {MOST_TERMS} are allowed at once"
            raise ParameterError(self.name, reason)
        longest = max(map(len, terms), default=0)
        if longest > LONGEST_QUERY:
            reason = f"a term has {longest:,} characters; {LONGEST_QUERY:,} are allowed"
            raise ParameterError(self.name, reason)
        return terms

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        items = {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY}
        return {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_TERMS}


TERMS = Terms(
    "q",
    f"A term to count, in the query language; repeat it for each of up to {MOST_TERMS} terms "
    f"({LONGEST_LIST:,} characters in all).",
)
BY = Choice("by", "What to count in: whole articles, or each section.", ("article", "section"))
NODE = Text("q", "What to look for, in the query language.")
WINDOW = Number("window", "Words, or characters, of context on each side.", 6, 1, 100)
UNIT = Choice("unit", "What bounds the context.", ("words", "characters", "sentence", "passage"))
MEASURE = Choice("measure", "By which measure words are sorted.", MEASURES)
LEFT = Number("left", "Words on the left of the query that are its company.", 5, 0, 20)
RIGHT = Number("right", "Words on the right of the query that are its company.", 5, 0, 20)
LEAST = Number("least", "How often a word must stand there to be listed.", 3, 1, 1_000_000)
SIZE = Number("size", "Words of a run around the query.", 3, 2, 8)
UNITS = Choice("unit", "What is compared; empty for both.", ("", "passage", "sentence"))
PAGE = Number("page", "Which page of the places or lines.", 1, 1, LAST_PAGE)
COLUMNS = Number("columns", "Which page of the terms.", 1, 1, MOST_TERMS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What all forms have in common."""

    def changed(self: Form, **changes: Any) -> Form:
        """The same question but for `changes`, from its first page on."""
        first = {"page": 1} if any(field.name == "page" for field in fields(self)) else {}
        return replace(self, **{**first, **changes})

    def arguments(self) -> dict[str, Any]:
        """Its query string: what is not as usual, in the order of the fields."""
        given = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                name = "q" if field.name == "terms" else field.name
                given[name] = list(value) if name == "q" and isinstance(value, tuple) else value
        if isinstance(given.get("sort"), tuple):
            given["sort"] = ",".join(given["sort"])
        return given


@dataclass(frozen=True, slots=True)
class AuditForm(Asked):
    """What `/audit` is asked."""

    terms: tuple[str, ...] = ()
    by: By = "article"
    match: Match = "stem"
    article: str = ""  # an article's id; "" for all
    columns: int = 1  # which terms the matrix shows
    page: int = 1  # which places it shows

    def only(self, term: str) -> AuditForm:
        """The same question about one term."""
        return replace(self, terms=(term,), columns=1, page=1)

    def lines(self, term: str) -> ConcordanceForm:
        """The concordance of one of its terms."""
        return ConcordanceForm(term, self.match, self.article)

    def company(self, term: str) -> CompanyForm:
        """The collocates of one of its terms."""
        return CompanyForm(term, self.match)


@dataclass(frozen=True, slots=True)
class ConcordanceForm(Asked):
    """What `/audit/concordance` is asked."""

    q: str = ""
    match: Match = "stem"
    article: str = ""
    window: int = 6  # what fits beside its source on a screen of common width
    unit: Unit = "words"
    sort: tuple[str, ...] = ()
    page: int = 1

    @property
    def aligned(self) -> bool:
        """Whether its lines are short enough to stand with their matches one below the other."""
        return self.unit in ALIGNED and self.window <= ALIGNED[self.unit]

    def reading(self) -> ReadingForm:
        """What to mark in an article that a line leads to."""
        return ReadingForm(self.q, self.match)


@dataclass(frozen=True, slots=True)
class CompanyForm(Asked):
    """What `/audit/collocates` is asked."""

    q: str = ""
    match: Match = "stem"
    left: int = 5
    right: int = 5
    least: int = 3
    measure: Measure = "log_dice"
    size: int = 3
    page: int = 1


@dataclass(frozen=True, slots=True)
class CopiesForm(Asked):
    """What `/audit/duplicates` is asked."""

    article: str = ""
    unit: str = ""  # passage or sentence; "" for both
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReadingsForm(Asked):
    """What `/audit/readability` is asked."""

    article: str = ""
    by: By = "article"
    page: int = 1


@dataclass(frozen=True, slots=True)
class KeywordsForm(Asked):
    """What `/audit/keywords` is asked."""

    article: str = ""
    least: int = 3
    page: int = 1


def read_audit(query: Query) -> AuditForm:
    """The form of `/audit`."""
    return AuditForm(
        terms=TERMS.read(query),
        by=cast(By, BY.read(query)),
        match=cast(Match, MATCH.read(query)),
        article=ARTICLE.read(query),
        columns=COLUMNS.read(query),
        page=PAGE.read(query),
    )


def read_concordance(query: Query) -> ConcordanceForm:
    """The form of `/audit/concordance`."""
    return ConcordanceForm(
        q=NODE.read(query),
        match=cast(Match, MATCH.read(query)),
        article=ARTICLE.read(query),
        window=WINDOW.read(query),
        unit=cast(Unit, UNIT.read(query)),
        sort=read_keys(query),
        page=PAGE.read(query),
    )


def read_keys(query: Query) -> tuple[str, ...]:
    """Sort keys: as the three lists of the form give them, or with commas between them."""
    given = [word.strip() for one in query.getlist("sort") for word in one[:200].split(",")]
    keys = tuple(dict.fromkeys(word for word in given if word))
    for key in keys:
        if key not in SORT_KEYS:
            raise ParameterError("sort", f"“{key[:40]}” is not one of {', '.join(SORT_KEYS)}")
    if len(keys) > 3:
        raise ParameterError("sort", f"there are {len(keys)} keys; 3 are allowed")
    return keys


def read_company(query: Query) -> CompanyForm:
    """The form of `/audit/collocates`."""
    left, right = LEFT.read(query), RIGHT.read(query)
    if not left + right:
        raise ParameterError("left", "0 words on the left and none on the right; give one a word")
    return CompanyForm(
        q=NODE.read(query),
        match=cast(Match, MATCH.read(query)),
        left=left,
        right=right,
        least=LEAST.read(query),
        measure=cast(Measure, MEASURE.read(query)),
        size=SIZE.read(query),
        page=PAGE.read(query),
    )


def read_copies(query: Query) -> CopiesForm:
    """The form of `/audit/duplicates`."""
    return CopiesForm(ARTICLE.read(query), UNITS.read(query), PAGE.read(query))


def read_readings(query: Query) -> ReadingsForm:
    """The form of `/audit/readability`."""
    return ReadingsForm(ARTICLE.read(query), cast(By, BY.read(query)), PAGE.read(query))


def read_keywords(query: Query) -> KeywordsForm:
    """The form of `/audit/keywords`."""
    return KeywordsForm(ARTICLE.read(query), LEAST.read(query), PAGE.read(query))
