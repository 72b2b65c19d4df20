"""Types that layers share: frozen, slotted, with no behaviour beyond their own shape.

All offsets are code points. A `Span` refers to `Article.text`, a `Mark` to the text that it is in
(a passage's, a heading's, a title's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "title",
    "heading",
    "paragraph",
    "list_item",
    "table_row",
    "quote",
    "code",
    "caption",
    "boilerplate",
]
KINDS: tuple[Kind, ...] = (  # of passages; arrays store indices into this
    "paragraph",
    "list_item",
    "table_row",
    "quote",
    "code",
    "caption",
    "boilerplate",
)
Reason = Literal["exact", "stem", "synonym", "prefix", "wildcard", "fuzzy", "phrase", "proximity"]
Match = Literal["stem", "word", "case"]
FoundIn = Literal["text", "heading", "title"]
Status = Literal["intact", "moved", "edited", "lost"]  # of an issued id


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int  # first code point
    end: int  # one past the last

    def of(self, text: str) -> str:
        """The part of `text` that this span covers."""
        return text[self.start : self.end]

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read from disk, before its content is examined."""

    path: str  # as the user would name it
    id: str  # article id from the path (an id in the file's own record takes precedence)
    format: str  # suffix in lower case without its dot: txt, md, html, docx, jsonl, xml
    data: bytes  # the file, undecoded
    text: str = ""  # the file, decoded, where its format is text
    encoding: str = ""  # of `text`; before decoding, the declared one
    language: str = ""  # given for its articles, overriding what they declare
    line: int = 1  # number of its first line, if it is a piece of a file


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table row … of an article."""

    kind: Kind
    level: int  # heading: 1 (top) to 6; list item: nesting depth from 1; else 0
    span: Span  # in the article's text
    section: tuple[str, ...]  # headings above it, from the top down (for a heading: without itself)
    element: str = ""  # id of the nearest element at or above it in the original page
    group: int = 0  # items of one list, or rows of one table, share a number; 0: none
    header: bool = False  # a table's head row
    cells: tuple[Span, ...] = ()  # a row's cells, if the source shows them
    heads: tuple[str, ...] = ()  # for each cell, the text of its header cells
    number: int | None = None  # of an item of a numbered list, if the text lacks it
    language: str = ""  # declared by the block, ISO 639-1; not stored


@dataclass(frozen=True, slots=True)
class Article:
    """Normalised text with the blocks found in it."""

    id: str
    title: str
    url: str  # of the original page; empty when unknown
    language: str  # ISO 639-1, lower case; "" if doubtful
    text: str  # for plain text the decoded file with newlines as \n, otherwise unchanged
    blocks: tuple[Block, ...]  # in order of the text, not overlapping
    metadata: Mapping[str, str] = field(default_factory=dict)  # date, author, description …
    digest: str = ""  # of the bytes or record it was parsed from, and of the parser
    encoding: str = ""  # of the file, if that is text; not stored


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: contiguous, of one kind, within one section."""

    id: str  # survives re-indexing and edits elsewhere in the article
    anchor: str  # readable fragment, unique in its article: "possible-side-effects-3"
    article_id: str
    section: tuple[str, ...]  # headings from the top down
    kind: Kind  # never title or heading
    ordinal: int  # 1 for the article's first passage
    span: Span  # in the article's text
    text: str  # article.text[span.start:span.end]
    context: Span | None = None  # a list's lead-in or a table's head row: shown, not searched
    element: str = ""  # id of the nearest element at or above it in the original page
    breaks: tuple[int, ...] = ()  # offsets in `text` at which further items or rows begin
    language: str = ""  # ISO 639-1, if other than the article's


@dataclass(frozen=True, slots=True)
class Mark:
    """A highlighted range of a text, and the reason for it."""

    start: int
    end: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """An empty heading by which the passage that stands in for it was found."""

    text: str
    section: tuple[str, ...]  # its path: the headings above it and the heading, from the top down
    marks: tuple[Mark, ...]  # in `text`


