"""Plain text to structure: the owner's article and its variants, judged articles, laws."""

from __future__ import annotations

import json
import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Block
from indexer.parsing.article import Content
from indexer.parsing.plain_text.outline import parse_text
from tests import ROOT
from tests.helpers.articles import read, texts
from tests.helpers.flattenings import FOLDER, STYLES, flatten, read_articles

ARTICLE = (ROOT / "corpus" / "elavil-for-chronic-pain.txt").read_text(encoding="utf-8")
FIRST = "A blue colored favicon with the logo of the company"
LAST = "Have Questions?Book your Free Consultation!"
TITLE = "Elavil for Chronic Pain: an Off-label Use"
SECTIONS = (
    "What Is Elavil and Its Primary Uses?",
    "Understanding Off-label Drug Use in Medicine",
    "How Elavil Potentially Alleviates Chronic Pain",
    "Research Studies Supporting Elavil for Chronic Pain",
    "Possible Side Effects and Considerations of Using Elavil",
    "Patient Experiences and Testimonials on Elavil's Effectiveness",
)
OTHER_SECTIONS = (
    "About Elavil",
    "Off-label prescribing explained",
    "How does it work?",
    "What the research says",
    "Side effects",
    "Conclusion",
)
HELPS = "It helps some people with pain that comes from nerves, and it helps them to sleep. " * 4
# Floors of F1 on the judged articles; they may only rise.
FLOORS = {
    "blank": {"heading": 0.98, "paragraph": 0.98, "list_item": 0.98, "table_row": 0.95},
    "inner": {"heading": 0.93, "paragraph": 0.98, "list_item": 0.91, "table_row": 0.95},
    "copied": {"heading": 0.98, "paragraph": 0.98, "list_item": 0.98, "table_row": 0.95},
    "tight": {"heading": 0.92, "paragraph": 0.94, "list_item": 0.86},
    "wrapped": {"heading": 0.98, "paragraph": 0.98, "list_item": 0.98, "table_row": 0.95},
}


def of_kind(kind: str, found: Content, text: str) -> list[str]:
    return [block.span.of(text) for block in found.blocks if block.kind == kind]


def check_article(
    text: str, sections: tuple[str, ...] = SECTIONS, lead: str = "Primary Uses of Elavil"
) -> Content:
    """What the owner's article shows, whatever stands around it."""
    found = parse_text(text)
    assert found.title == TITLE
    headings = [(b.level, b.span.of(text)) for b in found.blocks if b.kind == "heading"]
    assert headings == [(1, sections[0]), (2, lead), *((1, name) for name in sections[1:])]
    counts = Counter(block.kind for block in found.blocks)
    assert counts["paragraph"] == 14
    items = [block for block in found.blocks if block.kind == "list_item"]
    assert [block.section for block in items] == [(sections[0], lead)] * 4
    rows = [block for block in found.blocks if block.kind == "table_row"]
    assert [row.header for row in rows] == [True, False, False, False]
    assert all(row.cells == () and row.section == (sections[4],) for row in rows)
    assert {row.group for row in rows} != {items[0].group}
    check_laws(text, found)
    return found


def check_laws(text: str, found: Content) -> None:
    """Blocks stand in order, do not overlap, and hold every character that is no white space."""
    at = 0
    for block in found.blocks:
        assert not text[at : block.span.start].strip()
        assert block.span.start < block.span.end
        covered = block.span.of(text)
        assert covered == covered.strip()
        check_cells(block)
        at = block.span.end
    assert not text[at:].strip()
    titles = [b.span.of(text) for b in found.blocks if b.kind == "title"]
    assert [" ".join(title.split()) for title in titles] == ([found.title] if found.title else [])
    check_sections(text, found.blocks)


def check_cells(block: Block) -> None:
    assert all(block.span.start <= cell.start <= cell.end <= block.span.end for cell in block.cells)
    assert not block.heads or len(block.heads) == len(block.cells)
    assert (block.group > 0) == (block.kind in ("list_item", "table_row"))
    assert (block.level > 0) == (block.kind in ("list_item", "heading"))


def check_sections(text: str, blocks: tuple[Block, ...]) -> None:
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind == "heading":
            path = [entry for entry in path if entry[0] < block.level]
        bare = block.kind in ("title", "boilerplate")
        assert block.section == (() if bare else tuple(name for _, name in path))
        if block.kind == "heading":
            path.append((block.level, " ".join(block.span.of(text).split())))


def test_the_article() -> None:
    found = check_article(ARTICLE)
    assert of_kind("boilerplate", found, ARTICLE) == [FIRST, LAST]
    rows = of_kind("table_row", found, ARTICLE)
    assert rows[0] == "Common Side Effects Severe Side Effects"


