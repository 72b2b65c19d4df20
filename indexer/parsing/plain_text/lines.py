"""Cuts plain text into units: single lines, or wrapped lines joined, that may become blocks.

In: decoded text with newlines as `\\n`. Out: `TextUnit`s in order; every character that is no white
space lies in exactly one of them. Refuses nothing: any string can be cut.

Text that was wrapped at a column (mails, RFCs, e-texts) is recognised by lines that end where the
next word would not have fitted. Elsewhere lines are joined only if the upper one is incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from indexer.parsing.plain_text.headings import numbers_in_series
from indexer.parsing.plain_text.page_marks import SHORT
from indexer.parsing.plain_text.pages import NEEDS_MORE

# Includes those of the fonts Symbol and Wingdings, private-use characters in extracted text.
BULLETS = "•●▪‣◦○■□➢➤❖✓✔·\uf020-\uf0ff"
MARKER = re.compile(
    rf"(?P<bullet>[{BULLETS}*+-]|[–—−](?=\s))\s+(?=\S)"
    r"|(?P<number>\(?\d{1,3}[.)]|\(\d{1,3}\))\s+(?=\S)"
    r"|(?P<quote>>(?!>>?\s|>$)\s*(?=\S)|>(?:\s*>)?\s*$)"
    r"|(?P<letter>\(?[A-Za-z]\)|[a-z]\.|\(?[ivx]{1,5}\))\s+(?=\S)"
)
LED = re.compile(r"[.·…_](?:\s*[.·…_]){2,}\s*\d{1,4}\Z")  # dots and the number of a page
WIDEST_WRAP = 110  # columns; a longer line was not wrapped by hand or by a mail program
NARROWEST_WRAP = 40
TAB = 8  # columns
_CODE_STARTS = "$#{}<|/\\│"
_FEWEST_BARE = 3  # lines without a margin that may be a wrapped paragraph
_NARROWEST_BARE = 55  # columns of such lines
_NARROWEST_PROSE = 20  # columns of lines that are clearly parts of sentences
_BULLET = re.compile(f"[{BULLETS}]")
_LEADS_TO_FIGURE = re.compile(
    r"\b(?:than|exceeds?|at least|at most|up to|is|are|every|about|below|above|under|over|within"
    r"|with|of|by|after|for|between|weniger als|mehr als|mindestens|höchstens|bis zu|unter|über"
    r"|plus de|moins de|más de|menos de|più di|meno di|mais de|mer än|meer dan|powyżej|poniżej)\Z"
    r"|[<>≤≥±×]\Z"
)
_FIGURE_BELOW = re.compile(r"\n[ \t]*\d[\d.,]*\Z")
_UNIT = re.compile(r"(?:[µμm]?[gl]|mcg|kg|mL|mmol|tablets?|hours?|days?|weeks?)\b(?!:)")
_OPEN_HEADING = re.compile(
    r"[^\s,;]\s(?:of|for|and|the|with|in|on|from|your|und|von|der|des|de|du|et|del|para|per|di)\Z"
)
_DIVIDING = "-‐\xad"
_SECTION_NUMBER = re.compile(r"\(?\d{1,2}(?:(?:\.\d{1,2}){1,4}\.?|[.)])|\(?[a-z]\)")
_SECTION_START = re.compile(r"\d{1,2}(?P<deep>\.\d{1,2})*\.?\s+[^\W\d_a-zß-ÿ]")
_LONGEST_NUMBER = 14  # code points of a section number
_LONGEST_NUMBERED = 80  # code points of the line below a number without a dot
_FEWEST_COUNTED = 3  # numbers without a dot, in a text without other section numbers
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_SPACED_WORD = re.compile("[!-~]+")
_UNSPACED_SAMPLE = 2_000  # code points
_SLACK = 4  # columns that a full line may leave empty
_RAGGED_SHARE = 6  # a full line of typeset text may leave the width divided by this empty
_RAGGED = 6  # columns that a full line may leave empty in text without spaces
_FEWEST_APART = 3  # full lines that run on below a blank line, in double-spaced text
_STOPS = ".!?:;"
_WIDE_GAP = re.compile(r"(?<=[^\s|\\/*#]) {4,}(?![ |\\/*#])")  # not within a drawn frame
_MOST_GAPS = 8  # between the cells of a row; a line that was spread out has more
_ENDS_HEADING = "】〉》］〕:："  # last characters of a heading right above its text
_LONGEST_PASSAGE = 80  # lines of a wrapped passage in a text that as a whole is not wrapped


class TextUnit(NamedTuple):
    """One line, or wrapped lines joined: a candidate for a block."""

    start: int  # first character that is no white space
    end: int  # one past the last
    blanks: int  # blank lines before it
    indent: int  # columns before its first character
    marker: str  # "bullet", "number" or "letter" if it begins like a list item, "quote", else ""
    width: int  # columns of a line with its indent, without the spaces that stretch it


class Cut(NamedTuple):
    """A text cut into units."""

    text: str  # the text with a space in place of each bullet alone on a line
    units: list[TextUnit]
    apart: list[TextUnit]  # page numbers and running heads
    items: frozenset[int]  # start positions of the units that such bullets belong to


def cut_units(text: str, page_lines: frozenset[int] = frozenset()) -> Cut:
    """Cut `text` into units, joining lines that were wrapped or divided.

    `page_lines`: start positions of page numbers and running heads; see `pages`.
    """
    lines = _read_lines(text)
    is_spaced = not page_lines or "\f" in text
    if not is_spaced:
        inner = (b.blanks for a, b in pairwise(lines) if page_lines.isdisjoint((a.start, b.start)))
        is_spaced = len(list(filter(None, inner))) > 0.03 * len(lines)
    text, lines, apart, items = _set_apart(text, lines, page_lines)
    if unspaced := _unspaced_width(text, lines):
        units = _join_unspaced(text, lines, unspaced)
    else:
        units = _join_divided_lines(text, _cut_spaced(text, lines))
        if page_lines:
            units = _join_headings(text, _join_title(text, units))
        units = _join_numbers(text, units)
    if not is_spaced:  # only pages are apart
        units = [unit._replace(blanks=0) for unit in units]
    return Cut(text, units, apart, items)


def _set_apart(
    text: str, lines: Sequence[TextUnit], page_lines: frozenset[int]
) -> tuple[str, list[TextUnit], list[TextUnit], frozenset[int]]:
    """Set page lines and bullets alone on a line apart. Returns the text without such bullets, its
    lines, the page lines, and the start positions of the lines that the bullets make items."""
    bullets = _bullets_alone(text, lines)
    if not (bullets or page_lines) or len(bullets) + len(page_lines) >= len(lines):
        return text, list(lines), [], frozenset()
    rest: list[TextUnit] = []
    apart: list[TextUnit] = []
    items: set[int] = set()
    above, done = _above_bullets(text, lines, bullets)
    owed = waiting = 0  # blank lines to add to the next line; bullets whose items are to come
    for place, line in enumerate(lines):
        if place in bullets or line.start in page_lines:
            if place in bullets:
                waiting += place not in done
            else:
                apart.append(line)
            owed += line.blanks + (place not in bullets)
            continue
        line = line._replace(blanks=line.blanks + owed)
        leads_in = waiting > 1 and line.blanks and text[line.end - 1] == ":"
        if place in above or (
            waiting
            and not leads_in
            and (place - 1 in bullets or not (rest and _goes_on(text, rest[-1], line)))
        ):
            line = line._replace(marker="bullet")
            items.add(line.start)
            waiting -= place not in above
        owed = 0
        rest.append(line)
    ends = [lines[place].end for place in sorted(bullets)]
    parts = [text[a : b - 1] for a, b in zip([0, *ends], ends)]  # each bullet is one character
    return " ".join([*parts, text[ends[-1] if ends else 0 :]]), rest, apart, frozenset(items)


def _above_bullets(
    text: str, lines: Sequence[TextUnit], bullets: set[int]
) -> tuple[set[int], set[int]]:
    """Indices of items with their bullets below them, and of those bullets. In such a run the first
    line is no bullet and does not end with ":", the last one is a bullet, and there are as many
    bullets as items, at least two."""
    above: set[int] = set()
    done: set[int] = set()
    for begin, end in runs_of(lines) if bullets else ():
        if begin in bullets or end - 1 not in bullets:
            continue
        signs = bullets.intersection(range(begin, end))
        texts = {*range(begin, end)} - signs
        items = {
            n for n in texts if n - 1 not in texts or not _goes_on(text, lines[n - 1], lines[n])
        }
        if len(items) == len(signs) > 1 and text[lines[begin].end - 1] != ":":
            above |= items
            done |= signs
    return above, done


def _goes_on(text: str, above: TextUnit, line: TextUnit) -> bool:
    """Whether a line seems to continue the item above rather than be an item with a bullet."""
    is_cut = text[above.end - 1] in _DIVIDING or above.width >= _NARROWEST_BARE
    return is_cut and not line.blanks and _runs_on(text, above, line)


def _bullets_alone(text: str, lines: Sequence[TextUnit]) -> set[int]:
    """Indices of lines that are only a bullet; a dash counts only if there are other such lines."""
    bullets: set[int] = set()
    dashes: set[int] = set()
    for place, (line, below) in enumerate(pairwise(lines)):
        sign = text[line.start : line.end]
        if len(sign) > 1 or sign.isdigit():
            continue
        if sign == "o" or _BULLET.match(sign):
            bullets.add(place)
        elif sign in "-–—*" and (not below.blanks or (sign != "*" and text[below.start].islower())):
            dashes.add(place)
    if bullets and _BULLET.fullmatch(text, lines[-1].start, lines[-1].end):
        bullets.add(len(lines) - 1)
    return bullets | dashes if bullets or len(dashes) > 1 else bullets


def _cut_spaced(text: str, lines: list[TextUnit]) -> list[TextUnit]:
    """Units of a text with spaces between its words."""
    if "\f" in text and (width := wrap_width(text, lines, is_set=True)):
        return _join_lines(text, lines, width, width // _RAGGED_SHARE)
    width = wrap_width(text, lines)
    direct = sum(1 for line in lines[1:] if not line.blanks)  # lines right under another
    if not width and direct <= 0.03 * len(lines) and (width := wrap_width(text, lines, gap=1)):
        lines = [line._replace(blanks=max(line.blanks - 1, 0)) for line in lines]
    return _join_lines(text, lines, width) if width else _join_passages(text, lines)


def _join_divided_lines(text: str, units: Sequence[TextUnit]) -> list[TextUnit]:
    """Join lines divided within a hyphenated word, a range of figures or brackets, lines of which
    the upper one leads to the lower, and lines that hang below an item."""
    joined: list[TextUnit] = []
    gap = int("\f" in text)  # blank lines allowed between lines: pages may be double-spaced
    for unit in units:
        if not joined or unit.marker or unit.blanks > gap:
            joined.append(unit)
            continue
        above = joined[-1]
        begin, end = text[unit.start], text[max(above.end - 2, 0) : above.end]
        is_right_below = not unit.blanks
        divided = (
            end[-1] in _DIVIDING and end[0].isalpha() and begin.islower()
        ) or (  # COX-2, 10-20, 5-HT
            is_right_below and begin.isalnum() and end[-1] in "-‐–\xad" and end[0].isalnum()
        )
        opens = (begin.islower() or begin.isdigit()) and ")" in text[unit.start : unit.end]
        opens = opens and text.rfind(" (", *above[:2]) > text.rfind(")", *above[:2])
        hangs = above.marker and _hangs(text, above, unit)
        if divided or hangs or (is_right_below and (opens or _leads_on(text, above, unit))):
            joined[-1] = above._replace(end=unit.end)
        else:
            joined.append(unit)
    return joined


def _leads_on(text: str, above: TextUnit, line: TextUnit) -> bool:
    """Whether the end of a line leads to the next: to a figure (more than / 2 mg), or from a figure
    (0.5 / mL, exceed / 20 / mg), a *not* or a word that ends no heading (precautions for / use) to
    a word in lower case."""
    tail = text[max(above.start, above.end - 20) : above.end]
    if text[line.start].isdigit():
        return _LEADS_TO_FIGURE.search(tail) is not None
    is_row = "\t" in text[line.start : line.end] or _are_rows(text, above, line)
    if is_row or not text[line.start].islower():
        return False
    if tail[-1].isdigit():
        found = _UNIT.match(text, line.start, line.end) or _FIGURE_BELOW.search(tail)
        return found is not None
    is_short = line.end - line.start < SHORT and text[line.end - 1] not in _STOPS + ","
    return tail.endswith(" not") or (is_short and _OPEN_HEADING.search(tail) is not None)


def _hangs(text: str, item: TextUnit, line: TextUnit) -> bool:
    """Whether a line continues the long item right above, indented like the item's words."""
    if line.blanks or line.indent <= item.indent or item.width < NARROWEST_WRAP:
        return False
    sign = MARKER.match(text, item.start)
    is_below = sign is not None and line.indent == item.indent + len(sign[0])
    return is_below and _runs_on(text, item, line)


