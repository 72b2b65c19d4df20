"""Headings and list items in Chinese and Japanese plain text, which has no spaces between words.

In: the text, its units and their labels from the line model. Out: their kinds. Refuses nothing.
The line model was trained on spaced words, so signs decide here: a heading is a short line without
the end of a sentence, above prose or a list, that is numbered (第1章, 一、, 1., （1）), in brackets
(【効能・効果】), begins with a sign (■), or is between blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.model import Kind
from indexer.parsing.plain_text.lines import TextUnit
from indexer.parsing.plain_text.page_marks import IDEOGRAPH

_SAMPLE = 2_000  # code points
_NUMERAL = r"(?:\d|[０-９〇零一二三四五六七八九十百]){1,4}"
_MARK = re.compile(
    rf"(?P<division>第{_NUMERAL}[編篇编部卷巻章節节条款回話])"
    r"|(?P<han>[一二三四五六七八九十]{1,3}[、．.])"
    r"|(?P<deep>(?:\d|[０-９]){1,2}(?:[．.](?:\d|[０-９]){1,2}){1,4}[．.]?)"
    r"|(?P<number>(?:\d|[０-９]){1,2}(?:[．.、)）](?!\d)|(?=[\s\u3000])))"
    rf"|(?P<inner>[（(]{_NUMERAL}[）)]|[①-⒇])"
    r"|(?P<letter>[ア-ン][．.、)）]|[a-zA-Zａ-ｚＡ-Ｚ][．.)）])"
    r"|(?P<dot>[・･•·])"
    r"|(?P<bullet>[●○◦▪‣◇◆□■▲▼▶※☆★✓✔➢−－–—*-](?=\s|[^\x00-\x7f]))"
)
_BRACKETED = re.compile(r"【[^】]+】|＜[^＞]+＞|〈[^〉]+〉|《[^》]+》|［[^］]+］|〔[^〕]+〕")
_GAP = re.compile("\t|[ \u3000]{2}|\\|")  # between cells of a row
_STOP = re.compile("[。！]|!(?=.)")
_FIGURE = r"(?:\d|[０-９]){1,3}"
_CAPTION = re.compile(rf"[表図图][ \u3000]?{_FIGURE}(?:[.．-]{_FIGURE})*[.．:： \u3000]\s*\S")
_DATE = re.compile(
    rf"(?:{_NUMERAL}年)?{_NUMERAL}月(?:{_NUMERAL}日)?.{{0,4}}|.{{2,4}}{_NUMERAL}年.*日"
)
_LONGEST = 40  # code points of a heading
_NO_END = "。．.、，,：:；;！!」』…"  # last characters that no heading has
_FEWEST_GLUED = 2  # lines without a mark right above their text, for these to be headings


def is_ideographic(text: str) -> bool:
    """Whether a text is Chinese or Japanese."""
    sample = text[:_SAMPLE]
    return not sample.isascii() and 3 * len(IDEOGRAPH.findall(sample)) >= sum(
        map(str.isalpha, sample)
    )


def label_ideographic(text: str, units: Sequence[TextUnit], labels: Sequence[Kind]) -> list[Kind]:
    """Kinds of the units; code, rows with gaps and lines without ideographs keep their labels."""
    lines = [text[unit.start : min(unit.end, unit.start + 4 * _LONGEST)] for unit in units]
    marks = [(m.lastgroup or "") if (m := _MARK.match(line)) else "" for line in lines]
    kinds = list(labels)
    glued: list[int] = []
    for place, (line, label) in enumerate(zip(lines, labels)):
        is_row = label == "code" or (label == "table_row" and _GAP.search(line))
        if is_row or not IDEOGRAPH.search(line):
            continue
        kinds[place] = "paragraph"
        if _CAPTION.match(line) and not _says(line):
            kinds[place] = "caption"
        elif _is_item(units, lines, marks, place):
            kinds[place] = "list_item"
        elif _may_head(lines, place):
            below = lines[place + 1]
            leads = _says(below) or _is_item(units, lines, marks, place + 1)
            leads = leads or labels[place + 1] in ("list_item", "table_row", "code")
            marked = bool(marks[place] or _BRACKETED.fullmatch(line))
            is_first = place == 0 or units[place].blanks > 0
            leads = leads or ((marked or place == 0) and _may_head(lines, place + 1))
            if leads and (marked or (is_first and units[place + 1].blanks)):
                kinds[place] = "heading"
            elif leads and is_first:
                glued.append(place)
    if len(glued) >= _FEWEST_GLUED:
        for place in glued:
            kinds[place] = "heading"
    return kinds


def _says(line: str) -> bool:
    """Whether a line is prose: long, or with the end of a sentence."""
    return len(line) > _LONGEST or _STOP.search(line) is not None


def _may_head(lines: Sequence[str], place: int) -> bool:
    """Whether a line may be a heading: not the last, short, with a letter, no sentence or date."""
    line = lines[place]
    if place + 1 == len(lines) or line[-1] in _NO_END or not any(map(str.isalpha, line)):
        return False
    return not (_says(line) or _DATE.fullmatch(line))


def _is_item(
    units: Sequence[TextUnit], lines: Sequence[str], marks: Sequence[str], place: int
) -> bool:
    """Whether a line and a neighbour begin with the same kind of mark: adjacent, or with blank
    lines between but both prose or both not. A middle dot always marks an item."""
    if marks[place] in ("", "division", "dot"):
        return marks[place] == "dot"
    return any(
        marks[place] == marks[beside]
        and (not units[max(place, beside)].blanks or _says(lines[place]) == _says(lines[beside]))
        for beside in (place - 1, place + 1)
        if 0 <= beside < len(lines)
    )
