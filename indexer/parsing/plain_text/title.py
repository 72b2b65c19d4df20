"""Finds the title of a plain text, and the lines that are boilerplate rather than content.

In: the text, its units and their kinds. Out: the index of the title's unit, and kinds with
boilerplate among them. Refuses nothing.

The title is the line at the start whose words recur below, in headings and prose. Lines before it
whose words never recur, and lines at either end that read like boilerplate, are boilerplate. That
is left out of search, so a doubtful line is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from indexer.model import Kind
from indexer.parsing.boilerplate import (
    LONGEST,
    MENU,
    PAGE,
    PAGE_FOOT,
    PASS_ON,
    boilerplate_certainty,
    is_trail,
    is_warning,
    says,
)
from indexer.parsing.plain_text.headings import division_of
from indexer.parsing.plain_text.lines import TextUnit

_WORD = re.compile(r"[^\W\d_]+")
_PAIR = re.compile("(?=([\u30a1-\u30ff\u3400-\u9fff]{2}))")  # for text without spaces between words
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # about two of them are a word
_STEM = 7  # code points to which words are cut before they are compared
_NO_RUN = re.compile(r"[\W_]")
_ASCII_RUNS = bytes(c if chr(c).isalnum() else 0x20 for c in range(128)).ljust(256, b" ")
_LEAD = 12  # units at the start that are searched for the title
_TAIL = 6  # units at the end that are searched for boilerplate
_LONGEST_TITLE = 250  # code points
_LONGEST_STRAY = 120  # code points of a line before the title
_SAMPLE = 20_000  # code points that are searched for a line's words
_FEWEST_WORDS = 40  # of content that must be left beside boilerplate
_SHORTEST_PROSE = 100  # code points of a unit that is not an entry of a menu
_FEWEST_MENU_LINES = 4
_PAGE_LEAD = 60  # units above the prose of a page that are searched for its title
_NO_TITLE = re.compile("(?i)cookie|//")  # in notices and links of pages
_SECTION = re.compile(r"\d{1,2}(?:[.)]\s|\Z)")
_RECURS = 0.34  # least share of a title's words that recur
_RECURS_OFTEN = 0.6


class TitleFinder:
    """Finds title and boilerplate of one text."""

    def __init__(self, text: str, units: Sequence[TextUnit], kinds: Sequence[Kind]) -> None:
        """`kinds` has a kind for each unit."""
        self._text, self._units, self._kinds = text, units, kinds
        self._prose = self._prose_of_page()  # indices; empty unless a page was copied whole
        self._recurrences: dict[int, float] = {}  # by index

    @cached_property
    def _sample(self) -> str:
        return _spaced(self._text[: _SAMPLE + (self._units[0].start if self._units else 0)])

    def find_title(self) -> int | None:
        """Index of the first heading of the lead, unless a later one is clearly the subject."""
        if len(self._units) < 2:
            return None
        if self._prose:
            return self._title_of_page()
        strays = False  # whether lines that are no headings stand above
        found: list[int] = []
        for place, unit in enumerate(self._units[:_LEAD]):
            length = unit.end - unit.start
            certainty = self._certainty(place, place, len(self._units))
            if certainty == "sure" or self._kinds[place] == "boilerplate":
                continue
            if self._kinds[place] != "heading" or length > _LONGEST_TITLE:
                if length > _LONGEST_STRAY and not certainty:
                    break
                strays = strays or not (found or certainty)
            elif self._is_division(place):
                strays = strays or not found
            elif not certainty or self._recurrence(place) >= 0.5:
                found.append(place)
        if not found:
            return None
        if strays:
            # a line with many recurring words is stronger evidence
            weights = [self._recurrence(n) * min(len(_stems(self._line(n))), 4) for n in found]
            best = found[weights.index(max(weights))]
            return best if self._recurrence(best) >= _RECURS else None
        if not self._recurrence(found[0]):
            return next(filter(self._is_subject, found[1:]), found[0])
        return found[0]

    def _prose_of_page(self) -> range:
        """Indices from the first to the last sentences of a page that was copied whole, with its
        menus; empty for another text.

        Such a page has a link past the menu in its lead, or several menu entries among the short
        lines above its prose.
        """
        places = range(len(self._units))
        first = next(filter(self._is_prose, places), 0)
        above = [self._line(place) for place in range(min(first, _PAGE_LEAD))]
        menus = sum(says(line, MENU) or is_trail(line) for line in above)
        if menus < _FEWEST_MENU_LINES and not any(says(line, PAGE) for line in above):
            return range(0)
        return range(first, next(filter(self._is_prose, reversed(places))) + 1)

    def _is_prose(self, place: int) -> bool:
        unit = self._units[place]
        last = self._text[unit.end - 1 : unit.end]
        shortest = _SHORTEST_PROSE // 2 if last == "。" else _SHORTEST_PROSE
        is_long = unit.end - unit.start >= shortest and last in ".!?:…。"
        return is_long and not _NO_TITLE.search(self._line(place))

    def _title_of_page(self) -> int | None:
        """Index of the last line that ends a breadcrumb trail, repeats the line above or begins the
        prose; else of the first with the most recurring words, one only if no longer line has."""
        begin = self._units[self._prose.start].start
        prose = _spaced(self._text[begin : begin + _SAMPLE])
        above = range(max(0, self._prose.start - _PAGE_LEAD), self._prose.start)
        lines = {place: self._line(place) for place in above}
        trails = filter(is_trail, lines.values())
        crumbs = {_spaced(re.split(r"\s*[>»›/|→]\s*", line)[-1]) for line in trails}
        weights: dict[tuple[bool, int], float] = {}
        named: list[int] = []
        for place, line in lines.items():
            own = {stem[: max(4, len(stem) - 2)] for stem in _stems(line)}  # inflections differ
            own.update(_PAIR.findall(line))
            if says(line, MENU) or says(line, PAGE) or is_trail(line):
                weights.clear()
            if not own or line[-1] == "." or _NO_TITLE.search(line) or len(line) > _LONGEST_TITLE:
                continue
            if not (says(line, MENU) or is_trail(line) or self._is_boilerplate(place)):
                hits = sum((stem if _PAIR.match(stem) else f" {stem}") in prose for stem in own)
                weights[len(own) == 1, place] = hits / len(own) * min(len(own), 4)
                key = _spaced(line)
                begins = f"{key} " in prose[: len(key) + 6]  # maybe behind "The "
                if begins or key in crumbs or line == lines.get(place - 1):
                    named.append(place)
        enough = max(1.0, 0.85 * max(weights.values(), default=0.0))
        found = [key for key, weight in weights.items() if weight >= enough]
        return named[-1] if named else min(found)[1] if found else None

    def _is_division(self, place: int) -> bool:
        """Whether a heading names one of several divisions of a book of the same rank, or numbered
        sections."""
        lines = [self._line(n) for n, kind in enumerate(self._kinds) if kind == "heading"]
        if _SECTION.match(self._line(place)):
            return len(list(filter(_SECTION.match, lines))) > 2
        own = division_of(self._line(place))
        return own is not None and sum(division_of(line) == own for line in lines) > 1

    def mark_boilerplate(self, title: int | None) -> list[Kind]:
        """Kinds with boilerplate among them, if enough content is left."""
        kinds = list(self._kinds)
        found = {place for place in range(len(kinds)) if self._is_boilerplate(place)}
        found.update(self._boilerplate_at_start(title))
        found.update(self._boilerplate_at_end(found))
        found.update(self._boilerplate_of_page(title))
        found = {n for n in found if n != title and not is_warning(self._line(n))}
        rest = (n for n, kind in enumerate(kinds) if kind not in ("heading", "boilerplate"))
        counts = (_count_words(self._line(n)) for n in rest if n not in found and n != title)
        if found and sum(counts) >= _FEWEST_WORDS:
            for place in found:
                kinds[place] = "boilerplate"
        for place in range(max(title or 0, self._prose.start)):
            # it has nothing under it, or is the date or author of a page
            is_none = place < (title or 0) or (self._recurrence(place) < _RECURS and place != title)
            if kinds[place] == "heading" and is_none:
                kinds[place] = "paragraph"
        return kinds

    def _line(self, place: int) -> str:
        unit = self._units[place]
        return self._text[unit.start : min(unit.end, unit.start + LONGEST + 1)]

    def _certainty(self, place: int, from_start: int, from_end: int) -> str | None:
        return boilerplate_certainty(self._line(place), from_start, from_end)

    def _is_boilerplate(self, place: int) -> bool:
        """Whether a line is boilerplate wherever it stands."""
        is_short = len(self._line(place)) <= _LONGEST_STRAY
        return is_short and bool(self._certainty(place, LONGEST, LONGEST))

    def _recurrence(self, place: int) -> float:
        """Share of a line's longer words that occur elsewhere in the text."""
        if place not in self._recurrences:
            own, sample = _stems(self._line(place)), self._sample
            inside = _spaced(self._line(place)) if self._units[place].end <= _SAMPLE else ""
            found = sum(sample.count(f" {s}") > inside.count(f" {s}") for s in own)
            self._recurrences[place] = found / (len(own) or 1)
        return self._recurrences[place]

    def _is_subject(self, place: int) -> bool:
        """Whether a line names the subject of the whole article, and not only of its section.

        Its words then recur in several later headings. A playful title may never recur, so lines
        above this one are boilerplate only if this one is certainly the title.
        """
        words = _stems(self._line(place))
        if len(words) < 2 or self._recurrence(place) < _RECURS_OFTEN:
            return False
        below = range(place + 1, len(self._kinds))
        headings = (self._line(n) for n in below if self._kinds[n] == "heading")
        return sum(not words.isdisjoint(_stems(line)) for line in headings) >= 2

    def _boilerplate_at_start(self, title: int | None) -> Iterator[int]:
        """Indices of lines before the title that read like boilerplate or never recur."""
        last = min(2, len(self._units) - 1) if title is None else title
        sure = title is not None and self._is_subject(title)
        for place in range(last):
            certainty = self._certainty(place, place, len(self._units))
            score = self._recurrence(place)
            if certainty == "sure" or (certainty and score < 0.75):
                yield place
            elif title is None:
                return
            elif sure and not score:
                line = self._line(place)
                if len(line) <= _LONGEST_STRAY and line[-1] not in ".!":
                    yield place

    def _boilerplate_of_page(self, title: int | None) -> Iterator[int]:
        """Indices of boilerplate of a page copied whole: short lines above its title, links to
        share it, and short lines below its prose from the first line of its foot on."""
        if not self._prose or title is None:
            return
        below = range(self._prose.stop, len(self._units))
        said = (n for n in below if self._certainty(n, n, 0) or says(self._line(n), PAGE_FOOT))
        foot = next(said, below.stop)
        for place in (*range(title), *range(foot, below.stop)):
            line = self._line(place)
            is_entry = len(line) <= _LONGEST_STRAY and line[-1] not in ".!?"
            if is_entry or says(line, PAGE_FOOT) or (place < title and _NO_TITLE.search(line)):
                yield place
        yield from (n for n in range(title, self._prose.start) if says(self._line(n), PASS_ON))

    def _boilerplate_at_end(self, found: set[int]) -> Iterator[int]:
        """Indices of boilerplate that only boilerplate follows."""
        count = len(self._units)
        for place in range(count - 1, max(count - 1 - _TAIL, 0), -1):
            if place not in found:
                if not self._certainty(place, count, 0):
                    return
                yield place


def _count_words(line: str) -> int:
    unspaced = 0 if line.isascii() else len(_UNSPACED.findall(line)) // 2
    return line.count(" ") + 1 + unspaced


def _spaced(text: str) -> str:
    """A text folded, with a space in front and in place of all but letters and digits."""
    if text.isascii():
        return " " + text.lower().encode().translate(_ASCII_RUNS).decode()
    return " " + _NO_RUN.sub(" ", text.casefold())


def _stems(line: str) -> set[str]:
    """Longer words of a line, folded and cut, so that the forms of one word match."""
    return {word.casefold()[:_STEM] for word in _WORD.findall(line) if len(word) > 3}
