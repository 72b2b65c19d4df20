"""What plain text shows of each of its units, as the names of features that hold.

In: the text and its units. Out: for each unit groups of names such as `words=4|end=?`, and the
class of the gap before it. The names are rows of `lines.tsv`. The evidence is general: shape and
length against the neighbours', sentence ends, markers, blank lines against the article's own
layout, words that come again. Single words count only where several kinds of articles bear them
out (see `benchmarks/train_lines.py`).

Names come in groups because most lines look like some line seen before: a group that depends on
a few classes only is made once and is the same tuple each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from indexer.parsing.plain_text.line_shapes import (
    EDGE,
    LineShape,
    shape_of,
)
from indexer.parsing.plain_text.lines import Unit

Names = tuple[str, ...]

WORD_FEATURES = ("opener=", "closer=", "line=", "pair=")  # names that hold words of articles
_SAMPLE = 4000  # code points that show whether a text uses capitals
_WINDOW = 700  # code points after a line in which its words are sought
_KEPT = 1 << 15  # groups of one sort that are remembered


def describe(text: str, units: Sequence[Unit]) -> tuple[list[list[Names]], list[str]]:
    """Names of the features of each unit, in groups, and the class of the gap before each."""
    shapes = _without_case(text, [shape_of(text, unit) for unit in units])
    mode = layout_of(units, shapes)
    seen = Counter(word for shape in shapes for word in shape.content)
    down = _shorts_below(shapes)
    gaps = ["^", *("1" if unit.blanks else "0" for unit in units[1:]), "$"]
    rows: list[list[Names]] = []
    up = colon = 0  # short lines right above; lines since one that ends with a colon
    last = len(units) - 1
    for place, (unit, shape) in enumerate(zip(units, shapes)):
        above = shapes[place - 1] if place else EDGE
        below = shapes[place + 1] if place < last else EDGE
        before, after = gaps[place], gaps[place + 1]
        look = shape[:4]
        size, end, _, caps = look
        groups = [
            _names_by_shape(*shape[:8], mode, before, after),
            _names_by_above(above[:4], look, before),
            _names_by_below(below[:4], look, after),
            _names_by_sizes(above[:2], before, look[:2], after, below[:2]),
            _names_by_place(place if place < 3 else 3, min(last - place, 3), look),
            shape.names,
        ]
        if unit.indent:
            groups.append((f"indent={min(unit.indent, 9)}|{unit.marker}",))
        if size != "l":
            groups.append(_names_by_colon(min(colon, 6), look[:3], before, after))
            groups.append(_names_by_openers(shapes, place))
            if size == "s":
                groups.append(_names_by_run(min(up, 5), min(down[place], 5), end, caps))
                groups.append(_names_by_last_words(shape))
            if shape.content:
                begin = units[place + 1].start if place < last else len(text)
                window = text[begin : begin + _WINDOW].lower()
                groups.append(_names_by_words(shape, below.size, seen, window, place))
        rows.append(groups)
        up = up + 1 if size == "s" else 0
        colon = 1 if end == ":" else colon + 1 if colon and size != "l" else 0
    return rows, [mode + gap for gap in gaps[:-1]]


def _without_case(text: str, shapes: list[LineShape]) -> list[LineShape]:
    """LineShape in which capitals say nothing if the text has none, or nothing but them."""
    sample = text[:_SAMPLE]
    if sample.islower():
        return [shape._replace(first="A") if shape.first == "a" else shape for shape in shapes]
    if sample.isupper():
        return [shape._replace(caps="none") if shape.caps == "upper" else shape for shape in shapes]
    return shapes


def layout_of(units: Sequence[Unit], shapes: Sequence[LineShape]) -> str:
    """Class of the article's layout.

    "t": no blank lines; "s": each unit stands alone; "g": short lines are glued to the paragraphs
    under them (so a heading may be the first of two lines). Else some lines stand under others:
    "b" when short lines alone often follow them (so headings stand alone), "c" seldom, "i" never
    (so a heading may be the last of a run of lines), "j" when there is only one such run. An "m"
    is added where list items are marked.
    """
    gaps = sum(1 for unit in units[1:] if unit.blanks)
    if len(units) > 1 and gaps <= 0.03 * (len(units) - 1):
        return "t"
    marked = "m" if any(unit.marker for unit in units) else ""
    prose = glued = 0
    for place in range(1, len(units)):
        if shapes[place].size == "l":
            prose += 1
            glued += not units[place].blanks and shapes[place - 1].size == "s"
    if glued > 0.2 * prose:
        return "g" + marked
    runs = headed = 0
    begin = 0
    previous_long = False
    for place in range(1, len(units) + 1):
        if place < len(units) and not units[place].blanks:
            continue
        long = place - begin > 1
        if previous_long and not long:
            headed += shapes[begin].size == "s" and shapes[begin].end not in ".;:"
        runs += long
        begin, previous_long = place, long
    if not runs:
        return "s"
    mode = ("j" if runs == 1 else "i") if not headed else "b" if headed > 0.25 * runs else "c"
    return mode + marked


def _shorts_below(shapes: Sequence[LineShape]) -> list[int]:
    """For each unit, how many short ones follow it without a longer one between."""
    below = [0] * len(shapes)
    for place in range(len(shapes) - 2, -1, -1):
        below[place] = below[place + 1] + 1 if shapes[place + 1].size == "s" else 0
    return below


@lru_cache(_KEPT)
def _names_by_shape(
    size: str,
    end: str,
    first: str,
    caps: str,
    chars: int,
    words: int,
    plain: int,
    stop: bool,
    mode: str,
    before: str,
    after: str,
) -> Names:
    look = f"{size}{end}{first}{caps}"
    gaps = f"{mode}{before}{after}"
    return (
        f"chars={chars}",
        f"words={words}",
        f"end={end}",
        f"first={first}",
        f"caps={caps}",
        f"words={words}|end={end}",
        f"words={words}|caps={caps}|end={end}",
        f"look={look}",
        f"stop={stop}|{end}",
        f"gaps={gaps}",
        f"gaps={gaps}|shape={size}{end}",
        f"gaps={gaps}|caps={caps}",
        f"gaps={gaps}|words={words}",
        f"gaps={gaps}|first={first}",
        f"mode={mode[0]}|look={look}",
        f"plain={plain}|{words}|{end}",
        f"plain={plain}|{caps}|{end}",
    )


@lru_cache(_KEPT)
def _names_by_above(above: Names, look: Names, before: str) -> Names:
    size, end, first, caps = look
    return (
        f"above={above[0]}{above[1]}|{before}|{size}{end}",
        f"first-above={above[2]}|{first}|{size}",
        f"caps-above={above[3]}|{caps}",
        f"end-above={above[1]}|{end}|{size}",
    )


@lru_cache(_KEPT)
def _names_by_below(below: Names, look: Names, after: str) -> Names:
    size, end, first, caps = look
    return (
        f"below={below[0]}{below[1]}|{after}|{size}{end}",
        f"first-below={below[2]}|{first}|{size}",
        f"caps-below={below[3]}|{caps}",
        f"end-below={below[1]}|{end}|{size}",
    )


@lru_cache(_KEPT)
def _names_by_sizes(above: Names, before: str, own: Names, after: str, below: Names) -> Names:
    shapes = "".join((*above, before, *own, after, *below))
    return (f"around={shapes}",)


@lru_cache(_KEPT)
def _names_by_place(from_start: int, from_end: int, look: Names) -> Names:
    return (f"at={from_start}|{from_end}", f"at={min(from_start, 2)}|{''.join(look)}")


@lru_cache(_KEPT)
def _names_by_colon(lines: int, look: Names, before: str, after: str) -> Names:
    """Names from how many lines stand between this one and a lead-in that ends with a colon."""
    if not lines:
        return (f"colon=0|{look[0]}",)
    return (f"colon={lines}|{look[0]}", f"colon={min(lines, 3)}|{before}{after}{''.join(look)}")


@lru_cache(_KEPT)
def _names_by_run(up: int, down: int, end: str, caps: str) -> Names:
    """Names from how many short lines stand right above and below a short line."""
    return (f"up={up}|down={down}", f"up={up}|{caps}|{end}", f"down={down}|{caps}|{end}")


def _names_by_openers(shapes: Sequence[LineShape], place: int) -> Names:
    """Names from a line's first words, and whether lines near it begin with the same."""
    opener = shapes[place].opener
    names: Names = (f"opener={opener}", f"pair={shapes[place].pair}")
    if not opener:
        return names
    if place + 1 < len(shapes) and shapes[place + 1].opener == opener:
        names += ("opener-below",)
    if place and shapes[place - 1].opener == opener:
        names += ("opener-above",)
    if (place > 1 and shapes[place - 2].opener == opener) or (
        place + 2 < len(shapes) and shapes[place + 2].opener == opener
    ):
        names += ("opener-near",)
    return names


def _names_by_last_words(shape: LineShape) -> Names:
    closer = f"closer={shape.closer}"
    if shape.words > 1:  # more than two words
        return (closer,)
    return (closer, "line=" + " ".join(sorted(shape.content)))


def _names_by_words(
    shape: LineShape, below: str, seen: Counter[str], window: str, place: int
) -> Names:
    """Names from whether a line's words come again, in the article and right after it."""
    many = len(shape.content)
    again = near = 0
    for word in shape.content:
        again += seen[word] > 1
        near += word in window
    return _names_by_shares(
        3 * again // many, 3 * near // many if window else -1, shape[:5], below, not place
    )


@lru_cache(_KEPT)
def _names_by_shares(
    again: int, near: int, shape: tuple[str, str, str, str, int], below: str, start: bool
) -> Names:
    """Names from shares of words that come again, in thirds; `near` is -1 at the text's end."""
    size, end, _, caps, chars = shape
    names: Names = (f"again={again}|{size}",)
    if near >= 0:
        names += (f"near={near}|{size}|{below}", f"near={near}|{size}{end}|{caps}")
        if start:
            names += (f"start={near}|{chars}|{below}", f"start={near}|{end}|{caps}|{below}")
    return names
