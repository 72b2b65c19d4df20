"""The one tokeniser: text in; tokens, folded forms, stems and sentences out.

Whatever ranks, marks or counts reads its words here, so that all three agree. No word is ever
dropped: *not*, *no*, *may*, single letters and numbers are tokens like any other.

- A token is a run of letters (digits may follow: B12), or a number. `25mg` begins with digits
  and is two tokens; `1,000`, `0.5` and `.5` are one. Hyphens, underscores, zero-width spaces and
  all other characters separate; a contraction or possessive keeps its apostrophe (don't,
  Elavil's), an elision does not (l'eau is two). Scripts written without spaces (Han, kana,
  Thai …) give a token a character, so that any run of them is a phrase.
- Folding levels case, accents, width, ligatures and apostrophes, drops soft hyphens and joiners,
  and takes the commas out of thousands.
- Stems are Snowball's (NLTK) and depend on nothing but the folded form and the language.
- Sentences are Punkt's (NLTK) with abbreviations of our own: see `segmenting`.

Offsets are code points. Nothing here refuses a text or raises for one.
"""

from __future__ import annotations

import re
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple, Protocol, cast

from indexer.text.sentences import (
    abbreviations,
    candidates,
    punkt,
    sentence_breaks,
    sentence_starters,
    sentences,
)
from indexer.text.word_lists import FUNCTION_WORDS, SNOWBALL

__all__ = [
    "ANALYSIS_VERSION",
    "HYPHENS",
    "LONGEST_COMPOUND",
    "Tokens",
    "abbreviations",
    "candidates",
    "compounds",
    "count_words",
    "fold",
    "fold_keep_case",
    "function_languages",
    "guess_language",
    "hyphen_runs",
    "normalise",
    "punkt",
    "sentence_breaks",
    "sentence_starters",
    "sentences",
    "slugify",
    "split_tokens",
    "stem",
    "tokenize",
]

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
# Invisible inside a word: soft hyphen, grapheme joiner, (non-)joiners, variation selectors.
_INVISIBLE = "\u00ad\u034f\u200c\u200d\u2060\ufe00-\ufe0f"
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
    marks = _character_class(lambda c: unicodedata.category(c) in ("Mn", "Mc", "Me"))
    letter = rf"[^\W\d_{_UNSPACED}]"
    inside = rf"(?:[^\W_{_UNSPACED}]|[{marks}{_INVISIBLE}])"
    unspaced = rf"[{_UNSPACED}][{marks}{_INVISIBLE}]*"
    # A joiner ends no word: it is taken only where more of the word follows.
    return re.compile(f"({_word(letter, inside)}|{_NUMBER}|{unspaced})")


class _Test(Protocol):
    def __call__(self, character: str, /) -> bool: ...


def _character_class(test: _Test) -> str:
    """Ranges of the characters that pass `test`, for use between [ ]; two planes, no CJK."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x3100), *range(0xA000, 0x11FFF), *range(0x1D000, 0x1F000)):
        if test(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" if a < b else chr(a) for a, b in ranges)


def split_tokens(text: str) -> list[str]:
    """`text` cut into what lies between tokens and tokens, in turn: gap, token, gap … gap.

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


