"""The word splitting behind issued names: article ids, anchors and passage sizes depend on it.

In: a text. Out: its words, their number, or a slug. Search splits words separately (`tokenizer`,
`folding`, `sentences`) and keeps improving; this module never changes, since ids that were issued
would change with it. Nothing is refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from string import ascii_letters

# Scripts without spaces between words: each character (with its combining marks) is a token.
UNSPACED = (
    "\u0e00-\u0e4f\u0e5a-\u0ecf\u1000-\u103f\u1780-\u17df\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
INVISIBLE = "\u00ad\u034f\u200c\u200d\u2060\ufe00-\ufe0f"
_NUMBER = (
    r"(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)|(?<!\d,)(?:0,\d+|\d+,\d{1,2})(?![\d,])|\d+)(?:[.·]\d+)*"
    r"|(?<![\w.])\.\d+"
)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "·": "."})
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_DROP = re.compile(f"[{INVISIBLE}]")


def _word(letter: str, inside: str) -> str:
    suffix = r"(?:s|t|d|m|ll|re|ve|S|T|D|M|LL|RE|VE)(?!" + inside + ")"
    name = r"(?<=[Oo]['’])(?<!" + inside + r"[Oo]['’])" + letter + inside + "*"
    return rf"{letter}{inside}*(?:['’＇](?:{suffix}|{name}))?"


_ASCII = re.compile(f"{_word('[A-Za-z]', '[A-Za-z0-9]')}|{_NUMBER}")


@cache
def _unicode_pattern() -> re.Pattern[str]:
    marks = combining_marks()
    letter = rf"[^\W\d_{UNSPACED}]"
    inside = rf"(?:[^\W_{UNSPACED}]|[{marks}{INVISIBLE}])"
    return re.compile(f"{_word(letter, inside)}|{_NUMBER}|[{UNSPACED}][{marks}{INVISIBLE}]*")


@cache
def combining_marks() -> str:
    """Ranges of combining marks, for use between [ ] in a pattern; planes 0 and 1, without CJK."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x3100), *range(0xA000, 0x11FFF), *range(0x1D000, 0x1F000)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" if a < b else chr(a) for a, b in ranges)


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII if text.isascii() else _unicode_pattern()


def count_words(text: str) -> int:
    """Number of words in `text`, used to size passages."""
    text = plainly_typed(text)
    if text.isascii() and not _DIGIT_OR_APOSTROPHE.search(text):  # words are runs of letters
        return len(text.encode().translate(_LETTERS).split())
    return len(_pattern(text).findall(text))


def most_words(text: str) -> int:
    """Upper bound of `count_words`, but faster: a word starts at the start of the text, or has a
    character other than an ASCII letter before or in it."""
    return len(text.encode("utf-8", "surrogatepass").translate(None, _ASCII_LETTERS)) + 1


def plainly_typed(text: str) -> str:
    """`text` with ’ as ' and with quotation marks and dashes as spaces: it has the same words, but
    is mostly ASCII, which is processed faster."""
    if text.isascii():
        return text
    for sign in "“”–—":
        text = text.replace(sign, " ")
    return text.replace("’", "'")


_ASCII_LETTERS = ascii_letters.encode()
_DIGIT_OR_APOSTROPHE = re.compile("[0-9']")
_LETTERS = bytes(code if chr(code).isalpha() else ord(" ") for code in range(128)).ljust(256)


def word_starts(text: str) -> list[int]:
    """Offsets of the first character of each word in `text` (code points)."""
    return [found.start() for found in _pattern(text).finditer(text)]


def plain_words(text: str) -> list[str]:
    """The words of `text` without case, accents, width and thousands commas."""
    return list(map(_plain, _pattern(text).findall(text)))


def slugify(text: str) -> str:
    """A name for URLs: plain words joined by hyphens, at most 80 characters, never empty."""
    slug = "-".join(word.replace("'", "") for word in plain_words(text))[:80].strip("-.")
    return slug or "section"


def _plain(word: str) -> str:
    if not word.isascii():
        text = unicodedata.normalize("NFKD", _DROP.sub("", word))
        text = re.sub("([иИ])\u0306", lambda m: "й" if m[1] == "и" else "Й", text)
        text = "".join(c for c in text if not is_accent(c)).translate(_APOSTROPHES)
        word = unicodedata.normalize("NFC", text)
    if word[:1] == ".":
        word = "0" + word
    elif "," in word and THOUSANDS.match(word):
        word = word.replace(",", "")
    return word.lower() if word.isascii() else word.casefold()


def is_accent(character: str) -> bool:
    """Whether a combining mark is an accent or vowel point, by its combining class.

    Nukta, kana voicing marks and viramas (classes 7 to 9) make other letters.
    """
    number = unicodedata.combining(character)
    return number == 1 or 10 <= number <= 36 or 200 <= number <= 240