@pytest.mark.parametrize(
    "first",
    [
        "Home > Blog > Pain Management > Elavil for Chronic Pain",
        "Home / Treatments / Chronic Pain",
        "Home » Blog » Elavil",
        "You are here: Home",
        "We use cookies to improve your experience. By continuing you accept our use of cookies.",
        "This website uses cookies to ensure you get the best experience.",
        "Skip to content",
        "Skip to main content",
        "Green Valley Pain Clinic logo",
        "Logo of Green Valley Wellness Center in white letters",
        "Green Valley Wellness",
        "A white icon of a stethoscope",
        "Image of a smiling doctor holding a clipboard",
        "Menu",
        "Menu\nHome\nAbout Us\nServices\nContact",
    ],
)
def test_furniture_above_the_title_is_boilerplate(first: str) -> None:
    text = ARTICLE.replace(FIRST, first)
    assert of_kind("boilerplate", check_article(text), text) == [*first.split("\n"), LAST]


def test_nothing_above_the_title() -> None:
    text = ARTICLE.replace(FIRST, "").lstrip()
    assert of_kind("boilerplate", check_article(text), text) == [LAST]


@pytest.mark.parametrize(
    "last",
    [
        "Ready to get started? Contact us today!",
        "Schedule Your Appointment",
        "Call us at (555) 123-4567",
        "Book Now",
        "Get Started",
        "Get a Free Quote",
        "Contact Us",
        "Request a consultation today",
        "Sign up for our newsletter",
        "Learn More About Our Services",
        "Still have questions? Our team is here to help.",
        "Start your journey to a pain-free life today!",
        "Take the first step and schedule a visit with our team",
        "Talk to one of our specialists about your pain.\nContact Us",
        "Share this article",
        "© 2024 Green Valley. All rights reserved.",
    ],
)
def test_calls_to_action_at_the_end_are_boilerplate(last: str) -> None:
    text = ARTICLE.replace(LAST, last)
    assert of_kind("boilerplate", check_article(text), text) == [FIRST, *last.split("\n")]


def test_no_call_to_action() -> None:
    text = ARTICLE.replace(LAST, "")
    assert of_kind("boilerplate", check_article(text), text) == [FIRST]


@pytest.mark.parametrize("place", range(len(SECTIONS)))
def test_another_heading(place: int) -> None:
    sections = list(SECTIONS)
    sections[place] = OTHER_SECTIONS[place]
    check_article(ARTICLE.replace(SECTIONS[place], OTHER_SECTIONS[place]), tuple(sections))


def test_other_headings() -> None:
    text = ARTICLE
    for old, new in zip(SECTIONS, OTHER_SECTIONS):
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    check_article(text, OTHER_SECTIONS)


@pytest.mark.parametrize(
    "lead", ["Common Uses:", "Key Uses", "Uses", "Elavil is used for:", "What it is used for"]
)
def test_another_heading_over_the_list(lead: str) -> None:
    check_article(ARTICLE.replace("Primary Uses of Elavil", lead), lead=lead)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"\n{3,}", "\n\n"),
        (r"\n\n+(?=Elavil, known)", "\n"),
        ("Treating depression\nManaging anxiety", "Treating Depression\nManaging Anxiety"),
        ("Common Side Effects Severe Side Effects", "Mild Reactions Serious Reactions"),
    ],
)
def test_other_layouts(pattern: str, replacement: str) -> None:
    check_article(re.sub(pattern, replacement, ARTICLE))


@pytest.mark.parametrize("head", ["Symptom Severity", "Side Effect Frequency"])
def test_a_table_without_a_telling_head_row_is_a_list_under_its_lead_in(head: str) -> None:
    text = ARTICLE.replace("Common Side Effects Severe Side Effects", head)
    found = parse_text(text)
    items = of_kind("list_item", found, text)
    assert len(items) == 8
    assert items[4] == head


@pytest.mark.parametrize("style", STYLES)
def test_judged_articles_stay_above_their_floors(style: str) -> None:
    right, told, true = Counter[str](), Counter[str](), Counter[str]()
    for name, blocks in read_articles().items():
        flat = flatten(blocks, style)
        found = parse_text(flat.text)
        check_laws(flat.text, found)
        assert found.title == blocks[0].text, name
        got = {(b.kind, b.span.start, b.span.end) for b in found.blocks}
        want = {(b.kind, *span) for b, span in zip(flat.blocks, flat.spans)}
        told.update(str(kind) for kind, _, _ in got)
        true.update(kind for kind, _, _ in want)
        right.update(kind for kind, _, _ in want if kind in FLOORS[style])
        right.subtract(kind for kind, _, _ in want - got if kind in FLOORS[style])
        assert "boilerplate" not in {kind for kind, _, _ in got}, name
    for kind, floor in FLOORS[style].items():
        assert 2 * right[kind] / (told[kind] + true[kind]) >= floor, kind


@pytest.mark.parametrize("name", ["tapering", "tides", "minutes", "gulls"])
def test_levels_of_judged_articles(name: str) -> None:
    blocks = read_articles()[name]
    flat = flatten(blocks, "blank")
    found = [b.level for b in parse_text(flat.text).blocks if b.kind == "heading"]
    assert len(found) == sum(block.kind == "heading" for block in blocks)
    if name == "minutes":  # numbers tell; elsewhere only a heading right under another one does
        assert found == [block.level for block in blocks if block.kind == "heading"]
    assert found[0] == 1


