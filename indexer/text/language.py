"""Language identification: takes a text, returns its ISO 639-1 code, or "" if that is doubtful.

Evidence, in order: a script used by one language only; function words, if they are conclusive;
else py3langid, naive Bayes over byte n-grams, which knows 140 languages. Its model takes half a
second and 100 MB to load, so it is used only if the others are not conclusive. Texts of fewer than
`FEW` words in a script of many languages are not identified.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache
from itertools import chain
from typing import Any

from indexer.text.id_words import count_words, most_words, plain_words
from indexer.text.word_lists import LANGUAGES_OF, TELLING_WORDS

FEW = 20  # words
SAMPLE = 4_000  # code points of an article that are looked at
SURE = 0.95  # least probability for an article's language
PASSAGE_SAMPLE = 800  # code points of a passage that are looked at
CERTAIN = 0.99  # least probability for a passage in another language than its article

_SCRIPTS = {  # first word of the Unicode names of its letters → the one language written in it
    "ARMENIAN": "hy", "CJK": "zh", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu",
    "GURMUKHI": "pa", "HANGUL": "ko", "HEBREW": "he", "KANNADA": "kn", "KHMER": "km", "LAO": "lo",
    "MALAYALAM": "ml", "MYANMAR": "my", "ORIYA": "or", "SINHALA": "si", "TAMIL": "ta",
    "TELUGU": "te", "THAI": "th", "HIRAGANA": "ja", "KATAKANA": "ja",
}  # fmt: skip
_UNLIKE = ("en", "de")  # no other language with a code shares so many of their function words
_KANA = ("HIRAGANA", "KATAKANA")
_SAME = {  # languages of py3langid that ISO 639-1 does not distinguish
    "ary": "ar", "arz": "ar", "grc": "el", "gug": "gn", "hbo": "he", "sdh": "ku", "uzs": "uz",
    "wuu": "zh", "yue": "zh",
}  # fmt: skip
_ALIKE = (frozenset(("bs", "hr", "sr")), frozenset(("id", "ms")), frozenset(("nn", "no")))


def identify(text: str, default: str) -> str:
    """The language of an article, by a sample `text`. With fewer than `FEW` words in a script of
    many languages it is `default`, which also needs less proof than other languages."""
    sample = text[:SAMPLE]
    script = script_of(sample)
    if script in _SCRIPTS:
        return _SCRIPTS[script]
    words = sample.lower().split()
    guess, share, next_share = _by_function_words(words)
    is_clear = guess in _UNLIKE and share > 0.2 and share > 2 * next_share
    if is_clear and len(words) > 3 * FEW:
        return guess
    words = plain_words(sample)
    if sum(word[0].isalpha() for word in words) < FEW:
        return default
    if is_clear:
        return guess
    guess, share, next_share = _by_function_words(words)
    code, probability = detect(sample)
    agreed = code == guess and share > 0.1 and share > 1.2 * next_share
    expected = code == default and probability > 0.5
    return code if probability >= SURE or agreed or expected else ""


def passage_language(text: str, language: str) -> str:
    """The language of a passage of an article in `language`, if it certainly is another; else "".

    The detector is used only if script or function words speak against the article's language.
    """
    if most_words(text) < FEW or _fits(text, language) or count_words(text) < FEW:
        return ""
    script = script_of(text)
    if script in _SCRIPTS:
        code = _SCRIPTS[script]
    elif sum(word[0].isalpha() for word in text.split()) >= FEW:
        code, probability = detect(text[:PASSAGE_SAMPLE])
        code = code if probability >= CERTAIN else ""
    else:
        code = ""
    is_alike = code == language or any(code in some and language in some for some in _ALIKE)
    return "" if is_alike else code


def script_of(text: str) -> str:
    """The script of most letters of `text`, as the first word of their Unicode names ("LATIN"); ""
    without letters. HIRAGANA or KATAKANA if over a twentieth of its kana and ideographs are kana;
    each of these counts for three letters."""
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text)) else ""
    letters = Counter(filter(str.isalpha, text))
    scripts: Counter[str] = Counter()
    for letter, number in letters.items():
        name = "LATIN" if letter < "\u0250" else unicodedata.name(letter, "").partition(" ")[0]
        scripts[name] += number
    kana = sum(map(scripts.__getitem__, _KANA))
    japanese = kana + scripts["CJK"]
    if 20 * kana > japanese and 4 * japanese > sum(scripts.values()):
        return max(_KANA, key=scripts.__getitem__)
    return max(scripts, key=scripts.__getitem__) if scripts else ""


@cache
def load_detector() -> Any:
    """py3langid with its model; the first call takes half a second and 100 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> tuple[str, float]:
    """Language of the words in the main script of `text` by py3langid, with its probability summed
    over similar languages. "" for a language without a code, or no language."""
    if not text.isascii():
        script = script_of(text)
        text = " ".join(word for word in text.split() if script_of(word) in (script, ""))
    found = probabilities(text)
    best = max(found, key=found.__getitem__)
    alike = next((some for some in _ALIKE if best in some), frozenset((best,)))
    return best if len(best) == 2 else "", sum(found[code] for code in alike)


def probabilities(text: str) -> Counter[str]:
    """Probability of each language by py3langid, under its ISO 639-1 code if it has one."""
    found: Counter[str] = Counter()
    for code, probability in load_detector().rank(text):
        found[_SAME.get(code, code)] += probability
    return found


# --- cheap checks ------------------------------------------------------------------------------

_OTHER_SCRIPTS = {  # languages not, or not only, in Latin letters: their scripts
    **{code: frozenset((script,)) for script, code in _SCRIPTS.items()},
    **dict.fromkeys(
        ("be", "bg", "kk", "ky", "mk", "mn", "ru", "tg", "tt", "uk"), frozenset(("CYRILLIC",))
    ),
    **dict.fromkeys(("ar", "fa", "ps", "ug", "ur"), frozenset(("ARABIC",))),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), frozenset(("DEVANAGARI",))),
    **dict.fromkeys(("az", "sr", "uz"), frozenset(("LATIN", "CYRILLIC"))),
    "ja": frozenset(("CJK", *_KANA)),
}
_LATIN = frozenset(("LATIN",))


def _by_function_words(words: list[str]) -> tuple[str, float, float]:
    """Language with the largest share of function words; that share; the second largest share."""
    found = Counter(chain.from_iterable(filter(None, map(LANGUAGES_OF.get, words))))
    (code, most), (_, next_most) = [*found.most_common(2), ("", 0), ("", 0)][:2]
    return code, most / max(len(words), 1), next_most / max(len(words), 1)


def _fits(text: str, language: str) -> bool:
    """Whether neither script nor function words speak against `language`."""
    own = TELLING_WORDS.get(language, frozenset())
    words = text.lower().split()
    share = sum(map(own.__contains__, words)) / len(words) if words else 1.0
    if share > 0.2:
        return True
    if not text.isascii() and script_of(text) not in _OTHER_SCRIPTS.get(language, _LATIN) | {""}:
        return False
    code, most, _ = _by_function_words(words)
    if own and share < 0.03 and (most > share or not text.isascii()):
        return False
    return code == language or most < 0.15 or (share >= 0.1 and most < 1.5 * share)