@dataclass(frozen=True, slots=True)
class Why:
    """A part of a score: what one word of the query contributes through one field."""

    field: Literal["text", "section", "title", "heading", "article", ""]  # "": none
    word: str  # word or phrase as typed; "" for a score that all passages of a node share
    signal: Literal["frequency", "heading", "constant"]  # heading: found by a heading alone
    value: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching passage with its score and marks."""

    passage: Passage
    score: float
    marks: tuple[Mark, ...]  # in the passage's text, sorted, not overlapping
    article: ArticleRef  # of the passage
    title_marks: tuple[Mark, ...] = ()  # in the article's title
    section_marks: tuple[tuple[Mark, ...], ...] = ()  # one tuple per heading of passage.section
    heading: FoundHeading | None = None  # the heading it was found by, if not in passage.section
    found_in: FoundIn = "text"  # where the words are: text, or a heading or the title above it
    why: tuple[Why, ...] = ()  # the parts that sum up to the score, if requested


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """What a result shows of an article."""

    id: str
    title: str
    url: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Facet:
    """Number of matching passages in one article, section or kind."""

    value: str  # article id, section path joined by " > ", or kind
    label: str  # for display: title, path joined by " › ", kind
    count: int  # passages


@dataclass(frozen=True, slots=True)
class Page:
    """The part of the results that is shown."""

    offset: int  # number of hits before the first shown
    limit: int  # number of hits requested
    more: bool  # whether more hits follow


@dataclass(frozen=True, slots=True)
class OtherNames:
    """A name in a query, and other names of the same drug that add matches."""

    name: str  # as typed, folded
    others: tuple[str, ...]  # names that occur in the corpus
    label: str  # kind of the names: "brand and generic", "unit"; "" if unknown

    def __str__(self) -> str:
        return f"{self.name} = {', '.join(self.others)}"


@dataclass(frozen=True, slots=True)
class LostShards:
    """Shards of a cluster that did not answer a search."""

    shards: int
    of: int  # total number of shards


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one `search`."""

    query: str
    hits: tuple[Hit, ...]
    total: int  # matching passages, shown or not
    relaxed: bool  # whether passages with any of the words are shown because none has all
    notes: tuple[str, ...]  # on what was relaxed, corrected, dropped or bounded
    facets: Mapping[str, tuple[Facet, ...]]  # "article", "section", "kind": the largest of each
    distinct: Mapping[str, int]  # number of values of each facet
    page: Page
    missing: tuple[str, ...] = ()  # if nothing was found: words that no passage has
    suggestion: str = ""  # if nothing was found: a query that finds something
    order: Literal["approximate"] | None = None  # a cluster ranked: better hits may be missing
    total_synonyms: int = 0  # passages with other names only, listed after the `total` others
    synonyms: tuple[OtherNames, ...] = ()  # the names by which these are found
    lost_shards: LostShards | None = None  # if set, all numbers are lower bounds

    @property
    def with_words(self) -> int:
        """Number of `hits` with the words themselves; the rest have other names."""
        return min(len(self.hits), max(self.total - self.page.offset, 0))


@dataclass(frozen=True, slots=True)
class Snippet:
    """A window of a passage with the marks in it."""

    start: int  # in the passage's text
    end: int
    marks: tuple[Mark, ...]  # clipped to the window; offsets still in the passage's text


@dataclass(frozen=True, slots=True)
class Tick:
    """Matches close together in an article, and the passage of the first."""

    start: int  # of the first match, in the article's text
    count: int  # number of matches
    passage: str  # passage id
    anchor: str  # of that passage
    ordinal: int  # of that passage
    heading: str  # nearest heading above that passage; "": none


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the matches of a query stand in an article."""

    length: int  # code points of the article up to the end of its last passage
    passages: int  # in the article
    matching: int  # passages with a match
    matches: int  # all marks, plus one for each passage found by a heading alone
    ticks: tuple[Tick, ...]  # in order of the text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of the text typed so far."""

    text: str
    kind: Literal["term", "phrase", "heading", "article"]
    count: int  # occurrences of a term or phrase; passages below a heading or in an article
    passage: str = ""  # id of the first passage of an article, or of a heading that is unique


@dataclass(frozen=True, slots=True)
class Totals:
    """Size of an index, without boilerplate."""

    articles: int
    passages: int
    words: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a concordance."""

    left: str
    match: str
    right: str
    article: ArticleRef
    section: tuple[str, ...]
    passage: str  # passage id
    start: int  # of the match, in the passage's text
    end: int


@dataclass(frozen=True, slots=True)
class Concordance:
    """All occurrences of a query, or one page of them."""

    query: str
    lines: tuple[Line, ...]
    total: int  # occurrences in all passages, shown or not
    headings: int  # occurrences in headings and titles, which have no lines
    notes: tuple[str, ...]
    page: Page


@dataclass(frozen=True, slots=True)
class Selectors:
    """Redundant ways to find a passage again, as last known."""

    id: str
    article_id: str
    title: str  # of the article
    text: str  # the exact quote
    prefix: str  # the words before it, fewer at the article's start
    suffix: str  # the words after it, fewer at the article's end
    start: int  # in the article's text, code points
    end: int
    section: tuple[str, ...]  # headings from the top down
    element: str = ""  # id in the original page


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an id's status."""

    generation: int  # of the index that recorded it
    date: str  # UTC, ISO 8601 to the second
    digest: str  # of the article's source at that time; empty if the article was gone
    status: Status
    target: str  # id of the passage it leads to from then on; empty when lost
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger knows of an id: its last meaning and its status."""

    was: Selectors  # as of when a passage last had this id, unchanged
    status: Status
    target: str  # id of the passage it leads to, perhaps itself; empty when lost
    confidence: float  # that the target is right (lost: that it is gone)
    history: tuple[Event, ...] = ()  # oldest first

    @property
    def id(self) -> str:
        """The id of this record."""
        return self.was.id