def _join_title(text: str, units: Sequence[TextUnit]) -> list[TextUnit]:
    """Join the lines of a title, which in larger type breaks sooner than the text below it: while
    the upper line ends incomplete, or the lower one begins in lower case."""
    joined = list(units)
    while len(joined) > 1:
        first, line = joined[:2]
        ends = text[first.start : first.end].split()[-1]
        open_ended = ends in NEEDS_MORE or ends[-1] in ",&:" or text[line.start].islower()
        longest = max(first.end - first.start, line.end - line.start)
        if not open_ended or longest > _LONGEST_NUMBERED or line.blanks or line.marker:
            break
        joined[:2] = [first._replace(end=line.end)]
    return joined


def _join_headings(text: str, units: Sequence[TextUnit]) -> list[TextUnit]:
    """Join a short line with the heading right above it: in capitals too, or behind a word that
    ends no heading, or the only line in lower case below a number."""
    joined: list[TextUnit] = []
    for unit, below in zip(units, [*units[1:], units[-1]._replace(blanks=1)]):
        line = text[unit.start : unit.end]
        if not joined or unit.blanks or unit.marker or line[-1] in ".!:;,":
            joined.append(unit)
            continue
        above = text[joined[-1].start : joined[-1].end]
        is_numbered = _SECTION_START.match(above) is not None and above[-1] not in _STOPS + ","
        is_open = _OPEN_HEADING.search(above.lower()) is not None and not above[0].islower()
        is_last = below.blanks > 0 or below.end - below.start > _LONGEST_NUMBERED
        if above.isupper():
            ends = line.isupper() and (is_numbered or is_open)
        elif is_numbered and line[0].islower():
            ends = is_last or not text[below.start].islower()
        else:
            ends = is_last and is_open and len(line) < SHORT
        if ends and max(len(above), len(line)) <= _LONGEST_NUMBERED:
            joined[-1] = joined[-1]._replace(end=unit.end)
        else:
            joined.append(unit)
    return joined


