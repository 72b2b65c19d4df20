"""Words as readers see them: what is found, what is marked, and which ids stay."""

from __future__ import annotations

import re

import pytest

from indexer import Passage
from indexer.passages import split
from indexer.text.id_words import count_words, plain_words, slugify
from indexer.text.sentences import punkt_sentences, sentences
from tests import DATA
from tests.helpers.articles import read
from tests.helpers.indexed import indexed, said

FOUND = [  # text, query, what is marked
    ("The drug paracetamol² eased it.", "paracetamol", ["paracetamol"]),
    ("The drug paracetamol² eased it.", '"paracetamol eased"', ["paracetamol² eased"]),
    ("The drug ibuprofen¹,² eased it.", '"ibuprofen eased"', ["ibuprofen¹,² eased"]),
    ("The drug[1] eased it.", '"drug eased"', ["drug[1] eased"]),
    ("The drug [12] eased it.", '"drug eased"', ["drug [12] eased"]),
    ("The drug[2,3][a] eased it.", '"drug eased"', ["drug[2,3][a] eased"]),
    ("Take [5 mg] of it.", "5", ["5"]),
    ("The ratio [2.5] rose.", "2.5", ["2.5"]),
    ("The count rose to 10⁹/L.", "10⁹/L", ["10⁹/L"]),
    ("The count rose to 10⁹/L.", '"10^9 L"', ["10⁹/L"]),
    ("The count rose to 5x10⁻³.", "10^-3", ["10⁻³"]),
    ("The count rose to 10⁹/L.", "109", []),
    ("The count rose to 109/L.", "10⁹", []),
    ("A surface of 1.73 m².", "1.73 m2", ["1.73", "m²"]),
    ("Levels of Ca²⁺ and CO₂.", "Ca2 CO2", ["Ca²", "CO₂"]),
    ("A dose per kg⁻¹ of it.", '"kg 1"', ["kg⁻¹"]),
    ("In 2019² it rose.", "2019", ["2019"]),
    ("Take ½ tablet.", '"1/2 tablet"', ["½ tablet"]),
    ("Take 1/2 tablet.", '"½ tablet"', ["1/2 tablet"]),
    ("Take 1½ tablets.", '"1 1/2 tablets"', ["1½ tablets"]),
    ("In grade 3/4 pain.", '"grade 3"', ["grade 3"]),
    ("Keep it below 25 ℃ here.", '"25 °C"', ["25 ℃"]),
    ("Use 5㎎ now.", '"5 mg"', ["5㎎"]),
    ("A speed of 5 ㎧ at most.", '"5 m/s"', ["5 ㎧"]),
    ("Room № 5 is shut.", '"no 5"', ["№ 5"]),
    ("A fœtus, a foetus.", "foetus", ["fœtus", "foetus"]),
    ("ŒDÈME and hæmo.", "oedeme haemo", ["ŒDÈME", "hæmo"]),
    ("She is from Łódź.", "lodz", ["Łódź"]),
    ("Nurse Jørgensen and Đorđević.", "Jorgensen Dordevic", ["Jørgensen", "Đorđević"]),
    ("ISPARTA şehri", "ısparta", ["ISPARTA"]),
    ("She left Hawaiʻi.", "Hawai'i", ["Hawaiʻi"]),
    ("Crohn′s and Crohn´s and Crohn`s.", "Crohn's", ["Crohn′s", "Crohn´s", "Crohn`s"]),
    ("هذا كتـــاب جيد", "كتاب", ["كتـــاب"]),
    ("هذا الدواء جيد", "الدوـاء", ["الدواء"]),
    ("مدرسة كبيرة", "مدرسه", ["مدرسة"]),
    ("الجرعة ٢٥ ملغ", "25", ["٢٥"]),
    ("الجرعة ٢٫٥ ملغ", "2.5", ["٢٫٥"]),
    ("ยานี้สําหรับเด็ก", "สำหรับ", ["สําหรับ"]),
    ("นํ้าดื่ม", "น้ำ", ["นํ้า"]),
    ("ﾃﾞｰﾀを見る", "データ", ["ﾃﾞｰﾀ"]),
    ("There were 12\u202f000 cases.", "12000", ["12\u202f000"]),
    ("There were 14\u2009500 cases.", "14,500", ["14\u2009500"]),
    ("Doses of 5,10 and 20 mg.", "10", ["10"]),
    ("Doses of 0,5 mg.", "0.5", ["0,5"]),
    ("Do not take 1 of a.", '"not take 1 of a"', ["not take 1 of a"]),
]


@pytest.mark.parametrize(("text", "query", "marked"), FOUND)
def test_words_are_found_as_readers_see_them(text: str, query: str, marked: list[str]) -> None:
    with said(text) as index:
        results = index.search(query)
        found = [] if results.relaxed else results.hits
    assert [text[m.start : m.end] for hit in found for m in hit.marks] == marked


