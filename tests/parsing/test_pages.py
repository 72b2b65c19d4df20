"""Plain text that was taken out of PDFs, or copied as a whole page: what belongs to the page and
what to the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import Source
from indexer.parsing.formats.dispatch import parse
from indexer.parsing.plain_text.outline import parse_text
from tests.helpers.articles import read, texts

DATA = Path(__file__).parents[1] / "data"
PROSE = (
    "Epidemiological evidence regarding the risk after exposure in the first three months has\n"
    "not been conclusive; however, a small increase in risk cannot be excluded by it. While no\n"
    "controlled evidence is there, similar risks may exist for all of this class of medicines.\n"
)


def prose_of(number: int) -> str:
    """Prose of which no line stands on another page."""
    names = ("alder", "beech", "cedar", "elder", "furze", "hazel", "larch", "maple", "olive")
    return "".join(f"{line}\n".replace(" ", f" {names[number]} ", 1) for line in PROSE.splitlines())


def page_of(number: int, head: str = "") -> str:
    """A page that ends within a sentence, with a form feed behind its number."""
    return f"{head}{prose_of(number)}\nThe dose of page {number} is taken with\n\n{number}\n\n\f"


def test_a_sentence_over_the_border_of_pages_is_whole_and_their_numbers_are_no_content() -> None:
    article = read(f"Use\n\n{page_of(5)}water.\n\n{page_of(6)}milk.\n\n{PROSE}", "txt")
    assert texts(article, "boilerplate") == ["5", "6"]
    assert "The dose of page 5 is taken with water." in article.text
    assert "The dose of page 6 is taken with milk." in article.text
    assert texts(article, "heading") == []


def test_running_heads_are_no_content_but_the_first_may_be_the_title() -> None:
    head = "Tabulin 5 mg tablets\n\n"
    text = "".join(f"{head}{prose_of(n)}\nPage {n} of 4\n\f" for n in range(1, 5))
    article = read(text, "txt")
    assert article.title == "Tabulin 5 mg tablets"
    numbers = [f"Page {n} of 4" for n in range(1, 5)]
    assert sorted(texts(article, "boilerplate")) == sorted(
        [*numbers, *["Tabulin 5 mg tablets"] * 3]
    )
    assert len(texts(article, "paragraph")) == 4


def test_pages_are_told_by_numbers_where_no_form_feed_is_left() -> None:
    text = "Use\n\n" + "".join(f"{(PROSE + chr(10)) * 4}{number}\n\n" for number in (7, 8, 9))
    assert texts(read(text, "txt"), "boilerplate") == ["7", "8", "9"]


@pytest.mark.parametrize(
    "text",
    [
        "How many?\n\n5\n\nHow many more of them are there?\n\n6\n\n" + PROSE,
        "Results\n\n12\n\n" + PROSE,
        f"Use\n\n{PROSE}\n\f7 days later the dose was made smaller by half.\n",
    ],
)
def test_numbers_that_count_no_pages_stay(text: str) -> None:
    assert texts(read(text, "txt"), "boilerplate") == []


def test_the_number_of_a_section_on_a_line_of_its_own_belongs_to_its_heading() -> None:
    article = read(
        f"Tabulin\n\n4.\n\nCLINICAL PARTICULARS\n\n4.1\n\nIndications\n\n{PROSE}\n"
        f"4.2\n\nPosology\n\n{PROSE}\n"
        f"5.\n\nPHARMACOLOGY\n\n{PROSE}",
        "txt",
    )
    last = [block for block in article.blocks if block.kind == "paragraph"]
    assert last[0].section == ("4. CLINICAL PARTICULARS", "4.1 Indications")
    assert last[1].section == ("4. CLINICAL PARTICULARS", "4.2 Posology")
    assert last[2].section == ("5. PHARMACOLOGY",)


def test_bare_numbers_that_count_over_headings_are_those_of_sections() -> None:
    names = ("Introduction", "Methods", "Results")
    body = "".join(f"{n}\n\n{name}\n\n{PROSE * 6}\n" for n, name in enumerate(names, 1))
    article = read(f"A review of trials\n\n{body}References\n\n7\nLee A. Pain. 2019.\n", "txt")
    assert texts(article, "heading")[:3] == [f"{n}\n\n{name}" for n, name in enumerate(names, 1)]
    assert "7" in texts(article)


@pytest.mark.parametrize(
    ("end", "begin"),
    [
        ("the dose of this medicine must not at all\nexceed", "75 mg a day."),
        (
            "the trial, begun in the year before, was led and paid for by\nthe Ministry of",
            "Health.",
        ),
        ("they compared each of the doses, and what was known of them, with the", "BNF of then."),
        ("it is taken with water (see", "Section 4.2 of it) at night."),
    ],
)
def test_a_sentence_over_the_border_may_go_on_with_a_figure_or_a_name(end: str, begin: str) -> None:
    rest = f"{PROSE}\n2\n\f{prose_of(1)}\n3\n"
    article = read(f"Use\n\n{PROSE}After that {end}\n\n1\n\f{begin}\n\n{rest}", "txt")
    whole = " ".join(f"{end} {begin}".split())
    assert any(whole in " ".join(text.split()) for text in texts(article, "paragraph"))


def test_a_word_divided_at_the_border_of_pages_can_be_found() -> None:
    pages = (
        f"{PROSE}\nIt must not be given to chil-\n\n3\n\n\fdren below six.\n\n{prose_of(2)}\n4\n"
    )
    assert "It must not be given to chil-\ndren below six." in texts(read(f"Use\n\n{pages}", "txt"))


@pytest.mark.parametrize("begin", ["Dosage", "2.1 Dosage", "3. Warnings", "Children"])
def test_what_begins_on_a_new_page_is_not_taken_for_more_of_a_sentence(begin: str) -> None:
    rest = f"{PROSE}\n2\n\f{prose_of(1)}\n3\n"
    text = f"Use\n\n{PROSE}\n• taken at night and well\n\n1\n\f{begin}\n\n{rest}"
    assert begin in texts(read(text, "txt"), "heading")


@pytest.mark.parametrize(
    "items",
    [
        "\uf0b7\n\nallergic to penicillin\n\n\uf0b7\n\npregnant or breast-feeding\n",
        "•\n•\n\nallergic to penicillin\npregnant or breast-feeding\n",
        "•\nallergic to penicillin\n•\npregnant or breast-feeding\n",
        "-\n\nallergic to penicillin\n\n-\n\npregnant or breast-feeding\n",
        "o\nallergic to penicillin\no\npregnant or breast-feeding\n",
    ],
)
def test_a_bullet_on_a_line_of_its_own_makes_an_item(items: str) -> None:
    article = read(f"Use\n\nDo not take it if you are:\n\n{items}\n{PROSE}", "txt")
    assert texts(article, "list_item") == ["allergic to penicillin", "pregnant or breast-feeding"]
    assert not set(article.text) & set("•\uf0b7")


def test_a_bullet_of_a_private_font_in_front_of_its_item_stays_with_it() -> None:
    article = read(f"Use\n\nDo not take it:\n\n\uf0a7 when ill\n\uf0a7 at night\n\n{PROSE}", "txt")
    assert texts(article, "list_item") == ["\uf0a7 when ill", "\uf0a7 at night"]


def test_a_word_divided_at_the_end_of_a_line_stays_in_one_block() -> None:
    article = read("We present strategies for the robots. An under-\n" + "actuated one " * 8, "txt")
    assert len(article.blocks) == 1


def test_text_without_spaces_is_joined_where_it_was_wrapped() -> None:
    line = "本書はシステムのインストール後のユーザー案内書として、システムの広範"
    article = read(f"概要\n\n{line}\n{line}\nな概論を提供します。\n\n短い行。\n", "txt")
    assert texts(article)[1:] == [f"{line}\n{line}\nな概論を提供します。", "短い行。"]


def test_quoted_blank_lines_of_a_mail_belong_to_the_quotation() -> None:
    article = read("Yes, do that with each of them.\n\n> How?\n>\n> -Ann\n\nSo it is.", "txt")
    assert texts(article, "quote") == ["> How?\n>\n> -Ann"]


def test_divisions_of_a_book_lie_within_each_other() -> None:
    chapters = f"CHAPTER I\n\n{PROSE}\nCHAPTER II\n\n{PROSE}\n"
    article = read(f"BOOK ONE: 1805\n\n{chapters}BOOK TWO: 1806\n\n{chapters}", "txt", "war")
    assert article.title == "War"
    sections = [block.section for block in article.blocks if block.kind == "paragraph"]
    assert sections[3] == ("BOOK TWO: 1806", "CHAPTER II")
    assert read(f"{chapters}BOOK TWO\n\n{chapters}", "txt", "war").title == "War"


@pytest.mark.parametrize("gap", ["\n", ""])
def test_a_table_of_contents_does_not_take_in_its_sections(gap: str) -> None:
    entries = ("What Tabulin is", "Before you take Tabulin", "How to take Tabulin")
    body = "".join(f"{n}. {entry}\n\n{PROSE}\n" for n, entry in enumerate(entries, 1))
    article = read("Tabulin leaflet\n\n" + "\n".join(entries) + f"\n{gap}{body}", "txt")
    assert texts(article, "list_item") == list(entries)
    assert texts(article, "heading") == [f"{n}. {entry}" for n, entry in enumerate(entries, 1)]


def test_a_page_copied_whole_has_its_title_and_no_menu() -> None:
    menu = "Direkt zum Inhalt\nStartseite\nPolitik\nGesundheit\nSuche\nAnmelden\n"
    text = (
        f"{menu}Tabulin senkt den Blutdruck\n\n12. Mai 2020\n\nTabulin senkt den Blutdruck für "
        "einen ganzen Tag, und der Blutdruck bleibt auch nachts unten, wie die Studie zeigt.\n\n"
        "Wer Tabulin nimmt, soll den Blutdruck dennoch messen, denn er kann wieder steigen, wenn "
        "die Dosis vergessen wird oder zu klein ist.\n\n• einmal am Tag\n• mit Wasser\n\n"
        "Facebook\nTwitter\n"
    )
    article = read(text, "txt")
    assert article.title == "Tabulin senkt den Blutdruck"
    assert texts(article, "boilerplate") == [*menu.split("\n")[:-1], "Facebook", "Twitter"]
    assert texts(article, "list_item") == ["• einmal am Tag", "• mit Wasser"]


def test_lines_that_are_set_far_apart_are_one_paragraph() -> None:
    lines = (
        "Patients should be told that the tablets must not be stopped at once, for the",
        "Withdrawal that follows can be severe; the dose is made smaller by a quarter",
        "every week, and by less where signs of it come back. Do not drive before you",
        "know how the medicine acts on you, and do not drink alcohol while you take it,",
        "since both make you sleepy.",
    )
    article = read("Tabulin\n\n" + "\n\n".join(lines) + "\n\n• one\n• two\n• three\n\f", "txt")
    assert [" ".join(text.split()) for text in texts(article, "paragraph")] == [" ".join(lines)]
    assert texts(article, "heading") == []


def test_lines_that_were_spread_out_are_as_wide_as_their_words() -> None:
    plain = (
        "The dose of the medicine should not be changed without\n"
        "advice   of   a   doctor,   who   knows   how   much   is\n"
        "needed;   it   is   taken   with   water   and   never   with\n"
        "milk, which makes less of it come into the blood.\n"
    )
    pages = "\n\f".join(plain.replace("The", f"{name} the", 1) for name in ("Here", "Now", "Then"))
    assert len(texts(read(f"Use\n\n{pages}", "txt"), "paragraph")) == 3


def test_text_between_two_running_heads_and_two_feet_is_content() -> None:
    begin = "Most of the people who take it do not have them, and\n"
    pages = [
        f"Tabulin 5 mg tablets\nfor adults\n{begin if n == 3 else ''}{prose_of(n)}\n"
        f"{n}\nTabulin Ltd\nKeep this leaflet\n"
        for n in range(1, 6)
    ]
    article = read("\n\f".join(pages), "txt")
    assert begin.strip() in article.text
    assert not any("Most of" in text for text in texts(article, "boilerplate"))


def test_the_only_line_of_a_page_above_its_number_is_content() -> None:
    pages = [f"{prose_of(n)}\n{n}\n" for n in range(1, 5)] + ["Do not take it with milk.\n\n5\n"]
    article = read("Use\n\n" + "\n\f".join(pages), "txt")
    assert texts(article, "boilerplate") == ["1", "2", "3", "4", "5"]


def test_sentences_with_other_figures_at_the_ends_of_pages_are_content() -> None:
    pages = [f"{prose_of(n)}\nTake {5 * n} mg twice a day.\n\nPage {n}\n" for n in range(1, 5)]
    article = read("Use\n\n" + "\n\f".join(pages), "txt")
    assert sorted(texts(article, "boilerplate")) == [f"Page {n}" for n in range(1, 5)]


@pytest.mark.parametrize("rule", ["", "________________\n"])
def test_a_note_at_the_foot_of_a_page_follows_the_sentence_that_it_parts(rule: str) -> None:
    text = (
        f"Use\n\n{prose_of(1)}\nThe medicine is not given to children below six years1 without\n"
        f"\n{rule}1. This was found in two small trials.\n\n12\n\n\f"
        f"the advice of a doctor who knows them.\n\n{prose_of(2)}\n\n13\n\n\f{prose_of(3)}"
    )
    article = read(text, "txt")
    flat = [" ".join(text.split()) for text in texts(article, "paragraph")]
    assert (
        "The medicine is not given to children below six years1 without the advice of a "
        "doctor who knows them."
    ) in flat
    assert any("found in two small trials." in text for text in flat + texts(article, "list_item"))


@pytest.mark.parametrize(
    "head", ["Tabulin for adults", "Tabulin for adults | Use", "TABULIN FOR ADULTS"]
)
@pytest.mark.parametrize("title", ["Tabulin for adults", "Tabulin for\nadults"])
def test_a_running_head_above_the_title_is_not_the_title(head: str, title: str) -> None:
    pages = [f"{prose_of(n)}\n{n}\n" for n in range(1, 5)]
    article = read(f"{head}\n\n{title}\n\n" + f"\n\f{head}\n\n".join(pages), "txt")
    assert " ".join(article.title.split()) == "Tabulin for adults"
    assert texts(article, "boilerplate").count(head) == 4


def test_a_running_head_with_other_chapters_beside_the_title_is_no_content() -> None:
    names = ("Use", "Dose", "Risks", "Storage")
    pages = [f"Tabulin leaflet | {name}\n{prose_of(n)}\n" for n, name in enumerate(names)]
    article = read("Tabulin for adults\n\n" + "\n\f".join(["", *pages]), "txt")
    assert texts(article, "boilerplate") == [f"Tabulin leaflet | {name}" for name in names]


def test_pages_are_told_by_numbers_within_text_without_blank_lines() -> None:
    names = {1: "first", 2: "second", 3: "third"}
    body = [prose_of(n) * 6 for n in range(1, 5)]
    pages = [
        f"The {name} dose is taken\nTabulin leaflet\n{n}\nwith water.\n"
        for n, name in names.items()
    ]
    text = "".join(f"{a}{b}" for a, b in zip(body, [*pages, ""]))
    article = read(f"Tabulin\n{text}", "txt")
    for name in names.values():
        assert f"The {name} dose is taken with water." in " ".join(article.text.split())
    assert sorted(texts(article, "boilerplate")) == ["1", "2", "3", *["Tabulin leaflet"] * 3]


@pytest.mark.parametrize("heading", ["Dose reduction in week {}", "Step\n{}", "{}\nStep"])
def test_headings_that_count_up_are_no_feet_of_pages(heading: str) -> None:
    text = "".join(f"{heading.format(n + 1)}\n{prose_of(n)}" for n in range(4))
    assert texts(read(f"Tapering plan\n{text}", "txt"), "boilerplate") == []


def test_a_running_head_above_a_title_with_its_words_is_no_title() -> None:
    text = "".join(
        f"Roe et al. Evening doses and falls\n\n{prose_of(n)}\n{n + 1}\n\f" for n in range(3)
    )
    title = "Evening doses and the risk of falls"
    article = read(text.replace("\n\n", f"\n\n{title}\n\n", 1), "txt")
    assert article.title == title
    assert texts(article, "boilerplate").count("Roe et al. Evening doses and falls") == 3


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        ("1 INDICATIONS AND\nUSAGE", "1 INDICATIONS AND USAGE"),
        ("WARNINGS AND\nPRECAUTIONS", "WARNINGS AND PRECAUTIONS"),
        ("2. COMPOSITION OF EACH\nTABLET", "2. COMPOSITION OF EACH TABLET"),
        ("4. Welche Nebenwirkungen sind\nmöglich?", "4. Welche Nebenwirkungen sind möglich?"),
        ("Fähigkeit zum Bedienen von\nMaschinen", "Fähigkeit zum Bedienen von Maschinen"),
    ],
)
def test_a_heading_over_two_lines_is_whole(lines: str, whole: str) -> None:
    pages = "".join(f"Tabulin leaflet\n\n{prose_of(n)}\n{n}\n\f" for n in (1, 2, 3))
    article = read(f"{pages}{prose_of(4)}\n{lines}\n{prose_of(5)}", "txt")
    assert whole in [spaced(block.span.of(article.text)) for block in article.blocks]


def test_lines_of_a_list_below_a_number_are_no_end_of_its_heading() -> None:
    pages = "".join(f"Tabulin leaflet\n\n{prose_of(n)}\n{n}\n\f" for n in (1, 2, 3))
    article = read(f"{pages}{prose_of(4)}\n4.3 Contraindications\nallergy\npregnancy\n", "txt")
    assert {"allergy", "pregnancy"} <= set(article.text.split("\n"))
    assert not [block for block in article.blocks if "ions\nall" in block.span.of(article.text)]


def test_section_numbers_that_go_on_make_headings_and_figures_do_not() -> None:
    names = ("4.1 Setting", "4.2 People", "4.4 Doses and their changes over time", "4.5 Falls")
    article = read("".join(f"{name}\n{prose_of(n)}" for n, name in enumerate(names)), "txt")
    assert [article.title, *texts(article, "heading")] == list(names)
    cells = "\n\n".join(
        ("Age", "77.7", "Women (%)", "54.8", "Falls (%)", "4.2", "Deaths (%)", "4.9")
    )
    article = read(f"Tabulin\n\n{PROSE}\n{cells}\n\n{PROSE}", "txt")
    assert "77.7\n\nWomen (%)" not in [block.span.of(article.text) for block in article.blocks]


def test_bullets_above_all_their_items_leave_wrapped_items_whole() -> None:
    items = (
        "-t, which filters what is found so that only the first of them is shown, and none of the\n"
        "others below;\n"
        "-u, which does the same for the others, of which there should not be more than ten alto‐\n"
        "gether;\n"
        "-n, which shows figures.\n"
    )
    article = read(f"Use\n\n{PROSE}\n•\n\n•\n\n•\n\n{items}\n{PROSE}", "txt")
    assert [" ".join(text.split()) for text in texts(article, "list_item")] == [
        " ".join(item.split()) for item in items.replace("\n-", "\n\n-").split("\n\n")
    ]


PASTED = (DATA / "pasted_pages.txt").read_text("utf-8").split("%%%%\n")


@pytest.mark.parametrize("text", PASTED)
def test_a_page_copied_whole_has_its_title_in_many_languages(text: str) -> None:
    article = read(text, "txt")
    head, title, body = text.split("\n\n", 2)
    title, *signs = title.split("\n")
    body, foot = body.rsplit("\n\n", 1)
    assert article.title == title
    shown = {" ".join(t.split()) for t in texts(article, "boilerplate")}
    assert shown >= {*head.split("\n"), *foot.strip().split("\n")}
    assert shown <= {*head.split("\n"), *foot.strip().split("\n"), *signs}
    assert len(texts(article, "paragraph")) >= 2


@pytest.mark.parametrize("line", ["Chapter {}", "Table {}: doses", "Children: {}0 mg"])
def test_lines_with_figures_that_are_no_page_numbers_are_content(line: str) -> None:
    figures = (1, 2, 4, 7, 9)
    pages = [f"{line.format(figure)}\n\n{prose_of(n)}\n" for n, figure in enumerate(figures)]
    article = read("Tabulin for adults\n\n" + "\n\f".join(["", *pages]), "txt")
    assert texts(article, "boilerplate") == []
    running = [f"Tabulin 5 mg, leaflet {n + 12} of 80\n\n{prose_of(n)}\n" for n in range(5)]
    article = read("Tabulin for adults\n\n" + "\n\f".join(["", *running]), "txt")
    assert len(texts(article, "boilerplate")) == 5


def test_a_number_of_a_page_between_its_columns_parts_no_sentence() -> None:
    pages = [
        f"Tabulin leaflet\n\n{prose_of(n)}\nThe {name} dose is taken with\n\n{n + 4}\n"
        f"water or tea.\n\n{prose_of(n)}\n"
        for n, name in enumerate(("first", "second", "third"))
    ]
    article = read("Tabulin for adults\n\n" + "\n\f".join(pages), "txt")
    assert set(texts(article, "boilerplate")) == {"4", "5", "6", "Tabulin leaflet"}
    for name in ("first", "second", "third"):
        assert f"The {name} dose is taken with water or tea." in " ".join(article.text.split())


def test_two_pages_are_enough_for_a_running_head_beside_their_numbers() -> None:
    text = "".join(
        f"{prose_of(n)}\nThe dose of {name} is taken with\n\nTabulin leaflet\n{n}\n\n\f"
        for n, name in ((1, "adults"), (2, "children"))
    )
    article = read(f"Tabulin for adults\n\n{text}water.\n\n{prose_of(3)}\n\f", "txt")
    assert sorted(texts(article, "boilerplate")) == ["1", "2", "Tabulin leaflet", "Tabulin leaflet"]
    assert "The dose of children is taken with water." in " ".join(article.text.split())


def test_a_note_whose_number_stands_alone_parts_no_sentence() -> None:
    text = (
        f"Tabulin for adults\n\n{prose_of(1)}\n"
        "The risk is low in those who are well,1 but it is not\n\n"
        "1\nThis was found in two small trials.\n\n2\n\f"
        f"absent in others.\n\n{prose_of(2)}\n3\n\f"
    )
    article = read(f"{text}{prose_of(3)}", "txt")
    assert "The risk is low in those who are well,1 but it is not absent in others." in " ".join(
        article.text.split()
    )


def test_numbers_of_sections_at_the_heads_of_pages_are_told_from_those_of_pages() -> None:
    names = ("Uses", "Dose", "Risks")
    pages = [f"{n}\n\n{name}\n\n{prose_of(n)}\n{n + 4}\n" for n, name in enumerate(names, 1)]
    article = read("Tabulin for adults\n\n" + "\n\f".join(["", *pages]), "txt")
    assert texts(article, "boilerplate") == ["5", "6", "7"]
    assert [" ".join(text.split()) for text in texts(article, "heading")] == [
        "1 Uses",
        "2 Dose",
        "3 Risks",
    ]


def test_running_heads_of_left_and_right_pages_part_no_sentence() -> None:
    heads = ("Smith and others", "Journal of Tablets") * 2
    pages = [f"{head}\n\n{prose_of(n)}\n{n + 7}\n" for n, head in enumerate(heads)]
    pages[2] = (
        f"{heads[2]}\n\n{prose_of(2)}The trial of it, which was led in two places, did not\n9\n"
    )
    pages[3] = pages[3].replace("\n\n", "\n\nshow this.\n\n", 1)
    article = read("\n\f".join([f"Tabulin for adults\n\n{prose_of(7)}\n6\n", *pages]), "txt")
    assert "did not show this." in " ".join(article.text.split())
    assert sorted(texts(article, "boilerplate")) == sorted([*heads, *map(str, range(6, 11))])


def test_a_range_of_figures_over_two_lines_is_one() -> None:
    article = read(
        f"Use\n\n{PROSE}\nThe dose of it at night for most adults is 10-\n20 mg.\n", "txt"
    )
    assert texts(article, "paragraph")[-1].split("is ")[1] == "10-\n20 mg."


ITEMS = ("Dry mouth", "Feeling sleepy in the morning", "Constipation")


@pytest.mark.parametrize(
    "listed",
    [
        "•\n•\n•\n" + "\n".join(ITEMS),
        "\n".join(ITEMS) + "\n•\n•\n•",
        "\n•\n".join((*ITEMS, "")).rstrip("\n"),
        "•\n\n" + "\n\n•\n\n".join(ITEMS),
    ],
    ids=["above all", "below all", "below each", "above each"],
)
def test_bullets_on_lines_of_their_own_belong_to_items_below_or_above(listed: str) -> None:
    text = f"Side effects\n\nThe following are common:\n\n{listed}\n\nTell your doctor of them.\n"
    article = read(text, "txt")
    assert texts(article, "list_item") == list(ITEMS)
    assert texts(article, "paragraph")[-1] == "Tell your doctor of them."
    assert "•" not in article.text


def test_a_line_above_the_bullet_of_the_next_item_is_none() -> None:
    lead = "Read all of this leaflet before you start."
    article = read(f"Before\n\n{lead}\n•\n\nKeep this leaflet.\n•\n\nAsk your doctor.\n", "txt")
    assert texts(article, "list_item") == ["Keep this leaflet.", "Ask your doctor."]
    assert lead in texts(article, "paragraph")


def test_bullets_far_from_their_items_leave_no_item_without_words() -> None:
    above = read("Effects\n•\n•\n\nThese are common:\n\nDry mouth\nSleep\n\nTell of them.", "txt")
    assert texts(above, "list_item") == ["Dry mouth", "Sleep"]
    below = read(
        "Effects\n\nThese are common.\n\nKeep it dry, below 25 degrees.\n\n•\n\n•\n", "txt"
    )
    assert texts(below, "list_item") == []
    assert "•" not in below.text


def test_words_of_a_stretched_line_that_stand_alone_are_one_line() -> None:
    prose = LEFT.replace("and during that time nobody", "and\nduring\nthat\ntime\nnobody")
    article = read(f"Tabulin\n\n{prose}\n\f{RIGHT}\n\f", "txt")
    assert "and during that time nobody should" in " ".join(texts(article, "paragraph")[0].split())
    items = ["Nausea", "Headache", "vomiting", "Dizziness"]
    article = read(f"Tabulin\n\n{prose}\n\nEffects\n\n" + "\n".join(items) + "\n\f", "txt")
    assert [block.span.of(article.text) for block in article.blocks][-4:] == items


# --- columns side by side ------------------------------------------------------------------------

LEFT = """\
The dose is taken at night, with some wa-
ter and not with milk, for milk makes the
medicine weak. Those who take it for the
first time may feel sleepy in the morning
and should not drive until they know how
the medicine works on them. It may take
two weeks until the mood is better again,
and during that time nobody should double
the dose, nor stop it, without a word to
the doctor who has prescribed it."""
RIGHT = """\
Whoever feels worse after the first days
calls the practice at once. A rash on the
skin, a swollen face or trouble with the
breath are signs of an allergy, in which
nobody should wait until the next morning
but go to the nearest hospital, and bring
the pack of the medicine along. The other
side effects are mild and go away by them-
selves, so that no one has to be afraid
of them for longer than a fortnight."""


def beside(left: str, right: str, gutter: int = 45) -> str:
    """Two columns as `pdftotext -layout` writes them."""
    pairs = zip(left.split("\n"), right.split("\n"), strict=True)
    return "".join(f"{a:{gutter}}{b}\n" for a, b in pairs)


def lines_of(*columns: str) -> list[list[str]]:
    return [column.split("\n") for column in columns]


def spaced(words: str) -> str:
    return " ".join(words.replace("-\n", "").split())


def test_columns_side_by_side_are_read_one_after_the_other() -> None:
    text = f"Tabulin tablets{' ' * 60}1\n\nHow to take it\n\n{beside(LEFT, RIGHT)}\f"
    text += f"Tabulin tablets{' ' * 60}2\n\n{beside(RIGHT, LEFT)}\f"
    article = read(text, "txt")
    assert spaced(" ".join(texts(article, "paragraph"))) == spaced(
        f"{LEFT}\n{RIGHT}\n{RIGHT}\n{LEFT}"
    )


@pytest.mark.parametrize(
    "text",
    [
        beside(beside(LEFT, RIGHT).rstrip("\n"), LEFT, 90),
        beside(LEFT, RIGHT) + "".join(f"{a}\n{'':45}{b}\n" for a, b in zip(*lines_of(LEFT, RIGHT))),
    ],
    ids=["three columns", "lines at other heights"],
)
def test_each_column_is_whole(text: str) -> None:
    found = spaced(read(f"{text}\f", "txt").text)
    assert found.count(spaced(LEFT)) == 2
    assert found.count(spaced(RIGHT)) == text.count("calls the practice")


LEAFLET = """\
Before you take it
Do not take Tabulin
• if you are allergic to it
• if you have had a stroke, un-
  less your doctor said so.