def _join_numbers(text: str, units: Sequence[TextUnit]) -> list[TextUnit]:
    """Join a section or item number alone on a line with the line below it, if there are several.

    Such a number has a dot or bracket; a bare `2` counts only if bare numbers go up from 1, each
    above a short line that begins with a capital.
    """
    alone: dict[int, re.Match[str]] = {}
    bare: dict[int, re.Match[str]] = {}
    for place, (unit, below) in enumerate(pairwise(units)):
        if unit.end - unit.start > _LONGEST_NUMBER or not text[below.start].isalpha():
            continue
        if found := _SECTION_NUMBER.fullmatch(text, unit.start, unit.end):
            alone[place] = found
        elif found := re.compile(r"\d{1,2}").fullmatch(text, unit.start, unit.end):
            is_short = below.end - below.start <= _LONGEST_NUMBERED and below.blanks <= 1
            if int(found[0]) == len(bare) + 1 and is_short and text[below.start].isupper():
                bare[place] = found
    of_sections = {n: found[0] for n, found in alone.items() if found[0][0].isdigit()}
    figures = of_sections.keys() - numbers_in_series(of_sections)
    alone = {n: m for n, m in alone.items() if n not in figures or "." not in m[0].strip("().")}
    if len(bare) >= _FEWEST_COUNTED or (len(bare) > 1 and alone):
        alone |= bare
    if len(alone) < 2:
        return list(units)
    joined: list[TextUnit] = []
    for place, unit in enumerate(units):
        if place - 1 in alone:
            number = alone[place - 1]
            marker = "" if "." in number[0].strip("().") else "number"
            above = joined[-1]
            ends = text[unit.end - 1] in ".;!?"
            joined[-1] = above._replace(end=unit.end, marker=marker if ends else "")
        else:
            joined.append(unit)
    return joined


