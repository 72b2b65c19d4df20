"""What a plain text shows of each of its units, as the names of features that hold.

In: the text and its units. Out: for each unit a list of names such as "words=4|end=?". The names
are the rows of `lines.tsv`. Nothing here depends on one article's words: evidence is length and
shape against the neighbours', sentence ends, markers, blank lines, words that come again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from indexer.parsing.lines import Unit

HEAD = 240  # code points of a unit that are looked at from its start
_CHARS = (12, 25, 40, 60, 80, 110, 160, 250, 500)
_WORDS = (1, 2, 3, 5, 8, 12, 18, 30)
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+[\"'“‘(\[]*[A-Z]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBERING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})+\.?|[IVX]{1,5}\.|[A-Z]\.|\d{1,3}\.?|(?:chapter|part|section|step|appendix|figure|fig\.|table|box)\s+[\divxlc]+\b\W?)\s", re.I)
_LINK = re.compile(r"https?://|www\.|\w@\w")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did"
    r"|be|been|says?|said|shows?|showed|includes?|means|contains?|becomes?)\b"
)
_CODE = re.compile(
    r"^(?:[$>#%]\s|//|/\*|--\s|</?\w+|\w+\s*[{(=]|[})\]]|@\w|(?:var|let|const|def|return|import|from|select|function"
    r"|class|if|else|for|while|end|where|try|catch|console)\b.*[(){};=])"
    r"|\w\(\)|\w\.\w+\(|[{};]\s*$|=>|->|==|[│─┼]|\s=\s",
    re.I,
)
_PLAIN = frozenset("the a an of and or to in for with by from on at is are was be it this that these you your we our they their he she his her as not if have has can will may".split())
_QUOTES = "\"'”’)]»"


class Facts(NamedTuple):
    """What is seen in one unit by itself."""

    size: str  # "s" heading-like, "m" a long line, "l" a paragraph
    chars: int  # bucket
    words: int  # bucket
    end: str  # class of the last character
    first: str  # class of the first character
    caps: str  # how words are capitalised
    stop: bool  # whether a sentence ends within
    opener: str  # first word, lower case
    closer: str  # last word, lower case
    pair: str
    plain: int
    names: tuple[str, ...]  # further features that hold by themselves
    content: frozenset[str]  # longer words, lower case (of short units)


def _end_class(line: str) -> str:
    last = line[-1]
    tail = line.rstrip(_QUOTES)
    if last in _QUOTES and tail and tail[-1] in ".!?":
        last = tail[-1]
    if last == ".":
        return "..." if line.endswith("..") else "."
    if last in "!?:;,":
        return last
    if last == "…":
        return "..."
    if last in ")]":
        return ")"
    if last in _QUOTES:
        return '"'
    return "a" if last.isalpha() else "0" if last.isdigit() else "#"


def _first_class(line: str) -> str:
    first = line[0]
    if first.isupper():
        return "A"
    if first.islower():
        return "a"
    if first.isdigit():
        return "0"
    return '"' if first in "\"“‘'«" else "(" if first in "([" else "#"


def _caps_class(line: str, words: Sequence[str]) -> str:
    if not words:
        return "-"
    if line.isupper() and len(line) > 3:
        return "upper"
    later = [word for word in words[1:] if len(word) > 3]
    if not later:
        return "one"
    share = sum(word[0].isupper() for word in later) / len(later)
    return "title" if share > 0.8 else "most" if share > 0.5 else "some" if share else "none"


def facts_of(text: str, unit: Unit) -> Facts:
    """What is seen in one unit by itself."""
    length = unit.end - unit.start
    line = text[unit.start : min(unit.end, unit.start + HEAD)]
    names: list[str] = []
    end = _end_class(line if length <= HEAD else text[unit.end - 20 : unit.end])
    if unit.marker:
        line = line.split(maxsplit=1)[-1]
        names.append("marker=" + unit.marker)
    tabs = line.count("\t")
    if tabs:
        names.append("tabs" if tabs > 1 else "tab")
    elif "   " in line:
        names.append("columns")
    first = _first_class(line)
    count = line.count(" ") + 1 if length <= HEAD else length // 6
    stop = length > HEAD or _STOP.search(line) is not None
    if length > HEAD:
        return Facts(
            "l", bisect_left(_CHARS, length), bisect_left(_WORDS, count), end, first, "long", stop,
            line.split(maxsplit=1)[0].lower()[:12], "", "", 0, tuple(names), frozenset(),
        )
    words = _WORD.findall(line)
    caps = _caps_class(line, words)
    lower = [word.lower() for word in words]
    numbering = _NUMBERING.match(line)
    if numbering:
        names.append("numbered=" + ("." if "." in numbering.group().strip()[:-1] else "1"))
    if _LINK.search(line):
        names.append("link")
    if _VERB.search(line):
        names.append("verb")
    digits = sum(map(line.count, "0123456789"))
    if digits:
        names.append("digits=%d" % bisect_left((0.05, 0.15, 0.3, 0.5), digits / len(line)))
    if ", " in line:
        names.append("comma")
    if ": " in line:
        names.append("colon")
    if " – " in line or " - " in line or " — " in line:
        names.append("dash")
    marks = sum(map(line.count, "{}[]()<>=;$_|│#\\/*&"))
    if marks > 1:
        names.append("marks=%d" % bisect_left((0.03, 0.06, 0.1, 0.2), marks / len(line)))
    if _CODE.search(line):
        names.append("code")
    if line[-1] in "{};(,|│" and end == "#":
        names.append("open=" + line[-1])
    if _phrase_again(lower):
        names.append("again")
    size = "s" if length <= 90 and not stop else "m"
    return Facts(
        size, bisect_left(_CHARS, length), bisect_left(_WORDS, count), end, first, caps, stop,
        lower[0] if lower else "", lower[-1] if lower else "", " ".join(lower[:2]),
        bisect_left((0.01, 0.2, 0.35, 0.5), sum(w in _PLAIN for w in lower) / (len(lower) or 1)), tuple(names),
        frozenset(word[:7] for word in lower if len(word) > 3),
    )


def _phrase_again(words: Sequence[str]) -> bool:
    if not 4 <= len(words) <= 12:
        return False
    seen: dict[tuple[str, str], int] = {}
    for place in range(len(words) - 1):
        pair = (words[place], words[place + 1])
        if seen.setdefault(pair, place) < place - 1:
            return True
    return False


def _habits(units: Sequence[Unit], facts: Sequence[Facts]) -> dict[tuple[str, str, str], list[str]]:
    """What usually stands around lines of each look in this article."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    last = len(units) - 1
    for place, fact in enumerate(facts):
        if fact.size == "l":
            continue
        tally = counts.setdefault((fact.end, fact.caps, fact.size), [0, 0, 0, 0, 0])
        tally[0] += 1
        if place < last:
            after = facts[place + 1]
            tally[1] += after.size == "l" or (after.stop and after.end == ".")
            tally[2] += after.end == fact.end and after.caps == fact.caps and after.size == fact.size
            tally[4] += units[place].blanks > 0 and units[place + 1].blanks > 0
        if place:
            tally[3] += facts[place - 1].end == ":"
    total = sum(tally[0] for tally in counts.values())
    out = {}
    for look, (n, prose, same, led, alone) in counts.items():
        many = min(n, 4)
        end, caps, size = look
        out[look] = [
            f"habit-prose={int(4 * prose / n)}|{many}|{size}",
            f"habit-same={int(4 * same / n)}|{many}|{size}",
            f"habit-led={int(4 * led / n)}|{many}|{size}",
            f"habit-alone={int(4 * alone / n)}|{many}|{size}",
            f"habit-share={int(5 * n / total)}|{end}|{caps}",
            f"habit-prose={int(4 * prose / n)}|{end}|{caps}",
            f"habit-same={int(4 * same / n)}|{end}|{caps}",
            f"habit={int(2.5 * prose / n)}{int(2.5 * same / n)}{int(2.5 * alone / n)}|{min(n, 3)}|{size}",
        ]
    return out