@pytest.mark.parametrize("name", ["handbook", "mail", "poem"])
def test_whole_files(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    expected = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))[name]
    found = parse_text(text)
    check_laws(text, found)
    got = [[b.kind, b.level, " ".join(b.span.of(text).split())[:40]] for b in found.blocks]
    assert got == expected


PROSE = [block.text for block in read_articles()["lantern"] if block.kind == "paragraph"]


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
def test_prose_without_a_title_is_paragraphs(count: int, gap: str) -> None:
    text = gap.join(PROSE[:count])
    found = parse_text(text)
    assert found.title == ""
    assert [block.kind for block in found.blocks] == ["paragraph"] * count


def test_real_content_is_not_taken_for_boilerplate() -> None:
    last = "Call your doctor today if the rash spreads or you find it hard to breathe."
    short = "We use cookies to bait the traps."
    for text in (last, short, "Contact us", f"{PROSE[0]}\n\n{last}", "Skip to content"):
        assert not [b for b in parse_text(text).blocks if b.kind == "boilerplate"]


def test_a_playful_title_is_no_furniture() -> None:
    text = "\n\n".join(["A Thief in the Night", "Sleep Apnoea", *PROSE])
    assert parse_text(text).title == "A Thief in the Night"


def test_cells_where_tabs_show_them() -> None:
    text = "Dose table\n\nDose\tTime\tRemark\n25 mg\tevening\t\n50 mg\t\twith food\n"
    rows = [block for block in parse_text(text).blocks if block.kind == "table_row"]
    assert [row.header for row in rows] == [True, False, False]
    assert [[cell.of(text) for cell in row.cells] for row in rows] == [
        ["Dose", "Time", "Remark"],
        ["25 mg", "evening"],
        ["50 mg", "", "with food"],
    ]
    assert rows[2].heads == ("Dose", "Time", "Remark")
    assert rows[1].heads == ("", "")


def test_nested_items_by_their_margin() -> None:
    text = f"{PROSE[0]}\n\n  - oats\n    - rolled\n    - cut\n  - barley\n\n{PROSE[1]}\n"
    items = [block for block in parse_text(text).blocks if block.kind == "list_item"]
    assert [item.level for item in items] == [1, 2, 2, 1]
    assert len({item.group for item in items}) == 1


def test_lines_that_stand_a_blank_line_apart_are_joined_where_they_were_wrapped() -> None:
    flat = flatten(read_articles()["lantern"][1:], "wrapped")
    text = flat.text.replace("\n\n", "\n").replace("\n", "\n\n")
    assert len(parse_text(text).blocks) <= len(PROSE) + 1


@given(st.text(alphabet=st.sampled_from("aB .\n\t-1:>#=•é字\u2028"), max_size=200))
def test_laws_on_any_text(text: str) -> None:
    found = parse_text(text)  # its text lacks bullets alone on a line
    assert sorted(filter(str.isalnum, found.text)) == sorted(filter(str.isalnum, text))
    check_laws(found.text, found)


@given(
    st.lists(st.sampled_from([*ARTICLE.split("\n"), "- item", "1. one", "a\tb", "===", "> q"])),
    st.sampled_from(["\n", "\n\n", "\r\n"]),
)
def test_laws_on_lines_of_articles(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    found = parse_text(text)
    check_laws(text, found)
    kinds = {block.kind for block in found.blocks}
    assert not kinds or kinds != {"boilerplate"}


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u00a0\n"])
def test_empty_text_has_no_blocks(text: str) -> None:
    assert parse_text(text) == Content(text, ())


@pytest.mark.parametrize(
    "text",
    [
        "word " * 4_000_000,
        "x" * 20_000_000,
        "a\t" * 2_000_000,
        "- " * 2_000_000,
        '"' * 2_000_000,
        "1.1" * 1_000_000,
        "\n" * 2_000_000 + "a",
        "a > " * 50,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_one_line_of_any_length_is_read_at_once(text: str) -> None:
    began = time.process_time()
    assert len(parse_text(text).blocks) == 1
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "last",
    [
        "Do not stop taking your tablets; contact our team today.",
        "Call us at once if your symptoms get worse: 020-123-4567",
        "Contact your team today if you feel suicidal",
        "Call 555-123-4567 for poison control.",
    ],
)
def test_advice_on_care_at_the_end_is_content(last: str) -> None:
    for form, text in (("txt", f"{HELPS}\n\n{last}\n"), ("html", f"<p>{HELPS}</p><p>{last}</p>")):
        article = read(text, form)
        assert texts(article, "boilerplate") == []
        assert last in article.text


def test_a_warning_above_the_title_is_content() -> None:
    body = "\n\n".join(
        f"{name} tablets\n\n{HELPS}" for name in ("Elavil", "About Elavil", "Elavil")
    )
    article = read(f"Home\n\nNot for children\n\n{body}\n", "txt")
    assert "Not for children" not in texts(article, "boilerplate")


def test_a_call_at_the_end_is_boilerplate() -> None:
    last = "If you have any questions, contact us today."
    assert texts(read(f"{HELPS}\n\n{last}\n", "txt"), "boilerplate") == [last]
