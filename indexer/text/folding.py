"""Folding: takes a form, returns it as it is compared.

Folding ignores case, accents, width, ligatures (œ is oe), strokes (ł is l), the dot of ı, kinds of
apostrophe, scripts of digits, and whether Thai and Lao *am* is one character or two; it drops soft
hyphens, joiners, tatweels and thousands separators. A decimal comma becomes a point. An exponent
follows a ^ (10⁹ is 10^9). A sign for several words has ⁄ between them (½ is 1⁄2). Works on NFKD,
returns NFC. Refuses nothing. `collation_keys` puts words in order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from indexer.text.id_words import THOUSANDS, is_accent, plain_words

# Invisible inside a word: soft hyphen, grapheme joiner, (non-)joiners, variation selectors; and
# the tatweel, which just lengthens an Arabic word.
INVISIBLE = "\u00ad\u034f\u200c\u200d\u2060\ufe00-\ufe0f\u0640"
APOSTROPHES = "'’‘‛＇ʻʼʹʾʿ′´`"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Characters that are each a token: fractions, circled numbers, units and words in one character.
SIGNS = (
    "¼-¾\u2100\u2101\u2103\u2105\u2106\u2109\u2116\u2121\u213b\u2150-\u215f\u2189\u2460-\u24ff"
    "\u2776-\u2793\u3200-\u321e\u3220-\u3247\u3248-\u324f\u3250-\u32fe\u3300-\u33ff"
)
PARTED = "⁄"  # between the words of a sign that stands for several words

_DROP = re.compile(f"[{INVISIBLE}]")
_LEVEL = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | {"·": ".", "٫": ".", "٬": "", " ": ""})
_SHORT_I = re.compile("([иИ])\u0306")  # й is a separate letter, not an accented и
_SIGN = re.compile(f"[{SIGNS}]")
_POWER = re.compile(rf"(?<=\d)([⁺⁻]?)([{SUPERSCRIPTS}]+)")
_CARET = str.maketrans("⁺⁻−", "+--")
_AM = re.compile("([\u0e48-\u0e4c\u0ec8-\u0ecc]+)([\u0e4d\u0ecd])")  # the tone mark goes last


@lru_cache(maxsize=1 << 16)
def fold(form: str) -> str:
    """`form` as it is compared: `fold_keep_case`, then lower case (café = CAFE)."""
    kept = fold_keep_case(form)
    return kept.lower() if kept.isascii() else kept.casefold()


def fold_keep_case(form: str) -> str:
    """`form` without accents, width, ligatures and invisible characters; case is kept."""
    if not form.isascii() or "`" in form:
        if len(form) == 1 and _SIGN.match(form):
            return _sign_fold(form)
        text = _DROP.sub("", form).translate(_LEVEL)
        text = _POWER.sub(r"^\1\2", text) if form[0].isdigit() else text
        text = unicodedata.normalize("NFKD", text)
        text = _SHORT_I.sub(lambda m: "й" if m[1] == "и" else "Й", text)
        text = "".join(c for c in text if not is_accent(c)).translate(_LEVEL)
        if not text.isascii():
            text = _AM.sub(r"\2\1", text.translate(_letters(capitals=text.isupper())))
            if any(map(str.isdecimal, text)):
                text = "".join(str(unicodedata.decimal(c, c)) for c in text)
        form = unicodedata.normalize("NFC", text)
    if form[:1].isdigit():
        if "," in form:
            return form.replace(",", "" if THOUSANDS.match(form) else ".")
        if "^" in form:
            return form.translate(_CARET)
    elif form[:1] == ".":
        return "0" + form
    return form


@cache
def _letters(*, capitals: bool) -> dict[int, str]:
    """Letters without a decomposition, and the letters they fold to: œ, æ, ı, ة, letters with a
    stroke.

    `capitals`: whether the word is all in capitals (ŒDÈME, not Œdème).
    """
    table = {"ة": "ه", "œ": "oe", "æ": "ae", "ı": "i", "Œ": "OE", "Æ": "AE"}
    if not capitals:
        table |= {"Œ": "Oe", "Æ": "Ae"}
    for code in (*range(0xD8, 0x250), *range(0x1D7B, 0x1D80), *range(0x2C60, 0x2C80),
                 *range(0xA740, 0xA7D0)):  # fmt: skip
        found = _STROKE.fullmatch(unicodedata.name(chr(code), ""))
        if found:
            table[chr(code)] = found[2] if found[1] == "CAPITAL" else found[2].lower()
    return str.maketrans(table)


_STROKE = re.compile(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z]) WITH (?:[A-Z]+ )?(?:STROKE|BAR)")


@cache
def _sign_fold(sign: str) -> str:
    """The word that a sign stands for (℃, ㎎), or its words joined by ⁄ (½, ㎧); keeps case."""
    written = unicodedata.normalize("NFKD", sign)
    words = plain_words(written)
    if len(words) == 1:
        bare = "".join(c for c in written if c.isalnum())
        return bare if bare.casefold() == words[0] else words[0]
    return PARTED.join(words) or sign


def parts_of_sign(folded: str) -> tuple[str, ...]:
    """The words of a folded sign that stands for several; () for any other word."""
    return tuple(folded.split(PARTED)) if PARTED in folded else ()


@cache
def _signs() -> dict[tuple[str, ...], str]:
    every = filter(_SIGN.match, map(chr, (*range(0xBC, 0xBF), *range(0x2100, 0x3400))))
    folds = filter(lambda folded: PARTED in folded, map(fold, every))
    return {parts_of_sign(folded): folded for folded in folds}


@cache
def longest_sign() -> int:
    """Number of words of the longest sign."""
    return max(map(len, _signs()))


def sign_of(words: tuple[str, ...]) -> str:
    """The folded sign that stands for these folded words; "" if there is none."""
    return _signs().get(words, "")


def collation_keys(words: Sequence[str]) -> list[str]:
    """A key for each word: the keys, as strings, sort by the primary level of the Unicode Collation
    Algorithm (UTS 10), where case, accents and other marks make no difference.

    Œ is oe, ø and ł come beside o and l, ½ beside 1. The table takes a third of a second to load:
    only for characters beyond ASCII.
    """
    characters = {character for word in words for character in word}
    if all(map(str.isascii, characters)):
        return list(words)  # punctuation, digits, letters: ASCII order is that of the table
    from pyuca import Collator

    collator = Collator()
    table = {}
    for character in characters:
        weights = collator.sort_key(character)
        primary = weights[: weights.index(0)]
        table[ord(character)] = "".join(map(chr, primary))
    return [word.translate(table) for word in words]
