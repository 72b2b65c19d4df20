"""Models of the JSON answers on passages, articles, links, indexing and problems.

In: what the library returns, and `Addresses` that make the links of an answer. Out: frozen models;
`as_dict` gives their plain values, whose keys programs rely on. Command line, API and OpenAPI are
made from them; `audit_schema` has the models of audits. In OpenAPI, a field is described by the
comment beside it here. Refuses nothing that the library returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from indexer.links.permalinks import Resolution
from indexer.model import Article, Hit, Passage, Status
from indexer.reporting.questions import Fate
from indexer.reporting.shape import Addresses as Addresses
from indexer.reporting.shape import (
    OrNone,
    PageShape,
    Permalink,
    Score,
    Seconds,
    Sure,
    rare,
    rounded,
    source,
)
from indexer.reporting.shape import Shape as Shape

FoundIn = Literal["text", "heading", "title"]

# --- search ------------------------------------------------------------------------------------


class ArticleShape(Shape):
    """An article."""

    id: str
    title: str
    url: str  # address of the original page; may be empty


class MarkShape(Shape):
    """A marked range of a text."""

    start: int
    end: int
    reason: str  # exact, stem, synonym, prefix, wildcard, fuzzy, phrase or proximity


class FoundHeadingShape(Shape):
    """A heading that matches, without a passage of its own."""

    text: str
    section: list[str]  # its path: the headings above it and itself
    marks: list[MarkShape]  # matches in the heading


class WhyShape(Shape):
    """A contribution to a score."""

    field: str  # text, section, title, heading or article; empty for none
    word: str  # word or phrase, as typed; may be empty
    signal: str  # frequency, heading (nothing but a heading matches) or constant
    value: Annotated[float, rounded(9)]  # what it adds to the score


class HitShape(Shape):
    """A passage that matches."""

    id: str = source("passage", "id")
    article: ArticleShape  # its article
    section: list[str] = source("passage", "section")  # section path: headings from the top down
    kind: str = source("passage", "kind")
    ordinal: int = source("passage", "ordinal")  # number of the passage in its article, from 1
    score: Score  # how well it matches; higher is better
    text: str = source("passage", "text")
    marks: list[MarkShape]  # matches in `text`
    section_marks: list[list[MarkShape]]  # matches in each heading of `section`
    title_marks: list[MarkShape]  # matches in the article's title
    found_in: FoundIn  # what matches: if not its text, the passage has no marks
    link: Permalink = source("passage", "id")
    heading: FoundHeadingShape | None = rare()  # the heading that matches, if not in `section`
    why: list[WhyShape] = Field(default=[])  # contributions that add up to the score

    @field_validator("section_marks", mode="before")
    @classmethod
    def _for_each_heading(cls, marks: Sequence[object], info: ValidationInfo) -> Sequence[object]:
        return marks or ((),) * len(info.data["section"])


class FacetShape(Shape):
    """How many of the matching passages have a certain value."""

    value: str  # the value, as a parameter takes it
    label: str  # the value for display
    count: int  # number of passages


class OtherNamesShape(Shape):
    """A name in the query, and other names of the same drug or unit that find more passages."""

    name: str  # as typed, folded
    others: list[str]  # other names that occur in the articles
    label: str  # what the names are: "brand and generic", "unit"; may be empty


class LostShardsShape(Shape):
    """Shards of a cluster that did not answer."""

    shards: int  # number of shards that did not answer
    of: int  # number of all shards


class SearchShape(Shape):
    """Results of a search."""

    query: str
    total: int  # number of matching passages, not only those shown
    total_synonyms: int = 0  # further passages with other names only; they follow in `hits`
    synonyms: list[OtherNamesShape] = Field(default=[])  # other names that these passages have
    relaxed: bool  # whether passages with any of the words are shown because none has all
    notes: list[str]
    hits: list[HitShape]  # matching passages, in the order asked for
    facets: dict[str, list[FacetShape]]  # most frequent values of each facet
    distinct: dict[str, int]  # number of different values of each facet
    missing: list[str]  # if nothing matches: words that no passage has
    suggestion: str  # if nothing matches: a query that finds something, or empty
    page: PageShape
    order: Literal["approximate"] | None = rare()  # given if these may not be the best hits
    lost_shards: LostShardsShape | None = rare()  # if given, all numbers are lower bounds


class SuggestionShape(Shape):
    """A completion of the words typed."""

    text: str
    kind: str  # term, phrase, heading or article
    count: int  # occurrences of a term or phrase, or passages of a heading or article
    link: str


class SuggestShape(Shape):
    """Completions of the words typed."""

    query: str
    suggestions: list[SuggestionShape]  # the completions


# --- articles ----------------------------------------------------------------------------------


class ListedArticleShape(ArticleShape):
    """An article in a list."""

    language: str  # BCP 47 tag
    link: str


class BlockShape(Shape):
    """A heading, paragraph, list item or other block of an article."""

    kind: str
    level: int  # depth of a heading or list item
    start: int
    end: int
    text: str
    section: list[str]


class OutlinedPassageShape(Shape):
    """A passage of an article."""

    id: str
    anchor: str  # readable URL fragment, unique in its article
    section: list[str]
    kind: str
    ordinal: int  # number of the passage in its article, from 1
    start: int = source("span", "start")
    end: int = source("span", "end")
    text: str
    language: Annotated[str | None, OrNone] = rare()  # BCP 47 tag, if not that of the article


class PassageShape(OutlinedPassageShape):
    """A passage of an article, with its permalink."""

    link: Permalink = source("id")


class WholeArticleShape(ListedArticleShape):
    """An article with its text, blocks and passages."""

    metadata: dict[str, str]  # what the document states about itself: author, date …
    text: str
    blocks: list[BlockShape]  # blocks in text order
    passages: list[PassageShape]  # passages in text order

    @classmethod
    def of(
        cls, article: Article, passages: Sequence[Passage], link: str, addresses: Addresses
    ) -> WholeArticleShape:
        """An article with its blocks and passages; `link` is its address."""
        blocks = _blocks(article)
        return cls.from_result(article, addresses, link=link, blocks=blocks, passages=passages)


class ArticlesShape(Shape):
    """A list of articles or, for a given id, one article with all its text."""

    total: int  # number of articles
    articles: list[WholeArticleShape | ListedArticleShape]  # the articles
    page: PageShape


class OutlinedArticleShape(ArticleShape):
    """An article in an outline."""

    language: str  # BCP 47 tag; empty if uncertain
    encoding: str  # encoding of the file; empty if it is not text


class OutlineShape(Shape):
    """How a file was parsed: an article with its blocks and passages."""

    path: str
    article: OutlinedArticleShape
    text: str
    blocks: list[BlockShape]  # blocks in text order
    passages: list[OutlinedPassageShape]  # passages in text order

    @classmethod
    def of(cls, path: str, article: Article, passages: Sequence[Passage]) -> OutlineShape:
        """The article parsed from `path`."""
        blocks = _blocks(article)
        return cls.from_result(
            article, path=path, article=article, blocks=blocks, passages=passages
        )


def _blocks(article: Article) -> list[dict[str, Any]]:
    return [
        {
            "kind": block.kind,
            "level": block.level,
            "start": block.span.start,
            "end": block.span.end,
            "text": block.span.of(article.text),
            "section": block.section,
        }
        for block in article.blocks
    ]


# --- links -------------------------------------------------------------------------------------


class WasShape(Shape):
    """The passage when it last had this id."""

    text: str
    section: list[str]
    start: int  # position in the article's text then, in code points
    end: int


class RunShape(Shape):
    """A run of words in the difference of two texts."""

    change: Literal["kept", "removed", "added"]  # kept: in both texts; removed, added: in one
    text: str


class NowShape(Shape):
    """The passage that a link leads to."""

    passage: str = source("id")
    article: str = source("article_id")
    text: str
    start: int = source("span", "start")  # position in the article's text, in code points
    end: int = source("span", "end")


class LinkShape(Shape):
    """An id with its status."""

    id: str
    status: Status  # intact, moved, edited or lost
    article: str = source("article_id")  # id of its article or, if lost, of the last one
    section: list[str]
    was: WasShape  # the passage when it last had this id
    now: NowShape | None = source("passage")  # the passage that it leads to; null if lost
    confidence: Sure  # how sure this is, from 0 to 1
    difference: list[RunShape]  # word diff of old and new text; empty unless edited
    link: Permalink = source("id")

    @field_validator("difference", mode="before")
    @classmethod
    def _where_edited(cls, difference: Any, info: ValidationInfo) -> Any:
        return difference() if info.data["status"] == "edited" else ()


class LinkedWordsShape(Shape):
    """What became of the words that a link is for, if not for a whole passage."""

    was: str
    now: str | None  # the words there now; null if they are gone
    start: int | None = rare()  # position in the article's text, in code points
    end: int | None = rare()


class WrittenLinkShape(Shape):
    """A link found in a file, with its status."""

    file: str | None = rare()
    line: int | None = rare()
    url: str | None = rare()
    id: str
    status: Fate  # status of the words that it is for; unknown: never issued
    article: str = ""
    section: list[str] = Field(default=[])
    was: WasShape | None = None
    now: NowShape | None = None
    confidence: float | None = None  # how sure this is, from 0 to 1
    difference: list[RunShape] = Field(default=[])
    link: str
    words: LinkedWordsShape | None = rare()


class CountsShape(Shape):
    """Number of links of each status."""

    intact: int  # number of links whose words are unchanged and in place
    moved: int  # number of links whose words are elsewhere now
    edited: int  # number of links whose words have changed
    lost: int  # number of links whose passage is gone
    unknown: int | None = rare()  # number of links that were never issued


class LinksShape(Shape):
    """Links with their status; in the API, the most broken first."""

    links: list[LinkShape]  # ids with their status
    total: int  # number of links asked for, not only those shown
    all: int  # number of links of every status
    counts: CountsShape  # number of links of each status
    page: PageShape


class PlacedPassageShape(PassageShape):
    """The passage that an id leads to, with its article."""

    article: ArticleShape  # its article
    context: str  # lead-in of its list or head row of its table; may be empty
    asked: str  # the id that was asked for; not `id` if that has changed
    status: Status  # intact, moved or edited
    confidence: float  # how sure it is that this is the passage, from 0 to 1
    was: WasShape  # the passage when it last had this id
    difference: list[RunShape]  # word diff of old and new text; empty unless edited

    @classmethod
    def of(
        cls, found: Resolution, passage: Passage, article: Article, addresses: Addresses
    ) -> PlacedPassageShape:
        """The passage that an id leads to."""
        link = LinkShape.from_result(found, addresses)
        return cls.model_construct(
            **dict(PassageShape.from_result(passage, addresses)),
            article=ArticleShape.from_result(article),
            context=passage.context.of(article.text) if passage.context else "",
            asked=found.id,
            **{name: getattr(link, name) for name in ("status", "confidence", "was", "difference")},
        )


class SimilarShape(Shape):
    """A passage that is similar to another."""

    words: list[str]  # distinctive words that both have, as written in this one
    hit: HitShape  # the passage, with these words marked


class SimilarsShape(Shape):
    """Passages that are similar to another."""

    id: str  # id of that other passage
    similar: list[SimilarShape]  # similar passages, the most similar first


class RelatedShape(Shape):
    """Passages of similar meaning, with or without the words."""

    query: str
    related: list[HitShape]  # passages, the most similar first; scores are cosines
    notes: list[str]


class QuoteShape(Shape):
    """Words of an article, ready to be quoted."""

    id: str = source("passage_id")  # id of the passage in which the words begin
    source: str  # title and section path
    link: str  # link to exactly these words
    text: str  # the quote as plain text
    markdown: str  # the quote as Markdown
    html: str  # the quote as HTML
    reference: str  # one line with author, title, date and section, as far as known
    bibtex: str  # the reference as a BibTeX entry
    ris: str  # the reference as a RIS record
    csl: str  # the reference as CSL-JSON


# --- indexing and problems ---------------------------------------------------------------------


class SkippedShape(Shape):
    """A file, or part of one, that could not be read."""

    path: str
    line: int
    reason: str  # what is wrong
    remedy: str


class IndexingShape(Shape):
    """What indexing did, in numbers of articles, and what the index holds now."""

    added: int
    changed: int
    removed: int
    unchanged: int
    articles: int
    passages: int
    skipped: list[SkippedShape]
    warnings: list[SkippedShape]  # files that were read, but perhaps wrongly
    passed_over: dict[str, int]  # files of other kinds, by suffix
    links_out: int  # symbolic links out of the folders, not followed
    emptied: dict[str, int]  # number of articles removed, by path that is gone or empty
    kept: dict[str, int]  # number of articles kept, by path that is gone or empty
    losses: list[str]  # parts of the ledger of ids that a rebuild could not keep
    seconds: Seconds
    generation: int


class RemovalShape(Shape):
    """What was taken out of an index, and what it holds now."""

    removed: list[str]  # ids of articles
    present: list[str]  # their files that still exist, and would be indexed again
    articles: int
    passages: int
    generation: int


class BackupShape(Shape):
    """What a backup or a restored index holds, compared with the one it replaces."""

    articles: int
    passages: int
    ids: int  # number of ids ever issued
    generation: int
    ids_only_here: list[str]  # ids that the replaced one lacks
    ids_only_there: list[str]  # ids that only the replaced one has
    set_aside: str  # where the replaced one is kept; empty if nowhere
    is_unread: bool  # whether ids of the replaced one can't be read


class VerificationShape(Shape):
    """What was checked in an index, and the errors found."""

    proven: bool = source("is_sound")
    checked: dict[str, int]
    characters: int
    seconds: Seconds
    failed: int
    failures: list[str]  # descriptions of the first failures


class ProblemShape(Shape):
    """A problem (RFC 9457)."""

    type: str  # URI of the kind of problem
    title: str  # name of the HTTP status
    status: int  # HTTP status code
    detail: str  # what went wrong, and what to do about it
    parameter: str | None = rare()  # name of the parameter at fault


class GoneShape(ProblemShape):
    """A passage that is gone."""

    id: str  # the id that was asked for
    article: str  # id of the article that it was last in
    title: str  # title of that article
    was: WasShape  # the passage when it last had this id
    nearest: list[HitShape]  # passages that have the rarest of its words


def gone_members(
    found: Resolution, near: Sequence[Hit], addresses: Addresses
) -> Mapping[str, object]:
    """Further members of the problem document of a lost passage."""
    return {
        "id": found.id,
        "article": found.article_id,
        "title": found.was.title,
        "was": WasShape.from_result(found.was).as_dict(),
        "nearest": [HitShape.from_result(hit, addresses).as_dict() for hit in near],
    }
