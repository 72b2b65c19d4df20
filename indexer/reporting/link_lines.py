"""What became of links, for people: a line for each, and below it the words that changed.

In: a `Tally` of links, and the width of the terminal in cells (None: not a terminal; nothing is
wrapped or cut). Out: lines as `rich` texts. What was removed and added can be told without colour.
Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rich.text import Text

from indexer.links.word_diff import word_diff
from indexer.reporting.differences import difference_text
from indexer.reporting.links import FATES, Fate, Tally, Told
from indexer.reporting.results import wrapped
from indexer.reporting.wording import breadcrumb, count_of, one_line

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
        return f"has {digits} digits of 16" if digits != _ID else "was never issued by this index"
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
        said += f" ({int(link.confidence * 100)}% sure)"
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
    return Text(_cut(one_line(text).strip(), most))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rpartition(" ")[0] + " …"
