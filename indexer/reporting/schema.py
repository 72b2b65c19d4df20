"""What answers look like as JSON: one model for each, of what is found, read and linked.

In: what the library returns, and `Addresses` that make the links of an answer. Out: frozen models;
`as_dict` gives their plain values with the keys that are promised to programs. Command line, API
and OpenAPI are made from them; `audit_schema` holds those of audits. Refuses nothing that the
library returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from indexer.links.permalinks import Resolution
from indexer.model import Article, Hit, Passage, Status
from indexer.reporting.questions import Fate
from indexer.reporting.shape import Addresses as Addresses
from indexer.reporting.shape import (
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

# --- passages that are found -------------------------------------------------------------------


class ArticleShape(Shape):
    """What an answer shows of an article."""

    id: str
    title: str
    url: str  # of the original page, or empty


class MarkShape(Shape):
    """A marked range of a text, in code points, and why it is marked."""

    start: int  # where it begins, in code points
    end: int
    reason: str  # why it is marked


class FoundHeadingShape(Shape):
    """A heading without passages of its own."""

    text: str
    section: list[str]  # its path, from the top down: the headings above it and itself
    marks: list[MarkShape]  # ranges that hold what was looked for


class WhyShape(Shape):
    """A part of a score."""

    field: str  # text, section, title, heading or article; "" of none
    word: str  # or phrase, as typed
    signal: str  # frequency; heading: the passage is found by one alone; constant
    value: Annotated[float, rounded(9)]  # what it adds to the score


class HitShape(Shape):
    """A passage that was found."""

    id: str = source("passage", "id")
    article: ArticleShape
    section: list[str] = source("passage", "section")  # headings from the top down
    kind: str = source("passage", "kind")
    ordinal: int = source("passage", "ordinal")  # 1 for the article's first passage
    score: Score  # how well it matches; higher is better
    text: str = source("passage", "text")
    marks: list[MarkShape]  # ranges that hold what was looked for
    section_marks: list[list[MarkShape]]  # in each heading of `section`
    title_marks: list[MarkShape]  # the same in the title
    found_in: FoundIn  # heading, title: the passage has no marks
    link: Permalink = source("passage", "id")
    heading: FoundHeadingShape | None = rare()  # that it was found by, where `section` lacks it
    why: list[WhyShape] = Field(default=[])  # what sums up to the score

    @field_validator("section_marks", mode="before")
    @classmethod
    def _for_each_heading(cls, marks: Sequence[object], info: ValidationInfo) -> Sequence[object]:
        return marks or ((),) * len(info.data["section"])


class FacetShape(Shape):
    """How many of the passages found have one value."""

    value: str  # as it is given in a question
    label: str  # the value as a person reads it
    count: int  # how often


class OtherNamesShape(Shape):
    """A name in the query, and others of the same drug by which more passages are found."""

    name: str  # as typed, folded
    others: list[str]  # those that the articles have
    label: str  # what the names are: "brand and generic", "unit"; empty where that is not told


class LostShardsShape(Shape):
    """Shards of a cluster that did not answer."""

    shards: int  # that did not answer
    of: int  # that there are


class SearchShape(Shape):
    """Passages found."""

    query: str
    total: int  # of all passages found, not only those shown
    total_synonyms: int = 0  # how many have other names only; they follow the others in `hits`
    synonyms: list[OtherNamesShape] = Field(default=[])  # the names by which those are found
    relaxed: bool  # whether passages with any of the words are shown because none has all
    notes: list[str]
    hits: list[HitShape]  # the passages found, in the order asked for
    facets: dict[str, list[FacetShape]]  # the largest values of each
    distinct: dict[str, int]  # how many values each facet has
    missing: list[str]  # when nothing was found: words that no passage has
    suggestion: str  # when nothing was found: a query that finds something, or empty
    page: PageShape
    order: Literal["approximate"] | None = rare()  # perhaps not the best ones: see `notes`
    lost_shards: LostShardsShape | None = rare()  # then all numbers are lower bounds


class SuggestionShape(Shape):
    """A way to complete what was typed."""

    text: str
    kind: str  # term, phrase, heading or article
    count: int  # occurrences of a term or phrase; passages below a heading or in an article
    link: str


class SuggestShape(Shape):
    """Ways to complete what was typed."""

    query: str
    suggestions: list[SuggestionShape]  # ways to complete what was typed


# --- articles ----------------------------------------------------------------------------------


class ListedArticleShape(ArticleShape):
    """One article of the list."""

    language: str  # as a BCP 47 tag
    link: str


class BlockShape(Shape):
    """A heading, paragraph, list item … of an article."""

    kind: str
    level: int  # depth of a heading or list item
    start: int  # where it begins, in code points
    end: int
    text: str
    section: list[str]


class OutlinedPassageShape(Shape):
    """A passage within its article."""

    id: str
    anchor: str  # readable fragment, unique in its article
    section: list[str]
    kind: str
    ordinal: int  # number in the article, from 1
    start: int = source("span", "start")  # where it begins, in code points
    end: int = source("span", "end")
    text: str
    language: Annotated[str | None, BeforeValidator(lambda code: code or None)] = rare()  # where it
    # is another than the article's


class PassageShape(OutlinedPassageShape):
    """A passage within its article, with its lasting address."""

    link: Permalink = source("id")


class WholeArticleShape(ListedArticleShape):
    """An article with its text, blocks and passages."""

    metadata: dict[str, str]  # what the document says of itself: author, date …
    text: str
    blocks: list[BlockShape]  # headings, paragraphs, list items …, in their order
    passages: list[PassageShape]

    @classmethod
    def of(
        cls, article: Article, passages: Sequence[Passage], link: str, addresses: Addresses
    ) -> WholeArticleShape:
        """An article, and what is in it; `link` is its address."""
        names = ("id", "title", "url", "language", "metadata", "text")
        parts = {"link": link, "blocks": _blocks(article), "passages": passages}
        return cls.from_result({n: getattr(article, n) for n in names} | parts, addresses)


class ArticlesShape(Shape):
    """The articles of the index, or the one whose id was asked for, with all that is in it."""

    total: int  # how many in all
    articles: list[WholeArticleShape | ListedArticleShape]
    page: PageShape


class OutlinedArticleShape(ArticleShape):
    """What an outline shows of an article."""

    language: str  # "" where it is doubtful
    encoding: str  # of the file, where that is text


class OutlineShape(Shape):
    """How a file was understood: an article, its blocks and passages."""

    path: str
    article: OutlinedArticleShape
    text: str
    blocks: list[BlockShape]  # headings, paragraphs, list items …, in their order
    passages: list[OutlinedPassageShape]

    @classmethod
    def of(cls, path: str, article: Article, passages: Sequence[Passage]) -> OutlineShape:
        """The article parsed from `path`."""
        parts = {"text": article.text, "blocks": _blocks(article), "passages": passages}
        return cls.from_result({"path": path, "article": article, **parts})


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
    """What an id meant before anything happened to its passage."""

    text: str
    section: list[str]
    start: int  # in the article's text as it was then, code points
    end: int


class RunShape(Shape):
    """A part of the difference between two texts."""

    change: Literal["kept", "removed", "added"]  # in both, in the old or in the new text alone
    text: str


class NowShape(Shape):
    """The passage that a link leads to."""

    passage: str = source("id")  # its id
    article: str = source("article_id")
    text: str
    start: int = source("span", "start")  # in the article's text
    end: int = source("span", "end")


class LinkShape(Shape):
    """What became of an id."""

    id: str
    status: Status
    article: str = source("article_id")  # id of the article that it leads to, or was last in
    section: list[str]
    was: WasShape
    now: NowShape | None = source("passage")  # null when it is lost
    confidence: Sure  # how sure this is, from 0 to 1
    difference: list[RunShape]  # empty unless it was edited
    link: Permalink = source("id")

    @field_validator("difference", mode="before")
    @classmethod
    def _where_edited(cls, difference: Any, info: ValidationInfo) -> Any:
        return difference() if info.data["status"] == "edited" else ()


class LinkedWordsShape(Shape):
    """What became of the words that a link is for, where it is for less than a passage."""

    was: str
    now: str | None  # where they stand, or what stands there instead; none when they are gone
    start: int | None = rare()  # in the article's text
    end: int | None = rare()


class WrittenLinkShape(Shape):
    """A link that was found in a file, and what became of it."""

    file: str | None = rare()
    line: int | None = rare()
    url: str | None = rare()
    id: str
    status: Fate  # of the words that it is for; unknown: there never was such an id
    article: str
    section: list[str]
    was: WasShape | None
    now: NowShape | None
    confidence: float | None  # how sure this is, from 0 to 1
    difference: list[RunShape]
    link: str
    words: LinkedWordsShape | None = rare()


class CountsShape(Shape):
    """How many links there are of each status."""

    intact: int  # how many that are as they were
    moved: int  # how many with the same words elsewhere
    edited: int  # how many whose words have changed
    lost: int  # how many whose passage is gone
    unknown: int | None = rare()  # how many that were never issued


class LinksShape(Shape):
    """What became of the links that were handed out, the most broken first."""

    links: list[LinkShape]  # the ids and what became of them
    total: int  # of those that were asked for, not only those shown
    all: int  # of every status
    counts: CountsShape  # of all
    page: PageShape


class PlacedPassageShape(PassageShape):
    """A passage with its article, and what became of the id that was asked for."""

    article: ArticleShape
    context: str  # a list's lead-in or a table's head row, or empty
    asked: str  # the id that was asked for; another than `id` when that has changed
    status: Status
    confidence: float  # 0 to 1, that this is the passage
    was: WasShape
    difference: list[RunShape]  # from what it was to what it is; empty unless it was edited

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

    words: list[str]  # distinctive words that both have, as in this passage
    hit: HitShape  # its marks are these words


class SimilarsShape(Shape):
    """Passages that are similar to one."""

    id: str  # of the passage that they are similar to
    similar: list[SimilarShape]  # the best first


class RelatedShape(Shape):
    """Passages of similar meaning, with or without the words."""

    query: str
    related: list[HitShape]  # the most similar first; scores are cosines
    notes: list[str]


class QuoteShape(Shape):
    """Words ready to be quoted."""

    id: str = source("passage_id")  # of the passage that they begin in
    source: str  # title and section
    link: str  # to these very words
    text: str  # the quote as plain text
    markdown: str  # as Markdown
    html: str  # as HTML
    reference: str  # a line that names author, title, date and section, as far as they are known
    bibtex: str  # as a BibTeX entry
    ris: str  # as a RIS record
    csl: str  # CSL-JSON


# --- an index and what goes wrong --------------------------------------------------------------


class SkippedShape(Shape):
    """A file, or part of one, that could not be used."""

    path: str
    line: int
    reason: str  # why
    remedy: str


class IndexingShape(Shape):
    """What indexing did, in articles, and what the index holds now."""

    added: int
    changed: int
    removed: int
    unchanged: int
    articles: int
    passages: int
    skipped: list[SkippedShape]
    warnings: list[SkippedShape]  # files that were read, but perhaps not rightly
    passed_over: dict[str, int]  # files of other kinds, by suffix
    links_out: int  # symbolic links that lead out of the folders, and were not followed
    emptied: dict[str, int]  # paths that are gone or empty: how many articles were removed
    kept: dict[str, int]  # the same, where the articles were kept
    losses: list[str]  # what of the ledger of ids a rebuild could not keep
    seconds: Seconds
    generation: int


class RemovalShape(Shape):
    """What was taken out of an index, and what it holds now."""

    removed: list[str]  # ids of articles
    present: list[str]  # their files that are still there, and come back when indexed again
    articles: int
    passages: int
    generation: int


class KeptShape(Shape):
    """What a backup or a restored index holds, and what of it the other has not."""

    articles: int
    passages: int
    ids: int  # ever issued
    generation: int
    ids_only_here: list[str]  # that what was there before has not
    ids_only_there: list[str]  # that this has not and what was there before has
    set_aside: str  # where what was there before is kept; empty if it is not
    is_unread: bool  # whether the ids of that can't be read


class VerificationShape(Shape):
    """What was checked in an index, and what is wrong."""

    proven: bool = source("is_sound")
    checked: dict[str, int]
    characters: int
    seconds: Seconds
    failed: int
    failures: list[str]  # of very many, the first


class ProblemShape(Shape):
    """What went wrong (RFC 9457)."""

    type: str  # what kind of problem, as an address
    title: str
    status: int
    detail: str  # what went wrong, and how to mend it
    parameter: str | None = rare()  # the one at fault


class GoneShape(ProblemShape):
    """A passage that is gone."""

    id: str
    article: str  # id of the article that it was last in
    title: str  # of that article
    was: WasShape
    nearest: list[HitShape]  # passages with the rarest of its words


def gone_members(
    found: Resolution, near: Sequence[Hit], addresses: Addresses
) -> Mapping[str, object]:
    """What a problem document says of a lost passage beside what all of them say."""
    return {
        "id": found.id,
        "article": found.article_id,
        "title": found.was.title,
        "was": WasShape.from_result(found.was).as_dict(),
        "nearest": [HitShape.from_result(hit, addresses).as_dict() for hit in near],
    }