def hyphen_runs(forms: Sequence[str], gaps: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Runs of 2 to 4 forms with nothing but one hyphen between them, the first a word.

    `gaps[i]` is the text between form i and form i + 1. `10-25` is no compound, `B-12` is one.
    """
    at = -1
    for i, gap in enumerate(gaps):
        if gap in HYPHENS and i > at:
            at = i + 1
            while at < len(gaps) and gaps[at] in HYPHENS:
                at += 1
            if at - i < LONGEST_COMPOUND and not forms[i][0].isdigit():
                yield tuple(forms[i : at + 1])


def compounds(text: str) -> set[tuple[str, ...]]:
    """Folded parts of the hyphenated words of `text`: anti-inflammatory, B-12."""
    parts = split_tokens(text)
    return {tuple(map(fold, run)) for run in hyphen_runs(parts[1::2], parts[2:-1:2])}


# --- folding -----------------------------------------------------------------------------------

_DROP = re.compile(f"[{_INVISIBLE}]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "·": "."})
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_SHORT_I = re.compile("([иИ])\u0306")  # й is a letter of its own, not an accented и


def _is_accent(character: str) -> bool:
    """Whether folding drops this combining mark: accents and vowel points, by combining class.

    Nukta, kana voicing marks and viramas (classes 7 to 9) make other letters and stay.
    """
    number = unicodedata.combining(character)
    return number == 1 or 10 <= number <= 36 or 200 <= number <= 240


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


@lru_cache(maxsize=1 << 16)
def fold(form: str) -> str:
    """`form` as it is compared: `fold_keep_case` and then no case (café = CAFE)."""
    kept = fold_keep_case(form)
    return kept.lower() if kept.isascii() else kept.casefold()


def normalise(text: str) -> str:
    """Folded tokens joined by spaces: what two texts share that differ in layout alone."""
    return " ".join(map(fold, tokenize(text).forms))


def slugify(text: str) -> str:
    """A name for URLs: folded words joined by hyphens, at most 80 characters, never empty."""
    slug = "-".join(fold(t).replace("'", "") for t in tokenize(text).forms)[:80].strip("-.")
    return slug or "section"


# --- stems -------------------------------------------------------------------------------------


class _Stemmer(Protocol):
    def stem(self, token: str) -> str: ...


_stemming = threading.Lock()  # some of NLTK's stemmers keep state between the lines of one call


@cache
def _stemmer(language: str) -> _Stemmer | None:
    """Snowball for an ISO 639-1 code; None where there is none."""
    if language not in SNOWBALL:
        return None
    from nltk.stem.snowball import SnowballStemmer  # half a second to import: only when needed

    return cast("_Stemmer", SnowballStemmer(SNOWBALL[language]))


# English words that end in nothing that Snowball looks at stay as they are. A third of all words
# does, and NLTK would try each of its suffixes on them. Of their plurals it takes the s, if there
# is a vowel before the letter before it, but for a few words that it has in a list.
_ENDING = "[abfhjkopqvwxz]|[^e]d|[^n]g|[^eo]r|[^o]n|[^s]m|[^n]t|[^i]c|[^alu]l"
_STAYS = re.compile(f"[a-z]*(?:u|{_ENDING})")
_PLURAL = re.compile(
    f"(?!(?:atlas|bias|cosmos|news)$)(?=[a-z]*[aeiou][a-z]+s$)([a-z]*(?:{_ENDING}))s"
)


@lru_cache(maxsize=1 << 16)
def stem(folded: str, language: str) -> str:
    """The stem of a folded form; forms with digits and languages without Snowball stay whole."""
    bare = folded.removesuffix("'s")
    if language == "en":
        if _STAYS.fullmatch(bare):
            return bare
        if plural := _PLURAL.fullmatch(bare):
            return plural[1]
    if not bare.isalpha() and any(map(str.isdigit, bare)):
        return bare
    stemmer = _stemmer(language)
    if stemmer is None:
        return bare
    with _stemming:
        return fold(stemmer.stem(bare)) or bare


def function_languages(folded: str) -> frozenset[str]:
    """ISO 639-1 codes of the languages of which this is one of the commonest words."""
    return frozenset(code for code, words in FUNCTION_WORDS.items() if folded in words)


# --- language ----------------------------------------------------------------------------------

_SAMPLE = 20_000  # code points: enough to tell, however long the text


def guess_language(text: str) -> str:
    """ISO 639-1 code by the share of each language's function words; "" when unsure."""
    forms = [sys.intern(fold(t)) for t in tokenize(text[:_SAMPLE]).forms]
    if len(forms) < 10:
        return ""
    counts = Counter(forms)
    scores = sorted(
        ((sum(counts[w] for w in words), code) for code, words in FUNCTION_WORDS.items()),
        reverse=True,
    )
    (best, code), (second, _) = scores[0], scores[1]
    return code if best >= 0.1 * len(forms) and best > 1.2 * second else ""
