"""The target of a link: the passage and words of an article that it leads to, and their status.

In: an index, an id or an article with the form of its page. Out: a `LinkTarget`, with the status
and the words to mark; for a lost passage, the most similar ones. Refuses ids that were never issued
(`NotFound`); words that are not in the article have the status "gone".
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from flask import request

from indexer import Article, Hit, Index, NotFound, Passage, Resolution, Selection, schema
from webapp import urls
from webapp.library import read_article
from webapp.params import SELECTED, ReadingForm
from webapp.problems import Gone

Words = Literal["", "here", "moved", "edited", "gone"]


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The target of a link."""

    passage: Passage | None = None  # of this article, that the link leads to now
    found: Resolution | None = None  # what became of the id in the link, if it leads here
    elsewhere: bool = False  # whether the id is known, but leads to no passage of this article
    words: Words = ""  # what became of the words in the link; "" if it has none
    start: int = 0  # of the words to mark, in the article's text, code points
    end: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether the passage has been edited."""
        return self.found is not None and self.found.status == "edited"

    @property
    def is_noteworthy(self) -> bool:
        """Whether the page must show a note on what became of the passage or the words."""
        moved = self.found is not None and self.found.status != "intact"
        return moved or self.words not in ("", "here")


def target_of(
    index: Index, article: Article, passages: Sequence[Passage], form: ReadingForm
) -> LinkTarget | None:
    """The target of the link that led to a page; None if the page was not opened by such a link."""
    if not form.passage:
        return None
    found: Resolution | None = None
    with suppress(NotFound):
        found = index.resolve(form.passage)
    here = found.passage if found and found.article_id == article.id else None
    passage = next((p for p in passages if here and p.id == here.id), None)
    target = LinkTarget(passage, found if passage else None, found is not None and here is None)
    return with_words(target, article, passages, form.selection) if form.selection else target


def with_words(
    target: LinkTarget, article: Article, passages: Sequence[Passage], wanted: Selection
) -> LinkTarget:
    """The target, with the status and span of the words that the link is for."""
    was = target.found.was.text if target.found else ""
    selected = Index.find_selection(article, wanted, target.passage, was)
    if selected is None:
        return replace(target, words="gone")
    if selected.fate == "edited":
        return replace(target, words="edited")  # words that are not in the link are not marked
    start, end = selected.span.start, selected.span.end
    fate: Words = "moved" if target.elsewhere else selected.fate
    if fate == "moved" or target.passage is None:
        return LinkTarget(passage_at(passages, start), None, False, fate, start, end)
    return replace(target, words=fate, start=start, end=end)


def passage_at(passages: Sequence[Passage], start: int) -> Passage | None:
    """The passage at or after an offset, or else the last one; None without any passage."""
    after = (p for p in passages if p.span.end > start)
    return next(after, passages[-1] if passages else None)


def linked_by(
    article: Article, passages: Sequence[Passage], form: ReadingForm
) -> ReadingForm | None:
    """The form that marks the words of the text fragment in `at`; None if it has no match."""
    span = Index.find_fragment(article, form.at)
    passage = passage_at(passages, span.start) if span else None
    if span is None or passage is None:
        return None
    words = Index.select(article, span)
    led = replace(form, passage=passage.id, text=words.text, end=words.end)
    return replace(led, prefix=words.prefix, suffix=words.suffix)


SHOWN = 5


def nearest(index: Index, text: str) -> tuple[Hit, ...]:
    """Passages that share distinctive words with `text`, best first."""
    return tuple(one.hit for one in index.similar_to(text, limit=SHOWN))


def resolve(index: Index, passage_id: str) -> Resolution:
    """Resolves an id. Raises `NotFound` if it was never issued."""
    try:
        return index.resolve(passage_id)
    except NotFound:
        raise NotFound(f"no passage has, or ever had, the id {passage_id[:40]!r}") from None


def place_of(index: Index, found: Resolution, form: ReadingForm) -> str | None:
    """Address of the target of a link; None if it is gone."""
    if form.selection and (article := home_of(index, found.article_id)):
        words = index.find_selection(article, form.selection, found.passage, found.was.text)
        if words and words.fate != "edited":
            return urls.article(article.id, form, SELECTED)
    return urls.article(found.article_id, form, found.passage.anchor) if found.passage else None


def home_of(index: Index, article_id: str) -> Article | None:
    """An article; None if it is no longer in the index."""
    try:
        return read_article(index, article_id)
    except NotFound:
        return None


def wants_json() -> bool:
    """Whether the client prefers JSON to a page."""
    kinds = ("text/html", "application/json", "application/problem+json")
    return (request.accept_mimetypes.best_match(kinds) or "").endswith("json")


def gone(index: Index, found: Resolution) -> Gone:
    """The problem document for a lost passage."""
    return Gone(
        "the passage is gone",
        schema.gone_members(found, nearest(index, found.was.text), urls.SiteAddresses()),
    )
