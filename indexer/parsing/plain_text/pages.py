"""Plain text that was pages: their numbers and running heads, and sentences over their borders.

In: decoded text, its pages parted by form feeds or, where those were lost, by numbers that stand
alone. Out: the text, and where in it lines begin that belong to pages and not to what is written on
them. Refuses nothing.

Where a sentence runs over the border of a page it is made whole, and what stood in between follows
its paragraph; all else stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.text.function_words import FUNCTION_WORDS

_NUMBER = re.compile(
    r"\s*(?:[-–—|]\s*)?(?:(?:page|seite|página|pagina|pag\.|side|sida|sivu|strona|p\.)\s*)?"
    r"(?P<number>\d{1,4})(?P<total>\s*(?:of|von|de|di|van|af|av|sur|z|/|\|)\s*\d{1,4})?"
    r"(?:\s*[-–—|])?\s*",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"\s*[ivxl]{1,7}\s*")
_EDGE = 3  # lines at either end of a page among which numbers and running heads are sought
_FEWEST = 3  # pages on which a line stands that is a running head
_LONGEST_HEAD = 120  # code points
_FEWEST_NUMBERS = 3  # that count pages where no form feed does
_SHORTEST_PAGE = 15  # lines
_SHORT = 45  # code points of a line
_BEGINS_PART = re.compile(r"\(?\d{1,3}(?:\.\d{1,3})*[.)]?\s+[^\W\d_a-z]")  # of a section or item
_NEEDS_MORE = frozenset[str]().union(*FUNCTION_WORDS.values())  # words that end no line of its own
_STOPS = ".!?:;…。！？"


def mend_pages(text: str) -> tuple[str, frozenset[int]]:
    """The text with whole sentences, and the begins of lines that are numbers or running heads."""
    lines = text.split("\n")
    if "\f" in text:
        marked, borders = _marks_of_pages(lines)
    else:
        marked = borders = _numbers_alone(lines)
    return _mend(lines, marked, borders) if borders else (text, frozenset())


def _marks_of_pages(lines: Sequence[str]) -> tuple[set[int], set[int]]:
    """Lines that are numbers or running heads, and lines with which a page begins."""
    begins = [0, *(n for n, line in enumerate(lines) if "\f" in line)]
    pages = [range(a, b) for a, b in zip(begins, [*begins[1:], len(lines)])]
    edges = [_edges(lines, page) for page in pages]
    seen = Counter(key for edge in edges for key in {_key(lines[n]) for n in edge})
    needed = min(_FEWEST, max(2, len(pages)))
    first = next((n for n, line in enumerate(lines) if line.strip()), -1)  # the title, perhaps
    heads = {key for key, count in seen.items() if count >= needed and not key.isdigit()}
    marked = {n for edge in edges for n in _heads(lines, edge, heads) if n != first}
    counted = [
        (int(found["number"]) - page, run[: place + 1])
        for page, edge in enumerate(edges)
        for run in _outermost(edge, marked)
        for place, n in enumerate(run)
        if (found := _NUMBER.fullmatch(lines[n]))
    ]
    usual = Counter(offset for offset, _ in counted).most_common(1)
    for offset, run in counted:
        is_sure = len(run) == 1 or (usual[0][1] > 1 and len(lines[run[0]]) <= _LONGEST_HEAD)
        if offset == usual[0][0] and is_sure:
            marked.update(n for n in run if n != first)  # with the head outside of the number
    if len(pages) >= _FEWEST:
        runs = (run for edge in edges for run in _outermost(edge, marked))
        marked.update(run[0] for run in runs if _ROMAN.fullmatch(lines[run[0]]))
    return marked, set(begins[1:])


def _edges(lines: Sequence[str], page: range) -> list[int]:
    """The first and last lines of a page."""
    full = [n for n in page if lines[n].strip()]
    return sorted({*full[:_EDGE], *full[-_EDGE:]})


def _heads(lines: Sequence[str], edge: Sequence[int], heads: set[str]) -> Iterator[int]:
    """Running heads of a page: from either end on, its number between them or not."""
    for run in (edge, edge[::-1]):
        for n in run:
            if len(lines[n]) <= _LONGEST_HEAD and _key(lines[n]) in heads:
                yield n
            elif not _NUMBER.fullmatch(lines[n]):
                break


def _outermost(edge: Sequence[int], marked: set[int]) -> list[list[int]]:
    """The two first and the two last lines of a page, running heads apart, from outside in."""
    rest = [n for n in edge if n not in marked]
    return [rest[:2], rest[::-1][:2]] if rest else []


def _key(line: str) -> str:
    """A line without its figures, white space and case."""
    return re.sub(r"\d+", "0", " ".join(line.split())).casefold()


def _numbers_alone(lines: Sequence[str]) -> set[int]:
    """Lines that count pages, blank lines around them, in a text without form feeds."""
    alone = [
        (n, found)
        for n, line in enumerate(lines)
        if line.strip()
        and (found := _NUMBER.fullmatch(line))
        and not "".join((*lines[max(n - 1, 0) : n], *lines[n + 1 : n + 2])).strip()
    ]
    totals = [n for n, found in alone if found["total"]]
    if len(totals) >= 2:
        return set(totals)
    best: list[int] = []
    runs: dict[int, list[int]] = {}  # by the number that comes next
    for n, found in alone:
        value = int(found["number"])
        run = runs.pop(value, [])
        if run and n - run[-1] < _SHORTEST_PAGE:
            continue
        runs[value + 1] = run = [*run, n]
        best = max(best, run, key=len)
    if all(_stands_over_heading(lines, n) for n in best):
        return set()
    return set(best) if len(best) >= _FEWEST_NUMBERS else set()


def _stands_over_heading(lines: Sequence[str], number: int) -> bool:
    """Whether a number that stands alone may be that of a section: a heading is the next line."""
    below = next((line.strip() for line in lines[number + 1 :] if line.strip()), "")
    return below[:1].isupper() and len(below) < _SHORT and below[-1] not in _STOPS


def _mend(lines: Sequence[str], marked: set[int], borders: set[int]) -> tuple[str, frozenset[int]]:
    done: list[tuple[str, bool]] = []  # lines, and whether they are marked
    held: list[tuple[str, bool]] = []  # what stood within a sentence, until its paragraph ends
    last = -1  # the place in `done` of the last line of text
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
        if (
            at_border
            and last >= 0
            and _runs_on(done[last][0].strip(), line.strip("\f \t"), _is_prose(done, last))
        ):
            held += [pair for pair in done[last + 1 :] if pair[1]]
            del done[last + 1 :]
            if len(done[last][0].strip()) < _SHORT or not line.strip("\f \t")[0].islower():
                # not to be known as wrapped by its length or by what follows
                line = f"{done.pop()[0].rstrip()} {line.strip()}"
        done.append((line.strip("\f") if at_border else line, False))
        last, at_border = len(done) - 1, False
    if held:
        done += [("", False), *held]
    return "\n".join(line for line, _ in done), frozenset(_begins(done))


def _begins(lines: Sequence[tuple[str, bool]]) -> Iterator[int]:
    at = 0
    for line, is_marked in lines:
        if is_marked:
            yield at + len(line) - len(line.lstrip())
        at += len(line) + 1


def _is_prose(lines: Sequence[tuple[str, bool]], place: int) -> bool:
    """Whether a line is a further one of a paragraph that is set in lines, not a heading below."""
    above, is_marked = lines[place - 1] if place else ("", True)
    above, last = above.strip(), lines[place][0].strip()
    is_long = len(last) >= _SHORT or above[-1:] not in _STOPS
    return not is_marked and len(above) >= _SHORT and is_long


def _runs_on(last: str, line: str, is_prose: bool) -> bool:
    """Whether a sentence seems to run over the border between two lines."""
    if last[-1] in _STOPS or last.rstrip("\"'”’»)")[-1:] in ("", *_STOPS):
        return False
    if line[0].islower() or (last[-1] == "," and line[0].isalpha()):
        return True
    word = last.split()[-1]
    if not is_prose or not word[0].islower():
        return False
    return word in _NEEDS_MORE or (line[0].isdigit() and not _BEGINS_PART.match(line))