Tell your doctor if you are
pregnant. It is not known if it
passes into the milk.

Children
Do not give it to children, for
it has not been tried in them."""
SIDES = """\
3. Side effects
Like all medicines it can do
harm, although not to everybody.

Common
• Pain in the stomach or in
  the gut
Rare
• A rash, which needs a doctor
4. How to keep it
Do not keep it above 25 °C, and
not in the sight of children."""


def test_columns_of_a_leaflet_with_short_lines_are_read_one_after_the_other() -> None:
    article = read(f"{beside(LEAFLET, SIDES)}\f", "txt")
    assert spaced(article.text) == spaced(f"{LEAFLET}\n{SIDES}")
    told = "Like all medicines it can do harm, although not to everybody."
    assert told in [spaced(block.span.of(article.text)) for block in article.blocks]


def test_rows_whose_cells_are_prose_are_no_columns() -> None:
    row = (
        f"{'Warfarin and others that':30}The blood may not clot. Measure it within\n"
        f"{'thin the blood':30}three days, and do not give more than is\n"
        f"{'':30}said there, nor less of it than before.\n"
    )
    assert spaced(read(f"Interactions\n\n{row * 6}\f", "txt").text) == spaced(
        f"Interactions {row * 6}"
    )


def test_rows_of_tables_are_no_columns() -> None:
    names = ("Amitriptyline", "Lithium carbonate", "Sertraline", "Quetiapine", "Olanzapine")
    rows = "".join(
        f"{name:45}{n} mg taken at night with water\n" for n, name in enumerate(names * 3)
    )
    assert read(f"Doses\n\n{rows}\f", "txt").text == f"Doses\n\n{rows}\f"


def test_columns_of_pages_that_nothing_parts_are_told() -> None:
    text = "".join(beside(LEFT, RIGHT) for _ in range(12))
    found = parse(Source("a.txt", "a", "txt", text.encode()))
    assert [str(warning) for warning in found.warnings] == [
        "a.txt: has columns side by side; take the text without -layout, or keep its form feeds"
    ]
    assert found.articles[0].text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dosing\n\nNever give more than\n2 tablets to a child.",
         ["Never give more than\n2 tablets to a child."]),
        ("Dosing\n\nThe usual dose is\n25 mg at night. Do not exceed\n50 mg in one day.",
         ["The usual dose is\n25 mg at night. Do not exceed\n50 mg in one day."]),
        ("Dosing\n\nNever with levels below\n1.2 mmol/L. Give it with\n10 ml of water.",
         ["Never with levels below\n1.2 mmol/L. Give it with\n10 ml of water."]),
        ("Dosing\n\nIt is not to be given together with drugs of the COX-\n2 kind at all.",
         ["It is not to be given together with drugs of the COX-\n2 kind at all."]),
        ("Dosing\n\nTake one tablet up to four\ntimes a day with water. Do\n"
         "not take more than eight.",
         ["Take one tablet up to four\ntimes a day with water. Do\nnot take more than eight."]),
        ("Dosing\n\nSwallow the tablet whole with\nwater at bedtime.",
         ["Swallow the tablet whole with\nwater at bedtime."]),
        ("Dosing\n\nYou may have these:\n\nconstipation\nfeeling sick\nfeeling sleepy",
         ["You may have these:", "constipation", "feeling sick", "feeling sleepy"]),
        ("Dosing\n\nFragen Sie, wenn Sie\n\n• schwanger sind\n• Alkohol trinken\n\nUnd nie.",
         ["Fragen Sie, wenn Sie", "• schwanger sind", "• Alkohol trinken", "Und nie."]),
        ("Wirkung\n\nMagen-Darm-\nBeschwerden sind nicht selten.",
         ["Magen-Darm-\nBeschwerden sind nicht selten."]),
        ("Use\n\nRead this notice with care before you take this medicine because it\n"
         "holds advice for you.\n− Keep this notice.\n− Do not pass it on.",
         ["Read this notice with care before you take this medicine because it\n"
          "holds advice for you.", "− Keep this notice.", "− Do not pass it on."]),
        ("Use\n\nNever take it, as it may harm you:\n\n"
         "if you are allergic to any of its ingredients (listed in\nsection 6)\nif you bleed",
         ["Never take it, as it may harm you:",
         "if you are allergic to any of its ingredients (listed in\nsection 6)",
         "if you bleed"]),
        ("Sleep\n\nSymptoms are worst on the third day, when the patient may\n\n12\n\n"
         "not sleep at all and should be seen by a nurse, and no later.",
         ["Symptoms are worst on the third day, when the patient may\n"
          "not sleep at all and should be seen by a nurse, and no later.", "12"]),
    ],
)  # fmt: skip
def test_sentences_over_short_lines_and_numbers_are_whole(text: str, shown: list[str]) -> None:
    article = read(text, "txt")
    assert texts(article)[1:] == shown
    assert article.blocks[1].kind == "paragraph"


def test_a_page_copied_whole_ends_where_its_review_is_dated() -> None:
    prose = (
        "Like all medicines, codeine can cause side effects in some people, but not in all.",
        "They are usually mild, and do not last long. Tell your doctor or pharmacist if they "
        "bother you or do not go away, and do not stop taking the medicine before you have asked.",
    )
    above = "Skip to main content\nNHS\nMenu\nHome\nHealth A to Z\nCodeine\n"
    above += "Side effects of codeine\n\n"
    tail = "Page last reviewed: 18 July 2022\nNext review due: 18 July 2025\n\nMore in Codeine"
    article = read(f"{above}{prose[0]}\n\n{prose[1]}\n\n{tail}\nAbout codeine\nHome\n", "txt")
    content = [b.span.of(article.text) for b in article.blocks if b.kind != "boilerplate"]
    assert content == ["Side effects of codeine", *prose]


@pytest.mark.parametrize(
    "form",
    ["Σελίδα {} από 2", "Strana {}/2", "Стр. {} из 2", "{}. oldal", "Sayfa {}", "- {} -", "{} / 2"],
)
def test_numbers_of_pages_are_told_in_many_languages(form: str) -> None:
    above = (
        "Διαβάστε προσεκτικά ολόκληρο το φύλλο οδηγιών πριν αρχίσετε να παίρνετε το φάρμακο διότι"
    )
    below = (
        "περιλαμβάνει σημαντικές πληροφορίες για σας. Δεν πρέπει να δώσετε το φάρμακο σε άλλους."
    )
    text = f"Φύλλο\n\n{above}\n\n{form.format(1)}\n\n{below}\n\n{form.format(2)}\n"
    article = read(text, "txt")
    assert f"{above}\n{below}" in texts(article, "paragraph")
    assert form.format(1) in texts(article, "boilerplate")


@pytest.mark.parametrize("warning", ["Take Tabulin once a week.", "NOT FOR INJECTION"])
def test_a_sentence_or_warning_on_all_pages_is_content_once(warning: str) -> None:
    pages = [f"Tabulin diary\n\n{prose_of(n)}\n\n{warning}\n" for n in range(3)]
    article = read("\n\f".join(pages), "txt")
    assert texts(article, "paragraph").count(warning) == 1
    assert texts(article, "boilerplate").count(warning) == 2


def test_a_name_right_above_a_numbered_list_is_its_heading() -> None:
    article = read(
        "SUMMARY\n\nSeen on the ward in March and sent home.\n\nDiagnosis\n1. Gout\n"
        "2. Type 2 diabetes (not on insulin)\n\nPlan\n1. Stop aspirin\n2. No follow-up\n",
        "txt",
    )
    assert texts(article, "heading") == ["Diagnosis", "Plan"]


def test_a_line_that_hangs_below_a_long_item_is_more_of_it() -> None:
    items = ["1. Do not take it if you had a heart attack\n   in the last three months.",
             "2. Ask first if you are pregnant."]  # fmt: skip
    article = read("Before you take it\n\n" + "\n".join(items), "txt")
    assert texts(article)[1:] == items
    short = ["- fruit", "apples", "pears"]
    assert texts(read("Eat\n\n" + "\n  ".join(short), "txt"))[1:] == short


def test_more_than_a_figure_is_no_quotation() -> None:
    rows = "Creatinine clearance      Dose\n> 60 mL/min      25 mg\n< 30 mL/min      none"
    assert texts(read(f"Doses\n\n{rows}\n\nNever more.", "txt"), "quote") == []
    assert texts(read("He wrote:\n\n> 5 mg\n> is enough.\n\nNo.", "txt"), "quote") == [
        "> 5 mg\n> is enough."
    ]


def test_rows_may_end_with_empty_cells() -> None:
    rows = ["Drug\tDose\tNote", "A\t5 mg\t", "B\t\tnot given"]
    blocks = parse_text("\n".join(rows)).blocks
    assert [(block.kind, len(block.cells)) for block in blocks] == [
        ("table_row", 3), ("table_row", 2), ("table_row", 3),
    ]  # fmt: skip


def test_a_number_of_a_page_parts_no_sentence_without_spaces() -> None:
    above, below = (
        "閉塞隅角緑内障の患者には投与しないこと。急性狭隅角緑内障を起こすおそ",
        "れがある。心筋梗塞の回復初期の患者には投与しないこと。",
    )
    article = read(f"アミトリプチリン\n\n【禁忌】\n{above}\n\n- 1 -\n\n{below}\n\n- 2 -\n", "txt")
    assert texts(article, "paragraph") == [above + below]
    assert texts(article, "boilerplate") == ["- 1 -", "- 2 -"]


def test_rows_that_end_with_no_stay_rows() -> None:
    rows = ["1.2   1995   no", "1.3   1996   yes", "1.4   1997   no", "1.5   1998   no"]
    assert texts(read("Versions\n\n" + "\n".join(rows), "txt"))[1:] == rows


ALIGNED = """
   Age group            Starting dose      Not with
   < 2 years            not recommended
   2-11 years           5 mg               milk  or tea

   >= 12 years              10 mg          -
