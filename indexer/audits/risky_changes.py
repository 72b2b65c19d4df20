"""Risky changes: differences of two texts that may do harm, such as in doses and negations.

In: the word diff of two texts, and their language. Out: its changes that touch a number, a unit, a
sign, a negation, a frequency or a qualifier. Pure; refuses nothing. A risky change is a place to
check, not a verdict.

Words are compared by meaning: *never*, *don't* and *avoid* are one negation, *two* is 2, *twice a
day* is *2 times daily*, *micrograms* are mcg. A sign belongs to what it changes: −5 and 5, 5–10 and
5, 10, HER2+ and HER2− differ. The number of a list item at the beginning is ignored.

Aligned words are those between the same words in both texts. Copies are compared by their `aligned`
changes only: words against words, or a few extra words in one of the copies. A word that is no risk
by itself (*one*, *should*, *before*) counts there only against another word of its group.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from rapidfuzz.distance import Indel

from indexer.audits.risky_words import (
    FORMS,
    FREQUENCIES,
    LETTERS,
    NEGATIONS,
    NUMBERS,
    OPPOSITE_PREFIXES,
    OPPOSITES,
    PREFIXES_OF_NEGATION,
    QUALIFIERS,
    REFERENCES,
    STRONG,
    UNITS,
    WITH_NUMBERS,
)
from indexer.links.similarity import DiffRun
from indexer.text.folding import fold

Risk = Literal["negation", "number", "unit", "sign", "frequency", "qualifier"]
RISKS: tuple[Risk, ...] = ("negation", "number", "unit", "sign", "frequency", "qualifier")
ORDERED = ("number", "unit", "sign")  # compared as sequences: each one counts, and their order
DUTIES = ("duty", "limit", "order", "course", "harm")  # groups risky to lose in an edited text
FEW = 8  # words of an aligned stretch at most, unless both texts have equally many there
AT_EDGE = 3  # the same for extra words at the beginning or end that are no number, unit or sign


@dataclass(frozen=True, slots=True)
class RiskyChange:
    """A change between two texts of words that a reader may rely on."""

    risk: Risk
    removed: tuple[str, ...]  # words of this risk, folded, that only the first text has there
    added: tuple[str, ...]  # words of this risk, folded, that only the second text has there


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, a sign, or an expression of several words."""

    key: str  # equal for words with the same meaning
    text: str  # folded
    risk: Risk | None = None
    group: str = ""  # words of one group exclude each other
    strong: bool = True  # whether it is a risk even without a counterpart in the other text

    @property
    def shown(self) -> str:
        """A number word as digits, anything else as its text."""
        return self.key if self.risk == "number" and self.text[0].isalpha() else self.text


def risky_changes(
    runs: Sequence[DiffRun], language: str, *, aligned: bool = False
) -> tuple[RiskyChange, ...]:
    """The risky changes of a word diff, in order of the text.

    `aligned`: only changes of aligned words (see above); else also stretches that only one text
    has, however long.
    """
    before = _words("".join(run.text for run in runs if run.change != "added"), language)
    after = _words("".join(run.text for run in runs if run.change != "removed"), language)
    changes: list[RiskyChange] = []
    stretches = list(_stretches(before, after))
    if not aligned:
        return tuple(change for each in stretches for change in _changes(*each.duties))
    moved = {each.keys[0] for each in stretches} & {each.keys[1] for each in stretches} - {()}
    for each in stretches:
        if not (moved & {*each.keys}):
            changes += (c for c in _changes(each.removed, each.added) if each.is_aligned(c.risk))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The words of either text between two stretches of words that both texts share."""

    removed: list[_Word]
    added: list[_Word]
    at_edge: bool  # whether it is at the beginning or the end

    @property
    def keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Keys of the removed and of the added words; () for fewer than three, too few to move."""
        both = (tuple(word.key for word in words) for words in (self.removed, self.added))
        removed, added = (keys if len(keys) > 2 else () for keys in both)
        return removed, added

    @property
    def duties(self) -> tuple[list[_Word], list[_Word]]:
        """The removed and the added words; those of `DUTIES` (*must*, *before*) are made strong."""
        removed, added = (
            [replace(w, strong=True) if w.group in DUTIES else w for w in words]
            for words in (self.removed, self.added)
        )
        return removed, added

    def is_aligned(self, risk: Risk) -> bool:
        """Whether the words are aligned: equally many in both texts, or few."""
        sizes = (len(self.removed), len(self.added))
        is_short = self.at_edge and not min(sizes) and risk not in ORDERED
        return max(sizes) <= (AT_EDGE if is_short else FEW) or sizes[0] == sizes[1]


def _stretches(before: Sequence[_Word], after: Sequence[_Word]) -> Iterator[_Stretch]:
    removed: list[_Word] = []
    added: list[_Word] = []
    at_edge = True
    for step in Indel.opcodes([w.key for w in before], [w.key for w in after]):
        if step.tag == "equal":
            if removed or added:
                yield _Stretch(removed, added, at_edge)
            removed, added, at_edge = [], [], False
        else:
            removed = removed + list(before[step.src_start : step.src_end])
            added = added + list(after[step.dest_start : step.dest_end])
    if removed or added:
        yield _Stretch(removed, added, True)


