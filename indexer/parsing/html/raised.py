"""Superscripts, fractions, MathML and ruby readings of a page, written as characters.

In: a pruned tree, which is changed in place. Numbers and letters in `sup` become raised characters:
10<sup>9</sup> reads 10⁹, not 109, and a reference mark is not part of its word. Ruby readings
(`rt`), and reference marks that could be read as part of a word or number, are enclosed in the
invisible marks of `READING`. Passage ids ignore these differences and so stay the same. Text keeps
its length, except for ™, fractions written as one character, signs and brackets of MathML, and
no-break spaces between numbers that would run together.
Refuses nothing.
"""

from __future__ import annotations

import re
import unicodedata

from lxml import etree

from indexer.parsing.html.dom import BLOCKS, Element, classes, text_of
from indexer.text.tokenizer import READING

_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_NUMBER = re.compile(r"[\s(]*[0-9+−-](?:[0-9]|[,;.\s+−–-]|(?<=[0-9])/)*[\s)]*")
_MINUS = re.compile(r"\A\s*[\u2010\u2011–](?=\s*(?:\d|\Z))")  # dashes typed for a minus
_DEGREES = re.compile(r"\s?[CF]\b")
_WORD = re.compile(r"[a-zß-öø-ÿ]{3}[.,;:!?]?\Z")
_MARK = re.compile(  # a note mark: 3, [3], 2,4, a, *, note 3
    r"[\[(]?(?:\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[a-z]|[ivx]{1,5}|(?:fn|note|n\.)\s?\d{1,3}"
    r"|[*†‡§¶#]+)[\])]?",
    re.IGNORECASE,
)
_READING_TAGS = frozenset(("rt", "rtc"))


def raise_letters(root: Element) -> None:
    """Write superscripts, fractions, MathML and ruby so that they differ from other text."""
    _write_math(root)
    for small in root.iter("small"):
        small.tag = "sup" if _HALVES.fullmatch(small.text or "") else "small"
    for sub in list(root.iter("sub")):
        below = sub.getnext()
        if below is not None and not sub.tail and below.tag == "sup":
            continue  # SO₄²⁻
        if text_of(sub)[-1:].isdigit() and text_after(sub)[:1].isdigit():
            sub.tail = "\u00a0" + (sub.tail or "")  # log₂ 8, not log28
    for sup in root.iter("sup"):
        if sup.text and _MINUS.match(text_of(sup)):
            sup.text = _MINUS.sub("−", sup.text)  # 10–3 must not read as a range
    raised = [(sup, text_of(sup)) for sup in root.iter("sup")]
    notes = {
        text for sup, text in raised
        if _NOTES.fullmatch(text) and not character_before(sup).strip() and sup.tail
    }  # fmt: skip
    for sup, text in raised:
        if _write_fraction(sup, text):
            continue
        is_linked = _is_linked_mark(sup, text)
        is_letter = text in ("o", "O", "0", "º") and character_before(sup).isdigit()
        is_note = _NOTES.fullmatch(text) and (text in notes or "," in text or _ends_word(sup))
        if is_letter and not len(sup) and _DEGREES.match(text_after(sup)):  # 25<sup>o</sup>C
            sup.text = "°"
        elif _NUMBER.fullmatch(text):
            for element in sup.iter():
                element.text = element.text and element.text.translate(_RAISED)
                if element is not sup:
                    element.tail = element.tail and element.tail.translate(_RAISED)
        elif text.strip().upper() in _TRADE and not len(sup):
            sup.text = _TRADE[text.strip().upper()]
        elif is_note and not len(sup):
            sup.text = text.translate(_RAISED | _RAISED_LETTERS)
        elif _POWER.fullmatch(text.strip()) and _BASE.fullmatch(character_before(sup)):
            sup.text = "^(" + (sup.text or "")  # 10^(n+1), not 10n+1
            sup.tail = ")" + (sup.tail or "")
        if is_linked:
            _enclose([sup])
    for ruby in root.iter("ruby"):
        _mark_readings(ruby)


