"""JSON Lines: records to articles, and lines that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.formats.dispatch import ParsedFile, parse
from indexer.passages import split
from tests.helpers.articles import parse_all, read

TEXT = "The first dose is taken at night. The next one follows a day later, with some water."


def lines(*records: object) -> bytes:
    return "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records).encode()


def parsed(*records: object) -> ParsedFile:
    return parse(Source("folder/r.jsonl", "folder/r", "jsonl", lines(*records)))


def article(record: dict[str, object]) -> Article:
    return parse_all(lines(record), "jsonl")[0]


@pytest.mark.parametrize("given", ["A/1", "ü & <b>", " a ", "1:2#3"])
def test_id_is_kept_verbatim(given: str) -> None:
    assert article({"id": given, "text": TEXT}).id == given


def test_number_as_id_is_text() -> None:
    assert article({"id": 7, "text": TEXT}).id == "7"
    assert article({"_id": "x", "text": TEXT}).id == "x"


def test_record_without_id_is_named_by_its_line() -> None:
    found = parsed({"text": TEXT}, {"id": "b", "text": TEXT}, {"text": TEXT}).articles
    assert [a.id for a in found] == ["folder/r/1", "b", "folder/r/3"]


def test_first_line_that_is_the_title_is_the_title_block() -> None:
    found = article({"id": "a", "title": "First  dose", "text": f"First dose\n\n{TEXT}"})
    assert found.title == "First dose"
    assert [b.kind for b in found.blocks] == ["title", "paragraph"]


def test_title_of_the_record_goes_before_that_of_the_text() -> None:
    text = f"How to take it\n\n{TEXT}\n\nSide effects\n\n{TEXT}"
    found = article({"id": "a", "title": "Elavil", "text": text})
    assert found.title == "Elavil"
    assert found.blocks[0].kind != "title"
    assert found.text == text


def test_headings_keep_their_sections_when_the_title_is_another() -> None:
    text = f"How to take it\n\n{TEXT}\n\nSide effects\n\n{TEXT}"
    found = article({"id": "a", "title": "Elavil", "text": text})
    assert all(b.section for b in found.blocks if b.kind == "paragraph")


def test_facts_of_the_record() -> None:
    found = article(
        {
            "id": "a",
            "text": TEXT,
            "url": "https://a.example/",
            "language": "EN-gb",
            "date": "2020",
            "tags": ["x", 2],
            "score": 1.5,
            "nested": {"a": 1},
            "flag": True,
        }
    )
    assert (found.url, found.language) == ("https://a.example/", "en")
    assert found.metadata == {"date": "2020", "tags": "x, 2", "score": "1.5"}


def test_address_that_would_run_a_script_is_dropped() -> None:
    assert article({"id": "a", "text": TEXT, "url": " java\nscript:alert(1)"}).url == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ('{"id": "x"}', 'record without "text"'),
        ('{"id": "x", "text": " "}', 'record without "text"'),
        ('{"id": "x", "text": 5}', 'record without "text"'),
        ('{"id": "good", "text": "again"}', "id 'good' a second time"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_bad_line_is_reported_and_the_rest_kept(line: str, reason: str) -> None:
    found = parsed({"id": "good", "text": TEXT}, "", line, {"id": "last", "text": TEXT})
    assert [a.id for a in found.articles] == ["good", "last"]
    assert [p.line for p in found.problems] == [3]
    assert str(found.problems[0]).startswith(f"folder/r.jsonl:3: {reason}")


def test_files_joined_with_their_byte_order_marks_are_read() -> None:
    record = '{"id": "%s", "text": "Do not."}'
    found = parsed("\ufeff" + record % "a", "\ufeff" + record % "b")
    assert ([a.id for a in found.articles], found.problems) == (["a", "b"], ())


def test_what_is_no_number_is_no_word() -> None:
    found = parse_all(b'{"title": NaN, "text": "Do not.", "score": Infinity}', "jsonl")[0]
    assert (found.title, found.metadata) == ("Sample", {})


def test_typed_values_of_mongodb() -> None:
    record = {"_id": {"$oid": "5f1"}, "date": {"$date": {"$numberLong": "7"}}, "text": "Words."}
    found = article(record)
    assert (found.id, found.metadata) == ("5f1", {"date": "7"})
    assert article({"id": None, "_id": "b", "text": "Words."}).id == "b"


def test_breaks_signs_and_numbers_within_a_text() -> None:
    inline = [
        {"type": "text", "text": "Do not"},
        {"type": "hardBreak"},
        {"type": "text", "text": "stop "},
        {"type": "status", "attrs": {"text": "EVER"}},
    ]
    paragraphs = {"type": "doc", "content": [{"type": "paragraph", "content": inline}]}
    assert article({"content": paragraphs}).text == "Do not\nstop EVER"
    assert article({"title": "Dose", "text": ["Take", 5, "mg"]}).text == "Take\n\n5\n\nmg"


def test_a_link_within_a_sentence_of_rich_text_does_not_part_it() -> None:
    link = {"type": "link", "children": [{"text": "not"}]}
    items = {"type": "list", "children": [{"type": "list-item", "children": [{"text": "one"}]}]}
    children = [{"text": "Do "}, link, {"text": " stop:"}, items]
    strapi = [
        {"type": "paragraph", "children": children},
        {"type": "paragraph", "children": [link]},
    ]
    assert article({"title": "Dose", "content": strapi}).text == "Do not stop:\n\n• one\n\nnot"
    inner = {"nodeType": "hyperlink", "content": [{"nodeType": "text", "value": "not"}]}
    document = {"nodeType": "document", "content": [
        {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": "Do "}, inner]}
    ]}  # fmt: skip
    assert article({"title": "Dose", "body": document}).text == "Do not"


def test_file_without_any_record_is_refused() -> None:
    with pytest.raises(SourceError, match=r"r\.jsonl:1: not JSON"):
        parsed("nothing", "of use")


def test_text_is_normalised_in_its_line_ends_alone() -> None:
    text = "One  line.\r\n\r\nTwo\u00a0lines, with \ud800 half a pair."
    found = article({"id": "a", "text": text})
    assert found.text == "One  line.\n\nTwo\u00a0lines, with ? half a pair."


def test_digest_changes_with_the_record_alone() -> None:
    one, two = parsed({"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}).articles
    (same,) = parsed({"id": "a", "text": TEXT}).articles
    assert one.digest == same.digest != two.digest


@pytest.mark.parametrize(
    "name",
    ["text", "body", "content", "contents", "page_content", "html", "articleBody", "abstract"],
)
def test_text_may_have_other_names(name: str) -> None:
    found = article({"id": "a", "title": "Dose", name: TEXT, "more": "x"})
    assert found.text == TEXT
    assert found.metadata == {"more": "x"}


def test_the_first_field_that_holds_words_is_the_text() -> None:
    found = article(
        {"text": "<p>&nbsp;</p>", "body": " ", "content": TEXT, "html": "<p>Other.</p>"}
    )
    assert found.text == TEXT


def test_text_in_html_is_read_as_such() -> None:
    html = "<h2>What helps</h2><p>Sip water &amp; chew gum.</p><ul><li>Avoid alcohol</li></ul>"
    found = article({"title": "Dry mouth", "text": html})
    assert [(b.kind, b.span.of(found.text)) for b in found.blocks] == [
        ("heading", "What helps"),
        ("paragraph", "Sip water & chew gum."),
        ("list_item", "Avoid alcohol"),
    ]
    assert found.title == "Dry mouth"


@pytest.mark.parametrize("tag", ["big", "tt", "dfn", "strike"])
def test_end_tags_of_all_elements_of_html_tell_it(tag: str) -> None:
    assert article({"text": f"Do <{tag}>not</{tag}> stop."}).text == "Do not stop."


@pytest.mark.parametrize(
    "text", ["5 < 6 and 7 > 2, R&amp;D.", "Use List<String> or <dose>.", "</x>."]
)
def test_text_that_only_has_angle_brackets_stays(text: str) -> None:
    assert article({"text": text}).text == text


@pytest.mark.parametrize("text", ["", " ", "<script>x()</script>"])
def test_a_record_with_a_title_alone_is_an_article_of_its_title(text: str) -> None:
    found = article({"id": "a", "title": "Dry  mouth", "text": text})
    assert [p.text for p in split(found)] == ["Dry mouth"]


def test_a_record_without_text_names_its_fields() -> None:
    problem = parsed({"text": TEXT}, {"doc": "x", "headline": "y"}).problems[0]
    assert "its fields: 'doc', 'headline'" in problem.remedy


@pytest.mark.parametrize("text", ["\x0c0", "One line.\n\n\x0cHead\n\nWords of\n\x0cthe next page."])
def test_text_of_several_pages_has_its_blocks_in_place(text: str) -> None:
    found = article({"text": text})
    shown = [block.span.of(found.text) for block in found.blocks]
    assert " ".join(" ".join(shown).split()) == " ".join(text.split())
    assert all(words == words.strip() for words in shown)


def nested(depth: int) -> object:
    return {"children": [nested(depth - 1)]} if depth else {"text": "Do not drive."}


def test_words_nested_deep_are_read_or_their_record_is_told() -> None:
    found = parsed({"title": "Advice", "body": nested(60)}, {"title": "More", "body": nested(250)})
    assert [one.text for one in found.articles] == ["Do not drive."]
    assert [str(problem) for problem in found.problems] == [
        "folder/r.jsonl:2: nests too deep; flatten it"
    ]


@pytest.mark.parametrize("depth", [900, 100_000])
@pytest.mark.parametrize("name", ["tags", "id", "title", "url", "text"])
def test_a_record_that_nests_deep_costs_no_other(name: str, depth: int, tmp_path: Path) -> None:
    deep = f'{{"id": "deep", "text": "Deep.", "{name}": {"[" * depth}"x"{"]" * depth}}}'
    (tmp_path / "a.jsonl").write_text(f'{deep}\n{{"id": "plain", "text": "Some words."}}\n{deep}\n')
    build_index([tmp_path / "a.jsonl"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert index.search("words").total == 1


@pytest.mark.parametrize(
    "said",
    [
        {"content": {"rendered": "<p>Sip water.</p><p>Chew gum.</p>", "protected": False}},
        {"text": ["Sip water.", "Chew gum."]},
        {
            "content": [
                {"type": "text", "text": "Sip water."},
                {"type": "text", "text": "Chew gum."},
            ]
        },
        {"content": [{"role": "user", "content": "Sip water."}, "Chew gum."]},
        {"body": {"value": "<p>Sip water.</p><p>Chew gum.</p>", "format": "full_html"}},
        {
            "body": [
                {"_type": "block", "children": [{"text": "Sip "}, {"text": "water."}]},
                {"_type": "block", "children": [{"text": "Chew gum."}]},
            ]
        },
        {
            "content": {
                "nodeType": "document",
                "content": [
                    {"content": [{"value": "Sip "}, {"content": [{"value": "water."}]}]},
                    {"content": [{"value": "Chew gum."}]},
                ],
            }
        },
    ],
)
def test_text_in_an_object_or_a_list_is_read(said: dict[str, object]) -> None:
    found = article({"id": "a", "title": {"rendered": "Dry <em>mouth</em> &amp; eyes"}, **said})
    assert found.title == "Dry mouth & eyes"
    assert " ".join(found.text.split()) == "Sip water. Chew gum."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"root": {"type": "root", "children": [  # Lexical
            {"type": "paragraph", "children": [
                {"type": "text", "text": "Do "}, {"type": "link", "children": [{"text": "not"}]}]},
            {"type": "list", "children": [
                {"type": "listitem", "children": [{"type": "text", "text": "stop"}]}]}]}},
         "Do not\n\n• stop"),
        ({"ops": [{"insert": "Do "}, {"insert": "not", "attributes": {"bold": True}},  # Quill
                  {"insert": " stop.\nWait.\n"}, {"insert": {"image": "a.png"}}]},
         "Do not stop.\n\nWait."),
        ({"blocks": [{"type": "header", "data": {"text": "Dose"}},  # Editor.js
                     {"type": "paragraph", "data": {"text": "Do <b>not</b> stop"}},
                     {"type": "list", "data": {"items": ["one", {"content": "two"}]}},
                     {"type": "table", "data": {"content": [["a", "b"], ["c", "5 < 6"]]}}]},
         "Dose\n\nDo not stop\n\n• one\n\ntwo\n\na b\nc 5 < 6"),
        ({"blocks": [{"key": "a", "text": "Do not", "type": "unstyled"}, {"text": "Stop"}]},
         "Do not\n\nStop"),
        ([{"type": "heading_2", "heading_2": {"rich_text": [{"plain_text": "Dose"}]}},  # Notion
          {"type": "paragraph", "paragraph": {"rich_text": [
              {"type": "text", "text": {"content": "Do "}, "plain_text": "Do "},
              {"type": "text", "text": {"content": "not"}, "plain_text": "not"}]}}],
         "Dose\n\nDo not"),
        ({"en-US": "Do not.", "de": "Tu es nicht."}, "Do not.\n\nTu es nicht."),  # Contentful
        ({"component": "page", "body": [{"text": "Do not"}, {"columns": [{"text": "stop"}]}]},
         "Do not\n\nstop"),  # Storyblok
        ([{"_type": "callout", "title": "Care", "body": [
            {"_type": "block", "children": [{"text": "Never"}]}]}], "Care\n\nNever"),  # Sanity
        ('{"root":{"children":[{"type":"paragraph","children":[{"text":"Not"}]}]}}', "Not"),
        ({"id": "x7", "text": "One", "attrs": {"by": "Ann"}}, "One"),
        (["Do ", {"type": "bold", "text": "not"}, " stop.", " Wait.", "Rest"], # Telegram, Scrapy
         "Do not stop.\n\n Wait.\n\nRest"),
        ([{"title": "Dose", "paragraphs": ["Ten.", "Not more."]}], "Dose\n\nTen.\n\nNot more."),
    ],
)  # fmt: skip
def test_texts_of_rich_text_editors(content: object, text: str) -> None:
    assert article({"id": "a", "title": "T", "content": content}).text == text


def test_a_space_before_a_blank_line_of_a_text_joins_no_paragraphs() -> None:
    found = article({"id": "a", "title": "T", "text": "Take ten a day \n\nDo not stop at once"})
    words = [block.span.of(found.text).strip() for block in found.blocks]
    assert words == ["Take ten a day", "Do not stop at once"]


def test_title_in_parts_or_locales() -> None:
    assert article({"title": [{"value": "Dose"}], "text": TEXT}).title == "Dose"
    assert (
        article({"fields": {"title": {"en-US": "Dose"}, "body": {"en-US": TEXT}}}).title == "Dose"
    )
    prismic = {"title": [{"type": "heading1", "text": "Dose"}], "body": [{"text": TEXT}]}
    assert article({"id": "a", "data": prismic}).title == "Dose"


def test_a_record_whose_text_is_none_is_told_and_no_title_alone() -> None:
    found = parsed({"text": TEXT}, {"title": "Dose", "content": {"blocks": [1, 2]}})
    assert [problem.reason for problem in found.problems] == ["'content' holds no text"]


def test_a_part_of_a_list_stands_below_its_heading() -> None:
    parts = [{"heading": "At night", "text": TEXT}, {"title": "By day", "body": TEXT}]
    found = article({"title": "Dose", "content": parts})
    assert [block.span.of(found.text) for block in found.blocks] == [
        "At night",
        TEXT,
        "By day",
        TEXT,
    ]


def test_parts_of_a_list_without_text_are_told() -> None:
    parts = [{"text": TEXT}, {"type": "image", "note": "Seen by none."}, "", None, {"text": ""}]
    found = parsed(
        {"text": TEXT}, {"content": parts}, {"content": [TEXT, {"more": ["Read by no one."]}]}
    )
    assert (len(found.articles), found.problems) == (3, ())
    assert [warning.line for warning in found.warnings] == [2, 3]
    assert "'content' has parts without text, left out" in str(found.warnings[0])


def test_what_a_document_says_of_itself_may_stand_in_its_metadata() -> None:
    about = {"title": "Dose", "url": "https://a.example/", "lang": "de", "id": "other"}
    found = article({"id": "a", "page_content": TEXT, "metadata": about})
    assert (found.id, found.title, found.url, found.language) == (
        "a", "Dose", "https://a.example/", "de",
    )  # fmt: skip


def test_a_record_of_its_title_alone_that_holds_texts_elsewhere_is_told() -> None:
    pages = [{"page": 1, "text": TEXT}]
    found = parsed({"title": "Dose", "pages": pages}, {"title": "Use", "tags": ["a"], "text": ""})
    assert [a.title for a in found.articles] == ["Dose", "Use"]
    assert [str(warning) for warning in found.warnings] == [
        "folder/r.jsonl:1: record read by its title alone; "
        "name the field of its text \"text\" (now 'pages')"
    ]
    assert parsed({"title": "Dose", "extract": TEXT * 9, "tags": ["a", "b"]}).warnings
    assert parsed({"title": "Dose", "abstract": {"AIMS": f"{TEXT} " * 9}}).warnings


@pytest.mark.parametrize("name", ["_source", "attributes", "fields"])
def test_a_record_within_a_record_is_read(name: str) -> None:
    record = {"_id": "a", name: {"id": "b", "title": "Dose", "content": "Do not double it."}}
    (article,) = parsed(record).articles
    assert (article.id, article.title, article.text) == ("b", "Dose", "Do not double it.")


def test_a_record_of_docsearch_is_named_by_its_lowest_heading() -> None:
    levels = {"lvl0": "Docs", "lvl1": "Storage &amp; dose", "lvl2": None}
    assert parsed({"hierarchy": levels, "content": TEXT}).articles[0].title == "Storage & dose"


def test_items_of_a_text_in_parts_are_items() -> None:
    item = {"type": "list-item", "children": [{"text": "cough"}]}
    other = {"_type": "block", "listItem": "bullet", "children": [{"text": "fever"}]}
    (article,) = parsed({"title": "COPD", "content": [item, other]}).articles
    assert [(b.kind, b.span.of(article.text)) for b in article.blocks] == [
        ("list_item", "• cough"), ("list_item", "• fever"),
    ]  # fmt: skip


def test_boxes_rows_and_captions_of_rich_text_stand_in_their_place() -> None:
    said = [{"plain_text": "outer"}], [{"plain_text": "inner"}]
    notion = [
        {"type": "bulleted_list_item", "bulleted_list_item": {"rich_text": said[0]}, "children": [
            {"type": "numbered_list_item", "numbered_list_item": {"rich_text": said[1]}}]},
        {"type": "to_do", "to_do": {"rich_text": [{"plain_text": "INR"}], "checked": False}},
        {"type": "table", "table": {"table_width": 2}, "children": [
            {"type": "table_row", "table_row": {"cells": [[{"plain_text": cell}] for cell in row]}}
            for row in (("Drug", "Dose"), ("Ami", "10 mg"))]},
        {"type": "image", "image": {"caption": [{"plain_text": "Level over time"}]}},
    ]  # fmt: skip
    found = article({"id": "a", "title": "T", "content": notion})
    assert [(b.kind, b.span.of(found.text)) for b in found.blocks] == [
        ("list_item", "• outer"), ("list_item", "• inner"), ("list_item", "• ☐ INR"),
        ("table_row", "Drug\tDose"), ("table_row", "Ami\t10 mg"), ("paragraph", "Level over time"),
    ]  # fmt: skip
    done = {"type": "taskItem", "attrs": {"checked": True}, "content": [{"text": "Gave dose"}]}
    other = {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [{"text": "Call"}]}
    block = {"type": "quote", "data": {"text": "Said <b>so</b>.", "caption": "By Ann"}}
    card = {"type": "callout", "calloutText": "<p>Never\n\nstop.</p>"}
    lexical = json.dumps({"root": {"children": [done, other, block, card]}})
    found = article({"id": "a", "title": "T", "lexical": lexical})
    assert [b.span.of(found.text) for b in found.blocks] == [
        "• ☑ Gave dose", "• ☐ Call", "Said so.", "By Ann", "Never stop.",
    ]  # fmt: skip


def test_words_of_parts_that_are_not_read_are_told() -> None:
    parts = [TEXT, {"other": {"text": "Not with any alcohol."}}]
    assert [w.line for w in parsed({"content": parts}).warnings] == [1]
    assert [w.line for w in parsed({"content": json.dumps({"blocks": parts})}).warnings] == [1]


def test_json_that_is_no_rich_text_stays() -> None:
    given = '{"type": "dose", "mg": 5}'
    assert article({"title": "T", "text": given}).text == given


def test_lines_of_elasticsearch_that_say_what_to_do_are_no_records() -> None:
    found = parsed({"index": {"_id": "7"}}, {"text": TEXT}, {"delete": {}}, {"create": {}})
    assert (len(found.articles), found.problems) == (1, ())
    for words in ("Do not double it.", {"text": "Do not double it."}):
        assert len(parsed({"text": TEXT}, {"update": words}).problems) == 1  # told, not skipped


def test_text_in_markdown_is_read_as_such() -> None:
    record: dict[str, object] = {
        "title": "Dose",
        "markdown": "# Dose\n\nDo **not** double it.\n\n- Sip",
        "text": "",
    }
    found = article(record)
    assert [(b.kind, b.span.of(found.text)) for b in found.blocks] == [
        ("title", "Dose"), ("paragraph", "Do not double it."), ("list_item", "Sip"),
    ]  # fmt: skip


def test_title_of_a_record_of_html_is_html() -> None:
    record = '{"id": "a", "title": "Fish &amp; chips&#8217;", "text": "<p>Words.</p>"}'
    assert read(record, "jsonl").title == "Fish & chips’"
    assert read(record.replace("<p>Words.</p>", "Words."), "jsonl").title.startswith("Fish &amp;")


def test_an_id_of_white_space_is_no_title() -> None:
    assert read('{"id": "\\r", "text": "Words."}', "jsonl").title == "Sample"
