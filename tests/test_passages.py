"""Splitting: passages tile the article, keep to their section, and keep their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Article, Block, Kind, Passage, Span
from indexer.passages import LONGEST, normal_words, split
from indexer.settings import Settings
from indexer.text.id_words import count_words
from tests.helpers.articles import read

NO_PASSAGE = ("title", "heading")


@dataclass(frozen=True)
class Part:
    """A block to be: what `make` needs to lay out an article."""

    kind: Kind
    text: str
    group: int = 0
    header: bool = False
    element: str = ""


def make(parts: Sequence[Part], article_id: str = "a", title: str = "The Title") -> Article:
    """An article of `parts`, one a line; each heading opens a section of its own."""
    blocks, lines, at = [], [], 0
    section: tuple[str, ...] = ()
    for part in parts:
        span = Span(at, at + len(part.text))
        above = () if part.kind in ("title", "heading", "boilerplate") else section
        level = 1 if part.kind == "heading" else 0
        blocks.append(
            Block(
                part.kind,
                level,
                span,
                above,
                part.element,
                group=part.group,
                header=part.header,
            )
        )
        if part.kind == "heading":
            section = (part.text,)
        lines.append(part.text)
        at = span.end + 1
    return Article(article_id, title, "", "en", "\n".join(lines), tuple(blocks))


def words(number: int, seed: str = "word") -> str:
    """A sentence of `number` different words."""
    return " ".join(f"{seed}x{i}".title() if i == 0 else f"{seed}x{i}" for i in range(number)) + "."


def paragraph(*sizes: int, seed: str = "w") -> Part:
    return Part("paragraph", " ".join(words(n, f"{seed}{i}s") for i, n in enumerate(sizes)))


def sizes(passages: Sequence[Passage]) -> list[int]:
    return [count_words(p.text) for p in passages]


# --- size and place of cuts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ((50, 50), [100]),
        ((80, 80), [160]),  # up to a third over the target stays whole
        ((100, 100), [100, 100]),
        ((40, 40, 40, 40, 40), [120, 80]),
        ((50, 50, 50, 50, 50), [100, 100, 50]),
        ((119, 2, 119, 30), [121, 149]),  # a short rest joins the part before it
        ((300, 20, 100), [300, 120]),  # a long sentence stays whole up to the limit
    ],
)
def test_long_paragraphs_are_cut_at_sentence_ends_near_the_target(
    sentences: tuple[int, ...], expected: list[int]
) -> None:
    article = make([paragraph(*sentences)])
    assert sizes(split(article)) == expected


def test_target_comes_from_the_settings() -> None:
    article = make([paragraph(10, 10, 10, 10)])
    assert sizes(split(article, Settings(passage_words=20))) == [20, 20]


def test_a_sentence_that_never_ends_is_cut_at_white_space() -> None:
    text = " ".join(f"w{i}" for i in range(LONGEST * 3))
    passages = split(make([Part("paragraph", text)]))
    assert max(sizes(passages)) <= LONGEST
    assert " ".join(p.text for p in passages) == text


def test_hyphenated_words_stay_whole_when_a_sentence_is_cut() -> None:
    text = " ".join(f"one-two-three-four-five-{i}" for i in range(LONGEST))
    passages = split(make([Part("paragraph", text)]))
    assert " ".join(p.text for p in passages) == text


def test_text_without_spaces_is_cut_between_characters() -> None:
    text = "痛" * (LONGEST * 2)
    passages = split(make([Part("paragraph", text)]))
    assert max(sizes(passages)) <= LONGEST
    assert "".join(p.text for p in passages) == text


def test_code_is_cut_at_line_ends_and_keeps_its_indentation() -> None:
    lines = [f"    call(alpha{i}, beta{i}, gamma{i}, delta{i})" for i in range(60)]
    passages = split(make([Part("code", "\n".join(lines))]))
    assert len(passages) > 1
    assert [line for p in passages for line in p.text.split("\n")] == lines


# --- lists and tables --------------------------------------------------------------------------


def items(*texts: str, group: int = 1, kind: Kind = "list_item") -> list[Part]:
    return [Part(kind, text, group) for text in texts]


def test_short_items_share_a_passage_and_breaks_say_where_each_begins() -> None:
    (passage,) = split(make(items("dry mouth", "drowsiness", "weight gain")))
    begins = [0, *passage.breaks]
    ends = [*passage.breaks, len(passage.text)]
    found = [passage.text[a:b].strip() for a, b in zip(begins, ends, strict=True)]
    assert found == ["dry mouth", "drowsiness", "weight gain"]


def test_items_are_grouped_up_to_the_target_only() -> None:
    texts = [" ".join([f"item{i}"] * 25) for i in range(10)]
    passages = split(make(items(*texts)))
    assert sizes(passages) == [100, 100, 50]


def test_long_items_stand_alone() -> None:
    passages = split(make(items("dry mouth", " ".join(["long"] * 40), "drowsiness")))
    assert [p.text.split()[0] for p in passages] == ["dry", "long", "drowsiness"]


@pytest.mark.parametrize(
    "second",
    [
        Part("list_item", "two", 2),  # another list
        Part("table_row", "two", 1),  # another kind
        Part("paragraph", "two"),
        Part("list_item", "two", 0),  # of no known list
    ],
)
def test_only_neighbours_of_one_list_are_joined(second: Part) -> None:
    passages = split(make([Part("list_item", "one", 1), second]))
    assert [p.text for p in passages] == ["one", "two"]


@pytest.mark.parametrize(
    ("before", "context"),
    [
        (Part("paragraph", "Side effects are:"), "Side effects are:"),
        (Part("paragraph", "It helps many. Side effects are:"), "Side effects are:"),
        (Part("paragraph", "It helps many."), None),
        (Part("heading", "Side effects:"), None),
        (Part("list_item", "Side effects are:", 2), "Side effects are:"),  # a list in an item
        (Part("boilerplate", "Share this:"), None),
    ],
)
def test_a_list_keeps_its_lead_in_as_context(before: Part, context: str | None) -> None:
    article = make([before, *items("dry mouth", "drowsiness")])
    last = split(article)[-1]
    assert (last.context and last.context.of(article.text)) == context


def test_every_passage_of_a_long_list_has_the_lead_in() -> None:
    texts = [" ".join([f"item{i}"] * 25) for i in range(10)]
    article = make([Part("paragraph", "They are:"), *items(*texts)])
    assert [p.context and p.context.of(article.text) for p in split(article)] == [
        None,
        "They are:",
        "They are:",
        "They are:",
    ]


def test_table_rows_have_their_head_row_as_context_unless_they_hold_it() -> None:
    rows = items(*(" ".join([f"cell{i}"] * 25) for i in range(6)), group=1, kind="table_row")
    article = make([Part("table_row", "Drug\tDose", 1, header=True), *rows])
    first, second = split(article)
    assert first.text.startswith("Drug")
    assert first.context is None
    assert second.context is not None
    assert second.context.of(article.text) == "Drug\tDose"


def test_a_table_without_head_row_has_its_lead_in() -> None:
    article = make([Part("paragraph", "Doses:"), *items("5 mg", "25 mg", kind="table_row")])
    assert split(article)[-1].context == Span(0, 6)


# --- ids, anchors, the odd article -------------------------------------------------------------


def test_anchors_number_the_passages_of_each_section() -> None:
    article = make(
        [
            Part("title", "The Title"),
            Part("paragraph", "zero"),
            Part("heading", "Possible Side Effects"),
            Part("paragraph", "one"),
            Part("paragraph", "two"),
            Part("heading", "Dose"),
            Part("paragraph", "three"),
        ]
    )
    assert [p.anchor for p in split(article)] == [
        "the-title-1",
        "possible-side-effects-1",
        "possible-side-effects-2",
        "dose-1",
    ]


def test_sections_of_one_name_have_anchors_of_their_own() -> None:
    article = make([Part("paragraph", text) for text in "abcd"])
    sections = [("Adults", "Dose"), ("Children", "Dose"), ("Adults", "Dose"), ("Dose",)]
    blocks = tuple(
        replace(block, section=section)
        for block, section in zip(article.blocks, sections, strict=True)
    )
    anchors = [p.anchor for p in split(replace(article, blocks=blocks))]
    assert anchors == ["dose-1", "children-dose-1", "dose-2", "dose.2-1"]


def test_equal_passages_have_different_ids() -> None:
    passages = split(make([Part("paragraph", "Stop."), Part("paragraph", "stop")]))
    assert passages[0].id != passages[1].id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don’t stop — ever.", "don't stop, ever"),
        ("Café\u00a0au lait", "cafe AU\n lait"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth", "zero width"),
        ("ﬁne Ｗide", "fine wide"),
    ],
)
def test_layout_case_and_accents_do_not_change_an_id(one: str, other: str) -> None:
    first, second = (split(make([Part("paragraph", text)]))[0].id for text in (one, other))
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [("5 mg", "25 mg"), ("take it", "do not take it"), ("***", "---"), ("ab c", "a bc")],
)
def test_other_words_give_another_id(one: str, other: str) -> None:
    first, second = (split(make([Part("paragraph", text)]))[0].id for text in (one, other))
    assert first != second


def test_ids_of_one_text_differ_between_articles() -> None:
    part = Part("paragraph", "The same words.")
    assert split(make([part], "a"))[0].id != split(make([part], "b"))[0].id


def test_ids_are_sixteen_hex_digits_pinned_for_ever() -> None:
    (passage,) = split(make([Part("paragraph", "Taper the dose gradually.")], "elavil"))
    assert passage.id == "9b740e2401a564db"  # a change here breaks every link ever shared


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([Part("title", "Only a title")], "Only a title"),
        ([Part("title", "T"), Part("heading", "One"), Part("heading", "Two")], "Two"),
    ],
)
def test_an_article_without_content_has_one_passage(parts: list[Part], text: str) -> None:
    (passage,) = split(make(parts))
    assert (passage.text, passage.kind) == (text, "paragraph")


def test_text_without_blocks_is_one_passage() -> None:
    (passage,) = split(Article("a", "", "", "en", "\n some text \n", ()))
    assert passage.text == "some text"
    assert split(Article("a", "", "", "en", " \n", ())) == ()


def test_boilerplate_and_element_are_passed_on() -> None:
    parts = [Part("boilerplate", "Cookies?"), Part("paragraph", "x", element="top")]
    banner, content = split(make(parts))
    assert (banner.kind, banner.section, banner.ordinal) == ("boilerplate", (), 1)
    assert (content.element, content.ordinal) == ("top", 2)


# --- laws --------------------------------------------------------------------------------------

KINDS: list[Kind] = [
    "heading",
    "paragraph",
    "list_item",
    "table_row",
    "quote",
    "code",
    "caption",
    "boilerplate",
]
WORDS = st.sampled_from(
    [
        "take",
        "25mg",
        "of",
        "Elavil",
        "Dr.",
        "e.g.",
        "café",
        "not",
        "1,000",
        "now.",
        "No!",
        "痛痛。",
        "—",
    ]
)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A block of any kind and any length up to a few hundred words."""
    kind = draw(st.sampled_from(KINDS))
    some = draw(st.lists(WORDS, min_size=1, max_size=12))
    text = " ".join(some * draw(st.sampled_from([1, 1, 2, 9, 40])))
    group = draw(st.integers(0, 2)) if kind in ("list_item", "table_row") else 0
    return Part(kind, text, group, header=kind == "table_row" and draw(st.booleans()))


