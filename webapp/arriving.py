"""Where a link has led: to which passage and words of an article, and what became of them.

In: an index, an article, the form of its page. Out: an `Arrival`, for the page to tell and to mark.
Refuses nothing: ids and words that are not in the article are said to be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from indexer import Article, Index, NotFound, Passage, Resolution, Selection
from webapp.params import ReadingForm

Words = Literal["", "here", "moved", "edited", "gone"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a link led to."""

    passage: Passage | None = None  # of this article, that it leads to now
    found: Resolution | None = None  # what became of the id in the link, if it leads here
    elsewhere: bool = False  # whether the id is known, and leads to no passage of this article
    words: Words = ""  # what became of the words in the link; "" when it has none
    start: int = 0  # of the words that are marked, in the article's text
    end: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether what the passage says is no longer what it said."""
        return self.found is not None and self.found.status == "edited"

    @property
    def is_noteworthy(self) -> bool:
        """Whether there is more to say than where it is."""
        moved = self.found is not None and self.found.status != "intact"
        return moved or self.words not in ("", "here")


def arrive(
    index: Index, article: Article, passages: Sequence[Passage], form: ReadingForm
) -> Arrival | None:
    """What the link led to; None when the page was not asked for by a link to a place."""
    if not form.passage:
        return None
    found = resolved(index, form.passage)
    elsewhere = found is not None and (not found.passage or found.article_id != article.id)
    if found is None or elsewhere:
        passage = None
    else:
        passage = next((p for p in passages if found.passage and p.id == found.passage.id), None)
    arrival = Arrival(passage, found if passage else None, elsewhere)
    return with_words(arrival, article, passages, form.selection) if form.selection else arrival


def resolved(index: Index, passage_id: str) -> Resolution | None:
    """What became of an id; None for one that was never issued."""
    try:
        return index.resolve(passage_id)
    except NotFound:
        return None


def with_words(
    arrival: Arrival, article: Article, passages: Sequence[Passage], wanted: Selection
) -> Arrival:
    """The same with what became of the words that the link was made for."""
    selected = Index.find_selection(article, wanted, arrival.passage)
    told = (arrival.passage, arrival.found, arrival.elsewhere)
    if selected is None:
        return Arrival(*told, "gone")
    start, end = selected.span.start, selected.span.end
    fate: Words = "moved" if arrival.elsewhere else selected.fate
    if fate == "moved" or arrival.passage is None:
        return Arrival(passage_at(passages, start), None, False, fate, start, end)
    return Arrival(*told, fate, start, end)


def passage_at(passages: Sequence[Passage], start: int) -> Passage | None:
    """The passage that an offset is in, or the first after it; None in an article without."""
    after = (p for p in passages if p.span.end > start)
    return next(after, passages[-1] if passages else None)
