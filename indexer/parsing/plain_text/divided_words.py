"""Joins what typesetting divided within words and figures of plain text.

In: decoded text, as extracted from a PDF. Out: the text with these whole: words in small capitals
(`W ARNING`), in spaced letters (`D O S A G E`) and with a large first letter on a line of its own,
each only if the same word stands whole elsewhere in the text; powers whose exponent stands on a
line of its own (`x 10`, `9`, `/L`), written with superscripts. A heading in capitals between rules
(`-----WARNINGS-----`, in drug labels) stands without them and between blank lines. Refuses nothing.
"""

from __future__ import annotations

import re

from indexer.text.folding import SUPERSCRIPTS

_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_DIVIDED = re.compile(
    rf"{_CAPITAL}(?<![^\W_].)(?: {_CAPITAL}{{4,}}(?![^\W_])|(?: {_CAPITAL}){{3,40}}(?![^\W_])"
    r"|(?<![^\n\f].)(?<![^\n\f]\n.)[ \t]*\n[ \t]*(?=[a-zß-ÿ])[^\W\d_]+)"
)
_WORD = re.compile(r"[^\W\d_]+")
_ALONE = "AEIOUY"  # letters that are words in some languages
_EXPONENT = re.compile(
    r"\n(?:(?:(?<=[x×·*]\s10\n)|(?<=[x×·*]10\n)|(?<=[x×·*]\s10\s\n))[ \t]*"
    r"(?:([-−–]\d{1,2})[ \t]*(?![^\n])|(\d{1,2})[ \t]*(?=\n[ \t]*/))(?:\n[ \t]*(?=[a-zµμ/.,;)]))?"
    r"|(?<=/m\n)[ \t]*([23])[ \t]*\n[ \t]*(?=[a-z.,;)]))"
)
_NUMBER = re.compile(r"\n\n\d{1,2}[.)][ \t]*\n[a-zß-ÿ]")
_NUMBER_BELOW = re.compile(  # Do not leave / 3. / them on a counter
    # (A number 1 may begin a list below its heading.)
    r"(?<=\n\n)([^\W\d_a-zß-ÿ][^\n]*[^\s.:;!?])[ \t]*\n\n"
    r"((?:[2-9]|[1-9]\d)[.)])[ \t]*\n(?=[a-zß-ÿ])"
)
_RULED = re.compile(
    r"^[ \t]*([-_])\1{5,}[ \t]*([A-Z](?:(?![-_]{2})[^a-z\n]){2,80})\1{6,}[ \t]*$", re.MULTILINE
)
_RAISED = str.maketrans("0123456789-−–", SUPERSCRIPTS + "⁻⁻⁻")


def join_divided_words(text: str) -> str:
    """The text with divided words and powers whole, and headings between rules apart."""
    if "------" in text or "______" in text:
        text = _RULED.sub(lambda found: f"\n{found[2].strip()}\n", text)
    if _NUMBER.search(text):
        text = _NUMBER_BELOW.sub(r"\2 \1\n", text)
    text = _EXPONENT.sub(lambda found: _raised(found, text), text)
    if _DIVIDED.search(text) is None:
        return text
    words = frozenset(_WORD.findall(_DIVIDED.sub(" ", text).casefold()))
    return _DIVIDED.sub(lambda found: _whole(found[0], words), text)


def _raised(found: re.Match[str], text: str) -> str:
    exponent = found[1] or found[2] or found[3]
    ends = found[0].endswith(exponent) or not text[found.end()].isalpha()
    return exponent.translate(_RAISED) + ("" if ends else " ")


def _whole(divided: str, words: frozenset[str]) -> str:
    """The parts as one word if they are one of `words`, else unchanged."""
    *letters, rest = divided.split()
    word = "".join((*letters, rest))
    if word.casefold() not in words:
        return divided
    if "\n" in divided:  # a large first letter
        is_whole = word[0] not in _ALONE or rest not in words
    elif len(rest) == 1:  # but not "A B C D"
        is_whole = sorted(word) != list(word)
    else:
        is_whole = rest.casefold() not in words
    return word if is_whole else divided
