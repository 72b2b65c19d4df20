"""Markdown: what is rendered, front matter, footnotes, ids, HTML inside."""

from __future__ import annotations

from itertools import pairwise

import pytest

from indexer.model import Source
from indexer.parsing.formats import markdown as reader
from indexer.parsing.formats.dispatch import parse
from tests.helpers.articles import read, texts


def shown(text: str) -> list[tuple[str, int, str]]:
    article = read(text, "md")
    return [(b.kind, b.level, b.span.of(article.text)) for b in article.blocks]


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("a *b* **c** `d` ~~e~~ [f](g) ![h](i)", [("paragraph", 0, "a b c d e f")]),
        ("a\nb  \nc\\\nd", [("paragraph", 0, "a b\nc\nd")]),
        ("\\*a\\* &amp; &copy;", [("paragraph", 0, "*a* & ©")]),
        ("x\n\n## H ##", [("paragraph", 0, "x"), ("heading", 2, "H")]),
        ("x\n\nH\n---", [("paragraph", 0, "x"), ("heading", 2, "H")]),
        ("- a\n- b\n  1. c\n\n     d\n- e",
         [("list_item", 1, "a"), ("list_item", 1, "b"), ("list_item", 2, "c\nd"),
          ("list_item", 1, "e")]),
        ("> a\n> b\n>\n> c", [("quote", 0, "a b"), ("quote", 0, "c")]),
        ("```py\n  a\n    b\n```\n\n    c", [("code", 0, "a\n  b"), ("code", 0, "c")]),
        ("| a | b |\n|---|:-:|\n| 1 \\| 2 | `3` |", [("table_row", 0, "a\tb"),
                                                   ("table_row", 0, "1 | 2\t3")]),
        ("a\n\n***\n\nb", [("paragraph", 0, "a"), ("paragraph", 0, "b")]),
        ("<div>\n\na *b*\n\n</div>", [("paragraph", 0, "a b")]),
        ("<!-- no -->\n\na", [("paragraph", 0, "a")]),
        ("a <br> b", [("paragraph", 0, "a\nb")]),
        ("<script>\nno\n</script>\n\na", [("paragraph", 0, "a")]),
        ("<nav>kept</nav>", [("paragraph", 0, "kept")]),
    ],
)  # fmt: skip
def test_rendered_text(markdown: str, blocks: list[tuple[str, int, str]]) -> None:
    given = "Text first, so that no heading is taken for the title of all this.\n\n"
    assert shown(given + markdown)[1:] == blocks or shown(markdown) == blocks


