"""Raised letters and ruby of a page, written in characters.

In: a pruned tree, which is changed in place. What stands in `sup` becomes raised characters, so
that 10<sup>9</sup> is 10⁹ and no 109, and a reference mark is no part of its word. A reading in
`rt`, and a mark whose place does not tell it from a word or number, gets the invisible marks that
tell it from the text it stands beside. Passage ids, which are
made without such distinctions, stay the same, and but for ™ and fractions so does every length.
Refuses nothing.
"""

from __future__ import annotations

import re
import unicodedata

from indexer.parsing.html.dom import Element, tag_of
from indexer.text.tokenizer import READING

_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_NUMBER = re.compile(r"[\s(]*[0-9+−-](?:[0-9]|[,;\s+−–-])*[\s)]*")
_WORD = re.compile(r"[a-zß-öø-ÿ]{3}[.,;:!?]?\Z")
_MARK = re.compile(  # of a note: 3, [3], 2,4, a, *, note 3
    r"[\[(]?(?:\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[a-z]|[ivx]{1,5}|(?:fn|note|n\.)\s?\d{1,3}"
    r"|[*†‡§¶#]+)[\])]?",
    re.IGNORECASE,
)
_BESIDE = frozenset(("rt", "rtc"))


def raise_letters(root: Element) -> None:
    """Write what is raised, and what is read beside, as it is to be told from other text."""
    for sup in list(root.iter("sup")):
        text = "".join(sup.itertext())
        if _fraction(sup, text):
            continue
        refers = _refers(sup, text)
        if _NUMBER.fullmatch(text):
            for element in sup.iter():
                element.text = element.text and element.text.translate(_RAISED)
                if element is not sup:
                    element.tail = element.tail and element.tail.translate(_RAISED)
        elif text.strip() == "TM" and not len(sup):
            sup.text = "™"
        elif text in _LETTERS and not len(sup) and _ends_word(sup):
            sup.text = _LETTERS[text]
        if refers:
            _enclose([sup])
    for ruby in root.iter("ruby"):
        _mark_readings(ruby)


def _refers(sup: Element, text: str) -> bool:
    """Whether what is raised is the mark of a note, by a link into a page, and its place does not
    tell so by itself: `[1]` after a word does."""
    links = [*sup.iterancestors("a"), *sup.iterdescendants("a")]
    if not links or not _MARK.fullmatch(text.strip()):
        return False
    into = all("#" in (link.get("href") or "") for link in links)
    goes_on = (sup.tail or "")[:1].isalnum()
    return into and (goes_on or not text.strip().startswith("["))


def _fraction(sup: Element, text: str) -> bool:
    """Write `sup`, slash, `sub` as one character where there is one: 5½ is no 51/2."""
    sub, slash = sup.getnext(), (sup.tail or "").strip()
    if sub is None or tag_of(sub) != "sub" or slash not in ("/", "⁄") or len(sup) or len(sub):
        return False
    written = f"{text.strip()}⁄{(sub.text or '').strip()}"
    found = (chr(c) for c in (*range(0xBC, 0xBF), *range(0x2150, 0x215F)))
    one = next((c for c in found if unicodedata.normalize("NFKD", c) == written), "")
    if one:
        sup.text, sup.tail, sub.text = one, None, None
    return True


_LETTERS = dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"))  # there is no q


def _ends_word(sup: Element) -> bool:
    """Whether a word of some length stands right before the element, which ends it."""
    previous, above = sup.getprevious(), sup.getparent()
    before = previous.tail if previous is not None else above is not None and above.text
    return bool(_WORD.search(before or "")) and not (sup.tail or "")[:1].isalnum()


def _mark_readings(ruby: Element) -> None:
    """Put marks around each run of readings; a space within is one that holds together."""
    run: list[Element] = []
    for child in [*ruby, None]:
        if child is not None and tag_of(child) in _BESIDE:
            run.append(child)
            if not (child.tail or "").strip():
                continue
        if run:
            _enclose(run)
            run = []


def _enclose(run: list[Element]) -> None:
    for element in run:
        for inner in element.iter():
            inner.text = inner.text and re.sub(r"\s", "\u00a0", inner.text)
            if inner is not element:
                inner.tail = inner.tail and re.sub(r"\s", "\u00a0", inner.tail)
    for element in run[:-1]:
        element.tail = None
    run[0].text = READING[0] + (run[0].text or "")
    if len(run[-1]):
        run[-1][-1].tail = (run[-1][-1].tail or "") + READING[1]
    else:
        run[-1].text = (run[-1].text or "") + READING[1]