def _columns(text: str, line: TextUnit) -> int:
    """Width of a line on a terminal, where an ideograph takes two columns."""
    wide = sum(east_asian_width(char) in "WF" for char in text[line.start : line.end])
    return line.indent + line.end - line.start + wide


def _unspaced_width(text: str, lines: Sequence[TextUnit]) -> int:
    """Column at which a text without spaces between words was wrapped, or 0."""
    sample = text[:_UNSPACED_SAMPLE]
    if sample.isascii() and any(map(str.isalpha, sample)):
        return 0
    if 3 * len(_UNSPACED.findall(sample)) < sum(map(str.isalpha, sample)):
        return 0
    widths = sorted(width for line in lines if (width := _columns(text, line)) <= WIDEST_WRAP)
    width = widths[int(0.95 * (len(widths) - 1))] if len(widths) > 0.9 * len(lines) else 0
    above = [
        line for line, below in pairwise(lines)
        if not (below.blanks or below.marker or text[line.end - 1] in _ENDS_HEADING)
    ]  # fmt: skip
    full = sum(_columns(text, line) >= width - _RAGGED for line in above)
    return width if width >= NARROWEST_WRAP and full >= 0.6 * len(above) > 0 else 0


def _join_unspaced(text: str, lines: Sequence[TextUnit], width: int) -> list[TextUnit]:
    """Join each line that fills the column, or had no room for the word below, with the next."""
    units: list[TextUnit] = []
    filled = 0  # columns of the last line
    for line in lines:
        is_first = not units or line.blanks or line.marker or line.indent > units[-1].indent + 3
        word = _SPACED_WORD.match(text, line.start)
        if is_first or filled + (len(word[0]) if word else 0) < width - _RAGGED:
            units.append(line)
        else:
            units[-1] = units[-1]._replace(end=line.end)
        filled = _columns(text, line)
    return units


