"""Tokenizer: takes text, returns tokens with their offsets.

Ranking, marks and counts all use this tokenizer, so that they agree. No word is ever dropped:
*not*, *no*, *may*, single letters and numbers are tokens like any other.

A token is a run of letters (digits may follow: B12), or a number. `25mg` begins with digits and is
two tokens; `1,000` (also with a narrow, thin or no-break space), `0.5` and `.5` are one token, and
so is `2,5` in languages with a decimal comma, but two in others. Hyphens, underscores, zero-width
spaces and all other characters separate tokens; a contraction or possessive keeps its apostrophe
(don't, Elavil's), an elision does not (l'eau is two). In scripts written without spaces (Han, kana,
Thai …) each character is a token, so that any run of them is a phrase.

An exponent belongs to its number or unit (10⁹, m², Ca²⁺). A reference mark is not a token nor part
of one: raised digits or a raised letter after a word, `[1]` after a word or alone, and text between
`READING` marks (ruby). A character that stands for a word is a token (℃, ㎎, ½).

Offsets are code points. No text is refused or raises an error.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import NamedTuple, cast

from indexer.text.folding import (
    APOSTROPHES,
    INVISIBLE,
    SIGNS,
    SUPERSCRIPTS,
    fold,
    longest_sign,
    sign_of,
)
from indexer.text.id_words import UNSPACED, combining_marks
from indexer.text.word_lists import DECIMAL_COMMA

ANALYSIS_VERSION = 4  # raise it whenever tokens, folds, stems or sentences change


class Tokens(NamedTuple):
    """Tokens of a text: token i is `text[starts[i] : starts[i] + len(forms[i])]`."""

    forms: list[str]  # as written
    starts: list[int]  # code points


# Marks around a reading beside its word (ruby): invisible, and never adjacent in ordinary text.
READING = ("\u200e\ufeff", "\ufeff\u200e")
_BREAKS = r" \t\n\r\x0b\x0c\x1c-\x1f"  # no rule looks beyond any of these
_REFERENCE = (
    r"(?<=[^\s(\[/–-])\[(?:[1-9]\d{0,2}(?:[,–-][1-9]\d{0,2})*|[a-h])\](?![\w(-])"
    r"|(?<!\S)\[[1-9]\d{0,2}\](?![^\s.,;:!?)])"
)


def _number(*, comma: bool, space: str = "") -> str:
    """Pattern of a number. `comma`: whether a comma may precede decimals; `space`: characters that
    may separate thousands, besides a comma."""
    spaced = rf"|[1-9]\d{{0,2}}(?:[{space}]\d{{3}})+(?!\d)" if space else ""
    if space and comma:
        spaced += r"(?:,\d+)?"
    whole = r"\d+" if comma else "0"
    return (
        r"(?<![\d.,^])(?:10{1,3}|[2-9])\^[-+−]?\d+(?![\d.,^])"  # 10^9
        r"|(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)"  # 1,000
        rf"|(?<!\d,){whole},\d+(?![\d,])"  # 0,5
        rf"{spaced}|\d+)(?:[.·٫]\d+)*"
        r"|(?<![\w.])\.\d+"  # .5 must never be read as 5
    )


def _word(letter: str, inside: str) -> str:
    """Pattern of a word: a letter, characters that may follow, and a contraction or O'Name."""
    suffix = r"(?:s|t|d|m|ll|re|ve|S|T|D|M|LL|RE|VE)(?!" + inside + ")"
    name = rf"(?<=[Oo][{APOSTROPHES}])(?<!{inside}[Oo][{APOSTROPHES}]){letter}{inside}*"
    return rf"{letter}{inside}*(?:[{APOSTROPHES}](?:{suffix}|{name}))?"


_TIMES = r"(?<=\d)[xX](?=10{1,3}[\^⁺⁻" + SUPERSCRIPTS + "])"  # 5x10^9


_THIN = "\u00a0\u2007-\u2009\u202f"
# Letters that, raised after a word, refer to a note (ᵃ); without ª and º
_RAISED = "ʰ-ʸˠ-ˤᴬ-ᴮᴰ-ᴺᴼ-ᵍᵏ-ᵡᶜ-ᶿ"


@cache
def _ascii_pattern(*, comma: bool) -> re.Pattern[str]:
    word = _word("[A-Za-z]", "[A-Za-z0-9]")
    return re.compile(f"{_REFERENCE}|({_TIMES}|{word}|{_number(comma=comma)})")