@pytest.mark.parametrize("around", ["{}", "> {}", "  {}", "  > {}", "| {:<12} |"])
@pytest.mark.parametrize(
    "block",
    ["Head\n---", "Head\n=", "Term\n: Words", "Term\n~ Words", "A\nB\n:\tWords",
     "a | b\n--|:-:\nc | d", "| a |\n-:\n| c |", "```{glossary}\nTerm\n  Words\n```"],
)  # fmt: skip
def test_rules_that_have_something_to_do_are_tried(
    block: str, around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = list(map(around.format, block.split("\n")))
    if "  " in around[:2]:
        lines.insert(0, "- item\n")
    if "|" in around:
        lines = [f"+{'-' * 14}+", *lines, f"+{'-' * 14}+"]
    found = shown("\n".join(lines))
    monkeypatch.setattr(reader, "_NEEDED", {})
    assert shown("\n".join(lines)) == found


# A block of script, style or textarea that is never closed does run to the end: CommonMark 4.6.
@pytest.mark.parametrize(
    ("tag", "gap"),
    [(tag, " ") for tag in ("script", "style", "textarea", "title", "svg", "select", "iframe")]
    + [(tag, "\n\n") for tag in ("title", "svg", "select", "iframe", "noscript", "template")],
)
def test_html_that_is_never_closed_does_not_swallow_the_rest(tag: str, gap: str) -> None:
    assert "the end" in read(f"start{gap}<{tag}>{gap}\n\nthe end", "md").text


@pytest.mark.parametrize(
    ("heading", "element"),
    [
        ("## Dose {#dose}", "dose"),
        ("## Dose {#dose .wide}", "dose"),
        ("## Dose ## {#dose}", "dose"),
        ("Dose {#dose}\n---", "dose"),
        ('## <a name="dose"></a>Dose', "dose"),
    ],
)
def test_explicit_id_of_a_heading_is_a_link_target(heading: str, element: str) -> None:
    article = read(f"# T\n\n{heading}\n\ntext", "md")
    assert article.blocks[1].span.of(article.text).startswith("Dose")
    assert article.blocks[2].element == element
    assert "{" not in article.text or heading == "## Dose ## {#dose}"


def test_braces_that_are_no_id_stay() -> None:
    assert texts(read("# T\n\n## Sets {a, b}\n\nx", "md"), "heading") == ["Sets {a, b}"]


def test_footnotes_stand_at_the_end_under_no_heading() -> None:
    article = read("# T\n\n## A\n\nx[^n]\n\n## B\n\ny\n\n[^n]: the *note*\n", "md")
    note = article.blocks[-1]
    assert (note.kind, note.span.of(article.text), note.section) == ("list_item", "the note", ())
    assert texts(article, "paragraph") == ["x[1]", "y"]


def test_front_matter_tells_the_facts() -> None:
    article = read(
        "---\nTitle: 'A: b'\nlang: de-CH\nurl: https://a.example/\nauthor:\n  name: Ann\n"
        "date: 2020-01-02\ntags: [x, y]\ndraft: true\nnested: {a: {b: c}}\nempty:\n---\nText.\n",
        "md",
    )
    assert (article.title, article.language, article.url) == ("A: b", "de", "https://a.example/")
    assert article.metadata == {
        "author": "Ann",
        "date": "2020-01-02",
        "tags": "x, y",
        "draft": "True",
    }
    assert article.text == "Text."


def test_the_declared_title_goes_before_a_lone_h1() -> None:
    article = read("---\ntitle: Declared\n---\n# Shown\n\ntext", "md")
    assert article.title == "Declared"
    assert article.blocks[0].kind == "heading"
    assert article.blocks[1].section == ("Shown",)


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule, then prose.\n\n---\n\nMore.",
        "---\nno end: of it\n\ntext",
        "--- not a fence\n\ntext",
        "text\n\n---\ntitle: late\n---\n",
    ],
)
def test_rules_are_no_front_matter(text: str) -> None:
    assert read(text, "md", "file").title != "late"
    assert read(text, "md").text


def test_empty_front_matter_is_none() -> None:
    assert read("---\n---\ntext", "md").text == "text"


@pytest.mark.parametrize(
    ("yaml", "line"),
    [
        ("title: [a", 3),
        ("title: a: b", 2),
        ("ok: 1\n\ttitle: x", 3),
        ("title: !!python/object/apply:os.system [ls]", 2),
        ("title: " + "[" * 2_000, 1),
    ],
)
def test_broken_front_matter_is_a_warning_with_its_line(yaml: str, line: int) -> None:
    data = f"---\n{yaml}\nauthor: Ann\n---\ntext".encode()
    found = parse(Source("a.md", "a", "md", data))
    assert [(w.line, "front matter can't be read" in str(w)) for w in found.warnings] == [
        (line, True)
    ]
    (article,) = found.articles
    assert article.text == "text"
    assert article.metadata["author"] == "Ann"


@pytest.mark.parametrize(
    ("front", "language", "title"),
    [
        ("---\ntitle: A\nlang: no\n---\n", "no", "A"),
        ('+++\ntitle = "A"\nlanguage = "de"\ndate = 2024-01-02\n+++\n', "de", "A"),
        ('{"title": "A", "locale": "fr-FR"}\n', "fr", "A"),
        ('---json\n{"title": "A", "lang": "es"}\n---\n', "es", "A"),
        ('---js\n{"title": "A", "lang": "it"}\n---\n', "it", "A"),
        ("% A\n% Ann Lee\n\n", "en", "A"),
        ("---\ntitle: 'On {{ unit }}'\nunit: mg\n---\n", "en", "On mg"),
    ],
)
def test_front_matter_in_all_its_languages(front: str, language: str, title: str) -> None:
    article = read(front + "Take it in the evening and do not chew it.", "md")
    assert (article.title, article.language) == (title, language)
    assert article.text == "Take it in the evening and do not chew it."


@pytest.mark.parametrize("text", ["% of all patients\n\ntext", "+++\nno facts\n+++\ntext", "{a}\n"])
def test_text_that_begins_like_front_matter_stays(text: str) -> None:
    assert read(text, "md").text.replace("\n", " ").split() == text.split()