def _is_linked_mark(sup: Element, text: str) -> bool:
    """Whether a `sup` is a note mark, with a link to a place in a page, that could be read as part
    of a word: `[1]` could only where a letter or digit follows directly."""
    links = [*sup.iterancestors("a"), *sup.iterdescendants("a")]
    if not links or not _MARK.fullmatch(text.strip()):
        return False
    into = all("#" in (link.get("href") or "") for link in links)
    goes_on = (sup.tail or "")[:1].isalnum()
    return into and (goes_on or not text.strip().startswith("["))


def _write_fraction(sup: Element, text: str) -> bool:
    """Write a fraction (`sup`/`sub`, or all in `sup`) as one character if there is one, else apart
    from numbers beside it: 5½ not 51/2, 5 3/16 not 53/16. False if `sup` is no fraction."""
    if _HALVES.fullmatch(text) and sup.find(".//a") is None:
        last = sup
    elif (last := _lowered(sup)) is None:
        return False
    else:
        text += "/" + text_of(last)
    written = re.sub(r"[\s/⁄∕]+", "⁄", text.strip())
    one = next((c for c in _FRACTIONS if unicodedata.normalize("NFKD", c) == written), "")
    before, after = character_before(sup), text_after(last)[:1]
    if sup is last and one and not before.isalnum():
        return True
    if one:
        _write(sup, one)
        if sup is not last:
            sup.tail = None
            _write(last, "")
        return True
    if last is sup and before.isalpha():  # an exponent
        _write(sup, text.translate(_RAISED))
    elif text[:1].isalnum() and before.isdigit():
        sup.text = "\u00a0" + (sup.text or "")
    if text[-1:].isalnum() and after.isdigit():
        last.tail = "\u00a0" + (last.tail or "")
    return True


_HALVES = re.compile(r"\s*[0-9]{1,4}\s*[/⁄∕]\s*[0-9]{1,4}\s*")
_FRACTIONS = (*map(chr, range(0xBC, 0xBF)), *map(chr, range(0x2150, 0x215F)), "\u2189")
_SLASH = re.compile(r"\s*[/⁄∕]\s*")


def _lowered(sup: Element) -> Element | None:
    """The `sub` below a fraction's `sup`, or None; moves the slash to the tail of the `sup`."""
    sub, between = sup.getnext(), [sup]
    if sub is not None and not (sup.tail or "").strip() and _SLASH.fullmatch(sub.text or ""):
        between.append(sub)  # the slash has an element of its own
        sub = None if len(sub) else sub.getnext()
    if sub is None or sub.tag != "sub" or any(e.find(".//a") is not None for e in (sup, sub)):
        return None
    slash = "".join((e.tail or "") + (e.text or "") * (e is not sup) for e in between)
    for one, end in (sup, True), (sub, False):
        if not len(one) and (found := (_ENDS if end else _BEGINS).fullmatch(one.text or "")):
            slash += found["slash"]
            if _SLASH.fullmatch(slash):
                one.text = found["rest"]
    if not _SLASH.fullmatch(slash):
        return None
    for one in between[1:]:
        one.text = one.tail = None
    sup.tail = slash.strip()
    return sub


_ENDS = re.compile(r"(?P<rest>.*?)(?P<slash>\s*[/⁄∕]\s*)")
_BEGINS = re.compile(r"(?P<slash>\s*[/⁄∕]\s*)(?P<rest>.*)")


def _write(element: Element, text: str) -> None:
    """Replace the content of an element by `text`; its tail stays."""
    element[:], element.text = (), text


def character_before(element: Element) -> str:
    """The character before an element in its line; "" at the start of a line."""
    at: Element | None = element
    while at is not None and at.tag not in _APART:
        previous, above = at.getprevious(), at.getparent()
        if previous is None:
            text, at = above is not None and above.text, above
        elif previous.tail or previous.tag in _APART:
            text, at = previous.tail or " ", None
        else:
            inner = previous
            while len(inner) and not inner[-1].tail:
                inner = inner[-1]
            text, at = inner[-1].tail if len(inner) else inner.text, previous
        if text:
            return str(text)[-1]
    return ""


