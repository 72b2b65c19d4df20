"""Folding: a form in, the form as it is compared out.

Folding levels case, accents, width, ligatures and apostrophes, drops soft hyphens and joiners, and
takes the commas out of thousands. It works on NFKD and gives NFC. Nothing is refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Invisible inside a word: soft hyphen, grapheme joiner, (non-)joiners, variation selectors.
INVISIBLE = "\u00ad\u034f\u200c\u200d\u2060\ufe00-\ufe0f"
_DROP = re.compile(f"[{INVISIBLE}]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "·": "."})
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_SHORT_I = re.compile("([иИ])\u0306")  # й is a letter of its own, not an accented и


@lru_cache(maxsize=1 << 16)
def fold(form: str) -> str:
    """`form` as it is compared: `fold_keep_case` and then without case (café = CAFE)."""
    kept = fold_keep_case(form)
    return kept.lower() if kept.isascii() else kept.casefold()


def fold_keep_case(form: str) -> str:
    """`form` without accents, width, ligatures, invisible characters; its case kept."""
    if not form.isascii():
        text = unicodedata.normalize("NFKD", _DROP.sub("", form))
        text = _SHORT_I.sub(lambda m: "й" if m[1] == "и" else "Й", text)
        text = "".join(c for c in text if not _is_accent(c)).translate(_APOSTROPHES)
        form = unicodedata.normalize("NFC", text)
    if form[:1].isdigit():
        if "," in form and _THOUSANDS.match(form):
            return form.replace(",", "")
    elif form[:1] == ".":
        return "0" + form
    return form


def _is_accent(character: str) -> bool:
    """Whether folding drops this combining mark: accents and vowel points, by combining class.

    Nukta, kana voicing marks and viramas (classes 7 to 9) make other letters and stay.
    """
    number = unicodedata.combining(character)
    return number == 1 or 10 <= number <= 36 or 200 <= number <= 240
