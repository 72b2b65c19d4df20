"""Every encoding of the web with texts of languages written in it: read rightly, or told."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from indexer.errors import SourceError
from indexer.parsing.encoding import decode, known_encoding, web_name

LINES = (Path(__file__).parent.parent / "data/languages.tsv").read_text("utf-8").splitlines()
TEXTS: dict[str, str] = {}
for _line in LINES:
    _code, _text = _line.split("\t")
    TEXTS["zh-Hant" if _code in TEXTS else _code] = _text

WRITTEN_IN = {
    "ibm866": "ru bg",
    "iso-8859-2": "pl cs sk hu sl hr",
    "iso-8859-3": "mt eo",
    "iso-8859-4": "et lv lt se",
    "iso-8859-5": "ru bg mk",
    "iso-8859-6": "ar",
    "iso-8859-7": "el",
    "iso-8859-8": "he",
    "iso-8859-10": "is fo se lt",
    "iso-8859-13": "lv lt pl",
    "iso-8859-14": "cy ga gd",
    "iso-8859-15": "fr fi et",
    "iso-8859-16": "ro pl hu",
    "koi8-r": "ru bg",
    "koi8-u": "uk",
    "macintosh": "fr de es pt it da is",
    "windows-874": "th",
    "windows-1250": "pl cs sk hu sl hr",
    "windows-1251": "ru uk be bg sr mk",
    "windows-1252": "fr de es it pt nl sv da no fi is ca gl af",
    "windows-1253": "el",
    "windows-1254": "tr",
    "windows-1255": "he",
    "windows-1256": "ar fa",
    "windows-1257": "lv lt et",
    "windows-1258": "vi",
    "x-mac-cyrillic": "ru uk bg sr",
    "gbk": "zh",
    "gb18030": "zh zh-Hant",
    "big5": "zh-Hant",
    "euc-jp": "ja",
    "iso-2022-jp": "ja",
    "shift_jis": "ja",
    "euc-kr": "ko",
    "utf-8": "en fr ru ja",
    "utf-16le": "en fr ru ja zh ar hi",
    "utf-16be": "en fr ru ja zh ar hi",
}
CASES = [(name, code) for name, codes in WRITTEN_IN.items() for code in codes.split()]


def written(text: str, codec: str) -> bytes:
    """The text in an encoding, without the letters that this does not have."""
    if codec == "cp1258":  # tones are characters of their own
        text = unicodedata.normalize("NFD", text)
        text = re.sub("(.)([\u0300-\u0323]*)([\u0302\u0306\u031b])", r"\1\3\2", text)
        text = re.sub(
            "[A-Za-z][\u0302\u0306\u031b]", lambda m: unicodedata.normalize("NFC", m[0]), text
        )
    return text.encode(codec, "ignore")


@pytest.mark.parametrize(("name", "code"), CASES)
def test_text_in_an_encoding_is_read_rightly_or_told(name: str, code: str) -> None:
    codec = known_encoding(name)
    data = written(TEXTS[code], codec)
    found = decode(data, "a.txt")
    plain = str.maketrans("ŞşŢţ", "ȘșȚț")  # the same letters, of another year
    assert found.doubt or found.text.translate(plain) == data.decode(codec).translate(plain)
    assert not found.doubt or found.warning("a.txt").path == "a.txt"
    assert not decode(data, "a.txt", name).doubt


@pytest.mark.parametrize("declared", ["windows-1252", "iso-8859-15", "iso-8859-2", "windows-1254"])
@pytest.mark.parametrize(
    "case", ["koi8-r ru", "windows-1251 bg", "iso-8859-7 el", "windows-1256 ar", "windows-874 th",
             "windows-1257 lt", "gbk zh", "shift_jis ja", "windows-1258 vi"]
)  # fmt: skip
def test_a_wrong_declaration_is_told(case: str, declared: str) -> None:
    name, code = case.split()
    body = TEXTS[code].replace(". ", ".</p>\n<p class=text>")
    page = f"<title>Home</title><script>let x = {{'a': 1}}</script>\n<p>{body}</p>"
    assert decode(written(page, known_encoding(name)), "a.html", declared).doubt


def test_foreign_names_do_not_put_a_declared_encoding_in_doubt() -> None:
    text = "The trial was led by João Magalhães, Lech Wałęsa’s doctor and Jiří Dvořák of Kraków. "
    for name, codec in (("windows-1250", "cp1250"), ("iso-8859-1", "cp1252")):
        data = (text + "No other centre took part in it, and none of them was paid. " * 9).encode(
            codec, "ignore"
        )
        assert not decode(data, "a.html", name).doubt


def test_nearly_all_of_them_are_read_rightly() -> None:
    doubtful = [
        one for one in CASES if decode(written(TEXTS[one[1]], known_encoding(one[0])), "a").doubt
    ]
    assert len(doubtful) <= 4, doubtful


@pytest.mark.parametrize("name", ["windows-1250", "koi8-r", "gb18030", "shift_jis"])
def test_what_is_told_by_language_is_named(name: str) -> None:
    text = TEXTS[WRITTEN_IN[name].split()[0]]
    assert decode(written(text, known_encoding(name)), "a.txt").encoding == name


WESTERN = """\
The patient’s dose is 25 mg – never more than 75 mg – taken at night.
Don’t stop taking it suddenly; it’s better to taper over weeks.
Store below 25 °C.
It costs £8.60 per item.
The café’s menu lists crème brûlée.
“Take one tablet,” she said, “and call me.”
Results (n = 40) were significant: p = 0.03 ± 0.01.
Naïve patients’ résumés were sent to São Paulo.
Temperature: 37.5 °C – 38 °C.
Half a tablet (½) each morning.
Price: £20 – £25, or €30.
Side effects include: • drowsiness • dry mouth • constipation
Dr. Müller’s clinic in Zürich opens at 9.
See § 4 of the leaflet…
Copyright © 2019 Trust. All rights reserved.
Amitriptyline® is a registered name™ in some countries.
The drug’s half-life is 10–28 hours.
Ménière’s disease is not treated with it.
Sjögren’s syndrome may cause a dry mouth.
Guillain-Barré syndrome has been reported.
He weighed 70 kg – about 11 stone.
5 µg is not 5 mg.
A 10×10 cm patch.
Prices from £1.
‘Off-label’ means outside the licence.
We don’t know why – yet.
It’s 20° outside.
The blood–brain barrier.
Patient’s notes: œdema of the ankles.
“No.” “Why not?” “It isn’t safe.”
Brontë’s novel – Jane Eyre.
The 25 mg tablets are blue; the 50 mg ones aren’t.
£3.50
25 °C
Fiancée
Ask your pharmacist’s advice first.
Ça va? Oui, ça va bien, merci.
Prenez un comprimé le soir, avant de dormir, et n’arrêtez pas brusquement.
Nehmen Sie die Tabletten täglich ein – möglichst abends.
El paciente debe tomar la medicación por la noche, según la indicación.
Não pare de tomar o remédio sem falar com o médico.
Ta en tablett på kvällen och sluta inte plötsligt.
Tag én tablet om aftenen.
Neem één tablet per dag in – niet meer.
Prendere una compressa la sera; non è un sonnifero, però può dare sonnolenza.
Ota yksi tabletti illalla, äläkä lopeta äkillisesti.
São 25 mg à noite.
¿Qué es? ¡Cuidado!
Größe 5 ¼
Señor Núñez, 50 años.""".splitlines()


@pytest.mark.parametrize("text", WESTERN)
def test_short_western_texts_are_read_as_windows_1252(text: str) -> None:
    assert len(WESTERN) == 50
    found = decode(text.encode("windows-1252"), "a.txt")
    assert (found.text, found.encoding) == (text, "windows-1252" if not text.isascii() else "utf-8")


def test_utf8_goes_before_what_is_declared_and_that_before_what_is_said() -> None:
    text = TEXTS["pl"]
    assert decode(text.encode(), "a", "iso-8859-2", "koi8-r").encoding == "utf-8"
    declared = decode(text.encode("iso8859-2"), "a", "iso-8859-2", "koi8-r")
    assert (declared.text, declared.encoding, declared.doubt) == (text, "iso-8859-2", "")
    told = decode(text.encode("iso8859-2"), "a", "", "latin2")
    assert (told.text, told.encoding, told.doubt) == (text, "iso-8859-2", "")


def test_a_declaration_that_gives_words_of_two_scripts_is_told() -> None:
    assert decode("Größe".encode("cp1252"), "a", "windows-1251").doubt
    assert not decode("Препарат Tabulin, 5 mg".encode("cp1251"), "a", "windows-1251").doubt


def test_a_declaration_that_does_not_hold_is_told() -> None:
    found = decode(TEXTS["ja"].encode("cp932"), "a.html", "euc-jp")
    assert (found.text, found.encoding) == (TEXTS["ja"], "shift_jis")
    warning = str(found.warning("a.html"))
    assert warning.startswith("a.html: not all of its bytes are euc-jp: read as shift_jis; ")
    assert "--encoding NAME" in warning


def test_a_byte_order_mark_spoils_no_stray_byte() -> None:
    found = decode(b"\xef\xbb\xbfTake 5 \xb5g, not 5 mg.", "a")
    assert (found.text, found.doubt) == ("Take 5 µg, not 5 mg.", "not all of its bytes are UTF-8")


def test_utf8_that_is_cut_off_is_told() -> None:
    found = decode("Take 5 µg each".encode() + b"\xc3", "a")
    assert (found.text[:14], found.encoding) == ("Take 5 µg each", "utf-8")
    assert decode("Take 5 µg. Gr\xf6".encode() + b"\xc3\xc3", "a").doubt


def test_some_utf8_among_windows_1252_is_read_rightly_and_told() -> None:
    text = "Die Größe ist für ältere Männer groß« größer.\n"
    found = decode((text * 200).encode("cp1252") + "Nicht über 5 µg – täglich.".encode(), "a")
    assert found.text == text * 200 + "Nicht über 5 µg – täglich."
    assert found.doubt


def test_stray_bytes_among_utf8_are_told() -> None:
    assert decode(TEXTS["ru"].encode() + b" caf\xe9", "a").doubt == "not all of its bytes are UTF-8"


@pytest.mark.parametrize("name", ["cp850", "cp437"])
def test_an_encoding_of_dos_is_read_where_it_is_named_and_else_told(name: str) -> None:
    text = TEXTS["de"] + " Ärzte prüfen größere Mengen sorgfältig, häufig täglich."
    data = text.encode(name, "ignore")
    assert decode(data, "a").doubt
    told = decode(data, "a", "", name)
    assert (told.text, told.encoding) == (data.decode(name), web_name(name))


def test_numbers_of_many_bytes_are_no_utf16() -> None:
    with pytest.raises(SourceError, match="not text"):
        decode(bytes(range(1, 32)) * 40, "a.txt")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "This is told in the chapter on doses (see Τμήμα 9.2.1.4, «Doses») of the book.",
            "cp1253",
        ),
        ("There are further details, see Secțiune 6.1, and in the list below it.", "iso8859_16"),
        ("The problem is told below (see Kısım 15.1) and in the list.", "cp1254"),
        ("It works together with the other one (9.11.3절) to make it so.", "euc_kr"),
        ("This is known and is described in 節 10.2, where all is told.", "big5"),
        (
            "The answers are told there (see Afsnit 9.1.1, “The dose of it”) in the book.",
            "mac_roman",
        ),
        ("Dat toont waar de geïnstalleerde pakketten zijn en wat zij doen.", "mac_roman"),
        ("They are told here — which are kept in the list — and can be put in.", "mac_roman"),
        ("Give it only if the level is ≥ 5 mmol (≤ 9 mmol) and 5 µg are not enough.", "mac_roman"),
        ("Keep it at 25° or below, and never above that in the summer.", "mac_roman"),
        ("® and © and ™", "mac_roman"),
        ("Los productos se dividen por área y por tipo de uso, según el caso.", "mac_roman"),
        ("Te leki mają być brane rano.", "iso8859_2"),
        ("Kulħadd għandu jedd li jingħata kura, u dan bla ebda ħlas.", "iso8859_3"),
        ("В този раздел думата „literal“ означава точно това, което е написано.", "cp1251"),
        ("Take ½ tablet daily.", "cp437"),
        ("De patiënt mag dit niet gebruiken.", "cp437"),
        ("Temperature above 38°C for 3 days.", "cp437"),
        ("if ≥65 years, do not give 5 µg", "cp437"),
        ("dose 5 µg daily", "cp850"),
        ("café au lait", "cp850"),
        ("Não tome este medicamento se está grávida.", "cp850"),
        ("Crème 0,1 % à 5 €", "iso8859_15"),
        ("Nimm nicht mehr als drei Tabletten täglich.", "iso2022_jp_2"),
    ],
)
def test_one_foreign_word_or_sign_is_read_rightly_or_told(text: str, name: str) -> None:
    decoded = decode(text.encode(name), "sample.txt")
    assert decoded.text == text or decoded.doubt
