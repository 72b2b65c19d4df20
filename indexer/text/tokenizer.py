"""Tokenizer: text in; tokens with their offsets out.

Whatever ranks, marks or counts reads its words here, so that all three agree. No word is ever
dropped: *not*, *no*, *may*, single letters and numbers are tokens like any other.

A token is a run of letters (digits may follow: B12), or a number. `25mg` begins with digits and is
two tokens; `1,000`, `0.5` and `.5` are one. Hyphens, underscores, zero-width spaces and all other
characters separate; a contraction or possessive keeps its apostrophe (don't, Elavil's), an elision
does not (l'eau is two). Scripts written without spaces (Han, kana, Thai …) give a token a
character, so that any run of them is a phrase.

Offsets are code points. Nothing here refuses a text or raises for one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from indexer.text.folding import INVISIBLE, fold

ANALYSIS_VERSION = 1  # rises whenever tokens, folds, stems or sentences would come out otherwise


class Tokens(NamedTuple):
    """Tokens of a text: token i is `text[starts[i] : starts[i] + len(forms[i])]`."""

    forms: list[str]  # as written
    starts: list[int]  # code points


# Words without spaces between them: one token a character (with its combining marks).
_UNSPACED = (
    "\u0e00-\u0e4f\u0e5a-\u0ecf\u1000-\u103f\u1780-\u17df\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_NUMBER = (
    r"(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)"  # 1,000
    r"|(?<!\d,)(?:0,\d+|\d+,\d{1,2})(?![\d,])"  # 0,5: a decimal comma
    r"|\d+)(?:[.·]\d+)*"
    r"|(?<![\w.])\.\d+"  # .5 must never be read as 5
)


def _word(letter: str, inside: str) -> str:
    """Pattern of a word: letters, what may follow inside, and a contraction or O'Name."""
    suffix = r"(?:s|t|d|m|ll|re|ve|S|T|D|M|LL|RE|VE)(?!" + inside + ")"
    name = r"(?<=[Oo]['’])(?<!" + inside + r"[Oo]['’])" + letter + inside + "*"
    return rf"{letter}{inside}*(?:['’＇](?:{suffix}|{name}))?"


_ASCII = re.compile(f"({_word('[A-Za-z]', '[A-Za-z0-9]')}|{_NUMBER})")


@cache
def _unicode_pattern() -> re.Pattern[str]:
    """The pattern for text beyond ASCII (built once, when first needed)."""
    marks = _combining_marks()
    letter = rf"[^\W\d_{_UNSPACED}]"
    inside = rf"(?:[^\W_{_UNSPACED}]|[{marks}{INVISIBLE}])"
    unspaced = rf"[{_UNSPACED}][{marks}{INVISIBLE}]*"
    # A joiner ends no word: it is taken only where more of the word follows.
    return re.compile(f"({_word(letter, inside)}|{_NUMBER}|{unspaced})")


def _combining_marks() -> str:
    """Ranges of the combining marks, for use between [ ] of a pattern; two planes, no CJK."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x3100), *range(0xA000, 0x11FFF), *range(0x1D000, 0x1F000)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" if a < b else chr(a) for a, b in ranges)


def split_tokens(text: str) -> list[str]:
    """`text` cut into gaps and tokens in turn: gap, token, gap … gap.

    One pass over the lengths gives every offset, which is twice as fast as a match object a token.
    """
    return (_ASCII if text.isascii() else _unicode_pattern()).split(text)


def tokenize(text: str) -> Tokens:
    """Tokens of `text` in order."""
    parts = split_tokens(text)
    ends = list(accumulate(map(len, parts)))
    return Tokens(parts[1::2], ends[0:-1:2])


def count_words(text: str) -> int:
    """How many tokens `text` has."""
    pattern = _ASCII if text.isascii() else _unicode_pattern()
    return len(pattern.findall(text))


HYPHENS = frozenset("-‐‑")
LONGEST_COMPOUND = 4  # parts; a longer chain of hyphens is no spelling of one word


def compounds(text: str) -> set[tuple[str, ...]]:
    """Folded parts of the hyphenated words of `text`: anti-inflammatory, B-12.

    These are 2 to 4 forms with nothing but one hyphen between them, the first a word: `10-25` is
    none.
    """
    parts = split_tokens(text)
    found, run = set(), list[str]()
    for form, gap in zip(parts[1::2], [*parts[2:-1:2], ""]):
        run.append(form)
        if gap not in HYPHENS:
            if 1 < len(run) <= LONGEST_COMPOUND and not run[0][0].isdigit():
                found.add(tuple(map(fold, run)))
            run.clear()
    return found


def normalise(text: str) -> str:
    """Folded tokens joined by spaces: what two texts share that differ in layout alone."""
    return " ".join(map(fold, tokenize(text).forms))


def slugify(text: str) -> str:
    """A name for URLs: folded words joined by hyphens, at most 80 characters, never empty."""
    slug = "-".join(fold(t).replace("'", "") for t in tokenize(text).forms)[:80].strip("-.")
    return slug or "section"