def text_after(element: Element) -> str:
    """The piece of text after an element in its line; "" at the end of a line."""
    at: Element | None = element
    while at is not None and at.tag not in _APART and not at.tail:
        following = at.getnext()
        if following is None:
            at = at.getparent()
        elif following.tag in _APART:
            return ""
        elif text := next(filter(None, following.itertext()), ""):
            return str(text)
        else:
            at = following
    return "" if at is None or at.tag in _APART else at.tail or ""


_APART = BLOCKS | {"br", "hr"}


# --- superscripts and fractions by styles, by classes and in MathML -------------------------------


def set_off(element: Element, tag: str) -> None:
    """Turn an inline element to `sup` or `sub`; put a link into one, unless it has one."""
    if element.tag == "a":
        above = element.getparent()
        if next(element.iter("sup"), None) is not None or (
            above is not None and above.tag == "sup"
        ):
            return
        around = etree.Element(tag)
        element.addprevious(around)
        around.tail, element.tail = element.tail, None
        around.append(element)
    elif element.tag in ("span", "small", "font", "b", "i"):
        element.tag = tag


def offset_of(style: str) -> str:
    """The tag of an element that this style raises or lowers, `sup` or `sub`; else ""."""
    found = _SET_OFF.search(style)
    if found is None:
        return ""
    offset = found["way"] or found["top"] or found["offset"]
    lowered = offset == "sub" or offset.startswith("-") is not bool(found["offset"])
    return "sub" if lowered else "sup"


def set_off_fraction(element: Element) -> None:
    """Turn a numerator and its denominator, or a whole fraction, to `sup` and `sub`."""
    below = element.getnext()
    if element.tag not in ("span", "small", "font"):
        return
    if NUMERATORS.isdisjoint(classes(element)):
        element.tag = "sup" if _HALVES.fullmatch(element.text or "") else element.tag
    elif below is not None and classes(below) & _DENOMINATORS:
        element.tag, below.tag = "sup", "sub"
        element.tail = (element.tail or "").strip() or "/"


_SET_OFF = re.compile(  # by 2 pt or more
    r"vertical-align\s*:\s*(?:(?P<way>super|sub)\b|(?P<top>{0}))"
    r"|position\s*:\s*relative\s*;\s*top\s*:\s*(?P<offset>{0})".format(
        r"-?(?:0?\.[2-9]\d*(?:r?em|ex)|[1-9]\d*(?:\.\d+)?(?:r?em|ex)|[2-9](?:\.\d+)?p[tx]"
        r"|[1-9]\d+(?:\.\d+)?(?:p[tx]|%))"
    ),
    re.IGNORECASE,
)
NUMERATORS = frozenset(("num", "numerator"))
_DENOMINATORS = frozenset(("den", "denom", "denominator"))