@cache
def _unicode_pattern(*, comma: bool) -> re.Pattern[str]:
    """The pattern for text beyond ASCII (built once, when first needed)."""
    marks, up, raised = combining_marks(), SUPERSCRIPTS, _RAISED
    none = rf"_{UNSPACED}{SIGNS}{up}{APOSTROPHES}{raised}"
    letter = rf"(?:[^\W\d\u0640{none}]|(?<![^\W\d_])[{raised}])"
    # Soft hyphens do not end a word: they are included only if more of the word follows.
    joiners = INVISIBLE.replace("\u00ad", "")
    inside = rf"(?:[^\W{none}]|[{marks}{joiners}]|[{raised}](?=[\w\u00ad])"
    inside += rf"|\u00ad(?=\u00ad{{0,9}}(?:[^\W{none}]|[{marks}{joiners}]))"
    inside += rf"|(?<=[{raised}])[{raised}])"
    tones = "\u0e48-\u0e4c\u0ec8-\u0ecc"
    parts = (
        rf"{_REFERENCE}|{READING[0]}[^{_BREAKS}]*?{READING[1]}|(",
        rf"(?<![\d.,·])(?:10{{1,3}}|[2-9])[⁺⁻]?[{up}]+",  # 10⁹
        rf"|(?:[fpnµμmcdhk]?m|in|ft|yd|mi|[a-zα-ωF-JL-Z])[{up}]+(?![\w⁺⁻])",  # m², x²
        rf"|{_TIMES}|{_word(letter, inside)}(?:[{up}]+(?=[⁺⁻](?![{up}])))?",  # Ca²⁺
        rf"|(?<![\w.,;:!?)\]”’\"'])[{up}]+(?=[^\W\d_{up}{raised}])",  # ¹³C
        rf"|(?<![{up}]⁻)(?<=⁻)[{up}]+",  # kg⁻¹
        rf"|\d{{1,3}}(?:٬\d{{3}})+(?!\d)(?:٫\d+)?|{_number(comma=comma, space=_THIN)}",
        rf"|[{SIGNS}]|[\uff66-\uff9d][\uff9e\uff9f]?",  # a half-width kana with its sound mark
        rf"|[{UNSPACED}](?:[{tones}]*[\u0e4d\u0ecd][{tones}]*[\u0e32\u0eb2]",
        rf"|[{marks}{INVISIBLE}]*[\u0e33\u0eb3]?))",
    )
    return re.compile("".join(parts))


def split_tokens(text: str, language: str = "") -> list[str]:
    """`text` split into gaps and tokens, alternating: gap, token, gap … gap.

    Offsets follow from the lengths in one pass, twice as fast as with a match object per token.
    """
    comma = language in DECIMAL_COMMA
    pattern = _ascii_pattern(comma=comma) if text.isascii() else _unicode_pattern(comma=comma)
    parts: list[str | None] = pattern.split(text)
    if None not in parts:
        return cast("list[str]", parts)
    cut, first, at = list[str](), 0, 0
    # A reference mark belongs to the gap around it.
    for here in [n for n, part in enumerate(parts) if part is None]:
        before = cast("list[str]", parts[first:here])
        at += sum(map(len, before))
        mark = cast("re.Match[str]", pattern.match(text, at))
        cut += before[:-1]
        parts[here + 1] = f"{before[-1]}{mark[0]}{parts[here + 1]}"
        first, at = here + 1, at - len(before[-1])
    return cut + cast("list[str]", parts[first:])


def tokenize(text: str, language: str = "") -> Tokens:
    """Tokens of `text` in order; `language` decides the meaning of a comma between digits."""
    parts = split_tokens(text, language)
    ends = list(accumulate(map(len, parts)))
    return Tokens(parts[1::2], ends[0:-1:2])


# --- words with several spellings ---------------------------------------------------------------

LONGEST_COMPOUND = 4  # parts; a longer chain of hyphens is not treated as one word
_HYPHEN = re.compile("[-‐‑]|[-‐‑\u00ad][ \t]*\n[ \t]*")


def is_hyphen(gap: str) -> bool:
    """Whether the text between two tokens is one hyphen, or one at a line's end."""
    return gap == "-" or bool(_HYPHEN.fullmatch(gap))


def compounds(text: str) -> set[tuple[str, ...]]:
    """Folded parts of the hyphenated words of `text`: anti-inflammatory, B-12.

    A hyphenated word has 2 to 4 forms with just one hyphen between each two, and begins with a
    word: `10-25` is none.
    """
    parts = split_tokens(text)
    found, run = set(), list[str]()
    for form, gap in zip(parts[1::2], [*parts[2:-1:2], ""]):
        run.append(form)
        if not is_hyphen(gap):
            if 1 < len(run) <= LONGEST_COMPOUND and not run[0][0].isdigit():
                found.add(tuple(map(fold, run)))
            run.clear()
    return found


def written_as_one(word: str) -> list[tuple[int, int, str]]:
    """Other spellings of a typed word's tokens: (first token, number of tokens, fold of the sign).

    1/2 is ½, m/s is ㎧, and 2,5 is 2.5 in languages with a decimal comma.
    """
    forms, starts = tokenize(word)
    if len(forms) < 2:
        return []
    folds = tuple(map(fold, forms))
    ends = [start + len(form) for start, form in zip(starts, forms)]
    found = []
    for at in range(len(folds)):
        for size in range(2, min(longest_sign(), len(folds) - at) + 1):
            sign = sign_of(folds[at : at + size])
            if sign and (not folds[at].isdigit() or word[ends[at] : starts[at + 1]] in "/⁄∕"):
                found.append((at, size, sign))
    if "," in word:
        decimal = tokenize(word, "de")
        for form, start in zip(decimal.forms, decimal.starts):
            if form not in forms and start in starts:
                found.append((starts.index(start), 2, fold(form)))
    return found


def normalise(text: str) -> str:
    """Folded tokens joined by spaces: equal for two texts that differ only in layout."""
    return " ".join(map(fold, tokenize(text).forms))
