"""Letters in the fonts Symbol, Wingdings and Webdings, replaced by the signs they display.

In: text and its font, or the tree of a page, which is changed in place. Out: the text with the
signs that a reader sees: `<font face="Symbol">m</font>g` is μg, not mg. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from indexer.parsing.html.dom import Element

_SYMBOLS = (  # signs of the font Symbol, from code 0x20
    " !∀#∃%&∍()*+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
    "{|}~                                 €ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™"
    "∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
TICKS = frozenset("✓✔☑✅✗✘☒❌")  # signs that tell what is so, and what is not
SIGNS = {
    "symbol": {code: c for code, c in enumerate(_SYMBOLS, 0x20) if c != " "} | {0x20: " "},
    "wingdings": dict(zip(b"JLlmnoqvw\xa7\xa8\xd8\xdf\xe0\xe1\xe2\xe7\xe8\xe9\xea\xef\xf0\xf1"
                          b"\xf2\xf3\xfb\xfc\xfd\xfe", "☺☹●❍■□❑❖⬥▪◻➢←→↑↓←➔↑↓⇦⇨⇧⇩⬄✗✓☒☑")),
    "webdings": dict(zip(b"acgnr", "✓□■●✗")),
    "wingdings 2": dict(zip(b"OPRT\xa3", "✗✓☑☒☐")),
}  # fmt: skip
_SET = etree.XPath("//font[@face] | //@style[contains(., 'font')]/..")
_FACE = re.compile(r"font(?:-family)?\s*:[^;]*", re.IGNORECASE)
_NAME = re.compile(  # the first font of a list
    r"(?:\A|font-family\s*:|font\s*:[^,;]*\d\S*)\s*"
    r"[\"']?(symbol|webdings|wingdings(?: 2)?)[\"']?\s*(?:,|\Z)",
    re.IGNORECASE,
)
_LONGEST = 4  # characters; longer text is prose, for which a style sheet sets another font


def shown_in(text: str, signs: Mapping[int, str] | None) -> str:
    """Text as a font with these `signs` displays it (None: unchanged); other characters stay."""
    if signs is None:
        return text
    return "".join(signs.get(ord(c) - 0xF000 if 0xF000 <= ord(c) < 0xF100 else ord(c), c)
                   for c in text)  # fmt: skip


def show_signs(root: Element) -> None:
    """Replace letters that a page sets in these fonts by the signs they display, in place."""
    for element in _SET(root):
        signs = SIGNS.get(_font(element) or "")
        around = [element] if signs else []
        while around:
            one = around.pop()
            one.text = _short(one.text, signs)
            for child in one:
                child.tail = _short(child.tail, signs)
                around += [child] if _font(child) is None else []


def _short(text: str | None, signs: Mapping[int, str] | None) -> str | None:
    return shown_in(text, signs) if text and len(text.strip()) <= _LONGEST else text


def _font(element: Element) -> str | None:
    """The font in `SIGNS` that an element names, "" for other fonts; None if it names none."""
    face, styles = element.get("face"), _FACE.findall(element.get("style") or "")
    named = face if face is not None else styles[-1] if styles else None
    found = _NAME.search(named) if named else None
    return found[1].lower() if found else None if named is None else ""
