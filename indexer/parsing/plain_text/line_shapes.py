"""The shape of a single line, and whether the first line of a run differs from the others.

In: the text and its units; a run is a sequence of units without a blank line in it. Out: a
`UnitShape` of classes for each unit. Refuses nothing. Only the first `HEAD` and the last few code
points of a unit are read, so that a line of any length costs the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from indexer.parsing.plain_text.lines import TextUnit

HEAD = 240  # code points read from a unit's start
_TAIL = 20  # code points read from a longer unit's end
_LONGEST_LINE = 90  # code points of a line that may well be a heading
_CHARS = (12, 25, 40, 60, 80, 110, 160, 250, 500)  # upper bounds of the length classes
_WORDS = (1, 2, 3, 5, 8, 12, 18, 30)
_DIGITS = (0.05, 0.15, 0.3, 0.5)  # share of a line's characters
_MARKS = (0.03, 0.06, 0.1, 0.2)
_PLAIN = (0.01, 0.2, 0.35, 0.5)  # share of a line's words
_STEM = 7  # code points to which words are cut before they are compared
_QUOTES = "\"'”’)]»"
_END_CLASSES = dict.fromkeys(_QUOTES, '"') | dict(zip(")].!?:;,", ")).!?:;,"))

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ASCII_LETTERS = bytes(c if chr(c).isalpha() else 0x20 for c in range(128)).ljust(256)
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+[\"'“‘(\[]*[A-Z]")
_NUMBERING = re.compile(
    r"(?:\d{1,2}(?P<deep>(?:\.\d{1,2})+)\.?|[IVX]{1,5}\.|[A-Z]\.|\d{1,3}\.?"
    r"|(?:chapter|part|section|step|appendix|figure|fig\.|table|box)\s+[\divxlc]+\b\W?)\s",
    re.IGNORECASE,
)
_BEGINS_CODE = re.compile(
    r"[$>#%]\s|//|/\*|</?\w+|\w+\s*[{(=]|[})\]]"
    r"|(?:var|let|const|def|return|import|from|select|function|class|if|else|for|while|end|where"
    r"|try|catch|console)\b.*[(){};=]",
    re.IGNORECASE,
)
_HOLDS_CODE = re.compile(  # each alternative begins with a literal, which skips most lines fast
    r"\(\)(?<=\w\(\))|\.(?<=\w\.)\w+\(|\{\s*$|\}\s*$|;\s*$|=>|->|==|│|─|┼|=(?<=\s=)\s"
)
SECTION = 12  # units above a run whose words its first line may repeat
_TITLED = ("title", "most", "upper")  # classes of capitalisation of headings
_CODE_MARKS = rb"{}[]()<>=;$_|#\/*&"
_VERB_FORMS = (
    "is are was were be been has have had do does did will would can could may might must should "
    "say says said show shows showed include includes mean means contain contains become becomes"
)
_VERBS = frozenset(_VERB_FORMS.split())
_FUNCTION_WORDS = (
    "the a an this that these of to in for with by from on at as and or not if is are was be have "
    "has can will may it you your we our they their he his she her"
)
_COMMON = frozenset(_FUNCTION_WORDS.split())


class UnitShape(NamedTuple):
    """Features of one unit by itself, most of them classes."""

    size: str  # "s" short as headings are, "m" longer, "l" longer than HEAD
    end: str  # class of the last character
    first: str  # class of the first character
    caps: str  # how the words are capitalised
    chars: int = 0  # class of length
    words: int = 0  # class of length
    plain: int = 0  # class of the share of common words
    stop: bool = False  # whether a sentence ends inside the line
    opener: str = ""  # first word, lower case
    closer: str = ""  # last word, lower case
    pair: str = ""  # first two words, lower case
    names: tuple[str, ...] = ()  # features that do not depend on the neighbours
    content: frozenset[str] = frozenset()  # stems of the longer words; empty for long units


EDGE = UnitShape("x", "x", "x", "x")  # in place of the neighbours missing at both ends


def words_of(line: str) -> list[str]:
    """Words of a line: letters, with an apostrophe inside."""
    if line.isascii() and "'" not in line:
        return line.encode().translate(_ASCII_LETTERS).decode().split()
    return _WORD.findall(line)


def shape_of(text: str, unit: TextUnit) -> UnitShape:
    """The shape of one unit by itself."""
    length = unit.end - unit.start
    line = text[unit.start : min(unit.end, unit.start + HEAD)]
    names = [f"marker={unit.marker}"] if unit.marker else []
    if unit.marker:
        line = line.split(maxsplit=1)[-1]
    if "\t" in line:
        names.append("tabs" if line.count("\t") > 1 else "tab")
    elif "   " in line:
        names.append("columns")
    chars, first = bisect_left(_CHARS, length), _first_class(line[0])
    if length > HEAD:  # certainly no heading: little of it needs to be read
        end = _end_class(text[unit.end - _TAIL : unit.end])
        opener = line.split(maxsplit=1)[0].lower()[:12]
        return UnitShape(
            "l", end, first, "long", chars, len(_WORDS), 0, True, opener, names=tuple(names)
        )
    typed = words_of(line)
    words = list(map(str.lower, typed))
    stop = _STOP.search(line) is not None
    common = sum(map(_COMMON.__contains__, words)) / (len(words) or 1)
    return UnitShape(
        size="s" if length <= _LONGEST_LINE and not stop else "m",
        end=_end_class(line),
        first=first,
        caps=_caps_class(line, typed),
        chars=chars,
        words=bisect_left(_WORDS, line.count(" ") + 1),
        plain=bisect_left(_PLAIN, common),
        stop=stop,
        opener=words[0] if words else "",
        closer=words[-1] if words else "",
        pair=" ".join(words[:2]),
        names=(*names, *_signs(line, words)),
        content=frozenset([word[:_STEM] for word in words if len(word) > 3]),
    )


def _end_class(line: str) -> str:
    last = line[-1]
    if last in _QUOTES:
        inner = line.rstrip(_QUOTES)
        if inner and inner[-1] in ".!?":
            last = inner[-1]
    if last == "…" or line.endswith(".."):
        return "..."
    return _END_CLASSES.get(last) or ("a" if last.isalpha() else "0" if last.isdigit() else "#")


def _first_class(first: str) -> str:
    if first.isalpha():
        return "a" if first.islower() else "A"
    if first.isdigit():
        return "0"
    return '"' if first in "\"“‘'«" else "(" if first in "([" else "#"


def _caps_class(line: str, words: Sequence[str]) -> str:
    if not words:
        return "-"
    if line.isupper() and len(line) > 3:
        return "upper"
    initials = [word[0] for word in words[1:] if len(word) > 3]
    if not initials:
        return "one"
    share = sum(map(str.isupper, initials)) / len(initials)
    return "title" if share > 0.8 else "most" if share > 0.5 else "some" if share else "none"


def _signs(line: str, words: Sequence[str]) -> list[str]:
    """Names of the features of a line that do not depend on its neighbours."""
    signs = []
    if numbering := _NUMBERING.match(line):
        signs.append("numbered-deep" if numbering["deep"] else "numbered")
    if "://" in line or "www." in line or "@" in line:
        signs.append("link")
    if not _VERBS.isdisjoint(words):
        signs.append("verb")
    raw = line.encode("utf-8", "surrogatepass")
    if digits := len(raw) - len(raw.translate(None, b"0123456789")):
        signs.append(f"digits={bisect_left(_DIGITS, digits / len(line))}")
    if ", " in line:
        signs.append("comma")
    if ": " in line:
        signs.append("colon-inside")
    if " – " in line or " - " in line or " — " in line:
        signs.append("dash")
    if repeats_phrase(words):
        signs.append("repeats-phrase")
    marks = len(raw) - len(raw.translate(None, _CODE_MARKS)) + line.count("│")
    if marks and (_BEGINS_CODE.match(line) or _HOLDS_CODE.search(line)):
        signs.append("code")
    if marks > 1:
        signs.append(f"marks={bisect_left(_MARKS, marks / len(line))}")
    if line[-1] in "{(|│":
        signs.append(f"open={line[-1]}")
    return signs


def repeats_phrase(words: Sequence[str]) -> bool:
    """Whether a line reads like the head row of a flattened table.

    A phrase of two words occurs twice ("Common Side Effects Severe Side Effects"), or each half
    or third ends with the same word ("Mild Reactions Serious Reactions").
    """
    count = len(words)
    if not 4 <= count <= 12 or len(set(words)) == count:
        return False
    for columns in (2, 3):
        width = count // columns
        even = count % columns == 0 and width > 1 and len(words[-1]) > 3
        if even and len(set(words[width - 1 :: width])) == 1:
            return True
    pairs = list(pairwise(words))
    return any(pairs.index(pair) < place - 1 for place, pair in enumerate(pairs))


def stands_out(first: UnitShape, others: Sequence[UnitShape], above: Sequence[UnitShape]) -> bool:
    """Whether the first line of a run differs from all others as the heading of a list does.

    It alone ends with ":" or "?", or has its longer words capitalised, or repeats a word of the
    short lines `above` the run. False if a line is too long for a heading or its list, or if the
    line above ends with ":" and so introduces the whole run.
    """
    if first.size != "s" or any(shape.size == "l" for shape in others):
        return False
    if above and above[-1].end == ":":
        return False
    topics = frozenset[str]().union(*(shape.content for shape in above if shape.size == "s"))
    shared = first.content & topics
    return (
        (first.end in ":?" and all(shape.end != first.end for shape in others))
        or (first.caps in _TITLED and not any(shape.caps in _TITLED for shape in others))
        or (bool(shared) and not any(shared & shape.content for shape in others))
    )