def _read_lines(text: str) -> list[TextUnit]:
    lines: list[TextUnit] = []
    position = blanks = 0
    is_set = "\f" in text  # typeset, with lines stretched to one width
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            lead = len(raw) - len(raw.lstrip())
            start = position + lead
            found = MARKER.match(line)
            marker = found.lastgroup or "" if found else ""
            indent = len(raw[:lead].rpartition("\f")[2].expandtabs(TAB)) if lead else 0
            even = " ".join(line.split()) if is_set and "   " in line else line
            width = indent + len(even)
            lines.append(TextUnit(start, start + len(line), blanks, indent, marker, width))
            blanks = 0
        else:
            blanks += 1
        position += len(raw) + 1
    return _join_stretched(text, lines) if is_set else lines


def _join_stretched(text: str, lines: Sequence[TextUnit]) -> list[TextUnit]:
    """Join lines of one word each if one of these words cannot stand alone: text extracted from a
    PDF has such lines where a line was stretched to the width of a narrow column."""
    runs: list[list[TextUnit]] = []
    goes_on = False  # whether a lone word may continue the last run
    for line in lines:
        is_alone = not line.marker and " " not in text[line.start : line.end]
        if is_alone and goes_on and not line.blanks:
            runs[-1].append(line)
        else:
            runs.append([line])
        goes_on = is_alone and text[line.end - 1] not in _STOPS
    joined: list[TextUnit] = []
    for run in runs:
        if len(run) > 1 and any(text[one.start : one.end] in NEEDS_MORE for one in run):
            above = joined[-1].width if joined and not run[0].blanks else 0
            width = run[0].indent + sum(one.end - one.start + 1 for one in run) - 1
            run = [run[0]._replace(end=run[-1].end, width=max(width, above))]
        joined += run
    return joined


