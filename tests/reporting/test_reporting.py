"""Reports: nothing lost, nothing obeyed, nothing out of line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from indexer.links.permalinks import permalink
from indexer.links.similarity import DiffRun
from indexer.model import (
    ArticleRef,
    Concordance,
    Facet,
    Hit,
    Line,
    Mark,
    Page,
    Passage,
    Results,
    Span,
)
from indexer.reporting.audit_schema import ConcordanceShape
from indexer.reporting.concordance import concordance_lines, concordance_table
from indexer.reporting.csv import results_table, to_csv
from indexer.reporting.differences import difference_text
from indexer.reporting.formats import to_json, to_json_line
from indexer.reporting.html import concordance_page
from indexer.reporting.results import MARK_STYLE, results_lines
from indexer.reporting.schema import SearchShape
from indexer.reporting.wording import count_of, one_line, page_of, shortened, visible

ARTICLE = ArticleRef("guides/elavil", "Elavil for Chronic Pain", "https://example.org/elavil")
TEXT = "Gradually tapering off the drug under medical supervision is advisable."


def a_hit(text: str = TEXT, word: str = "tapering", **changes: object) -> Hit:
    """A hit whose passage holds `text`, with the first `word` in it marked."""
    start = text.index(word)
    values: dict[str, object] = {
        "id": "00c0ffee00c0ffee",
        "anchor": "side-effects-3",
        "article_id": ARTICLE.id,
        "section": ("Side Effects", "Stopping"),
        "kind": "paragraph",
        "ordinal": 7,
        "span": Span(100, 100 + len(text)),
        "text": text,
    }
    passage = Passage(**{**values, **changes})  # type: ignore[arg-type]
    return Hit(passage, 4.25, (Mark(start, start + len(word), "stem"),), ARTICLE)


def some_results(*hits: Hit, total: int | None = None, offset: int = 0) -> Results:
    """Results that hold `hits`."""
    total = len(hits) if total is None else total
    page = Page(offset, 10, offset + len(hits) < total)
    facets = {"kind": (Facet("paragraph", "Paragraph", total),)}
    return Results("tapering", hits, total, False, ("a note",), facets, {"kind": 1}, page)


def some_lines(*contexts: tuple[str, str, str], total: int | None = None) -> Concordance:
    """A concordance with a line for each (left, match, right)."""
    lines = tuple(
        Line(left, match, right, ARTICLE, ("Side Effects",), "00c0ffee00c0ffee", 3, 9)
        for left, match, right in contexts
    )
    total = len(lines) if total is None else total
    return Concordance("pain", lines, total, 2, (), Page(0, len(lines), total > len(lines)))


def plain(lines: object) -> list[str]:
    """The words of lines of text."""
    return [line.plain for line in lines]  # type: ignore[attr-defined]


def test_results_have_the_shape_that_is_promised() -> None:
    shape = SearchShape.from_result(some_results(a_hit())).as_dict()
    assert json.loads(to_json(shape)) == {
        "query": "tapering",
        "total": 1,
        "total_synonyms": 0,
        "synonyms": [],
        "relaxed": False,
        "notes": ["a note"],
        "hits": [
            {
                "id": "00c0ffee00c0ffee",
                "article": {
                    "id": "guides/elavil",
                    "title": "Elavil for Chronic Pain",
                    "url": "https://example.org/elavil",
                },
                "section": ["Side Effects", "Stopping"],
                "kind": "paragraph",
                "ordinal": 7,
                "score": 4.25,
                "text": TEXT,
                "marks": [{"start": 10, "end": 18, "reason": "stem"}],
                "section_marks": [[], []],
                "title_marks": [],
                "found_in": "text",
                "why": [],
                "link": "/p/00c0ffee00c0ffee",
            }
        ],
        "facets": {"kind": [{"value": "paragraph", "label": "Paragraph", "count": 1}]},
        "distinct": {"kind": 1},
        "missing": [],
        "suggestion": "",
        "page": {"offset": 0, "limit": 10, "more": False, "next": None},
    }


def test_concordance_has_the_shape_that_is_promised() -> None:
    shape = ConcordanceShape.from_result(some_lines(("less ", "pain", " now"))).as_dict()
    assert shape["lines"] == [
        {
            "left": "less ",
            "match": "pain",
            "right": " now",
            "article": "guides/elavil",
            "section": ["Side Effects"],
            "passage": "00c0ffee00c0ffee",
            "start": 3,
            "end": 9,
        }
    ]
    assert (shape["total"], shape["headings"]) == (1, 2)


def test_permalink_escapes_what_a_path_can_not_hold() -> None:
    assert permalink("a/b c?") == "/p/a%2Fb%20c%3F"


@given(st.text())
def test_json_keeps_every_text_and_no_reader_sees_a_line_end_in_it(text: str) -> None:
    value = {"text": text, "number": 1e-05, "more": [None, True, -0.0, 3.0, 7, ("NaN", "x")]}
    line = to_json(value, lines=True)
    assert json.loads(line) == {**value, "more": [None, True, -0.0, 3.0, 7, ["NaN", "x"]]}
    assert len(line.splitlines()) == 1
    short = to_json_line(value).decode()
    assert json.loads(short) == json.loads(line)
    assert len(short.splitlines()) == 1


def test_json_escapes_line_ends_of_other_readers_and_half_surrogates() -> None:
    escaped = '"\\u0085\\u2028\\u2029\\ud800é\\u007f"'
    assert to_json("\x85\u2028\u2029\ud800é\x7f") == escaped
    for one in "\x7f\x80\x85\x9f\u2028\u2029\ud800\udfff":
        assert to_json_line({"text": f"é{one}"}) == f'{{"text":"é\\u{ord(one):04x}"}}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_json_holds_no_number_that_is_none(value: float) -> None:
    for write in (to_json, to_json_line):
        with pytest.raises(ValueError, match="JSON compliant"):
            write({"rate": value})


def test_a_shape_is_written_with_the_keys_that_are_promised() -> None:
    shape = SearchShape.from_result(some_results(a_hit()))
    assert json.loads(to_json_line(shape)) == shape.as_dict()


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_csv_gives_back_what_went_in(rows: list[list[str]]) -> None:
    text = to_csv(("a", "b"), rows)
    _, *found = csv.reader(io.StringIO(text, newline=""))
    assert len(found) == len(rows)
    for given_row, found_row in zip(rows, found):
        for cell, read in zip(given_row, found_row):
            assert read.removeprefix("'") == cell.replace("\0", "\ufffd").removeprefix("'")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-word", "'-word"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("+0.5", "+0.5"),
        ("00c0ffee00c0ffee", "00c0ffee00c0ffee"),
        ("5 mg - daily", "5 mg - daily"),
    ],
)
def test_csv_cell_is_never_a_formula(cell: str, written: str) -> None:
    assert to_csv(("a",), [(cell,)]) == f"a\r\n{written}\r\n"


def test_csv_leaves_numbers_alone() -> None:
    assert to_csv(("a", "b"), [(-1, 0.5)]) == "a,b\r\n-1,0.5\r\n"


def test_csv_of_results_quotes_and_names_its_columns() -> None:
    hit = a_hit('He said "tapering, now"\nand left.')
    (row,) = csv.DictReader(io.StringIO(to_csv(*results_table(some_results(hit))), newline=""))
    assert row["text"] == 'He said "tapering, now"\nand left.'
    assert row["matches"] == "tapering"
    assert row["section"] == "Side Effects › Stopping"
    assert row["link"] == "/p/00c0ffee00c0ffee"


def test_csv_of_concordance_keeps_contexts_apart() -> None:
    text = to_csv(*concordance_table(some_lines(("-less ", "pain", " now"))))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["left"], row["match"], row["right"]) == ("'-less ", "pain", " now")
    assert (row["start"], row["end"]) == ("3", "9")


def test_hit_shows_its_place_its_words_and_its_link() -> None:
    assert plain(results_lines(some_results(a_hit()), {}, None, 320)) == [
        "1. Elavil for Chronic Pain › Side Effects › Stopping",
        f"   {TEXT}",
        "   /p/00c0ffee00c0ffee",
        "",
        "1 passage",
    ]


def test_no_hits_say_what_is_missing_and_what_to_try() -> None:
    page = Page(0, 10, False)
    results = Results(
        "zeppelin taperin", (), 0, False, (), {}, {}, page, ("zeppelin", "taperin"), "tapering"
    )
    assert plain(results_lines(results, {}, None, 320)) == [
        "0 passages",
        "no passage has zeppelin, taperin",
        "try instead: tapering",
    ]


def test_hit_is_wrapped_to_the_terminal_and_marks_stay_on_their_words() -> None:
    results = some_results(a_hit(TEXT * 4))
    lines = list(results_lines(results, {}, 40, 5000))
    assert all(cell_len(line.plain) <= 40 for line in lines)
    assert all(line.plain.startswith("   ") for line in lines[1:-2])
    styled = [
        line.plain[span.start : span.end]
        for line in lines
        for span in line.spans
        if span.style == MARK_STYLE
    ]
    assert styled == ["tapering"]


def test_items_of_a_list_stay_lines_below_their_lead_in() -> None:
    hit = a_hit("- Dry mouth\n  - Drowsiness", "mouth", kind="list_item")
    lines = plain(results_lines(some_results(hit), {hit.passage.id: "Common effects:"}, None, 320))
    assert lines[1:4] == ["   Common effects:", "   - Dry mouth", "   - Drowsiness"]


def test_code_keeps_its_indentation() -> None:
    hit = a_hit("if pain:\n    taper()", "pain", kind="code")
    assert plain(results_lines(some_results(hit), {}, None, 320))[1:3] == [
        "   if pain:",
        "       taper()",
    ]


def test_long_passage_is_cut_around_its_marks() -> None:
    hit = a_hit("word " * 500 + "tapering" + " word" * 500)
    excerpt = plain(results_lines(some_results(hit), {}, None, 100))[1].strip()
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert "tapering" in excerpt
    assert len(excerpt) <= 110


@pytest.mark.parametrize(
    ("shown", "offset", "total", "said"),
    [
        (0, 0, 0, "0 passages"),
        (1, 0, 1, "1 passage"),
        (10, 0, 311, "10 of 311 passages; --offset 10 shows more"),
        (10, 20, 1311, "21 to 30 of 1,311 passages; --offset 30 shows more"),
        (1, 310, 311, "311 to 311 of 311 passages"),
        (0, 500, 311, "none of 311 passages shown"),
    ],
)
def test_total_is_honest(shown: int, offset: int, total: int, said: str) -> None:
    assert page_of(shown, offset, total, "passage") == said
    least = page_of(shown, offset, total, "passage", least=True)
    assert least == said.replace(f"{total:,} passage", f"at least {total:,} passage")


def test_a_text_without_spaces_is_shortened_not_lost() -> None:
    assert shortened("pain and rest", 10) == "pain and …"
    assert shortened("痛" * 400, 300) == "痛" * 300 + " …"
    runs = (DiffRun("kept", "甲" * 90), DiffRun("removed", "不"), DiffRun("kept", "乙" * 90))
    assert difference_text(runs, 40).plain == "…" + "甲" * 40 + "[-不-]" + "乙" * 40 + "…"


def test_counts_agree_with_their_nouns() -> None:
    assert [count_of(n, "entry") for n in (0, 1, 2000)] == [
        "0 entries",
        "1 entry",
        "2,000 entries",
    ]


CONTEXTS = (
    ("increase ", "pain", " threshold, providing noticeable relief to sufferers"),
    ("", "pain", ""),
    ("鎮痛薬が ", "痛み", " を和らげる仕組みについて"),
    ("the treatment of chronic and neuropathic and inflammatory ", "pain", "."),
)


@pytest.mark.parametrize("width", [None, 200, 100, 80, 60, 30])
def test_matches_begin_in_one_column_and_lines_fit(width: int | None) -> None:
    lines = list(concordance_lines(some_lines(*CONTEXTS), width))[: len(CONTEXTS)]
    columns = set()
    for line, (_, match, _) in zip(lines, CONTEXTS):
        (span,) = [span for span in line.spans if span.style == MARK_STYLE]
        assert line.plain[span.start : span.end] == match
        columns.add(cell_len(line.plain[: span.start]))
        assert not width or cell_len(line.plain) <= width
    assert len(columns) == 1


def test_nothing_is_cut_where_there_is_no_terminal() -> None:
    lines = plain(concordance_lines(some_lines(*CONTEXTS), None))
    for line, (left, match, right) in zip(lines, CONTEXTS):
        assert left + match + right in line
        assert line.endswith("00c0ffee00c0ffee")


def test_what_is_cut_says_so() -> None:
    lines = plain(concordance_lines(some_lines(*CONTEXTS), 60))
    assert "…" in lines[0]
    assert lines[3].startswith("…")


def test_concordance_counts_headings_apart() -> None:
    lines = plain(concordance_lines(some_lines(*CONTEXTS, total=311), None))
    assert lines[-2:] == [
        "4 of 311 occurrences; --offset 4 shows more",
        "and 2 more occurrences in headings and titles",
    ]


def test_page_escapes_what_articles_hold() -> None:
    page = concordance_page(some_lines(("<script>alert(1)</script> ", "pain", " & more")))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<mark>pain</mark>" in page
    assert 'href="https://example.org/elavil"' in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "data:text/html,x"])
def test_page_links_to_web_addresses_only(url: str) -> None:
    article = ArticleRef("a", "A", url)
    line = Line("", "pain", "", article, (), "00c0ffee00c0ffee", 0, 4)
    found = Concordance("pain", (line,), 1, 0, (), Page(0, 1, False))
    assert "<a " not in concordance_page(found)


@pytest.mark.parametrize("clean", [visible, one_line])
def test_terminal_is_never_given_orders(clean: Callable[[str], str]) -> None:
    assert clean("a\x1b[31mb\x07c\x9bd") == "a␛[31mb␇c\ufffdd"
    assert clean("\ud800").encode()


@given(st.text(), st.integers(20, 120))
def test_any_text_can_be_shown(text: str, width: int) -> None:
    hit = a_hit(text + "tapering" + text)
    for line in results_lines(some_results(hit), {}, width, 320):
        assert isinstance(line, Text)
        assert "\n" not in line.plain
        line.plain.encode()
