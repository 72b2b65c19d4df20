"""Reads and validates what the pages are asked; the reverse, a form's query string, too.

In: the query string of a request. Out: frozen forms. Refuses with `ParameterError`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, cast

from indexer import Selection
from webapp.parameters import Choice, Flag, Number, Query, Text

Match = Literal["stem", "word", "case"]
Sort = Literal["relevance", "position"]

PAGE_SIZE = 10  # hits on a page of results
LAST_PAGE = 10_000

QUERY = Text("q", "What to look for, in the query language of the search page.")
MATCH = Choice(
    "match",
    "How bare words match: stem (any form), word (this form) or case (exactly as written).",
    ("stem", "word", "case"),
)
ARTICLE = Text("article", "Only passages of the article with this id.")
SECTION = Text("section", "Only passages in sections with this phrase in one of their headings.")
KIND = Choice(
    "kind",
    "Only passages of this kind; empty for all.",
    ("", "paragraph", "list_item", "table_row", "quote", "code", "caption", "boilerplate"),
)
SORT = Choice(
    "sort", "Order of the passages: relevance or position in the corpus.", ("relevance", "position")
)
PAGE = Number("page", "Which page of the results.", 1, 1, LAST_PAGE)
ANY = Flag("any", "Whether passages with any of the words are found, not only those with all.")
LIVE = Flag("live", "Whether the last word may still be growing under the reader's fingers.")
FRAGMENT = Flag("fragment", "Whether only the results are wanted, without the page around them.")
PASSAGE = Text("passage", "Id of the passage that the link was made for.", longest=100)
STATUSES = ("lost", "edited", "moved", "intact")  # the most broken first
STATUS = Choice("status", "Only links of this status; empty for all.", ("", *STATUSES))
TEXT = Text("text", "The words that a link is for, or the first of them.", longest=1_000)
END = Text("end", "The last of the words, when `text` is only the first.", longest=500)
PREFIX = Text("prefix", "What stands right before the words.", longest=200, bare=False)
SUFFIX = Text("suffix", "What stands right after the words.", longest=200, bare=False)
SELECTED = "selection.1"  # where the words begin on an article's page; no passage is called so
ID = Text("id", "An article's id, for ids that can't stand in a path.")
REQUIRED_ID = replace(ID, required=True)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """What the search page is asked."""

    q: str = ""
    match: Match = "stem"
    article: str = ""  # an article's id; "" for all
    section: str = ""  # a phrase in a heading, or a path as facets give it; "" for all
    kind: str = ""  # a passage's kind; "" for all but boilerplate
    sort: Sort = "relevance"
    any: bool = False
    page: int = 1

    def changed(self, **changes: str | int | bool) -> SearchForm:
        """The same question but for `changes`, from its first page on."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    def reading(self) -> ReadingForm:
        """What to mark in an article that this form has found."""
        return ReadingForm(self.q, self.match, self.any)

    def arguments(self) -> dict[str, str]:
        """Its query string: what differs from an empty form, in the order of the fields."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        unlike = {name: value for name, value in given.items() if value != getattr(EMPTY, name)}
        return {n: "1" if value is True else str(value) for n, value in unlike.items()}

    @property
    def filtered(self) -> bool:
        """Whether it asks for a part of the corpus only."""
        return bool(self.article or self.section or self.kind)

    @property
    def offset(self) -> int:
        """Hits before the first one of its page."""
        return (self.page - 1) * PAGE_SIZE


EMPTY = SearchForm()


def read_search(query: Query) -> SearchForm:
    """The form in a query string."""
    return SearchForm(
        q=QUERY.read(query),
        match=cast(Match, MATCH.read(query)),
        article=ARTICLE.read(query),
        section=SECTION.read(query),
        kind=KIND.read(query),
        sort=cast(Sort, SORT.read(query)),
        any=ANY.read(query),
        page=PAGE.read(query),
    )


@dataclass(frozen=True, slots=True)
class ReadingForm:
    """What an article's page is asked."""

    q: str = ""  # query whose matches are marked
    match: Match = "stem"
    any: bool = False
    passage: str = ""  # id of the passage that a permalink led to
    selection: Selection | None = None  # words that it led to

    def linked(self) -> dict[str, str]:
        """What of its query string a permalink gave it."""
        given = {"passage": self.passage}
        return {**(given if self.passage else {}), **selecting(self.selection)}

    def asked(self) -> dict[str, str]:
        """Its query string, but for the passage; what is as usual is left out."""
        given = {"q": self.q, "match": "" if self.match == "stem" else self.match}
        given["any"] = "1" if self.any else ""
        return {name: value for name, value in given.items() if value} if self.q else {}


def read_reading(query: Query) -> ReadingForm:
    """The form in a query string."""
    return ReadingForm(
        q=QUERY.read(query),
        match=cast(Match, MATCH.read(query)),
        any=ANY.read(query),
        passage=PASSAGE.read(query),
        selection=read_selection(query),
    )


def read_selection(query: Query) -> Selection | None:
    """The words in a query string; None when there are none, whatever is said of their context."""
    wanted = Selection(TEXT.read(query), END.read(query), PREFIX.read(query), SUFFIX.read(query))
    return wanted if wanted.text else None


def selecting(wanted: Selection | None) -> dict[str, str]:
    """The query string of some words; these come last, so that no address ends with a blank."""
    if wanted is None:
        return {}
    names = ("prefix", "suffix", "text", "end")
    return {name: value for name in names if (value := getattr(wanted, name))}
