"""Detects the encoding of bytes without a declaration: chardet's candidates, checked by language.

In: bytes that are not UTF-8. Out: Python's name of an encoding, and whether it is certain. chardet
ranks the web's encodings; the first one is chosen in which the text is in an identifiable language
(`text.language`), with hardly any letter foreign to its alphabet and hardly any sign inside a word.
Windows-1252 is tried first for languages that are written in it, because chardet errs most on short
Western texts with few bytes beyond ASCII.
"""

from __future__ import annotations

import re
from functools import cache

from indexer.text.language import SAMPLE, probabilities

_SAMPLE = 16_000  # bytes sampled, from lines that are not all ASCII
_LIKELY = 0.9  # least probability of the language for an encoding to be accepted
_STRAY = 0.005  # greatest share of foreign letters among those beyond ASCII
_MANY = 0.02  # the same for a result that is not certain
_MISREAD = 0.1  # the same for a declared encoding to be told as doubtful
_FEWEST = 8  # letters beyond ASCII by which that is judged
_SHORT = 200  # characters of a text in no likely language that may be names or table cells
_ONE_BYTE = (
    "cp1252", "cp866", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6",
    "iso8859-7", "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15",
    "iso8859-16", "koi8-r", "koi8-u", "mac-roman", "cp874", "cp1250", "cp1251", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "mac-cyrillic",
)  # fmt: skip
_SEVERAL = ("big5hkscs", "cp932", "cp949", "euc_jis_2004", "gb18030", "iso2022_jp_2")  # multi-byte
_WESTERN = frozenset(
    ("af", "an", "ca", "da", "de", "en", "es", "eu", "fi", "fo", "fr", "fy", "ga", "gd", "gl", "id",
     "is", "it", "jv", "lb", "ms", "nl", "nn", "no", "oc", "pt", "sq", "st", "sv", "sw", "tl", "xh",
     "zu")
)  # fmt: skip
_FAMILIES = (  # languages that are easily confused in short texts
    _WESTERN,
    frozenset(("be", "bg", "mk", "ru", "sr", "uk")),
    frozenset(("ar", "fa", "ps", "ur")),
    frozenset(("bs", "hr", "sl", "sr")),
    frozenset(("cs", "sk")),
)
_LETTERS = {  # besides ASCII and `_ANYWHERE`, for languages that `_OTHERS` does not suit
    "ar": "ء-ي", "az": "əğış", "be": "а-яёіў", "bg": "а-я", "bs": "čćđšž", "cs": "čďéěňřšťúůýž",
    "cy": "ŵŷẁẃẅỳýÿàèìòùêîûëï", "da": "æøåèêòà", "de": "", "el": "ΐά-ώ", "en": "èêàæœïñë",
    "eo": "ĉĝĥĵŝŭ", "es": "ñúª", "et": "õšž", "fa": "ء-يپچژکگی", "fi": "å", "fo": "úýðæø",
    "he": "א-ת", "hr": "čćđšž", "hu": "őúű", "is": "úýðþæ", "it": "àèìòù",
    "ja": "ぁ-ヿ一-龥々ーｦ-ﾝ０-９Ａ-Ｚａ-ｚ", "ko": "가-힣一-龥",
    "lt": "ąčęėįšųūž", "lv": "āčēģīķļņōŗšūž",
    "mk": "а-яѓѕјљњќџѐѝ", "mt": "àċèġħìîòùż", "nn": "æøåèêòà", "no": "æøåèêòà", "pl": "ąćęłńśźż",
    "ps": "ء-ي\u0671-\u06d3", "ro": "ăîșțşţ", "ru": "а-яё", "se": "čđŋšŧž", "sk": "čďĺľňŕšťúýž",
    "sl": "čšžćđ", "sr": "а-шђјљњћџčćđšž", "sv": "åèà", "th": "ก-๛", "tr": "ğıişîû",
    "uk": "а-яіїєґ", "ur": "ء-ي\u0671-\u06d3", "vi": "à-ýăđĩũơưạ-ỹ",
    "zh": "一-龥〇\u3400-\u4dbf０-９Ａ-Ｚａ-ｚ",
}  # fmt: skip
_OTHERS = "à-ïñ-öø-üœªº"  # the same for all other languages
_ANYWHERE = "äöüßéáíóôâç"  # in foreign names; most encodings have them at the same byte values
_MARKS = "\u0300-\u036f\u05b0-\u05c7\u064b-\u0652\u0e31-\u0e4e\u200b-\u200f"
_ODD = re.compile(  # signs within words, signs misread from a Mac or DOS, capitals within words
    rf"(?<=[^\W\d_])[^\w\s\x00-\x7f\xad·’‘‐-—{_MARKS}\u3000-\uffff]+(?=[^\W\d_])|¤|[\x80-\x9f]"
    r"|(?<=[ (])[²³] ?(?=\d)|(?<=\w)[¡¿]"
    r"|[à-öø-ÿа-яёα-ω](?=[À-ÖØ-ÞА-ЯЁΑ-Ω])|(?<=[a-z])[À-ÖØ-Þ]|[A-Z][À-ÖØ-Þ](?=[a-z])"
    r"|(?<=[a-z][a-z])[ªº]|[ªº](?=[a-z])|‡(?=[a-z]{2})|[А-Я](?=[a-z])|(?<=[a-z])[А-Я]|(?<=\s)Ñ(?=\s)|(?<=[^\W\d_])[‚‰]"
    r"|(?<![^\W\d_])[ñòóö](?=\d)|(?<=\d)[«øýü]|(?<=\d )æ(?=[gl]\b)"
)
_POINTS = re.compile("[\u0300-\u036f\u05b0-\u05c7\u200e\u200f]")  # combining: Vietnamese, Hebrew
_POINTED = frozenset(("vi", "he", "yi", "ar", "fa", "ps", "ur"))
# Signs with the same byte value in all Windows encodings, some of them only if not within words.
_SIGNS = re.compile(
    r"(?:[\x00-\x7f…’™\xa0¦§©\xad®°µ¶·»]|(?<![A-Za-z])[±¬](?![A-Za-z])|(?<![a-z])[–—‘“”€‹›]|[–—‘“”€‹›](?![a-z])"
    r"|(?<![A-Za-z])[‚‰•„†‡]|[•„†‡](?![a-z])|(?<!\d)«)*"
)
_OTHER_LETTERS = re.compile(
    f"[^\\x00-\\x7f{_OTHERS}{_ANYWHERE}À-ÏÑ-ÖØ-ÜŒ€-₯‘-…\xa0-·¹-¿]|{_ODD.pattern}"
)


