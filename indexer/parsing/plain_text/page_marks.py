"""Finds page numbers and running heads in plain text of pages.

In: lines and the indices where pages begin, or lines alone if form feeds were lost. Out: indices
of the lines that belong to the pages and not to their content. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_NUMBER = re.compile(
    r"\s*(?:[-–—|]\s*)?(?:(?:page|seite|página|pagina|pag\.|side|sida|sivu|strona|p\.|σελίδα|σελ\."
    r"|strana|stránka|str\.|стр\.|страница|сторінка|oldal|sayfa|pagină|trang|ページ|第)\s*)?"
    r"(?P<number>\d{1,4})\s*(?:[ページ頁页쪽]{1,3}|\.?\s?oldal)?"
    r"(?P<total>\s*(?:of|von|de|di|van|af|av|sur|z|ze|od|από|из|із|din|/|\||/?\s*共)\s*\d{1,4}(?:\s*[頁页])?)?"
    r"(?:\s*[-–—|])?\s*",
    re.IGNORECASE,
)
_NUMBER_BESIDE = re.compile(r"\s*(?:(\d{1,4})\s{3,}\D.*|.*\D\s{3,}(\d{1,4}))\s*")  # a head
_FIGURES = re.compile(r"\d{1,9}")
_ROMAN = re.compile(r"\s*[ivxl]{1,7}\s*")
_EDGE = 3  # lines at either end of a page that are searched for numbers and running heads
_FEWEST = 3  # pages that share a running head or a way of counting
_LONGEST_HEAD = 120  # code points
_SHORTEST_TITLE = 4
_FEWEST_NUMBERS = 3  # consecutive page numbers, in text without form feeds
_SHORTEST_PAGE = 15  # lines
SHORT = 45  # code points of a line
STOPS = ".!?:;…。！？"
IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def marks_of_pages(lines: Sequence[str], begins: Sequence[int]) -> set[int]:
    """Indices of page numbers and running heads. `begins`: index of the first line of each page."""
    pages = [range(a, b) for a, b in zip(begins, [*begins[1:], len(lines)])]
    edges = [_edges(lines, page) for page in pages]
    title = {_title_line(lines, edges[0])}
    heads = _running_heads(lines, edges) | _alternating(lines, edges)
    marked = {n for edge in edges for n in _heads(lines, edge, heads)} - title
    runs = [(page, run) for page, edge in enumerate(edges) for run in _outermost(edge, marked)]
    marked |= {*_numbers_at_ends(lines, runs), *_numbers_beside_heads(lines, runs)} - title
    marked.update(_numbers_within(lines, pages, marked))
    if len(pages) >= _FEWEST:
        left = (run[0] for edge in edges for run in _outermost(edge, marked))
        marked.update(n for n in left if _ROMAN.fullmatch(lines[n]))
    return marked


def _running_heads(lines: Sequence[str], edges: Sequence[Sequence[int]]) -> set[str]:
    """Keys of lines at the top or foot of several pages; two pages suffice beside page numbers."""
    seen: dict[str, dict[int, str]] = {}  # key → page → the line
    numbered: Counter[str] = Counter()  # key → how often the line is beside a number
    for page, edge in enumerate(edges):
        numbers = [place for place, n in enumerate(edge) if _NUMBER.fullmatch(lines[n])]
        for place, n in enumerate(edge):
            numbered[_key(lines[n])] += place - 1 in numbers or place + 1 in numbers
            for head in (lines[n], *(_parts(lines[n]) if n in (edge[0], edge[-1]) else ())):
                seen.setdefault(_key(head), {})[page] = " ".join(head.split()).casefold()
    needed = min(_FEWEST, max(2, len(list(filter(None, edges)))))
    running = set[str]()
    for key, found in seen.items():
        is_sure = numbered[key] > 1 and len(set(found.values())) == 1
        if len(found) >= (2 if is_sure else needed) and not key.isdigit() and _is_running(found):
            running.add(key)
    return running


def _numbers_at_ends(
    lines: Sequence[str], runs: Sequence[tuple[int, Sequence[int]]]
) -> Iterator[int]:
    """Page numbers in `runs` (a page, and its lines from an end inward), and any head outside."""
    counted = [
        (int(number["number"]) - page, run[: place + 1])
        for page, run in runs
        for place, n in enumerate(run)
        if (number := _NUMBER.fullmatch(lines[n]))
    ]
    by_offset = Counter(offset for offset, _ in counted)
    of_sections = Counter(o for o, run in counted if _stands_over_heading(lines, run[-1]))
    usual = min(by_offset, key=lambda one: (-by_offset[one], of_sections[one]), default=0)
    found = [run for offset, run in counted if offset == usual]
    has_heads = 2 * sum(len(run) > 1 for run in found) >= len(found)
    for run in found:
        if len(run) == 1 or (len(found) > 1 and len(lines[run[0]]) <= _LONGEST_HEAD):
            yield from run if has_heads else run[-1:]


def _numbers_beside_heads(
    lines: Sequence[str], runs: Sequence[tuple[int, Sequence[int]]]
) -> Iterator[int]:
    """Outermost lines of pages with a page number beside a running head."""
    beside = [
        (int(found[1] or found[2]) - page, run[0])
        for page, run in runs
        if (found := _NUMBER_BESIDE.fullmatch(lines[run[0]]))
    ]
    offsets = Counter(offset for offset, _ in beside)
    yield from (n for offset, n in beside if offsets[offset] >= _FEWEST)


def _numbers_within(
    lines: Sequence[str], pages: Sequence[range], marked: set[int]
) -> Iterator[int]:
    """Page numbers within the text of a page: columns or a head on the right come before them."""
    within = [
        (int(found["number"]) - page, n)
        for page, at in enumerate(pages)
        for n in at
        if n not in marked
        and lines[n].strip()
        and (found := _NUMBER.fullmatch(lines[n]))
        and _parts_sentence(lines, n)
    ]
    offsets = Counter(offset for offset, _ in within)
    yield from (n for offset, n in within if offsets[offset] > 1)


def _alternating(lines: Sequence[str], edges: Sequence[Sequence[int]]) -> set[str]:
    """Keys of two running heads, of left and of right pages: all pages begin or end with one."""
    found: set[str] = set()
    for turn in (1, -1):
        rest = ([_key(lines[n]) for n in edge[::turn]] for edge in edges if edge)
        outer = [next((key for key in keys if not _NUMBER.fullmatch(key)), "") for keys in rest]
        for counts in (Counter(outer), Counter(outer[1:])):  # the first page may have none
            if counts.total() > _FEWEST and len(counts) == 2 and min(counts.values()) > 1:
                found.update(counts)
    return found - {""}


def _parts_sentence(lines: Sequence[str], number: int, shortest: int = 1) -> bool:
    """Whether a sentence runs on across a line, between lines of at least `shortest` characters."""
    before, after = lines[max(number - 3, 0) : number], lines[number + 1 : number + 4]
    above, below = (next(filter(None, map(str.strip, side)), ".") for side in (before[::-1], after))
    runs_on = above[-1] not in STOPS and above[-1].isalpha() and below[0].islower()
    if IDEOGRAPH.match(above[-1]) and IDEOGRAPH.match(below):  # each as wide as two letters
        runs_on, shortest = True, max(shortest, SHORT) // 2
    return runs_on and min(len(above), len(below)) >= shortest


def _is_running(found: Mapping[int, str]) -> bool:
    """Whether lines of several pages, which differ only in figures, are identical on some pages or
    contain the page number; "Chapter 2" and "5 mg" are not and do not."""
    if len(set(found.values())) < len(found):
        return True
    numbers = ([int(n) - page for n in _FIGURES.findall(line)] for page, line in found.items())
    return any(len(set(column)) <= len(column) / 2 for column in zip(*numbers))


def _title_line(lines: Sequence[str], edge: Sequence[int]) -> int:
    """Index of the first line, maybe the title, or of a line below that repeats it, or a part of it
    or of its longer words."""
    named = [(n, _key(lines[n])) for n in edge[:_EDGE] if not _NUMBER.fullmatch(lines[n])]
    if not named or " et al" in named[0][1]:
        return -1
    first, *others = named
    words = {word for word in first[1].split() if len(word) >= _SHORTEST_TITLE}
    for n, key in others:
        same = words.intersection(key.replace(":", " ").split())
        is_part = first[1] in key or (len(key) >= _SHORTEST_TITLE and key in first[1])
        if is_part or (len(same) > 1 and 2 * len(same) >= len(words) and key[0].isalpha()):
            return n
    return first[0]


def _edges(lines: Sequence[str], page: range) -> list[int]:
    """Indices of the first and last lines of a page that are not blank."""
    full = [n for n in page if lines[n].strip()]
    return sorted({*full[:_EDGE], *full[-_EDGE:]})


def _heads(lines: Sequence[str], edge: Sequence[int], heads: set[str]) -> Iterator[int]:
    """Running heads of a page: from either end inward, with or without its number between them.

    None at an end with a repeated end of a sentence, or where all lines examined are repeated and
    long: there the text itself repeats.
    """
    for run in (edge[:_EDGE], edge[: -_EDGE - 1 : -1]):
        found: list[int] = []
        is_text = False  # whether the line beyond the heads is text
        for n in run:
            line = lines[n].strip()
            known = set(map(_key, (line, *(_parts(line) if n == run[0] else ()))))
            if len(lines[n]) <= _LONGEST_HEAD and not known.isdisjoint(heads):
                found.append(n)
                if line[0].islower() and line[-1] in STOPS:
                    found = []
                    break
            elif is_text := not _NUMBER.fullmatch(line):
                break
        if is_text or len(found) == 1 or any(len(lines[n].strip()) < SHORT for n in found):
            yield from found


def _outermost(edge: Sequence[int], marked: set[int]) -> list[list[int]]:
    """First two and last two lines of a page from outside in, without running heads; the outermost
    line of one end is not the second line of the other."""
    head, foot = (
        [n for n in run if n not in marked][:2] for run in (edge[:_EDGE], edge[: -_EDGE - 1 : -1])
    )
    ends = {*head[:1], *foot[:1]}
    return [[*run[:1], *(n for n in run[1:] if n not in ends)] for run in (head, foot) if run]


def _parts(line: str) -> list[str]:
    """Parts of a running head on either side of a divider (title and chapter); [] without one."""
    parts = re.split(r"\s[|·•—–]\s", line.strip()) if len(line) <= _LONGEST_HEAD else []
    return [part for part in parts if len(part) >= _SHORTEST_TITLE] if parts[1:] else []


def _key(line: str) -> str:
    """A line folded, white space collapsed and, unless it ends a sentence, with 0 for figures."""
    line = " ".join(line.split()).casefold()
    return line if line.endswith((".", "!", "?")) else _FIGURES.sub("0", line)


def numbers_alone(lines: Sequence[str]) -> set[int]:
    """Indices of page numbers in a text without form feeds.

    They have blank lines around them, or sentences run on across some of them; a single number
    counts if it divides a sentence of long lines.
    """
    short = (n for n, line in enumerate(lines) if line and len(line.strip()) < SHORT)
    found = {n: number for n in short if (number := _NUMBER.fullmatch(lines[n]))}
    around = ((n, (*lines[max(n - 1, 0) : n], *lines[n + 1 : n + 2])) for n in found)
    alone = [n for n, beside in around if not any(map(str.strip, beside))]
    totals = {n for n in alone if found[n]["total"]}
    if len(totals) >= 2:
        return totals
    parting = {n for n in alone if _parts_sentence(lines, n, SHORT)}
    best = _counting({n: int(found[n]["number"]) for n in alone})
    if len(best) >= _FEWEST_NUMBERS and not all(_stands_over_heading(lines, n) for n in best):
        return parting.union(best)
    best = _counting({n: int(number["number"]) for n, number in found.items()})
    beside = ((lines[n - 1].rstrip()[-1:], lines[n + 1][:1]) for n in best[:-1] if n)
    parted = sum(below.islower() and above not in STOPS for above, below in beside)
    return parting.union(best) if parted >= _FEWEST_NUMBERS - 1 else parting


def _counting(numbers: Mapping[int, int]) -> list[int]:
    """Longest series of lines whose `numbers` go up by one, each at least a short page apart."""
    best: list[int] = []
    runs: dict[int, list[int]] = {}  # by the number that comes next
    for n, value in numbers.items():
        run = runs.pop(value, [])
        if run and n - run[-1] < _SHORTEST_PAGE:
            continue
        runs[value + 1] = run = [*run, n]
        best = max(best, run, key=len)
    return best


def _stands_over_heading(lines: Sequence[str], number: int) -> bool:
    """Whether a number alone may be that of a section: the next line looks like a heading."""
    below = next((line.strip() for line in lines[number + 1 :] if line.strip()), "")
    return below[:1].isupper() and len(below) < SHORT and below[-1] not in STOPS
