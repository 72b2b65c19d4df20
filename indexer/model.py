"""Types that layers share: frozen, slotted, without behaviour beyond their own shape.

Offsets are code points everywhere. A `Span` refers to `Article.text`, a `Mark` to the text that
it marks (a passage's, a heading's, a title's).
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
KINDS: tuple[Kind, ...] = (  # of passages; what the arrays number
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
Status = Literal["intact", "moved", "edited", "lost"]  # of an id that was issued


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
    """One file as read from disk, before anything is known of its content."""

    path: str  # as the user would name it
    id: str  # article id that the path gives (a record's own id goes before it)
    format: str  # suffix in lower case without its dot: txt, md, html, docx, jsonl, xml
    data: bytes  # the file, undecoded
    text: str = ""  # the file, decoded, where its format is text
    encoding: str = (
        ""  # that of `text`; before it is decoded, the one that the file is said to have
    )
    language: str = ""  # that its articles are said to be in, whatever they declare
    line: int = 1  # number of its first line, where it is a piece of a file


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row … of an article."""

    kind: Kind
    level: int  # heading: 1 (top) to 6; list item: nesting depth from 1; else 0
    span: Span  # where it stands in the article's text
    section: tuple[str, ...]  # headings above it, from the top down (a heading: without itself)
    element: str = ""  # id of the nearest element at or above it in the original page
    group: int = 0  # items of one list, or rows of one table, share a number; 0: none
    header: bool = False  # a table's head row
    cells: tuple[Span, ...] = ()  # a row's cells where the source shows them (else none)
    heads: tuple[str, ...] = ()  # for each cell, the text of its head cells
    number: int | None = None  # of an item of a numbered list, where the text does not hold it
    language: str = ""  # that it declares, ISO 639-1; the store does not keep it


@dataclass(frozen=True, slots=True)
class Article:
    """Normalised text with the blocks found in it."""

    id: str
    title: str
    url: str  # of the original page; empty when unknown
    language: str  # ISO 639-1, lower case; "" where it is doubtful
    text: str  # for plain text the decoded file with newlines as \n, nothing else changed
    blocks: tuple[Block, ...]  # in order of the text, not overlapping
    metadata: Mapping[str, str] = field(default_factory=dict)  # date, author, description …
    digest: str = ""  # of the bytes or record that it was parsed from, and of the parser
    encoding: str = ""  # of the file, where that is text; the store does not keep it


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: contiguous, of one kind, within one section."""

    id: str  # outlives re-indexing and edits elsewhere in the article
    anchor: str  # readable fragment, unique in its article: "possible-side-effects-3"
    article_id: str
    section: tuple[str, ...]  # headings from the top down
    kind: Kind  # never title or heading
    ordinal: int  # 1 for the article's first passage
    span: Span  # in the article's text
    text: str  # article.text[span.start:span.end]
    context: Span | None = None  # of a list's lead-in or a table's head row: shown, not searched
    element: str = ""  # id of the nearest element at or above it in the original page
    breaks: tuple[int, ...] = ()  # offsets in `text` at which a further item or row begins
    language: str = ""  # ISO 639-1, where it is another than the article's


@dataclass(frozen=True, slots=True)
class Mark:
    """A highlighted range of a passage's text and why it is highlighted."""

    start: int
    end: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """A heading without passages of its own by which the passage that stands for it was found."""

    text: str
    section: tuple[str, ...]  # its path: the headings above it and itself, from the top down
    marks: tuple[Mark, ...]  # in `text`


