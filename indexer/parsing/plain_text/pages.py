"""Finds page numbers and running heads in plain text, and joins sentences over page breaks.

In: decoded text, its pages separated by form feeds or, where those were lost, by page numbers alone
on a line. Out: the text, and the start positions of the lines that belong to the pages and not to
their content (see `page_marks`). Refuses nothing.

A sentence that runs over a page break is made whole, and the lines inside it move below its
paragraph; everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.parsing.plain_text.page_marks import (
    IDEOGRAPH,
    SHORT,
    STOPS,
    marks_of_pages,
    numbers_alone,
)
from indexer.text.word_lists import FUNCTION_WORDS

_MOST_NOTE_LINES = 30  # at the foot of a page
_NOTE = re.compile(r"\s*\(?(\d{1,2}|[*†‡§¶]{1,2})[.)]?(?:\s+\S|\s*\Z)")
_BEGINS_PART = re.compile(r"\(?\d{1,3}(?:\.\d{1,3})*[.)]?\s+[^\W\d_a-z]")  # of a section or item
NEEDS_MORE = frozenset[str]().union(*FUNCTION_WORDS.values())  # words that end no complete line


def mend_pages(text: str) -> tuple[str, frozenset[int]]:
    """The text with whole sentences, and the start positions of page numbers and running heads."""
    lines = text.split("\n")
    numbers: set[int] = set()
    if "\f" in text:
        borders = {n for n, line in enumerate(lines) if "\f" in line}
    else:
        numbers = numbers_alone(lines)
        borders = {n + 1 for n in numbers}
    if not borders:
        return text, frozenset()
    return _mend(lines, marks_of_pages(lines, sorted({0, *borders})) | numbers, borders)


def _mend(lines: Sequence[str], marked: set[int], borders: set[int]) -> tuple[str, frozenset[int]]:
    done: list[tuple[str, bool]] = []  # lines, and whether they are marked
    held: list[tuple[str, bool]] = []  # lines from inside a sentence, until its paragraph ends
    last = -1  # index in `done` of the last line of text
    page = 0  # index in `done` of the first line of its page
    at_border = False
    for number, line in enumerate(lines):
        at_border = at_border or number in borders or number in marked
        if number in marked:
            done.append((line, True))
            continue
        if not line.strip():
            if held:
                done += [("", False), *held]
                held = []
            done.append((line, False))
            continue
        begin = line.strip("\f \t")
        if at_border and last >= 0:
            end = _above_notes(done, page, last) if begin[0].islower() else last
            if _runs_on(done[end][0].strip(), begin, _is_prose(done, end)):
                held += [pair for pair in done[end + 1 :] if pair[1] or end < last]
                del done[end + 1 :]
                if len(done[end][0].strip()) < SHORT or not begin[0].islower():
                    # its length or the line below would not show later that it was wrapped
                    above = done.pop()[0].rstrip()
                    gap = "" if IDEOGRAPH.match(begin) else "\n" if above[-1] in "-‐\xad" else " "
                    line = f"{above}{gap}{line.strip()}"
            elif held:
                done[last + 1 : last + 1] = [("", False), *held, ("", False)]
                held = []
            page = len(done)
        done.append((line.strip("\f") if at_border else line, False))
        last, at_border = len(done) - 1, False
    if held:
        done += [("", False), *held]
    return "\n".join(line for line, _ in done), frozenset(_marked_starts(done))


def _above_notes(lines: Sequence[tuple[str, bool]], page: int, last: int) -> int:
    """Index of the last line above the footnotes of a page if they divide a sentence; else `last`.

    Footnotes end as sentences do, and the mark of the first is a superscript in a line above.
    """
    for place in range(last, max(page, last - _MOST_NOTE_LINES), -1):
        line, is_marked = lines[place]
        found = None if is_marked else _NOTE.match(line)
        if found is None or lines[last][0].rstrip()[-1] not in STOPS:
            continue
        before = range(place - 1, page - 1, -1)
        text_lines = (n for n in before if any(map(str.isalnum, lines[n][0])) and not lines[n][1])
        above = next(text_lines, last)  # skips the rule above the notes
        if lines[above][0].rstrip()[-1] in STOPS:
            continue  # the line above is another note
        raised = re.compile(rf"(?<=[^\W\d_]|[.,;:)\]”»’\"']){re.escape(found[1])}(?!\d)")
        return above if any(raised.search(line) for line, _ in lines[page:place]) else last
    return last


def _marked_starts(lines: Sequence[tuple[str, bool]]) -> Iterator[int]:
    at = 0
    for line, is_marked in lines:
        if is_marked:
            yield at + len(line) - len(line.lstrip())
        at += len(line) + 1


def _is_prose(lines: Sequence[tuple[str, bool]], place: int) -> bool:
    """Whether a line continues a paragraph of several lines and is not a heading below it."""
    above, is_marked = lines[place - 1] if place else ("", True)
    above, last = above.strip(), lines[place][0].strip()
    is_long = len(last) >= SHORT or above[-1:] not in STOPS
    return not is_marked and len(above) >= SHORT and is_long


def _runs_on(last: str, line: str, is_prose: bool) -> bool:
    """Whether a sentence seems to run over the page break between two lines."""
    if last[-1] in STOPS or last.rstrip("\"'”’»)")[-1:] in ("", *STOPS):
        return False
    is_open = last.rfind("(") > last.rfind(")")
    is_unspaced = len(last) >= SHORT // 2 and IDEOGRAPH.match(last[-1]) and IDEOGRAPH.match(line)
    if is_unspaced or line[0].islower() or ((is_open or last[-1] == ",") and line[0].isalpha()):
        return True
    word = last.split()[-1]
    if not is_prose or not word[0].islower():
        return False
    return word in NEEDS_MORE or (line[0].isdigit() and not _BEGINS_PART.match(line))