ARTICLES = st.lists(parts(), min_size=1, max_size=12).map(make)
TARGETS = st.sampled_from([5, 20, 120]).map(lambda n: Settings(passage_words=n))


@given(ARTICLES, TARGETS)
def test_passages_and_headings_tile_the_text(article: Article, settings: Settings) -> None:
    spans = [b.span for b in article.blocks if b.kind in NO_PASSAGE]
    spans += [p.span for p in split(article, settings) if p.kind not in NO_PASSAGE]
    if not any(b.kind not in NO_PASSAGE for b in article.blocks):
        spans.pop()  # the heading that stands in as the only passage
    spans.sort(key=lambda s: s.start)
    at = 0
    for span in spans:
        assert article.text[at : span.start].strip() == ""
        assert span.start >= at
        at = span.end
    assert article.text[at:].strip() == ""


@given(ARTICLES, TARGETS)
def test_each_passage_is_a_slice_in_one_section_and_of_one_kind(
    article: Article, settings: Settings
) -> None:
    passages = split(article, settings)
    assert [p.ordinal for p in passages] == list(range(1, len(passages) + 1))
    for p in passages:
        assert p.text == p.span.of(article.text)
        assert p.text == p.text.strip() != ""
        inside = [
            b for b in article.blocks if b.span.start < p.span.end and b.span.end > p.span.start
        ]
        if all(b.kind in NO_PASSAGE for b in inside):
            continue
        assert {b.kind for b in inside} == {p.kind}
        assert {b.section for b in inside} == {p.section}
        begins = [b.span.start - p.span.start for b in inside[1:]]
        assert list(p.breaks) == begins


