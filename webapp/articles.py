"""Pages of articles: the list, a single article, its outline.

In: an article's id, the query whose matches are marked, and the target of a link. Out: pages.
Refuses ids that are not in the index (404).

A long article is shown in parts, each as long as a page can be. A part ends before a block that
begins a list, a table or a paragraph, but not right after a heading; within a list or table if that
fills more than half of a part; and within a passage only if that is longer than a part. Every block
is in exactly one part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from indexer import Article, Block, Index, NotFound, Passage, questions
from webapp import params, urls
from webapp.article_view import HEADING, JOINED, ArticleMarks, ArticleView, found_in
from webapp.headers import changes_with_index
from webapp.library import by_title, current_index, last_few, read_article
from webapp.link_target import LinkTarget, linked_by, target_of
from webapp.params import ReadingForm, existing_part, read
from webapp.rendering import strips

blueprint = Blueprint("articles", __name__)

LISTED = 100  # articles on a page of the list
PART_BLOCKS = 2_000  # most blocks in a part
PART_CHARACTERS = 1_000_000  # most characters in a part
KEPT = 4  # articles, and marks of queries, that are cached


@blueprint.get("/articles")
@blueprint.get("/articles/")
@changes_with_index
def listing() -> ResponseReturnValue:
    """Lists the articles by title; with `id`, shows that article instead."""
    if request.args.get("id"):
        return show(read(params.IdForm, request.args).id)
    form, articles = read(params.Paged, request.args), by_title(current_index())
    part = existing_part(len(articles), LISTED, form.page)
    shown = articles[part.start : part.end]
    return render_template("articles.html", articles=shown, form=form, part=part)


@blueprint.get("/articles/<path:id>")
@changes_with_index
def read_by_path(id: str) -> ResponseReturnValue:
    """Shows an article."""
    return show(id)


def show(id: str) -> ResponseReturnValue:
    """The page of an article with matches marked; of a long article one part, unless `whole`."""
    form, index = read(ReadingForm, request.args), current_index()
    parts = parts_of(index, id)
    article, passages = parts.article, parts.passages
    if form.at and (number := parts.with_anchor(form.at)):
        return redirect(urls.part(id, form, number, form.at))
    if words := linked_by(article, passages, form):
        return redirect(urls.article(id, words, params.SELECTED))
    found, others = ArticleMarks(), not form.exact_names
    if form.q:
        found = matches_in(index, id, form.q, form.match, form.any, others)
    target = target_of(index, article, passages, form)
    number = form.part
    if target and target.passage:
        number = parts.holding(target.start if target.end else target.passage.span.start)
    part, paged = parts.part(number), len(parts) > 1 and not form.whole
    note = note_on(article, form, target)
    view = ArticleView(article, passages, found, target or LinkTarget(), note)
    searched = replace(form, any=form.any or found.relaxed)
    return render_template(
        "article.html",
        article=article,
        parts=parts,
        part=part if paged else None,
        address=partial(urls.part, id, form),
        view=view,
        shown=view.shown(parts.range(number) if paged else None),
        strip=strips(index, (id,), searched, other_names=others)[id] if found.passages else None,
        steps=steps(parts, found, form, number) if paged else {},
        form=form,
        relaxed=found.relaxed,
        target=target,
        linked=target.passage if target else None,
        original=original_of(index, article, target),
    )


def steps(parts: Parts, found: ArticleMarks, form: ReadingForm, number: int) -> dict[str, str]:
    """Addresses for the buttons "previous match" and "next match" at the ends of a part."""
    ways = {"previous": (-1, "match.last"), "next": (1, "match.first")}
    return {
        name: urls.part(parts.article.id, form, there, end)
        for name, (by, end) in ways.items()
        if (there := parts.matching(found, by, number))
    }


def note_on(article: Article, form: ReadingForm, target: LinkTarget | None) -> Markup:
    """Note on what became of the passage that a link led to; empty if nothing has changed."""
    if target is None or target.passage is None or not target.is_noteworthy:
        return Markup()
    page = render_template("change.html", article=article, form=form, target=target)
    return Markup(page)  # nosec B704 # a template's own output, escaped there


def original_of(index: Index, article: Article, target: LinkTarget | None) -> str:
    """Address of the original page, with a fragment for the linked words or passage."""
    if not article.url or target is None or target.passage is None:
        return urls.original(article.url)
    span = target.passage.span
    if target.end:
        span = replace(span, start=target.start, end=target.end)
    return urls.original(article.url, index.fragment(article, span))


@blueprint.get("/outline/<path:id>", endpoint="outline_by_path")
@blueprint.get("/outline")
@changes_with_index
def outline(id: str = "") -> ResponseReturnValue:
    """Shows how an article was parsed: its blocks, boilerplate included, and its passages; of a
    long one in parts."""
    form = read(params.OutlineForm, request.args)
    parts = parts_of(current_index(), id or read(params.IdForm, request.args).id)
    article, passages, number = parts.article, parts.passages, form.part
    if form.passage:
        wanted = next((p for p in passages if p.id == form.passage), None)
        if wanted is None:
            raise NotFound(f"no passage of this article has the id {form.passage[:40]!r}")
        number = parts.holding(wanted.span.start)
    part = parts.part(number)
    starts = [passage.span.start for passage in passages]
    rows = []
    for block in article.blocks[part.start : part.end]:
        first, last = bisect_left(starts, block.span.start), bisect_left(starts, block.span.end)
        rows.append((block, passages[first:last]))  # the passages that begin in it
    shown = {"article": article, "passages": passages, "rows": rows, "part": part}
    return render_template("outline.html", **shown, address=partial(urls.outline, article.id))


# --- parts of long articles ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parts:
    """An article with its passages, divided into parts."""

    article: Article
    passages: tuple[Passage, ...]  # in text order
    cuts: tuple[int, ...]  # index of the first block of each part; the first is 0
    begins: tuple[int, ...]  # offset in the text at which each part begins; the first is 0

    def __len__(self) -> int:
        return len(self.cuts)

    def part(self, number: int) -> params.ListPart:
        """The part of this number, from 1; its `start` and `end` count blocks.

        `ParameterError` for one beyond the last.
        """
        existing_part(len(self), 1, number, "part")
        total = len(self.article.blocks)
        ends = (*self.cuts[1:], total)
        return params.ListPart(number, len(self), self.cuts[number - 1], ends[number - 1], total)

    def range(self, number: int) -> tuple[int, int]:
        """Start and end of a part in the text; the parts cover all of it."""
        ends = (*self.begins[1:], len(self.article.text))
        return self.begins[number - 1], ends[number - 1]

    def holding(self, start: int) -> int:
        """Number of the part that contains an offset of the text."""
        return bisect_right(self.begins, start)

    def with_anchor(self, anchor: str) -> int | None:
        """Number of the part that contains an anchor; None if there is none."""
        headings = (block for block in self.article.blocks if block.kind == "heading")
        starts = {passage.anchor: passage.span.start for passage in self.passages}
        starts |= {f"{HEADING}{n}": heading.span.start for n, heading in enumerate(headings, 1)}
        return self.holding(starts[anchor]) if anchor in starts else None

    def matching(self, found: ArticleMarks, by: int, number: int) -> int | None:
        """The nearest part after (`by` 1) or before (-1) this one in which a match begins.

        Wraps around at the ends; None if no other part has a match.
        """
        marked = {self.holding(mark.start) for mark in found.marks}
        others = (marked | ({1} if found.title else set())) - {number}
        return min(others, key=lambda n: (n - number) * by % len(self), default=None)


def cuts_of(blocks: Sequence[Block], passages: Sequence[Passage]) -> Iterator[int]:
    """Indices of the first block of each part; `passages` must be in text order."""
    first = whole = best = 0  # start of the part; last cut between passages; last between runs
    reach = following = 0  # end of the passages that begin before a block; their number
    yield 0
    for at, block in enumerate(blocks):
        while following < len(passages) and passages[following].span.start < block.span.start:
            reach = max(reach, passages[following].span.end)
            following += 1
        if reach <= block.span.start:
            whole = at
            if at and begins_run(blocks[at - 1], block):
                best = at
        while at > first and is_beyond(blocks, first, at):
            late = best if 2 * (best - first) >= at - first else whole  # no tiny part before a list
            first = late if late > first else at
            yield first


def is_beyond(blocks: Sequence[Block], first: int, at: int) -> bool:
    """Whether a part from block `first` on is too long with block `at`."""
    characters = blocks[at].span.end - blocks[first].span.start
    return at - first >= PART_BLOCKS or characters > PART_CHARACTERS


def begins_run(before: Block, block: Block) -> bool:
    """Whether a part may begin with a block: it follows no heading and continues no list."""
    joined = before.kind in JOINED and (before.kind, before.group) == (block.kind, block.group)
    return before.kind not in ("heading", "title") and not joined


@last_few(KEPT)
def parts_of(index: Index, id: str) -> Parts:
    """The article with this id, divided into parts."""
    article = read_article(index, id)
    passages = tuple(sorted(index.passages(id), key=lambda passage: passage.span.start))
    cuts = tuple(cuts_of(article.blocks, passages))
    begins = (0, *(article.blocks[cut].span.start for cut in cuts[1:]))
    return Parts(article, passages, cuts, begins)


@last_few(KEPT)
def matches_in(
    index: Index, id: str, q: str, match: questions.Match, any: bool, other_names: bool
) -> ArticleMarks:
    """All matches of a query in an article; cached for readers who go from part to part."""
    parts = parts_of(index, id)
    found = index.search(
        q, match=match, any=any, article=id, limit=len(parts.passages), other_names=other_names
    )
    return found_in(parts.article, found)
