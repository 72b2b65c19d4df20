"""Infers the level of each heading of a plain text from the text alone.

In: the headings as lines (`line_kinds` decides which lines are headings), with what surrounds
them. Out: a level from 1 for each. Refuses nothing.

Evidence, strongest first: divisions of a book, nested by rank; a numbering scheme (2, 2.1, 2.1.3);
a heading right above its list while others have a blank line below them; usual names of top
sections in papers; all capitals against mixed case; a heading right under another, which is one
level deeper; and the level of an earlier heading with the same look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

DEEPEST = 6
_NUMBERING = re.compile(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*)(?:[.):]\s*|\s+)(?=\D*[^\W\d_])")
_FIGURES = re.compile(r"\d+")
_WIDEST_STEP = 3  # from a section number to the next
_MOST_OPEN = 20  # series of section numbers that may go on
_MARKS = re.compile(r"(#{1,6})\s")
_TOP = re.compile(
    r"""(?ix)(?:
      abstract | introduction | background | (?:materials?\ and\ )?methods? | methodology
    | results?(?:\ and\ discussion)? | discussion | conclusions? | references | bibliography
    | acknowledge?ments? | abbreviations | competing\ interests | authors?.?\ contributions
    | supporting\ information | supplementary\ \w+ | appendix(?:\ \w+)? | glossary | see\ also
    | external\ links | further\ reading | notes
    )\W*"""
)
_DIVISIONS = (  # of books, the largest first
    "volume|band|tome|tomo|vol\\.", "book|buch|livre|libro", "part|teil|partie|parte",
    "act|akt|acte",
    "chapter|kapitel|chapitre|cap[ií]tulo|capitolo|scene|szene",
)  # fmt: skip
_HAN_DIVISION = re.compile(
    r"第[\d０-９〇零一二三四五六七八九十百]{1,4}(?:([編篇编部卷巻])|([章回話])|([節节])).*"
)
_HAN_INNER = re.compile("[（(][\\d０-９一二三四五六七八九十]{1,3}[）)]|[①-⒇]")  # below 1. or 一、
_DIVISION = re.compile(
    rf"(?i)(?:the\s+)?(?:{'|'.join(f'(?P<d{n}>{names})' for n, names in enumerate(_DIVISIONS))})"
    r"\s+(?:the\s+)?(?:[\divxlc]+\b|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"first|second|third|fourth|fifth|last).*"
)
_PART = 2  # rank of parts among the divisions; chapters and what is below them follow


class Heading(NamedTuple):
    """A heading and what surrounds it."""

    text: str
    stacked: bool  # whether another heading, not the title, is right above
    apart: bool  # whether a blank line follows
    over_list: bool  # whether a list item follows
    underline: str  # "=" or another character when the next line underlines it, else ""


def heading_levels(headings: Sequence[Heading], spaced: bool) -> list[int]:
    """Level of each heading, 1 at the top; none is more than one deeper than the heading before.

    `spaced`: whether blank lines follow headings before other kinds than paragraphs, so that a
    heading right above its list is a sign.
    """
    levels: list[int] = []
    divisions: list[int] = []  # ranks of the open divisions
    looks = [_look(heading) for heading in headings]
    capitals = sum(1 for look in looks if look[0])
    by_case = 0.1 * len(looks) <= capitals <= 0.6 * len(looks)  # capitals mark top headings
    underlines = list(dict.fromkeys(h.underline for h in headings if h.underline))
    base = min((_own_level(h, underlines) or DEEPEST for h in headings), default=1)
    for place, heading in enumerate(headings):
        above = levels[-1] if levels else 0
        before = range(place - 1, -1, -1)  # the nearest first
        own = _own_level(heading, underlines)
        rank = division_of(heading.text)
        capital = by_case and looks[place][0]
        if rank is not None:
            while divisions and divisions[-1] >= rank:
                divisions.pop()
            divisions.append(rank)
            level = len(divisions)
        elif own:
            level = own - base + 1
        elif looks[place][1] == "(":
            level = next((levels[n] for n in before if looks[n][1] == "("), above + 1)
        elif spaced and heading.over_list and not heading.apart:
            # one deeper than the last heading that is not right above a list itself
            others = (n for n in before if headings[n].apart or not headings[n].over_list)
            level = next((levels[n] + 1 for n in others), 1)
        elif _TOP.fullmatch(heading.text) or capital:
            level = 1
        elif heading.stacked or (by_case and place and looks[place - 1][0]):
            level = above + 1
        else:
            # as the last heading with the same look, else with the same case and spacing
            case, _, glued = looks[place]
            same = (levels[n] for n in before if looks[n] == looks[place])
            alike = (levels[n] for n in before if looks[n][::2] == (case, glued))
            level = next(chain(same, alike), above or 1)
        levels.append(max(1, min(level, above + 1, DEEPEST)))
    return levels


def numbers_in_series(numbers: Mapping[int, str]) -> set[int]:
    """Keys of those section numbers that go on from one another: 4, 4.1, 4.2, 5."""
    series: list[list[int]] = []
    ends: list[tuple[int, ...]] = []  # last number of each
    for key, number in numbers.items():
        parts = tuple(map(int, _FIGURES.findall(number)))
        *outer, own = parts
        for place in range(len(ends) - 1, max(len(ends) - _MOST_OPEN, 0) - 1, -1):
            *above, last = (*ends[place], 0)[: len(parts)]
            if above == outer and last < own <= last + _WIDEST_STEP:
                series[place].append(key)
                ends[place] = parts
                break
        else:
            series.append([key])
            ends.append(parts)
    return {key for keys in series if len(keys) > 1 for key in keys}


def division_of(text: str) -> int | None:
    """Rank of a division of a book (BOOK TWO, Chapter 3), 0 for the largest; None if it is none."""
    if han := _HAN_DIVISION.fullmatch(text):
        return _PART + 2 * ((han.lastindex or 1) - 1)
    found = _DIVISION.fullmatch(text)
    return int(found.lastgroup[1:]) if found and found.lastgroup else None


def _own_level(heading: Heading, underlines: Sequence[str]) -> int:
    """Level that a heading itself shows by its number, `#` marks or underline, else 0."""
    if marks := _MARKS.match(heading.text):
        return len(marks[1])
    if numbering := _NUMBERING.match(heading.text):
        return numbering[1].count(".") + 1
    return underlines.index(heading.underline) + 1 if heading.underline else 0


def _look(heading: Heading) -> tuple[bool, str, bool]:
    """Whether all capitals; final "?" or ":", "(" for an inner number; if right above a list."""
    text = heading.text
    last = "(" if _HAN_INNER.match(text) else text[-1] if text[-1] in "?:" else ""
    return text.isupper() and len(text) > 4, last, heading.over_list and not heading.apart
