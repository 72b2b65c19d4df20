"""What became of links: every id ever issued, or the permalinks that files hold.

In: `Told`s: what the index says of an id, with where it was written down if that was asked. Out:
JSON, rows of CSV, and lines for people as `rich` texts, with the words that changed below each; the
numbers of each status always of all, whatever is shown. Refuses nothing.
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
from indexer.reporting.json import to_json
from indexer.reporting.questions import Fate
from indexer.reporting.results import wrapped
from indexer.reporting.wording import breadcrumb, count_of, one_line, percent, shortened

if TYPE_CHECKING:
    from indexer.reporting.schema import Addresses, Shape

FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True, slots=True)
class WordsLink:
    """What became of words that a link was made for, where it is for less than a passage."""

    was: str  # as the link has them; of many, the first and the last
    now: str  # where they stand, or what stands there instead; "" when they are gone
    selected: Selected | None  # where that is


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one id, and where a link to it stands."""

    id: str
    link: Resolution | None  # None: an id that never was one
    url: str = ""  # as it was written down; "" when all ids were asked for
    file: str = ""  # that it stands in; "" when it was given by itself
    line: int = 0  # of that file, from 1
    words: WordsLink | None = None  # None: the link is for all of the passage

    @property
    def fate(self) -> Fate:
        """The status of the words that the link is for, or that there never was such an id."""
        if self.link is None:
            return "unknown"
        if self.words is None or self.link.passage is None:
            return self.link.status
        if self.words.selected is None:
            return "lost"
        if self.words.selected.fate == "here":
            return "moved" if self.link.status == "moved" else "intact"
        return self.words.selected.fate

    @property
    def place(self) -> str:
        """`notes.md:12`, as editors and other checkers write it."""
        return f"{self.file}:{self.line}" if self.file else self.url


class Tally:
    """Lets links through that are to be shown, and counts all of them."""

    def __init__(self, told: Iterable[Told], only: Collection[Fate] = ()) -> None:
        self._told, self._only = told, only
        self.counts: Counter[Fate] = Counter()
        self.shown = 0

    def __iter__(self) -> Iterator[Told]:
        for one in self._told:
            self.counts[one.fate] += 1
            if not self._only or one.fate in self._only:
                self.shown += 1
                yield one

    @property
    def total(self) -> int:
        """Of those seen so far, shown or not."""
        return sum(self.counts.values())

    @property
    def is_broken(self) -> bool:
        """Whether any of all, shown or not, leads nowhere."""
        return bool(self.counts["lost"] or self.counts["unknown"])


# --- as JSON and CSV ---------------------------------------------------------------------------


def links_json(tally: Tally, site: str = "") -> Iterator[str]:
    """Parts of one JSON object, a `LinksShape`: its links one by one, then what is told of all."""
    from indexer.reporting.schema import Addresses, LinksShape

    yield '{\n  "links": ['
    between = "\n"
    for told in tally:
        yield between + "    " + to_json(_shape(told, Addresses(site))).replace("\n", "\n    ")
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


def _shape(told: Told, addresses: Addresses) -> Shape:
    """A link; with the place where it stands and what became of its words if it was found."""
    from indexer.reporting.schema import LinkShape, WrittenLinkShape

    link = told.link
    if link is not None and not told.url:
        return LinkShape.from_result(link, addresses)
    found: dict[str, object] = {"id": told.id, "article": "", "section": (), "difference": ()}
    found |= dict.fromkeys(("was", "now", "confidence"))
    found["link"] = addresses.of(permalink(told.id))
    if link is not None:
        found |= dict(LinkShape.from_result(link, addresses))
    found |= {"file": told.file, "line": told.line, "url": told.url, "status": told.fate}
    if told.words is not None:
        at = told.words.selected
        span = {"start": at.span.start, "end": at.span.end} if at else {}
        found["words"] = {"was": told.words.was, "now": told.words.now or None, **span}
    return WrittenLinkShape.from_result(found)


def links_table(tally: Tally, *, placed: bool) -> Table:
    """One row a link; `placed`: with the file, line and address in which it was found."""
    head: tuple[str, ...] = (
        *("id", "status", "article", "section", "was_text", "was_section", "was_start", "was_end"),
        *("now_passage", "now_article", "now_text", "now_start", "now_end", "confidence", "link"),
    )
    where = ("file", "line", "url", "words") if placed else ()
    return (*where, *head), (_row(told, placed) for told in tally)