def runs_of(units: Sequence[TextUnit]) -> Iterator[tuple[int, int]]:
    """Start and end indices of each run: units without a blank line between them."""
    begin = 0
    for place in range(1, len(units) + 1):
        if place == len(units) or units[place].blanks:
            yield begin, place
            begin = place


def wrap_width(text: str, lines: Sequence[TextUnit], *, is_set: bool = False, gap: int = 0) -> int:
    """Column at which `text` was wrapped, or 0 if it was not. `gap`: blank lines between lines.

    Wrapped text has hardly a line beyond the column, and sentences that run on into the next
    line do so because the next word would not have fitted. In typeset pages (`is_set`) the lengths
    of lines vary more, and lines of a table of contents are longer.
    """
    widths = sorted(line.width for line in lines)
    fitting = [width for width in widths if width <= WIDEST_WRAP]
    if len(fitting) < (0.7 if is_set else 0.9) * len(widths) or not fitting:
        return 0
    width = fitting[int((0.95 if is_set else 0.98) * (len(fitting) - 1))]
    if width < (_NARROWEST_PROSE if is_set else NARROWEST_WRAP):
        return 0
    pairs = [
        (last, line)
        for last, line in pairwise(lines)
        if not (line.blanks > gap or line.marker)
        or (is_set and _is_level(last, line) and _runs_on(text, last, line))
    ]
    slack = width // _RAGGED_SHARE if is_set else _SLACK
    flowing, full = _flow(text, pairs, width, slack)
    filled = full >= 0.6 * flowing and flowing >= (0.1 if is_set else 0.2) * len(pairs)
    return width if flowing and (filled or flowing >= 0.7 * len(pairs)) else 0


def _flow(
    text: str, pairs: Sequence[tuple[TextUnit, TextUnit]], width: int, slack: int
) -> tuple[int, int]:
    """Number of pairs in which a sentence runs on, and how many of those have a full first line."""
    flowing = [pair for pair in pairs if _runs_on(text, *pair)]
    return len(flowing), sum(_is_full(text, *pair, width, slack) for pair in flowing)


def _runs_on(text: str, line: TextUnit, following: TextUnit) -> bool:
    """Whether a sentence seems to go on from one line into the next."""
    return text[line.end - 1] not in _STOPS and text[following.start].islower()


def _is_level(line: TextUnit, following: TextUnit) -> bool:
    """Whether one blank line separates two lines, the second without a marker or deeper indent."""
    return following.blanks == 1 and following.indent <= line.indent and not following.marker


