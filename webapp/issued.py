"""All links that were ever handed out: `/links`, for whoever looks after the articles.

In: which status is wanted, and which page. Out: a page; lost links first, then edited and moved
ones, then those that are simply where they were. Refuses bad parameters (400).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from math import ceil

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from indexer import Index, NotFound, Resolution
from webapp.headers import changes_with_index
from webapp.library import current_index, once_per_index
from webapp.params import STATUSES, LinksForm, ParameterError, read

blueprint = Blueprint("issued", __name__)

LISTED = 50  # links on a page


@dataclass(frozen=True, slots=True)
class Issued:
    """Every id ever issued, those that changed apart from those that did not."""

    changed: Mapping[str, tuple[Resolution, ...]]  # by status
    recorded: frozenset[str]  # ids of passages that are there and that `changed` tells of
    plain: Mapping[str, int]  # article id → ids in it that are where they always were

    def counts(self) -> dict[str, int]:
        """How many ids there are of each status."""
        found = {status: len(self.changed.get(status, ())) for status in STATUSES}
        found["intact"] += sum(self.plain.values())
        return found


@once_per_index
def issued(index: Index) -> Issued:
    """What became of all ids."""
    changed: dict[str, list[Resolution]] = {}
    homes: Counter[str] = Counter()
    recorded = set()
    for link in index.changed_links():
        changed.setdefault(link.status, []).append(link)
        if home := home_of(index, link.id):
            recorded.add(link.id)
            homes[home] += 1
    plain = {name: count - homes[name] for name, count in index.passage_counts().items()}
    return Issued(
        {status: tuple(some) for status, some in changed.items()}, frozenset(recorded), plain
    )


def home_of(index: Index, passage_id: str) -> str:
    """The article that has a passage of this id; "" for none."""
    try:
        return index.passage(passage_id).article_id
    except NotFound:
        return ""


def listed(index: Index, status: str, offset: int, limit: int) -> list[Resolution]:
    """Some of the ids of a status ("" for all), the most broken first."""
    known = issued(index)
    wanted = (status,) if status else STATUSES
    changed = [link for name in wanted for link in known.changed.get(name, ())]
    shown = changed[offset : offset + limit]
    if "intact" in wanted and len(shown) < limit:
        skipped = max(0, offset - len(changed))
        shown += map(index.resolve, islice(plain_ids(index, known, skipped), limit - len(shown)))
    return shown


def plain_ids(index: Index, known: Issued, skipped: int) -> Iterator[str]:
    """Ids that are where they always were, by article, but for the first ones."""
    return chain.from_iterable(_plain_by_article(index, known, skipped))


def _plain_by_article(index: Index, known: Issued, skipped: int) -> Iterator[list[str]]:
    for article_id, count in known.plain.items():
        if count <= skipped:
            skipped -= count
            continue
        ids = [p.id for p in index.passages(article_id) if p.id not in known.recorded]
        yield ids[skipped:]
        skipped = 0


@blueprint.get("/links")
@changes_with_index
def listing() -> ResponseReturnValue:
    """Lists what became of links."""
    form = read(LinksForm, request.args)
    status, page = form.status, form.page
    index = current_index()
    counts = issued(index).counts()
    total = counts[status] if status else sum(counts.values())
    last, skipped = max(1, ceil(total / LISTED)), (page - 1) * LISTED
    if page > last:
        raise ParameterError("page", f"{page} is beyond the last page, {last}")
    return render_template(
        "links.html",
        shown=listed(index, status, skipped, LISTED),
        skipped=skipped,
        counts=counts,
        status=status,
        total=total,
        page=page,
        last=last,
    )