@dataclass(frozen=True, slots=True)
class Why:
    """A part of a score: what one word of the query adds by one field."""

    field: Literal["text", "section", "title", "heading", "article", ""]  # "": of no field
    word: str  # or phrase …, as typed; "" for what all passages of a part of the query have
    signal: Literal["frequency", "heading", "constant"]  # heading: that it is found by one alone
    value: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that matches, how well, and where."""

    passage: Passage
    score: float
    marks: tuple[Mark, ...]  # in the passage's text, sorted, not overlapping
    article: ArticleRef  # of the passage
    title_marks: tuple[Mark, ...] = ()  # in the article's title
    section_marks: tuple[tuple[Mark, ...], ...] = ()  # one tuple a heading of passage.section
    heading: FoundHeading | None = None  # that it was found by, where passage.section lacks it
    found_in: FoundIn = "text"  # what holds the words: else the heading, or the title, above it
    why: tuple[Why, ...] = ()  # where that was asked for: what sums up to the score


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """What a result shows of its article."""

    id: str
    title: str
    url: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the passages found stand in one article, section or kind."""

    value: str  # article id, section path joined by " > ", or kind
    label: str  # what a person reads: title, path joined by " › ", kind
    count: int  # passages


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the results is shown."""

    offset: int  # hits before the first one shown
    limit: int  # hits asked for
    more: bool  # whether hits follow


@dataclass(frozen=True, slots=True)
class OtherNames:
    """A name in a query, and others of the same drug by which more passages are found."""

    name: str  # as typed, folded
    others: tuple[str, ...]  # those that the corpus has
    label: str  # what the names are: "brand and generic", "unit"; "" where that is not told

    def __str__(self) -> str:
        return f"{self.name} = {', '.join(self.others)}"


@dataclass(frozen=True, slots=True)
class LostShards:
    """Shards of a cluster that did not answer a search."""

    shards: int
    of: int  # shards in all


@dataclass(frozen=True, slots=True)
class Results:
    """One answer of `search`."""

    query: str
    hits: tuple[Hit, ...]
    total: int  # of all passages found, not only those shown
    relaxed: bool  # whether passages with any of the words are shown for want of all
    notes: tuple[str, ...]  # what was relaxed, corrected, dropped or bounded
    facets: Mapping[str, tuple[Facet, ...]]  # "article", "section", "kind": the largest of each
    distinct: Mapping[str, int]  # how many values each facet has in all
    page: Page
    missing: tuple[str, ...] = ()  # when nothing was found: words that no passage has
    suggestion: str = ""  # when nothing was found: a query that finds something
    order: Literal["approximate"] | None = None  # not surely the best ones: as a cluster ranks them
    total_synonyms: int = 0  # passages with other names only, which follow the `total` others
    synonyms: tuple[OtherNames, ...] = ()  # by which those are found
    lost_shards: LostShards | None = None  # then all numbers are the least that there are

    @property
    def with_words(self) -> int:
        """How many of `hits` have the words themselves; the others have other names."""
        return min(len(self.hits), max(self.total - self.page.offset, 0))


@dataclass(frozen=True, slots=True)
class Snippet:
    """A window of a passage with the marks in it."""

    start: int  # in the passage's text
    end: int
    marks: tuple[Mark, ...]  # clipped to the window; offsets still in the passage's text


@dataclass(frozen=True, slots=True)
class Tick:
    """Matches that stand close together in an article, and the passage of the first."""

    start: int  # of the first, in the article's text
    count: int  # how many
    passage: str  # passage id
    anchor: str  # of that passage
    ordinal: int  # of that passage
    heading: str  # nearest above that passage; "" for none


@dataclass(frozen=True, slots=True)
class Spread:
    """Where in an article the matches of a query stand."""

    length: int  # of the article up to the end of its last passage, in code points
    passages: int  # in the article
    matching: int  # of them, with a match
    matches: int  # marks in all, and one for each passage that is found by a heading alone
    ticks: tuple[Tick, ...]  # in order of the text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what was typed so far."""

    text: str
    kind: Literal["term", "phrase", "heading", "article"]
    count: int  # occurrences of a term or phrase; passages below a heading or in an article
    passage: str = ""  # of a heading that no other section has, or an article: id of its first


@dataclass(frozen=True, slots=True)
class Totals:
    """How much an index holds, boilerplate apart."""

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
    total: int  # occurrences in all passages, not only those shown
    headings: int  # occurrences in headings and titles, which are no lines
    notes: tuple[str, ...]
    page: Page


@dataclass(frozen=True, slots=True)
class Selectors:
    """How a passage can be found again: each way redundant, as far as was last known."""

    id: str
    article_id: str
    title: str  # of the article
    text: str  # the exact words
    prefix: str  # the words before it, fewer at the article's start
    suffix: str  # the same after it
    start: int  # in the article's text, code points
    end: int
    section: tuple[str, ...]  # headings from the top down
    element: str = ""  # id in the original page


@dataclass(frozen=True, slots=True)
class Event:
    """One change in what became of an id."""

    generation: int  # of the index that noticed it
    date: str  # UTC, ISO 8601 to the second
    digest: str  # of the article's source then; empty when the article was gone
    status: Status
    target: str  # id of the passage that it leads to from then on; empty when lost
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger knows of an id: what it meant last, and what became of that."""

    was: Selectors  # when a passage last had this id and nothing had happened to it
    status: Status
    target: str  # id of the passage that it leads to, perhaps itself; empty when lost
    confidence: float  # that this is the right one (lost: that it is gone)
    history: tuple[Event, ...] = ()  # oldest first

    @property
    def id(self) -> str:
        """The id that this is the record of."""
        return self.was.id