@given(ARTICLES, TARGETS)
def test_names_are_unique_and_the_same_on_every_run(article: Article, settings: Settings) -> None:
    passages = split(article, settings)
    assert len({p.id for p in passages}) == len({p.anchor for p in passages}) == len(passages)
    assert split(article, settings) == passages


@given(st.lists(parts(), min_size=2, max_size=8), st.data())
def test_an_edit_changes_ids_in_its_own_paragraph_only(
    some: list[Part], data: st.DataObject
) -> None:
    distinct = [replace(p, text=f"{p.text} unique{i}word") for i, p in enumerate(some)]
    candidates = [i for i, p in enumerate(distinct) if p.kind in ("paragraph", "quote", "caption")]
    if not candidates:
        return
    at = data.draw(st.sampled_from(candidates))
    edited = list(distinct)
    edited[at] = replace(edited[at], text=f"A new beginning. {edited[at].text} And an end.")
    before, after = make(distinct), make(edited)
    # Of passages with the same words the id holds the number, so that those may change together.
    words = Counter(normal_words(p.text) for p in (*split(before), *split(after)))
    elsewhere = {
        p.id
        for p in split(before)
        if not _touches(p, before.blocks[at].span) and words[normal_words(p.text)] == 2
    }
    assert elsewhere <= {p.id for p in split(after) if not _touches(p, after.blocks[at].span)}