def _parallels(units: Sequence[Unit], facts: Sequence[Facts]) -> list[str]:
    """How many neighbours up and down begin and end alike."""
    count = len(facts)
    up = [0] * count
    down = [0] * count
    for place in range(1, count):
        if facts[place].end == facts[place - 1].end and facts[place].first == facts[place - 1].first:
            up[place] = min(up[place - 1] + 1, 3)
    for place in range(count - 2, -1, -1):
        if facts[place].end == facts[place + 1].end and facts[place].first == facts[place + 1].first:
            down[place] = min(down[place + 1] + 1, 3)
    return [f"{a}{b}" for a, b in zip(up, down)]


class Layout(NamedTuple):
    """How the whole article is laid out."""

    mode: str


def gap(blanks: int) -> str:
    return "0" if not blanks else "1"


def layout_of(units: Sequence[Unit], facts: Sequence[Facts]) -> str:
    """Class of the article's layout: t (no blank lines), else how lists stand in it."""
    count = len(units)
    gaps = sum(1 for unit in units[1:] if unit.blanks)
    if count > 1 and gaps <= 0.03 * (count - 1):
        return "t"
    long_runs = alone = 0
    place = 0
    runs: list[tuple[int, int]] = []
    while place < count:
        end = place + 1
        while end < count and not units[end].blanks:
            end += 1
        runs.append((place, end))
        place = end
    for number, (begin, end) in enumerate(runs):
        if end - begin > 1:
            long_runs += 1
            if number + 1 < len(runs):
                after = runs[number + 1]
                if after[1] - after[0] == 1 and facts[after[0]].size == "s" and facts[after[0]].end not in ".;:":
                    alone += 1
    if not long_runs:
        return "s"  # each unit stands alone
    marked = any(unit.marker for unit in units)
    if alone == 0:
        return ("j" if long_runs == 1 else "i") + ("m" if marked else "")
    return ("b" if alone > 0.25 * long_runs else "c") + ("m" if marked else "")