def _row(told: Told, placed: bool) -> tuple[Field, ...]:
    words = told.words.was if told.words else ""
    where: tuple[Field, ...] = (told.file, told.line, told.url, words) if placed else ()
    link = told.link
    if link is None:
        return (*where, told.id, told.fate, *[""] * 12, permalink(told.id))
    was, now = link.was, link.passage
    there: tuple[Field, ...] = ("",) * 5
    if now is not None:
        there = (now.id, now.article_id, now.text, now.span.start, now.span.end)
    return (
        *where,
        *(told.id, told.fate, link.article_id, breadcrumb(link.section)),
        *(was.text, breadcrumb(was.section), was.start, was.end),
        *there,
        *(round(link.confidence, 3), permalink(told.id)),
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
_AROUND = 32  # characters of what was kept that are shown on either side of a change
_FIRST_WORDS = 120  # characters of a passage that only moved
_LAST_WORDS = 400  # characters of a lost one that are shown
_INDENT = 10
_ID = 16  # digits


def link_lines(tally: Tally, width: int | None) -> Iterator[Text]:
    """All links by article, or by the place where they stand, then the numbers."""
    for home, group in groupby(tally, key=_home):
        if home is not None:
            yield Text(one_line(home), "bold")
        for told in group:
            yield from _told_lines(told, width)
    if tally.shown:
        yield Text()
    yield from tally_lines(tally)


def tally_lines(tally: Tally) -> Iterator[Text]:
    """`311 links: 270 intact, 10 moved, 6 edited, 25 lost`, and how many of them are shown."""
    numbers = [f"{tally.counts[fate]:,} {fate}" for fate in FATES if tally.counts[fate]]
    whole = count_of(tally.total, "link")
    yield Text(f"{whole}: {', '.join(numbers)}" if numbers else "no links")
    if tally.shown < tally.total:
        yield Text(f"{tally.shown:,} of {whole} shown")


def _home(told: Told) -> str | None:
    """The article that an id was issued for; None for one that was found in a file."""
    return told.link.was.article_id if told.link and not told.url else None


def _told_lines(told: Told, width: int | None) -> Iterator[Text]:
    """A line that names the link and says what it leads to, and what changed below it."""
    if told.url:
        line = Text(f"{one_line(told.place)}: ")
        line.append(told.fate, _STYLES[told.fate])
        line.append(f" {one_line(told.url if told.file else told.id)} ", _FAINT)
    else:
        line = Text("  ").append(f"{told.fate:8}", _STYLES[told.fate])
        line.append(f"{one_line(told.id)}  ", _FAINT)
    line.append(_summary(told))
    if width and not told.url:
        line.truncate(width, overflow="ellipsis")
    line.rstrip()
    yield line
    if (details := _details(told)) is not None:
        yield from wrapped(details, width, _INDENT)


def _summary(told: Told) -> str:
    """What it leads to, or led to, in a few words."""
    link = told.link
    if link is None:
        digits = len(told.id)
        return f"has {digits} of 16 digits" if digits != _ID else "was never issued by this index"
    if told.fate == "intact" and not told.url:
        return one_line(link.was.text)
    home = link.was.article_id if told.url else ""
    if link.passage is None:
        return f"last in {_there(home, link.was.section)}"
    strayed = link.article_id != link.was.article_id
    said = _there(link.article_id if strayed else home, link.section)
    if told.words is not None:
        return f"words gone from {said}" if told.fate == "lost" else f"words in {said}"
    if link.status == "intact":
        return said
    if link.status == "moved" and not strayed and link.section != link.was.section:
        said += f", from {_there('', link.was.section)}"
    if link.passage.id != link.id:
        said += f", as {link.passage.id}"
    if link.status == "edited":
        said += f" ({percent(link.confidence)} sure)"
    return f"now in {said}"


def _there(article: str, section: Iterable[str]) -> str:
    """An article and a section of it, as far as they are told."""
    return " › ".join(filter(None, (one_line(article), breadcrumb(section)))) or "no section"


def _details(told: Told) -> Text | None:
    """The words that changed, moved or are gone."""
    if told.link is None or told.fate == "intact":
        return None
    if told.fate == "edited":
        words = told.words
        runs = word_diff(words.was, words.now) if words else told.link.difference()
        return difference_text(runs, _AROUND)
    most = _LAST_WORDS if told.fate == "lost" else _FIRST_WORDS
    text = told.words.was if told.words and told.link.passage else told.link.was.text
    return Text(shortened(one_line(text).strip(), most))