def detect_encoding(data: bytes) -> tuple[str, bool]:
    """Python's name of the encoding of `data`, and whether it is certain."""
    import chardet

    sample = _non_ascii_lines(data)
    found = chardet.detect_all(
        sample, ignore_threshold=True, include_encodings=_ONE_BYTE + _SEVERAL, compat_names=False
    )
    ranked = (str(one["encoding"]) for one in found if one["encoding"])
    names = dict.fromkeys((*ranked, *_ONE_BYTE))
    texts = {name: text for name in names if (text := _decoded(sample, name)) is not None}
    best = next(iter(texts), "")
    western = texts.get("cp1252", "")
    agreed = not western.isascii() and texts[best] == western
    paired = ("«" in western) is ("»" in western)  # else it may be the ½ of DOS
    if agreed and paired and not _OTHER_LETTERS.search(western):
        return "cp1252", True
    if not western.isascii() and paired and _SIGNS.fullmatch(western):
        return "cp1252", True
    if western and _misfit(western, only_western=True) <= _STRAY:
        return "cp1252", agreed or _misfit(texts[best]) > _STRAY
    tried = {name: text for name, text in texts.items() if name == best or name not in _SEVERAL}
    misfits = {name: _misfit(text) for name, text in tried.items()}
    for most in (_STRAY, _MANY):
        for name, misfit in misfits.items():
            if misfit <= most and _decoded(data, name) is not None:
                return name, most == _STRAY and sum(c > "\x7f" for c in texts[name]) > 1
    return "cp1252", False


def is_misread(text: str) -> bool:
    """Whether a text with letters beyond ASCII, decoded as it declares, seems to be in another
    encoding: it is in no likely language, or has many letters or signs foreign to its language."""
    runs = (run for run in re.split("[<>\n]", text[: 50 * SAMPLE]) if not run.isascii())
    sample = " ".join(runs)[:SAMPLE]
    letters = [c for c in sample if c > "\x7f" and c.isalpha()]
    is_mixed = any("\u0370" <= c < "\u1000" for c in letters) and 2 * len(letters) < len(sample)
    is_short = len(letters) < _FEWEST or len(sample) < _SHORT
    is_sparse = 20 * len(letters) < len(sample.split())  # foreign names
    return not (is_mixed or is_short or is_sparse) and _misfit(sample) > _MISREAD


def _non_ascii_lines(data: bytes) -> bytes:
    """Sample of the lines that are not all ASCII; the beginning of `data` if there are none."""
    lines: list[bytes] = []
    size = 0
    for line in data.splitlines(keepends=True):
        if size > _SAMPLE:
            break
        if not line.isascii():
            lines.append(line[:_SAMPLE])
            size += len(lines[-1])
    return b"".join(lines) or data[:_SAMPLE]


def _decoded(data: bytes, name: str) -> str | None:
    """Text of `data` decoded with the codec `name`; None if it is in another encoding."""
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        # a sample may end within a character
        return data[: error.start].decode(name) if error.start > len(data) - 4 > 400 else None


def _misfit(text: str, *, only_western: bool = False) -> float:
    """Foreign letters and odd signs, per letter beyond ASCII. 1.0 if there are no such letters, or
    no language or family of languages is likely enough (a Western one, if `only_western`)."""
    found = probabilities(text[:SAMPLE])
    best = max(found, key=found.__getitem__)
    family = next((group for group in _FAMILIES if best in group), frozenset((best,)))
    likely = sum(found[code] for code in family)
    if likely < _LIKELY or len(best) != 2 or (only_western and family is not _WESTERN):
        return 1.0
    letters = "".join(c for c in text.lower() if c > "\x7f" and c.isalpha())
    others = sum("\u0370" <= c < "\u1000" for c in letters)
    if not letters or (others and others < sum(c < "\x7f" and c.isalpha() for c in text)):
        return 1.0  # a few letters of another script among Latin ones
    wrong = len(_letters(best).sub("", letters)) + len(_ODD.findall(text))
    wrong += 0 if best in _POINTED else len(_POINTS.findall(text))
    return wrong / len(letters)


@cache
def _letters(code: str) -> re.Pattern[str]:
    return re.compile(f"[{_LETTERS.get(code, _OTHERS)}{_ANYWHERE}]")