def test_a_decimal_comma_depends_on_the_language() -> None:
    page = "<html lang=de><title>T</title><p>Die Dosis ist 2,5 mg am Tag.</p></html>"
    with indexed({"a": page}, ".html") as index:
        assert [index.search(q).total for q in ("2.5", "2,5", '"2,5 mg"')] == [1, 1, 1]
        assert index.count("5 mg") == 0
    with said("Stages 2,5 of it.") as index:
        assert [index.count(q) for q in ("2.5", "2,5", "5")] == [0, 1, 1]


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u00ad"])
def test_a_word_divided_at_a_lines_end_is_found_whole(hyphen: str) -> None:
    lines = (
        "Ocean Notes",
        "",
        "If it is done on a large scale, this would in theory enable the cold",
        f"ocean to soak up more of the planet-warming gas that is driving cli{hyphen}",
        "mate change, and many people hope that it will be a part of an inter-",
        "national policy in the next ten years, whatever the cost may be now.",
    )
    with indexed({"a": "\n".join(lines)}, ".txt") as index:
        for query in ("climate", '"climate change"', "international", "climates"):
            hit = index.search(query).hits[0]
            assert hit.passage.text[hit.marks[0].start :][:3] in ("cli", "int")


@pytest.mark.parametrize(
    ("query", "signs"),
    [("HER2+", "+"), ("HER2−", "−"), ("HER2-", "-"), ("C++", "+"), ("C#", "#"), ("≥5", "≥"),
     ("−5", "−"), ('"-5 degrees"', "-"), ('"≥ 5 mg"', "≥"), ("5%", "%"), ("paracetamol²", "²")],
)  # fmt: skip
def test_a_sign_that_is_not_searched_is_told(query: str, signs: str) -> None:
    with said("HER2- tumours and a few HER2+ ones.") as index:
        notes = index.search(query).notes
    assert any(note.startswith(f'signs are not searched: "{signs}"') for note in notes)


@pytest.mark.parametrize("query", ["5-10 mg", "anti-", "B12", "10⁹", "amitriptaline~1", "norepi*"])
def test_signs_that_go_without_saying_are_not_told(query: str) -> None:
    with said("Take 5-10 mg.") as index:
        assert not [note for note in index.search(query).notes if "signs" in note]


# --- pages --------------------------------------------------------------------------------------


def passages(body: str) -> tuple[Passage, ...]:
    return split(read(f"<html lang=en><title>T</title><main><p>{body}</p></main></html>", "html"))


PAGES = [  # markup, text, the same markup as text that gives the same id
    ("10<sup>9</sup>/L", "10⁹/L", "109/L"),
    ("10<sup>-9</sup>/L", "10⁻⁹/L", "10-9/L"),
    ("drug<sup>2</sup> it", "drug² it", "drug2 it"),
    ("drug<sup><a href='#n'>1</a>,<a>2</a></sup> it", "drug¹,² it", "drug1,2 it"),
    ("drug<sup>[1]</sup> it", "drug[1] it", "drug[1] it"),
    ("drug<sup>a</sup> it", "drugᵃ it", "druga it"),
    ("the 1<sup>st</sup> day", "the 1st day", "the 1st day"),
    ("the 2<sup>e</sup> fois", "the 2e fois", "the 2e fois"),
    ("Ca<sup>2+</sup> ions", "Ca²⁺ ions", "Ca2+ ions"),
    ("Elavil<sup>TM</sup> it", "Elavil™ it", "ElavilTM it"),
    ("5<sup>1</sup>/<sub>2</sub> pills", "5½ pills", "51/2 pills"),
    ("H<sub>2</sub>O", "H2O", "H2O"),
]


@pytest.mark.parametrize(("markup", "text", "before"), PAGES)
def test_what_is_raised_is_written_so_and_the_id_stays(markup: str, text: str, before: str) -> None:
    (passage,) = passages(f"Some {markup}.")
    assert passage.text == f"Some {text}."
    assert passage.id == passages(f"Some {before}.")[0].id


RUBY = [
    "<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp>京<rp>(</rp><rt>きょう</rt><rp>)</rp></ruby>の病院です。",
    "我们在<ruby>東<rt>shàng</rt>京<rt>hǎi</rt></ruby>看病。",
    "<ruby>東<rp> (</rp><rt>to <b>kyo</b> u</rt><rp>) </rp></ruby>京です。",
]


@pytest.mark.parametrize("markup", RUBY)
def test_a_reading_breaks_no_word_and_the_id_stays(markup: str) -> None:
    page = f"<html lang=ja><title>T</title><main><p>{markup}</p></main></html>"
    plain = re.sub(r"<rp>.*?</rp>|</?(?:ruby|rt)>", "", page)
    with indexed({"a": page}, ".html") as index:
        (hit,) = index.search("東京").hits
        assert hit.passage.text[hit.marks[0].start] == "東"
        assert hit.passage.text[hit.marks[-1].end - 1] == "京"
        (other,) = split(read(plain, "html", "a"))
        assert hit.passage.id == other.id


# --- sentences and names ------------------------------------------------------------------------

JUDGED = [
    line
    for line in (DATA / "text" / "sentences.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("line", JUDGED)
def test_sentences_are_those_judged(line: str) -> None:
    text, expected = line.replace("¦", ""), [part.strip() for part in line.split("¦")]
    assert [span.of(text) for span in sentences(text)] == expected


def test_passages_are_cut_and_named_as_ever() -> None:
    assert [s.end for s in punkt_sentences("Vitamin C. Avoid it. No. 26.", "en")] == [20, 24, 28]
    assert plain_words("Łódź œ 2,5 10⁹ 1/2 Crohn′s Ｅ’s 1,000") == [
        "łodz", "œ", "2,5", "10", "9", "1", "2", "crohn", "s", "e's", "1000"
    ]  # fmt: skip
    assert slugify("Łódź: 2,5 mg½") == "łodz-2,5-mg1⁄2"
    assert count_words("สำ ﾃﾞ 12\u202f000 drug[1]²") == 9
