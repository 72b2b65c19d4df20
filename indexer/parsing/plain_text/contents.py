"""Recognises tables of contents in a plain text, and the headings that they list.

In: the text, its units and their kinds. Out: kinds in which the lines of such a table are list
items, and the lines below that repeat them are headings. Refuses nothing.

A run of lines is a table of contents if enough of them occur again below, in the same order and
apart from each other (half of them as numbered lines, else three quarters), or if dots lead from
two thirds of them to page numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from indexer.model import Kind
from indexer.parsing.plain_text.headings import numbers_in_series
from indexer.parsing.plain_text.lines import LED, TextUnit, runs_of

_NUMBERED = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[IVX]{1,5}\.|[A-Z]\.|[•*-])\s+")
_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+[\"“‘]?[^\W\d_a-zß-ÿ](?:.|\n)*[^\s.;:,]")
_LONGEST_HEADING = 90  # code points
_LONGEST = 150  # code points
_FEWEST = 3  # lines of a table
_NAMES = (
    "contents", "table of contents", "on this page", "in this article", "inhalt", "indice",
    "auf dieser seite", "inhaltsverzeichnis", "sommaire", "sur cette page", "índice",
)  # fmt: skip


def label_contents(text: str, units: Sequence[TextUnit], kinds: list[Kind]) -> None:
    """Label tables of contents, and the headings that they list, in `kinds`."""
    runs = [run for run in runs_of(units) if run[1] - run[0] >= _FEWEST]
    if not runs:
        return
    keys = [_key(text, unit) for unit in units]
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        if key:
            places.setdefault(key, []).append(place)
    for begin, end in runs:
        named = (place + 1 for place in range(begin, end) if keys[place] in _NAMES)
        firsts = (n for n in range(begin, end) if text.startswith("1.", units[n].start))
        repeated = (n for n in firsts if places.get(keys[n], [0])[-1] > n)
        begin = next(named, next(repeated, begin))
        end = _end_of_table(keys, begin, end)
        count = end - begin
        if count < _FEWEST:
            continue
        found = list(_listed(keys, places, begin, end))
        led = sum(bool(LED.search(_line(text, units[n]))) for n in range(begin, end))
        if _is_table(text, units, found, count) or 3 * led >= 2 * count:
            kinds[begin:end] = ["list_item"] * count
            for place in found:
                kinds[place] = "heading"


def label_numbered(text: str, units: Sequence[TextUnit], kinds: list[Kind]) -> None:
    """Label lines as headings whose section numbers go on from one another, some of them with
    dots inside, unless lines of the same depth follow each other as in a list."""
    numbers = {
        place: found[1]
        for place, unit in enumerate(units)
        if unit.end - unit.start <= _LONGEST_HEADING
        and text[unit.start].isdigit()
        and (found := _SECTION.fullmatch(text, unit.start, unit.end))
    }
    depths = {place: number.count(".") for place, number in numbers.items()}
    series = [
        place
        for place in numbers_in_series(numbers)
        if depths[place] not in (depths.get(place - 1), depths.get(place + 1))
    ]
    if sum(depths[place] > 0 for place in series) >= _FEWEST:
        for place in series:
            kinds[place] = "heading"


def _is_table(text: str, units: Sequence[TextUnit], found: Sequence[int], count: int) -> bool:
    """Whether `count` lines that occur again at the indices `found` are a table of contents."""
    apart = sum(below > above + 1 for above, below in pairwise(found))
    if len(found) < 2 or apart < 0.7 * (len(found) - 1):
        return False
    numbered = all(_NUMBERED.match(text, units[place].start) for place in found)
    nearly_all = len(found) >= _FEWEST and 4 * len(found) >= 3 * count
    return nearly_all or (numbered and 2 * len(found) >= count)


def _end_of_table(keys: Sequence[str], begin: int, end: int) -> int:
    """Index of the first repeated line, where a table ends without a blank line; else `end`."""
    seen: set[str] = set()
    for place in range(begin, end):
        if keys[place] and keys[place] in seen:
            return place
        seen.add(keys[place])
    return end


def _listed(
    keys: Sequence[str], places: dict[str, list[int]], begin: int, end: int
) -> Iterator[int]:
    """Indices where the lines of a run occur again below it, in the same order."""
    last = end - 1
    for place in range(begin, end):
        below = next((n for n in places.get(keys[place], ()) if n > last), None)
        if below is not None:
            yield below
            last = below


def _line(text: str, unit: TextUnit) -> str:
    return text[unit.start : min(unit.end, unit.start + _LONGEST + 1)]


def _key(text: str, unit: TextUnit) -> str:
    """Words of a line without its number and page number, folded; "" if it can be no heading."""
    line = _line(text, unit)
    if len(line) > _LONGEST or not any(map(str.isalpha, line)):
        return ""
    words = _NUMBERED.sub("", LED.sub("", line), count=1)
    return " ".join(words.split()).casefold()
