"""Features of each unit of a plain text, as names for the line model.

In: the text and its units. Out: for each unit groups of names such as `words=4|end=?`, and the
class of the gap before it. The names are rows of `lines.tsv`. The evidence is general: shape and
length against the neighbours', sentence ends, markers, blank lines against the article's own
layout, words that recur. Single words count only if several kinds of articles support them
(see `benchmarks/train_lines.py`).

Names come in groups because most lines look like an earlier line: a group that depends on only a
few classes need be weighed only once. The caller decides what a group becomes: its names for
training, its weights for labelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from indexer.parsing.plain_text.line_shapes import EDGE, UnitShape, shape_of
from indexer.parsing.plain_text.lines import TextUnit, runs_of

Names = tuple[str, ...]
Made = TypeVar("Made")

WORD_FEATURES = ("opener=", "closer=", "line=", "pair=")  # names that hold words of articles
_SAMPLE = 4000  # code points that show whether a text uses capitals
_WINDOW = 700  # code points after a line that are searched for its words

# Templates of one group each. The look of a line is four values: size, end, first, caps.
_BY_SHAPE = (  # look; chars, words, plain, stop; layout, gaps before and after; from start and end
    "chars={1} words={2} end={0[1]} first={0[2]} caps={0[3]} words={2}|end={0[1]} "
    "words={2}|caps={0[3]}|end={0[1]} look={0[0]}{0[1]}{0[2]}{0[3]} stop={4}|{0[1]} "
    "gaps={5}{6}{7} gaps={5}{6}{7}|shape={0[0]}{0[1]} gaps={5}{6}{7}|caps={0[3]} "
    "gaps={5}{6}{7}|words={2} gaps={5}{6}{7}|first={0[2]} "
    "mode={5[0]}|look={0[0]}{0[1]}{0[2]}{0[3]} plain={3}|{2}|{0[1]} plain={3}|{0[3]}|{0[1]} "
    "at={8}|{9} at={10}|{0[0]}{0[1]}{0[2]}{0[3]}"
)
_BY_NEIGHBOURS = (  # look; look above, look below; gaps before and after
    "above={1[0]}{1[1]}|{3}|{0[0]}{0[1]} first-above={1[2]}|{0[2]}|{0[0]} "
    "caps-above={1[3]}|{0[3]} end-above={1[1]}|{0[1]}|{0[0]} "
    "below={2[0]}{2[1]}|{4}|{0[0]}{0[1]} first-below={2[2]}|{0[2]}|{0[0]} "
    "caps-below={2[3]}|{0[3]} end-below={2[1]}|{0[1]}|{0[0]} "
    "around={1[0]}{1[1]}{3}{0[0]}{0[1]}{4}{2[0]}{2[1]}"
)
# Look; gaps before and after; lines since a colon; short lines above and below.
_AFTER_COLON = "colon={3}|{0[0]} colon={4}|{1}{2}{0[0]}{0[1]}{0[2]}"
_AT_COLON = "colon=0|{0[0]}"
_IN_RUN = " up={5}|down={6} up={5}|{0[3]}|{0[1]} down={6}|{0[3]}|{0[1]}"
_AFTER_COLON_IN_RUN, _AT_COLON_IN_RUN = _AFTER_COLON + _IN_RUN, _AT_COLON + _IN_RUN
_AGAIN = "again={0}|{2[0]}"  # thirds of words that recur, and that recur soon; look; chars; below
_NEAR = _AGAIN + " near={1}|{2[0]}|{4} near={1}|{2[0]}{2[1]}|{2[3]}"
_AT_START = _NEAR + " start={1}|{3}|{4} start={1}|{2[1]}|{2[3]}|{4}"


def names_of(group: str, *values: object) -> Names:
    """Feature names of one of the templates above, filled with values."""
    return tuple(group.format(*values).split())


def line_features(
    text: str,
    units: Sequence[TextUnit],
    fill: Callable[..., Made],
    take: Callable[[Names], Iterable[Made]],
) -> tuple[list[list[Made]], list[str]]:
    """The features of each unit, in groups, and the class of the gap before each.

    The callbacks turn groups into results: `fill` gets a template from above and its values, with
    few distinct combinations, and `take` gets names that contain words.
    """
    shapes = _without_case(text, [shape_of(text, unit) for unit in units])
    looks = [EDGE[:4], *(shape[:4] for shape in shapes), EDGE[:4]]
    openers = ["", "", *(shape.opener for shape in shapes), "", ""]
    mode = layout_of(units, shapes)
    seen, repeated = set[str](), set[str]()
    for shape in shapes:
        repeated |= seen & shape.content
        seen |= shape.content
    down = _shorts_below(shapes)
    gaps = ["^", *("1" if unit.blanks else "0" for unit in units[1:]), "$"]
    rows: list[list[Made]] = []
    up = colon = 0  # short lines right above; lines since one that ends with a colon
    last = len(units) - 1
    for place, (unit, shape) in enumerate(zip(units, shapes)):
        above, look, below = looks[place : place + 3]
        before, after = gaps[place : place + 2]
        size, end, _, _ = look
        ends = min(place, 3), min(last - place, 3), min(place, 2)
        groups = [
            fill(_BY_SHAPE, look, *shape[4:8], mode, before, after, *ends),
            fill(_BY_NEIGHBOURS, look, above, below, before, after),
        ]
        words = shape.names
        if unit.indent:
            words += (f"indent={min(unit.indent, 9)}|{unit.marker}",)
        if size != "l":
            since, run = (min(colon, 6), min(colon, 3)), (0, 0)
            group = _AFTER_COLON if colon else _AT_COLON
            own = shape.opener
            words += (f"opener={own}", f"pair={shape.pair}")
            if own:
                second_above, opener_above, _, opener_below, second_below = openers[
                    place : place + 5
                ]
                words += ("opener-below",) * (opener_below == own)
                words += ("opener-above",) * (opener_above == own)
                words += ("opener-near",) * (own in (second_above, second_below))
            if size == "s":
                run = min(up, 5), min(down[place], 5)
                group = _AFTER_COLON_IN_RUN if colon else _AT_COLON_IN_RUN
                words += (f"closer={shape.closer}",)
                if shape.words <= 1:  # classes: at most two words
                    words += ("line=" + " ".join(sorted(shape.content)),)
            groups.append(fill(group, look, before, after, *since, *run))
            if shape.content:
                begin = units[place + 1].start if place < last else len(text)
                window = text[begin : begin + _WINDOW].lower()
                count = len(shape.content)
                again = 3 * len(repeated & shape.content) // count
                near = 3 * sum(map(window.__contains__, shape.content)) // count
                group = (_NEAR if place else _AT_START) if window else _AGAIN
                groups.append(fill(group, again, near, look, shape.chars, below[0]))
        groups += take(words)
        rows.append(groups)
        up = up + 1 if size == "s" else 0
        colon = 1 if end == ":" else colon + 1 if colon and size != "l" else 0
    return rows, [mode + gap for gap in gaps[:-1]]


def _without_case(text: str, shapes: list[UnitShape]) -> list[UnitShape]:
    """Shapes without evidence from capitals, if the text has none or nothing but capitals."""
    sample = text[:_SAMPLE]
    if sample.islower():
        return [shape._replace(first="A") if shape.first == "a" else shape for shape in shapes]
    if sample.isupper():
        return [shape._replace(caps="none") if shape.caps == "upper" else shape for shape in shapes]
    return shapes


def layout_of(units: Sequence[TextUnit], shapes: Sequence[UnitShape]) -> str:
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
    prose = [place for place in range(1, len(units)) if shapes[place].size == "l"]
    glued = sum(not units[place].blanks and shapes[place - 1].size == "s" for place in prose)
    if glued > 0.2 * len(prose):
        return "g" + marked
    runs = list(runs_of(units))
    long = sum(end - begin > 1 for begin, end in runs)
    if not long:
        return "s"
    headed = sum(
        shapes[alone].size == "s" and shapes[alone].end not in ".;:"
        for (begin, end), (alone, after) in pairwise(runs)
        if end - begin > 1 and after - alone == 1
    )
    mode = ("j" if long == 1 else "i") if not headed else "b" if headed > 0.25 * long else "c"
    return mode + marked


def _shorts_below(shapes: Sequence[UnitShape]) -> list[int]:
    """Number of short units that directly follow each unit."""
    below = [0] * len(shapes)
    for place in range(len(shapes) - 2, -1, -1):
        below[place] = below[place + 1] + 1 if shapes[place + 1].size == "s" else 0
    return below