def _changes(removed: Sequence[_Word], added: Sequence[_Word]) -> Iterator[RiskyChange]:
    turned = _turned(removed, added)
    for risk in RISKS:
        before = _against([w for w in removed if w.risk == risk], added, risk)
        after = _against([w for w in added if w.risk == risk], removed, risk)
        if risk in turned and not (before or after):
            yield turned[risk]
        elif risk not in turned and (before or after):  # *not sure* and *unsure* mean the same
            yield RiskyChange(risk, _shown(before), _shown(after))


def _against(mine: Sequence[_Word], others: Sequence[_Word], risk: Risk) -> list[_Word]:
    """Words of `mine` (all of this risk) that differ from `others`; if ordered, all or none."""
    if risk in ORDERED:
        theirs = [word for word in others if word.risk == risk]
        if [w.key for w in mine] == [w.key for w in theirs]:
            return []
        return list(mine) if theirs or any(w.strong for w in mine) else []
    unmatched = []
    for word in mine:
        same = [w for w in others if w.risk == risk and w.group == word.group]
        if word.key not in {w.key for w in same} and (same or word.strong):
            unmatched.append(word)
    return unmatched


def _turned(removed: Sequence[_Word], added: Sequence[_Word]) -> dict[Risk, RiskyChange]:
    """Risk → change between opposites by prefix: *safe*, *unsafe*; *hypo-*, *hyper-*."""
    found: dict[Risk, RiskyChange] = {}
    for one in removed:
        for other in added:
            risk = _opposed(one.key, other.key)
            if risk:
                found.setdefault(risk, RiskyChange(risk, (one.text,), (other.text,)))
    return found


def _opposed(one: str, other: str) -> Risk | None:
    short, long = sorted((one, other), key=len)
    if len(short) > 2 and any(long == prefix + short for prefix in PREFIXES_OF_NEGATION):
        return "negation"
    for a, b in (*OPPOSITE_PREFIXES, *((b, a) for a, b in OPPOSITE_PREFIXES)):
        if one.startswith(a) and other.startswith(b) and one[len(a) :] == other[len(b) :] != "":
            return "qualifier"
    return None


def _shown(words: Iterable[_Word]) -> tuple[str, ...]:
    return tuple(word.shown for word in words)


# --- words -------------------------------------------------------------------------------------

_LABEL = re.compile(r"\s*(?:\(?\d{1,2}[.)]|\(?[a-z]\)|[•▪◦·*–—-])\s+")  # label of a list item
_DIGITS = r"(?:\d+(?:[.,:/]\d+)*|\.\d+)"
_DASH = "[-‐‑–—−]"
_PART = re.compile(
    r"(?P<code>\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b)"  # a British postcode
    rf"|(?P<number>(?:(?<![\w.,)\]%])[-–−+±](?=\.?\d))?{_DIGITS}"
    rf"(?:\s?(?:{_DASH}|\bto\b)\s?{_DIGITS})*(?:\^[-−+]?\d+)?)"
    r"|(?P<word>[^\W\d_][^\W_]*(?:'[^\W\d_]+)*(?:\^?\d*[+−]+(?!\w)|[-–](?=[\s.,;:)]|$))?)"
    r"|(?P<sign><=|>=|[<>≤≥=≠±×~≈+])"
    r"|(?P<unit>[%‰]|°\s?[CF]?\b|°)"
)
_THIN = re.compile("(?<=\\d)[\u00a0\u2009\u202f'](?=\\d{3}(?!\\d))")  # separator of thousands
_SIGNS = str.maketrans({"’": "'", "·": ".", "⁄": "/"})
_PER_CENT = re.compile(r"\bper cent\b", re.IGNORECASE)
_FRACTION = re.compile("(?<=\\d)(?=[¼-¾⅐-⅞])")
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻]+")
_NOTE = re.compile(r"(?<=[^\W\d_])\^\d+(?![+−\d])")  # number of a footnote on a word
_SUSPENDED = re.compile(r"\s+(?:and|or|to|und|oder|et|ou|y|o|e)\b")  # pre- and postnatal


@lru_cache(maxsize=1 << 12)  # many copies are compared with the same model
def _words(text: str, language: str) -> tuple[_Word, ...]:
    """The words and signs of a text; the words of an expression are joined."""
    parts = _parts(text)
    table, longest = _table(language)
    found: list[_Word] = []
    at = 0
    while at < len(parts):
        for size in range(min(longest, len(parts) - at), 0, -1):
            known = table.get(" ".join(text for _, text in parts[at : at + size]))
            if known is not None and (size > 1 or parts[at][0] == "word"):
                break
        else:
            known, size = None, 1
        kind, written = parts[at]
        following = parts[at + 1][0] if at + 1 < len(parts) else ""
        after_number = bool(found) and found[-1].risk in ("number", "unit")
        if kind == "number" and size == 1:
            is_reference = bool(found) and found[-1].key in REFERENCES
            found.append(_Word(_number(written), written, "number", "", not is_reference))
        elif kind == "sign":
            found.append(_Word(written, written, "number" if written != "+" else "sign"))
        elif after_number and (
            unit := UNITS.get(written) or FORMS.get(written) or LETTERS.get(written)
        ):
            found.append(_Word(unit, written, "unit"))
        elif known is not None and (written != "may" or following != "number"):
            found.append(known)
        else:
            size = 1
            found.append(_plain(kind, written))
        at += size
    return tuple(_times(found))