def _touches(passage: Passage, span: Span) -> bool:
    return passage.span.start < span.end and passage.span.end > span.start


@given(ARTICLES)
def test_a_renamed_section_changes_no_id(article: Article) -> None:
    blocks = tuple(
        replace(b, section=tuple(f"renamed {name}" for name in b.section)) for b in article.blocks
    )
    renamed = split(replace(article, blocks=blocks))
    assert [p.id for p in renamed] == [p.id for p in split(article)]


def test_a_passage_is_in_the_language_that_its_element_declares() -> None:
    page = """<html lang="en"><body><h1>Leaflet</h1><p>Take the tablets.</p>
        <div lang="fr-CA"><p>Prenez les comprimés.</p><pre lang="x-none">a b</pre></div>
        <p lang="cs">Užívejte <em lang="de">je</em> večer.</p><table lang="es"><tr><td>uno</td>
        <td>dos</td></tr></table><p>Stop slowly: <q lang="la">primum non nocere</q>.</p></body>"""
    passages = split(read(page, "html"))
    assert [p.language for p in passages] == ["", "fr", "fr", "cs", "es", "es", ""]


def test_a_quotation_is_in_its_own_language() -> None:
    french = (
        "Il ne faut pas arrêter le traitement sans en parler avec le médecin, et les comprimés "
        "doivent être pris le soir avec de l'eau, dans la mesure du possible après le repas."
    )
    english = (
        "Take the tablets at night with water, and do not stop them without the advice of your "
        "doctor. It takes weeks before they help, and it may be that the dose has to be raised. "
        "Some people feel tired in the morning; if you do, take them earlier in the evening, and "
        "do not drive until you know how they work for you. Tell your doctor what else you take."
    )
    text = f"Leaflet\n\n{english}\n\n{french}\n"
    assert [p.language for p in split(read(text, "txt"))] == ["", "fr"]