def _write_math(root: Element) -> None:
    """Write fractions, powers, roots and cells of MathML so that plain text keeps their meaning: 5½
    not 512, 10⁹ not 109, √2 not 2."""
    for made in reversed(list(root.iter(*_MATH))):
        tag, parts = made.tag, list(made)
        if tag in ("mtd", "mspace"):
            made.tail = " " + (made.tail or "")
        elif tag == "mphantom":
            made.clear(keep_tail=True)
        elif tag == "mfenced":
            _write_fence(made, parts)
        elif tag == "mmultiscripts":
            at = next((n for n, p in enumerate(parts) if p.tag == "mprescripts"), len(parts))
            for place, one in enumerate(parts[1:], 1):
                if place != at:
                    one.tag = "sub" if (place - (place > at) * at) % 2 else "sup"
            for one in parts[at + 1 :]:
                made.insert(0, one)
        elif tag == "msqrt":
            made.text = "√" + _grouped(made) + (made.text or "")
        elif len(parts) != (3 if tag in ("msubsup", "munderover") else 2):
            continue
        elif tag == "mfrac":
            texts = [text_of(one).strip() for one in parts]
            if all(map(str.isdecimal, texts)):
                for one, name, text in zip(parts, ("sup", "sub"), texts):
                    one.tag = name
                    _write(one, text)
            else:
                if character_before(made).isalnum():
                    made.text = "\u00a0" + (made.text or "")
                for one in parts:
                    one.text = _grouped(one) + (one.text or "")
                if text_after(made)[:1].isalnum():
                    parts[1].tail = "\u00a0"
            parts[0].tail = "/"
        elif tag == "mroot":
            parts[0].text = "√" + _grouped(parts[0]) + (parts[0].text or "")
            parts[1].tag = "sup"
            made.insert(0, parts[1])
        else:
            power = text_of(parts[-1]).strip()
            has_letters = any(map(str.isalpha, power)) and power != "o"  # a degree
            if len(parts) > 2:
                parts[1].tag = "sub"
            if "/" in power or (has_letters and tag in ("msup", "msubsup", "munderover")):
                parts[-1].text = "^(" + (parts[-1].text or "")  # 10^(1/2), not 10½
                parts[-1].tail = ")" + (parts[-1].tail or "")
            else:
                parts[-1].tag = "sub" if tag in ("msub", "munder") else "sup"


_MATH = (
    "mfrac", "msup", "msub", "msubsup", "munder", "mover", "munderover", "msqrt", "mroot", "mtd",
    "mspace", "mphantom", "mfenced", "mmultiscripts"
)  # fmt: skip


def _write_fence(fence: Element, parts: list[Element]) -> None:
    """Write the brackets and separators that `mfenced` displays: f(1,2), not f12."""
    signs = "".join((fence.get("separators") or ",").split()) or " "
    fence.text = fence.get("open", "(") + (fence.text or "").strip()
    for place, part in enumerate(parts):
        part.tail = signs[min(place, len(signs) - 1)]
    if parts:
        parts[-1].tail = fence.get("close", ")")
    else:
        fence.text += fence.get("close", ")")


def _grouped(part: Element) -> str:
    """Append ")" to an operand of several parts and return "("; else return ""."""
    inner = part
    while len(inner) == 1 and not (inner.text or "").strip() and inner.tag == "mrow":
        inner = inner[0]
    if len(inner) < 2:
        return ""
    part[-1].tail = (part[-1].tail or "").rstrip() + ")"
    return "("


_RAISED_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")  # no q
_TRADE = {"TM": "™", "SM": "℠"}
_NOTES = re.compile(r"[a-pr-z\d]\d?(?:\s?[,–-]\s?[a-pr-z\d]\d?)*")
_POWER = re.compile(  # n, age, n+1, -kt; also a charge: n+
    r"[nxα-ω]|[Aa]ge|(?=.*[^\W\d_])[\d.]*[^\W\d_]{0,2}\s?[+−–-]\s?[\d.]*[^\W\d_]{0,2}\d?"
)
_BASE = re.compile(r"[\d)\]A-Zaex]")


def _ends_word(sup: Element) -> bool:
    """Whether a word of three or more letters directly precedes, and no letter follows."""
    previous, above = sup.getprevious(), sup.getparent()
    if previous is not None:  # <b>word</b><sup>a</sup>
        before = previous.tail or (text_of(previous) if previous.tag not in BLOCKS else "")
    else:
        before = above.text if above is not None else ""
    return bool(_WORD.search(before or "")) and not (sup.tail or "")[:1].isalnum()


def _mark_readings(ruby: Element) -> None:
    """Enclose each run of readings in `READING` marks, with no-break spaces inside."""
    run: list[Element] = []
    for child in [*ruby, None]:
        if child is not None and child.tag in _READING_TAGS:
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