def describe(text: str, units: Sequence[Unit]) -> tuple[list[list[str]], list[str]]:
    """Names of the features of each unit, and the class of each gap before a unit."""
    facts = [facts_of(text, unit) for unit in units]
    lowers = sum(1 for fact in facts if fact.first == "a")
    if lowers > 0.9 * len(facts):
        facts = [fact._replace(first="A") if fact.first == "a" else fact for fact in facts]
    if sum(1 for fact in facts if fact.caps == "upper") > 0.9 * len(facts):
        facts = [fact._replace(caps="none") for fact in facts]
    mode = layout_of(units, facts)
    count = len(units)
    rows: list[list[str]] = []
    steps: list[str] = []
    # document vocabulary
    seen: dict[str, int] = {}
    for fact in facts:
        for word in fact.content:
            seen[word] = seen.get(word, 0) + 1
    habits = _habits(units, facts)
    runs = _parallels(units, facts)
    shorts_before = 0
    colon = 0
    edge = Facts("x", 0, 0, "x", "x", "x", False, "", "", "", 0, (), frozenset())
    shorts_after = [0] * (count + 1)
    for place in range(count - 1, -1, -1):
        shorts_after[place] = shorts_after[place + 1] + 1 if facts[place].size == "s" else 0
    for place, (unit, fact) in enumerate(zip(units, facts)):
        before = facts[place - 1] if place else edge
        after = facts[place + 1] if place + 1 < count else edge
        before2 = facts[place - 2] if place > 1 else edge
        after2 = facts[place + 2] if place + 2 < count else edge
        gb = "^" if not place else gap(unit.blanks)
        ga = "$" if place + 1 == count else gap(units[place + 1].blanks)
        size, end, caps, first = fact.size, fact.end, fact.caps, fact.first
        gaps = f"{mode}{gb}{ga}"
        shape = f"{size}{end}"
        look = f"{size}{end}{first}{caps}"
        names = [
            f"chars={fact.chars}", f"words={fact.words}", f"end={end}", f"first={first}", f"caps={caps}",
            f"words={fact.words}|end={end}", f"words={fact.words}|caps={caps}|end={end}",
            f"look={look}", f"stop={fact.stop}|{end}",
            f"gaps={gaps}", f"gaps={gaps}|shape={shape}", f"gaps={gaps}|caps={caps}", f"gaps={gaps}|words={fact.words}",
            f"gaps={gaps}|first={first}",
            f"mode={mode[0]}|look={look}",
            f"prev={before.size}{before.end}|{gb}|{shape}", f"next={after.size}{after.end}|{ga}|{shape}",
            f"prevlook={before.size}{before.end}{before.first}{before.caps}|{gb}",
            f"nextlook={after.size}{after.end}{after.first}{after.caps}|{ga}",
            f"around={before.size}{before.end}{gb}{shape}{ga}{after.size}{after.end}",
            f"sizes={before2.size}{before.size}{gb}{size}{ga}{after.size}{after2.size}",
            f"nextfirst={after.first}|{first}|{size}", f"prevfirst={before.first}|{first}|{size}",
            f"nextcaps={after.caps}|{caps}|{gaps[0]}", f"prevcaps={before.caps}|{caps}|{gaps[0]}",
            f"nextend={after.end}|{end}|{size}", f"prevend={before.end}|{end}|{size}",
            f"opener={fact.opener}",
        ]
        names += fact.names
        if size != "l":
            names += habits[end, caps, size]
            names.append(f"parallel={runs[place]}|{shape}")
            names.append(f"parallel={runs[place]}|{gaps}")
            names.append(f"pair={fact.pair}")
            names.append(f"plain={fact.plain}|{fact.words}|{end}")
            names.append(f"plain={fact.plain}|{caps}|{end}")
        if size == "s":
            names.append(f"closer={fact.closer}")
            names.append(f"up={min(shorts_before, 5)}|down={min(shorts_after[place] - 1, 5)}")
            names.append(f"down={min(shorts_after[place] - 1, 5)}|{caps}|{end}")
            names.append(f"up={min(shorts_before, 5)}|{caps}|{end}")
        if fact.size != "l":
            if fact.words <= 2:
                names.append("line=" + " ".join(sorted(fact.content)) if fact.content else "line=")
            if fact.opener and fact.opener == after.opener:
                names.append("same-next")
            if fact.opener and fact.opener == before.opener:
                names.append("same-prev")
            if fact.opener and (fact.opener == before2.opener or fact.opener == after2.opener):
                names.append("same-2")
            names.append(f"colon={min(colon, 6)}|{size}")
            if colon:
                names.append(f"colon={min(colon, 3)}|{gb}{ga}|{shape}|{first}")
            if fact.content:
                again = sum(1 for word in fact.content if seen[word] > 1) / len(fact.content)
                names.append(f"again={int(again * 3)}|{size}")
                where = units[place + 1].start if place + 1 < count else 0
                if where:
                    window = text[where : where + 700].lower()
                    near = sum(1 for word in fact.content if word in window) / len(fact.content)
                    names.append(f"near={int(near * 3)}|{size}|{after.size}")
                    names.append(f"near={int(near * 3)}|{shape}|{caps}")
                    if not place:
                        names.append(f"start={int(near * 3)}|{fact.chars}|{after.size}")
                        names.append(f"start={int(near * 3)}|{end}|{caps}|{after.size}")
        if unit.indent:
            names.append(f"indent={min(unit.indent,9)}|{unit.marker}")
            names.append(f"indent>{unit.indent > units[place-1].indent if place else 0}|{gb}")
        names.append(f"at={min(place, 3)}|{min(count - 1 - place, 3)}")
        names.append(f"at={min(place, 2)}|{look}")
        steps.append(f"{mode}{gb}" )
        shorts_before = shorts_before + 1 if size == "s" else 0
        if end == ":":
            colon = 1
        elif colon:
            colon = colon + 1 if size != "l" else 0
        rows.append(names)
    return rows, steps