"""
BARRED = """
+------------+-----------------+
| Age group  | Starting dose   |
+------------+-----------------+
| < 2 years  | not recommended |
| 2-11 years | 5 mg            |
+------------+-----------------+
"""


def test_rows_have_cells_where_all_leave_the_same_columns_blank() -> None:
    article = read(f"Tabulin\n\n{PROSE}\n{ALIGNED}\nNever give more of it.\n", "txt")
    rows = [b for b in article.blocks if b.kind == "table_row"]
    assert [[cell.of(article.text) for cell in row.cells] for row in rows] == [
        ["Age group", "Starting dose", "Not with"],
        ["< 2 years", "not recommended", ""],
        ["2-11 years", "5 mg", "milk  or tea"],
        [">= 12 years", "10 mg", "-"],
    ]
    assert rows[0].header
    assert {row.heads for row in rows[1:]} == {("Age group", "Starting dose", "Not with")}


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ("Effect       Taken (n=50)   Not (n=49)\nNausea        5 (10%)       2 (4%)\n"
         "No effect     0             10 (20%)", True),
        ("Adults:      10 mg\nOver 65:     5 mg\nChildren:    not given", False),
        ("Common    nausea\nRare      heart attack\nUnknown   rash", False),
    ],
)  # fmt: skip
def test_the_first_row_is_a_head_above_figures(rows: str, header: bool) -> None:
    blocks = read(f"Tabulin\n\n{PROSE}\n{rows}\n\nAsk first.\n", "txt").blocks
    assert [b.header for b in blocks if b.kind == "table_row"] == [header, False, False]


def test_rows_are_not_joined_but_with_more_lines_of_their_last_cell() -> None:
    rows = [
        "Side effects                       What to do",
        "drowsiness                         do not drive",
        "heart racing                       see a doctor at once; do not wait\n"
        "                                   until the morning",
    ]
    article = read(f"Tabulin\n\n{PROSE}\n" + "\n".join(rows) + f"\n\n{PROSE}", "txt")
    assert texts(article, "table_row") == rows
    last = [b for b in article.blocks if b.kind == "table_row"][-1]
    assert last.cells[1].of(article.text).startswith("see a doctor")


def test_a_sentence_over_short_lines_may_go_on_with_a_small_word() -> None:
    sentence = "Tabulin is used for nerve pain  \nand is not for children below  \n6 years of age."
    assert (
        texts(read(f"Tabulin\n\nUses\n\n{sentence}\n\nDose\n\nTake 5 mg.\n", "txt"))[2] == sentence
    )


def test_rows_may_be_drawn_with_bars() -> None:
    article = read(f"Tabulin\n\n{PROSE}\n{BARRED}\nNever give more of it.\n", "txt")
    rows = [b for b in article.blocks if b.kind == "table_row" and b.cells]
    assert [[cell.of(article.text) for cell in row.cells] for row in rows] == [
        ["Age group", "Starting dose"], ["< 2 years", "not recommended"], ["2-11 years", "5 mg"],
    ]  # fmt: skip
    assert [row.header for row in rows] == [True, False, False]
    assert texts(article, "paragraph")[-1] == "Never give more of it."


@pytest.mark.parametrize(
    "lines",
    [
        "The dose was raised.  It\nwas the last one.  Then\nmilk was no good.  Take",
        "int a;     // first\nint b;     // second\nint c;     // third",
        "* one     apple\n* two     pears\n* three   plums",
        "...     if a:\n...     not b\n...     or c",
    ],
)
def test_lines_with_gaps_that_are_no_rows(lines: str) -> None:
    assert texts(read(f"Tabulin\n\n{PROSE}\n{lines}\n", "txt"), "table_row") == []


def test_a_drawing_beside_lines_of_code_makes_them_no_table() -> None:
    lines = [
        "The moon came up above the mill,",
        "And all the wheels stood still         (o_o)",
        "And not a mouse was on the hill        (> x <)",
        "To hear the water sing its fill;",
        "",
        "So we went home along the lane,",
        "And shut the door against the rain,    |___|",
        "And lit the lamp, and lit it again     / o \\",
    ]
    code = "\n".join(line and f"\t{line}" for line in lines)
    shown = "This is how the page is written, with the drawing beside it as it stands:"
    article = read(f"Verse\n\n{shown}\n\n{code}\n\nAnd so on, as it was.", "txt")
    assert texts(article, "code") == [code.strip()]


def test_what_stands_beyond_the_number_of_one_page_alone_is_content() -> None:
    pages = [f"{prose_of(n)}\n{n}\n" for n in range(1, 5)]
    pages[1] = f"{prose_of(2)}\nStarting dose\n\n2\n\nNot in children\n\n"
    article = read("Use\n\n" + "\n\f".join(pages), "txt")
    assert texts(article, "boilerplate") == ["1", "2", "3", "4"]
    assert "Not in children" in texts(article)


def test_numbered_sections_and_citations_are_no_titles() -> None:
    names = ("NAME OF THE PRODUCT", "COMPOSITION", "FORM OF THE PRODUCT", "USE")
    body = "".join(f"{n}. {name}\n\n{prose_of(n)}\n" for n, name in enumerate(names, 1))
    article = read(body, "txt", "tabulin")
    assert article.title == "Tabulin"
    assert texts(article, "heading") == [f"{n}. {name}" for n, name in enumerate(names, 1)]
    head = "Roe et al. Journal of Pain (2023) 12:44"
    pages = [f"{head}\n\n{prose_of(n)}\n\f" for n in range(3)]
    article = read("".join(pages).replace("\n\n", "\n\nDoses at night\n\n", 1), "txt")
    assert article.title == "Doses at night"
    assert texts(article, "boilerplate") == [head] * 3


def test_contents_begin_where_their_first_line_stands_again_below() -> None:
    entries = [
        f"{n}. What to know about {name}" for n, name in enumerate(("use", "dose", "risk"), 1)
    ]
    above = "Keep this leaflet with you.\nAsk your doctor about anything else.\n"
    body = "".join(f"{entry}\n{prose_of(n)}" for n, entry in enumerate(entries))
    led = "".join(f"{entry} ........ {n}\n" for n, entry in enumerate(entries, 1))
    for table in ("\n".join(entries) + "\n", led):
        article = read(f"Tabulin leaflet\n\n{above}{table}{body}", "txt")
        assert texts(article, "list_item")[-3:] == table.splitlines()
        assert texts(article, "heading") == entries