def test_a_page_with_front_matter_is_read_as_its_generator_would_fill_it() -> None:
    data = (
        b"---\ntitle: Certificate Policy\nunit: mg\n---\n{% include head.html %}"
        b'<div class="{{ page.kind }}"><h2>Dose</h2><p>Take 5 {{ page.unit }} of it with water '
        b"and see {{ site.name }}.</p><pre>{{ x }}</pre></div>"
    )
    found = parse(Source("a.html", "a", "html", data))
    (article,) = found.articles
    assert (article.title, article.metadata) == ("Certificate Policy", {"unit": "mg"})
    assert article.text == "Dose\n\nTake 5 mg of it with water and see .\n\n{{ x }}"
    assert list(map(str, found.warnings)) == ["a.html: 1 template value is unknown and left out"]


@pytest.mark.parametrize("format", ["md", "html"])
@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        ('{% details "Its title" %}Words{% enddetails %}below', "Its title\nWords\nbelow"),
        ("Take <code>{{<x>}}</code> of {{ dose }}.", "Take {{<x>}} of 5 mg."),
        ("no{{ unknown }}dose <kbd>{{ dose }}</kbd>", "no dose 5 mg"),
    ],
)
def test_marks_are_filled_alike_in_markdown_and_html(inner: str, shown: str, format: str) -> None:
    for markup in (inner, f"<div>{inner}</div>"):
        assert read(f"---\ntitle: A\ndose: 5 mg\n---\n{markup}", format).text == shown


def test_a_heading_below_an_introduction_is_no_title_if_it_is_one_of_several() -> None:
    text = "Use smaller doses.\n\n### Where to begin\n\nWith 10.\n\n### Where to end\n\nAt 50."
    assert read(text, "md", "Change of doses").title == "Change of doses"
    assert read(text.replace("### Where to end", "x"), "md").title == "Where to begin"


def test_a_text_without_markdown_but_bullets_is_read_as_plain_text() -> None:
    text = "Package leaflet\n\nRead all of it.\n• Keep it.\n• Ask your doctor.\n"
    assert texts(read(text, "md"), "list_item")[-2:] == ["• Keep it.", "• Ask your doctor."]
    assert texts(read(text + "\n*Not* a drug.", "md"), "list_item") == []


def test_code_is_letter_by_letter_wherever_it_stands() -> None:
    code = "{{ a }} {% b %} [[c]] ==d== %%e%% {/* f */} <G h={i} /> :::"
    for markup in (f"```\n{code}\n```", f"    {code}", f"- x\n\n  ```\n  {code}\n  ```"):
        assert texts(read(f"Text.\n\n{markup}\n", "md"), "code") == [code]
    assert read(f"So: `{code}` and <code>{{{{ x }}}}</code>.", "md").text.startswith(
        f"So: {code} and"
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Do ++not++ press ++ctrl+alt+del++.", "Do not press ctrl+alt+del."),
        ("C++ or ++i and i++ + 1, `++x++`", "C++ or ++i and i++ + 1, ++x++"),
        ("H~2~O, 10^9^/L and 10^-3^ g", "H2O, 10⁹/L and 10⁻³ g"),
        ("2^10 and 3^2, `x^2^`, ~5~ mg", "2^10 and 3^2, x^2^, ~5~ mg"),
        ('{% set x = "not" %}Do {{ x }} stop.', "Do not stop."),
        ('You {{ "may" if x == "y" else "must not" }} drive.', "You may must not drive."),
        ('{{< faq question="May I?" answer="Not yet." >}}', "May I?\n\nNot yet."),
        ('<Alert type="warning" message="Do not drive." />', "Do not drive."),
        ("{% assign n = 25 %}Take {{ n }} mg.", "Take 25 mg."),
        ('{% if a %}{% set x = "not" %}{% else %}{% set x = "so" %}{% endif %}Do {{ x }}.', "Do ."),
        ("A {++new++} `{++old++}` word", "A new {++old++} word"),
        (
            "Take <dose> of <Drug name>, if 5<x and y>3 or <b and c>: List<String>, <i>so</i>",
            "Take <dose> of <Drug name>, if 5<x and y>3 or <b and c>: List<String>, so",
        ),
        (
            "<own-tag>a</own-tag> <x>b</x> <X>c</X> <a.b> <p>\n\n<patient> waits",
            "a b c <a.b>\n\n<patient> waits",
        ),
        ("Not 2*3*4 nor 5*10*x, but *3* and `1*2*3`", "Not 2*3*4 nor 5*10*x, but 3 and 1*2*3"),
        ("::: is a sign\n\nand so", "::: is a sign\n\nand so"),
        ("As in [[2020-01-02]], not x[[1]]", "As in 2020-01-02, not x[[1]]"),
        ("One.\n\n@[code{3}](./a.js)\n\n@[code js](../b.js)\n\nTwo.", "One.\n\nTwo."),
    ],
)
def test_marks_of_several_dialects(markup: str, text: str) -> None:
    assert read(markup, "md").text == text


