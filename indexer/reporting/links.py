"""Reports on links: the status of every id ever issued, or of the permalinks in files.

In: `CheckedLink`s: what the index says of an id and, for a link in a file, its place. Out: JSON,
rows of CSV, and lines for people as `rich` texts, with the changed words below each link; the
numbers of each status count all links, shown or not. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, get_args

from rich.text import Text

from indexer.links.permalinks import Resolution, permalink
from indexer.links.selection import Selected
from indexer.links.similarity import word_diff
from indexer.model import Page
from indexer.reporting.csv import Field, Table
from indexer.reporting.differences import difference_text
from indexer.reporting.formats import to_json
from indexer.reporting.questions import Fate
from indexer.reporting.results import wrapped
from indexer.reporting.wording import breadcrumb, count_of, one_line, percent, shortened

if TYPE_CHECKING:
    from indexer.reporting.schema import Addresses, Shape

FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True, slots=True)
class LinkedWords:
    """What became of the words that a link is for, if not for a whole passage."""

    was: str  # as in the link: all, or the first and the last
    now: str  # the words there now, perhaps edited; "" if they are gone
    selected: Selected | None  # their span; None if they are gone


@dataclass(frozen=True, slots=True)
class CheckedLink:
    """What became of one id, and where a link to it was found."""

    id: str
    link: Resolution | None  # None: the id was never issued
    url: str = ""  # as written; "" when all ids of the index are listed
    file: str = ""  # path of the file that has the link; "" for one on the command line
    line: int = 0  # of that file, from 1
    words: LinkedWords | None = None  # None: the link is for the whole passage

    @property
    def fate(self) -> Fate:
        """Status of the words that the link is for; "unknown" for an id that was never issued."""
        if self.link is None:
            return "unknown"
        if self.words is None or self.link.passage is None:
            return self.link.status
        if self.words.selected is None:
            return "lost"
        if self.words.selected.fate == "here":
            return "moved" if self.link.status == "moved" else "intact"
        return self.words.selected.fate


class Tally:
    """Iterates over the links to show, and counts all by status."""

    def __init__(self, items: Iterable[CheckedLink], only: Collection[Fate] = ()) -> None:
        self._items, self._only = items, only
        self.counts: Counter[Fate] = Counter()
        self.shown = 0

    def __iter__(self) -> Iterator[CheckedLink]:
        for one in self._items:
            self.counts[one.fate] += 1
            if not self._only or one.fate in self._only:
                self.shown += 1
                yield one

    @property
    def total(self) -> int:
        """Number of links so far, shown or not."""
        return sum(self.counts.values())

    @property
    def is_broken(self) -> bool:
        """Whether any link, shown or not, is lost or unknown."""
        return bool(self.counts["lost"] or self.counts["unknown"])


# --- as JSON and CSV ---------------------------------------------------------------------------


def links_json(tally: Tally, site: str = "") -> Iterator[str]:
    """Parts of one JSON object, a `LinksShape`: its links one by one, then totals and counts."""
    from indexer.reporting.schema import Addresses, LinksShape

    yield '{\n  "links": ['
    between = "\n"
    for item in tally:
        yield between + "    " + to_json(_shape(item, Addresses(site))).replace("\n", "\n    ")
        between = ",\n"
    counts = {fate: tally.counts[fate] for fate in FATES if fate != "unknown" or tally.counts[fate]}
    whole = LinksShape.from_result(
        {
            "links": (),
            "total": tally.shown,
            "all": tally.total,
            "counts": counts,
            "page": Page(0, tally.shown, more=False),
        }
    ).as_dict()
    del whole["links"]
    yield ("\n  ]" if tally.shown else "]") + "," + to_json(whole)[1:] + "\n"


def _shape(item: CheckedLink, addresses: Addresses) -> Shape:
    """The model of a link; one found in a file also has its place, and what became of its words."""
    from indexer.reporting.schema import LinkShape, WrittenLinkShape

    link = item.link
    if link is not None and not item.url:
        return LinkShape.from_result(link, addresses)
    found: dict[str, object] = {"id": item.id, "link": addresses.of(permalink(item.id))}
    if link is not None:
        found |= dict(LinkShape.from_result(link, addresses))
    found |= {"file": item.file, "line": item.line, "url": item.url, "status": item.fate}
    if item.words is not None:
        at = item.words.selected
        span = {"start": at.span.start, "end": at.span.end} if at else {}
        found["words"] = {"was": item.words.was, "now": item.words.now or None, **span}
    return WrittenLinkShape.from_result(found)


def links_table(tally: Tally, *, placed: bool, site: str = "") -> Table:
    """One row per link; with `placed`, first the file, line, address and words of the link."""
    head: tuple[str, ...] = (
        *("id", "status", "article", "section", "was_text", "was_section", "was_start", "was_end"),
        *("now_passage", "now_article", "now_text", "now_start", "now_end", "confidence", "link"),
    )
    where = ("file", "line", "url", "words") if placed else ()
    return (*where, *head), (_row(item, placed, site) for item in tally)


def _row(item: CheckedLink, placed: bool, site: str) -> tuple[Field, ...]:
    words = item.words.was if item.words else ""
    where: tuple[Field, ...] = (item.file, item.line, item.url, words) if placed else ()
    link = item.link
    if link is None:
        return (*where, item.id, item.fate, *[""] * 12, site + permalink(item.id))
    was, now = link.was, link.passage
    there: tuple[Field, ...] = ("",) * 5
    if now is not None:
        there = (now.id, now.article_id, now.text, now.span.start, now.span.end)
    return (
        *where,
        *(item.id, item.fate, link.article_id, breadcrumb(link.section)),
        *(was.text, breadcrumb(was.section), was.start, was.end),
        *there,
        *(round(link.confidence, 3), site + permalink(item.id)),
    )


# --- for people ---------------------------------------------------------------------------------

_STYLES: Mapping[Fate, str] = {
    "intact": "green",
    "moved": "cyan",
    "edited": "yellow",
    "lost": "bold red",
    "unknown": "bold red",
}
_FAINT = "dim"
_AROUND = 32  # unchanged characters shown on either side of a change
_FIRST_WORDS = 120  # characters shown of a passage that moved
_LAST_WORDS = 400  # characters shown of a lost passage
_INDENT = 10
_ID = 16  # digits of an id


def link_lines(tally: Tally, width: int | None) -> Iterator[Text]:
    """The links, grouped by article if they are the index's, then how many have each status, and
    how many are shown if not all."""
    for home, group in groupby(tally, key=_home):
        if home is not None:
            yield Text(one_line(home), "bold")
        for item in group:
            yield from _item_lines(item, width)
    if tally.shown:
        yield Text()
    numbers = [f"{tally.counts[fate]:,} {fate}" for fate in FATES if tally.counts[fate]]
    whole = count_of(tally.total, "link")
    yield Text(f"{whole}: {', '.join(numbers)}" if numbers else "no links")
    if tally.shown < tally.total:
        yield Text(f"{tally.shown:,} of {whole} shown")


def _home(item: CheckedLink) -> str | None:
    """Id of the article that an id was issued for; None for a link found in a file."""
    return item.link.was.article_id if item.link and not item.url else None


def _item_lines(item: CheckedLink, width: int | None) -> Iterator[Text]:
    """A line with status, link and target, and below it the words that changed."""
    if item.url:
        place = f"{item.file}:{item.line}" if item.file else item.url  # as linters write it
        line = Text(f"{one_line(place)}: ")
        line.append(item.fate, _STYLES[item.fate])
        line.append(f" {one_line(item.url if item.file else item.id)} ", _FAINT)
    else:
        line = Text("  ").append(f"{item.fate:8}", _STYLES[item.fate])
        line.append(f"{one_line(item.id)}  ", _FAINT)
    line.append(_summary(item))
    if width and not item.url:
        line.truncate(width, overflow="ellipsis")
    line.rstrip()
    yield line
    if (details := _details(item)) is not None:
        yield from wrapped(details, width, _INDENT)


def _summary(item: CheckedLink) -> str:
    """Where the link leads, or last led, in a few words."""
    link = item.link
    if link is None:
        digits = len(item.id)
        return f"has {digits} of 16 digits" if digits != _ID else "was never issued by this index"
    if item.fate == "intact" and not item.url:
        return one_line(link.was.text)
    home = link.was.article_id if item.url else ""
    if link.passage is None:
        return f"last in {_place(home, link.was.section)}"
    elsewhere = link.article_id != link.was.article_id
    place = _place(link.article_id if elsewhere else home, link.section)
    if item.words is not None:
        return f"words gone from {place}" if item.fate == "lost" else f"words in {place}"
    if link.status == "intact":
        return place
    if link.status == "moved" and not elsewhere and link.section != link.was.section:
        place += f", from {_place('', link.was.section)}"
    if link.passage.id != link.id:
        place += f", as {link.passage.id}"
    if link.status == "edited":
        place += f" ({percent(link.confidence)} sure)"
    return f"now in {place}"


def _place(article: str, section: Iterable[str]) -> str:
    """Article id and section path, either of which may be empty."""
    return " › ".join(filter(None, (one_line(article), breadcrumb(section)))) or "no section"


def _details(item: CheckedLink) -> Text | None:
    """The words that changed, moved or are gone; None for an intact or unknown link."""
    if item.link is None or item.fate == "intact":
        return None
    if item.fate == "edited":
        words = item.words
        runs = word_diff(words.was, words.now) if words else item.link.difference()
        return difference_text(runs, _AROUND)
    most = _LAST_WORDS if item.fate == "lost" else _FIRST_WORDS
    text = item.words.was if item.words and item.link.passage else item.link.was.text
    return Text(shortened(one_line(text).strip(), most))