def _parts(text: str) -> list[tuple[str, str]]:
    """Kind and folded text of each word, number and sign."""
    text = _FRACTION.sub(" ", _THIN.sub("", text))
    text = _RAISED.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[0]), text)
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = _PER_CENT.sub("percent", text)
    label = _LABEL.match(text)
    text = _NOTE.sub("", text[label.end() :] if label else text)
    found = []
    for match in _PART.finditer(text):
        kind, written = str(match.lastgroup), match[0]
        if kind == "word" and written[-1] in "-–":
            # keep the sign of a symbol (HER2-, Na-), drop a suspended hyphen (pre- and postnatal)
            bare = written[:-1]
            is_symbol = bare != bare.lower() and (len(bare) < 4 or bare[1:] != bare[1:].lower())
            if not is_symbol or _SUSPENDED.match(text, match.end()):
                written = bare
        elif kind == "number":  # `5 to 10` is `5–10`
            written = re.sub(rf"(?<=\d)\s?(?:{_DASH}|to)\s?(?=[\d.])", "–", written)
            found.append((kind, written))
            continue
        found.append((kind, fold(written.replace("–", "−").replace("-", "−"))))
    return found


def _number(written: str) -> str:
    """A number as it is compared: no thousands commas, a decimal point, no zeros after decimals."""
    parts = []
    for part in written.replace("−", "-").split("–"):
        lead = "" if part[:1].isdigit() or part[:1] == "." else part[:1]
        value = fold(part[len(lead) :]).replace(",", ".")
        if re.fullmatch(r"\d+\.(?!\d{3}$)\d+", value):  # three digits may be thousands
            value = value.rstrip("0").rstrip(".")
        parts.append(lead + value)
    if written[:1] == "–":  # the first part is empty: a dash for a minus
        parts = ["-" + parts[1], *parts[2:]]
    return "–".join(parts)


def _plain(kind: str, written: str) -> _Word:
    if kind == "unit" or written in UNITS:
        return _Word(UNITS.get(written, written), written, "unit", "", kind == "unit")
    if written[-1] in "+−":
        return _Word(written, written, "sign")
    if any(map(str.isdigit, written)):  # B12
        return _Word(written, written, "number", "", strong=False)
    return _Word(written, written)


def _times(words: Sequence[_Word]) -> Iterator[_Word]:
    """Yield the words, with a number and *times* joined into one frequency."""
    skip = False
    for at, word in enumerate(words):
        following = words[at + 1].key if at + 1 < len(words) else ""
        if skip:
            skip = False
        elif word.risk == "number" and following in ("times", "time"):
            skip = True
            text = f"{word.text} {words[at + 1].text}"
            yield _Word(f"{word.key} times", text, "frequency", "times")
        else:
            yield word


@cache
def _table(language: str) -> tuple[dict[str, _Word], int]:
    """The risky words and expressions of a language, and the number of words of the longest."""
    table: dict[str, _Word] = {}

    def enter(risk: Risk | None, group: str, key: str, words: str) -> None:
        always = risk == "negation" or (risk == "qualifier" and language != "en")
        for text in map(fold, words.split(", ")):
            shown = text.split()[-1] if text.endswith((" not", " never")) else text
            table[text] = _Word(key, shown, risk, group, always or text in STRONG)

    for key, words in NEGATIONS.get(language, {}).items():
        enter("negation", key, key, words)
    for key, words in QUALIFIERS.get(language, {}).items():
        enter("qualifier", key, key, words)
    if language == "en":
        for group, sides in OPPOSITES.items():
            for side in sides:
                enter("qualifier", group, side.split(", ")[0], side)
        for group, sides in FREQUENCIES.items():
            for side in sides:
                enter("frequency" if group else None, group, side.split(", ")[0], side)
        for key, words in NUMBERS.items():
            enter("number", "", key, words)
    return table, max((text.count(" ") + 1 for text in table), default=1)


@cache
def _risky_words() -> frozenset[str]:
    languages = {*NEGATIONS, *QUALIFIERS}
    words = {text for language in languages for text in _table(language)[0] if " " not in text}
    return frozenset(words | {*UNITS, *FORMS, *LETTERS, *WITH_NUMBERS})


def is_risky(word: str) -> bool:
    """Whether a folded word, of any language, is a risk by itself or changes with a number."""
    return (
        word in _risky_words() or any(map(str.isdigit, word)) or word.startswith(("hypo", "hyper"))
    )