def test_aliases_in_front_matter_do_not_multiply() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for above, name in pairwise("abcdefghi"):
        lines.append(f"{name}: &{name} [{', '.join([f'*{above}'] * 9)}]")
    article = read("---\n" + "\n".join(lines) + "\n---\ntext", "md")
    assert sum(map(len, article.metadata.values())) < 1_000


def test_text_and_offsets_agree_with_the_rendered_text() -> None:
    article = read("# T\n\nsome *emphasis* here\n\n- one\n- two", "md")
    assert article.text == "T\n\nsome emphasis here\n\none\ntwo"


@pytest.mark.parametrize("form", ["md", "mdx", "qmd"])
@pytest.mark.parametrize(
    "prose",
    [
        "export default settings to a file before you start.",
        "export let alone an import",
        "export class teachers",
        "import data from 'old' systems",
        "export const x = [\n  1,\n]\nTake no more.",
    ],
)
def test_prose_that_begins_like_a_module_stays(prose: str, form: str) -> None:
    assert read(f"Text.\n\n{prose}", form).text.endswith(prose.rsplit("\n", 1)[-1])


@pytest.mark.parametrize(
    "code",
    [
        "import Tabs from '@theme/Tabs';",
        "export const A = ({children}) => (\n  <b>{children}</b>\n);",
        "export default function Page() {\n\n  return 1\n}",
        "export {a, b}",
    ],
)
def test_modules_are_no_words(code: str) -> None:
    for form in ("md", "mdx"):
        assert read(f"Text.\n\n{code}\n\nEnd.", form).text == "Text.\n\nEnd."


@pytest.mark.parametrize(
    ("opening", "inner", "words"),
    [
        ("::: warning", "---\nDo not take it: never\n---", "Do not take it: never"),
        ("::: note", ":dose: 5 mg", ":dose: 5 mg"),
        (":::{note}", "---\nDo not take it.\n---", "Do not take it."),
        (":::{note}", "---\nclass: wide\ncaption: The dose\n---", "The dose"),
    ],
)
def test_only_options_of_directives_are_no_words(opening: str, inner: str, words: str) -> None:
    article = read(f"Text.\n\n{opening}\n{inner}\nrest\n:::", "md")
    assert article.text == f"Text.\n\n{words}" + ("\n\n" if "---" in inner else " ") + "rest"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Take {% if a %}5{% else %}10{% endif %} mg.", "Take 5 10 mg."),
        ("Take {% if a %}**5**{% else %}**10**{% endif %} mg.", "Take 5 10 mg."),
        ("Take 5{{ unit }}2 mg, {{< br >}}now.", "Take 5 2 mg, now."),
        ("one{{< br >}}two <Icon/>three<Icon/>four", "one two three four"),
        ("dose{% if many %}s{% endif %} and <Term>dose</Term>s", "doses and doses"),
        ('<Tab label="one">two</Tab> three', "one\ntwo\nthree"),
        ('{{< figure caption="one" >}}two', "one two"),
        ('{{% notice note "Read this" %}}\nNow.\n{{% /notice %}}', "Read this\n\nNow."),
    ],
)
def test_what_marks_part_is_no_one_word(markup: str, text: str) -> None:
    assert read(markup, "md").text == text


def test_both_sides_of_a_condition_are_words() -> None:
    text = 'Take it {adult === "yes" ? "now" : "never"} {old ? 1 : 2}.'
    assert read(text, "mdx").text == "Take it now never ."
    text = "{show && <p>Never crush it.</p>}\n\n{a ?? <>Not now.</>}\n\n{a < b}\n\n"
    text += "<Box>{`Do not ${verb} it.`}</Box>"
    assert read(text, "mdx").text == "Never crush it.\n\nNot now.\n\nDo not it."


def test_literals_of_mdx_are_words() -> None:
    assert read("One {`two`} {'three'} {\"four\"}.", "mdx").text == "One two three four."


def test_notes_that_nothing_refers_to_stay() -> None:
    article = read("One[^a].\n\n[^b]: two\n\n[^a]: three\n\n[^a]: four\n", "md")
    assert texts(article)[1:] == ["three", "two", "four"]