def _is_full(text: str, line: TextUnit, following: TextUnit, width: int, slack: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one; a full line
    may leave `slack` columns empty."""
    word = text[following.start : following.start + width].split(maxsplit=1)[0]
    return line.width + 1 + len(word) > width - slack


def _join_lines(
    text: str, lines: Sequence[TextUnit], width: int, slack: int = _SLACK
) -> list[TextUnit]:
    over_blanks = (pair for pair in pairwise(lines) if _is_level(*pair) and _runs_on(text, *pair))
    full = sum(_is_full(text, *pair, width, slack) for pair in over_blanks)
    column = width, slack, full >= _FEWEST_APART
    units: list[TextUnit] = []
    last: TextUnit | None = None  # the last line of the unit that is being built
    for line in lines:
        if last is not None and _continues(text, units[-1], last, line, column):
            units[-1] = units[-1]._replace(end=line.end)
        else:
            units.append(line)
        last = line
    return units


def _join_passages(text: str, lines: list[TextUnit]) -> list[TextUnit]:
    """Join lines only in the passages that were wrapped, in a text that as a whole was not."""
    units: list[TextUnit] = []
    for begin, end in runs_of(lines):
        passage = lines[begin:end]
        led = begin > 0 and text[lines[begin - 1].end - 1] == ":"
        width = _passage_width(text, passage, led)
        units += _join_lines(text, passage, width) if width else passage
    return units


def _passage_width(text: str, passage: Sequence[TextUnit], led: bool) -> int:
    """Column at which a run of lines was wrapped, or 0.

    List items without markers may look wrapped by chance, above all if a colon introduces them
    (`led`). So all lines that run on must be full, at least half must run on, and there must be an
    indent, several long lines or an obvious sentence.
    """
    if not 1 < len(passage) <= _LONGEST_PASSAGE or text[passage[0].start] in _CODE_STARTS:
        return 0
    width = max(line.width for line in passage)
    bare = not passage[1].indent
    if bare and led:
        return 0
    is_narrow = width < (_NARROWEST_BARE if bare else NARROWEST_WRAP)
    if (is_narrow or (bare and len(passage) < _FEWEST_BARE)) and not _is_sentence(text, passage):
        return 0
    if not _NARROWEST_PROSE <= width <= WIDEST_WRAP:
        return 0
    pairs = [
        (line, following)
        for line, following in pairwise(passage)
        if not (following.marker or following.indent < line.indent)
    ]
    flowing, full = _flow(text, pairs, width, _SLACK)
    return width if pairs and full == flowing >= 0.5 * len(pairs) else 0


def _is_sentence(text: str, lines: Sequence[TextUnit]) -> bool:
    """Whether the last line ends a sentence, and a word at the end of a line or the beginning of
    the next shows that it runs on there."""
    if text[lines[-1].end - 1] not in ".!?":
        return False
    words = [text[line.start : line.end].split() for line in lines]
    ends = any(line[-1].lower() in NEEDS_MORE for line in words[:-1])
    return ends or any(line[0] in NEEDS_MORE for line in words[1:])


def _are_rows(text: str, line: TextUnit, below: TextUnit) -> bool:
    """Whether two lines have wide gaps at the same place, as rows of a table have."""
    if text.find("    ", line.start, line.end) < 0 or text.find("    ", below.start, below.end) < 0:
        return False
    one, other = (
        [
            (gap.start() - at, gap.end() - at)
            for gap in _WIDE_GAP.finditer(text, unit.start, unit.end)
        ]
        for unit, at in ((line, line.start - line.indent), (below, below.start - below.indent))
    )
    few = len(one) <= _MOST_GAPS and len(other) <= _MOST_GAPS
    return few and any(min(b, d) - max(a, c) > 1 for a, b in one for c, d in other)


def _continues(
    text: str, unit: TextUnit, last: TextUnit, line: TextUnit, column: tuple[int, int, bool]
) -> bool:
    """Whether `line` belongs to the unit whose last line is `last`.

    `column`: width, slack, and whether the text is double-spaced.
    """
    width, slack, is_loose = column
    if text[line.start].isdigit() and text[last.end - 1] in _STOPS:
        begins = _SECTION_START.match(text, line.start, line.end)
        if begins and begins["deep"]:
            return False
    if line.marker or "\t" in text[line.start : line.end] or _are_rows(text, last, line):
        return False
    if text[last.end - 1].isdigit() and LED.search(text, last.start, last.end):
        return False
    if line.blanks:
        if slack == _SLACK:  # only typeset pages have blank lines within a paragraph
            return False
        goes_on = _is_level(last, line) and text[last.end - 1] not in _STOPS
        if not (goes_on and (is_loose or text[line.start].islower())):
            return False
        return _is_full(text, last, line, width, slack)
    deeper = line.indent > last.indent + (0 if last.start == unit.start else 1)
    if deeper and not (unit.marker and last.start == unit.start) and not _runs_on(text, last, line):
        return False  # a paragraph's first line is indented
    if _is_full(text, last, line, width, slack):
        ends = slack > _SLACK and text[last.end - 1] in ".!?:" and not text[line.start].islower()
        return not (ends and line.width - line.indent < 0.6 * width)
    return last.width >= 0.4 * width and _runs_on(text, last, line)
