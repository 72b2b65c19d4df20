"""WordPress exports: which items become articles, and what becomes of editors' text."""

from __future__ import annotations

import pytest

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import ParsedFile, parse
from indexer.parsing.formats.wordpress import to_html, with_paragraphs, without_shortcodes

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:excerpt="http://wordpress.org/export/1.1/excerpt/"
 xmlns:wp="http://wordpress.org/export/1.1/"><channel><language>de-DE</language>"""
TAIL = "</channel></rss>"


def item(content: str = "Text.", **fields: str) -> str:
    told = {"title": "T", "wp:status": "publish", "wp:post_type": "post", **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
    return f"<item>{inner}<content:encoded><![CDATA[{content}]]></content:encoded></item>"


def parsed(*items: str, head: str = HEAD, tail: str = TAIL) -> ParsedFile:
    data = (head + "".join(items) + tail).encode()
    return parse(Source("wp.xml", "wp", "xml", data))


def test_facts_of_a_post() -> None:
    fields = {
        "title": "Dose &amp;amp; &lt;em&gt;more&lt;/em&gt;",
        "link": "https://a.example/dose/",
        "dc:creator": "ann",
        "excerpt:encoded": "Short.",
        "wp:post_date": "2020-01-02 03:04:05",
        "wp:post_name": "dose",
    }
    (article,) = parsed(item(**fields)).articles
    assert (article.id, article.title) == ("wp/dose", "Dose & more")
    assert (article.url, article.language) == ("https://a.example/dose/", "de")
    assert article.metadata == {
        "author": "ann",
        "date": "2020-01-02 03:04:05",
        "description": "Short.",
        "type": "post",
    }


@pytest.mark.parametrize(
    "field",
    [
        {"wp:status": "draft"},
        {"wp:status": "private"},
        {"wp:status": "trash"},
        {"wp:status": "future"},
        {"wp:post_type": "attachment", "wp:status": "inherit"},
        {"wp:post_type": "nav_menu_item"},
        {"wp:post_type": "revision"},
        {"wp:post_type": "custom_css"},
        {"wp:post_type": "wp_navigation"},
        {"wp:post_type": "wpcf7_contact_form"},
        {"wp:post_type": "faq", "wp:status": "draft"},
        {"wp:post_password": "secret"},
    ],
)
def test_what_the_public_does_not_see_is_left_out(field: dict[str, str]) -> None:
    found = parsed(item(**{"wp:post_name": "seen"}), item("Unseen.", **field))
    assert [a.id for a in found.articles] == ["wp/seen"]
    assert not found.problems


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("BMI &lt;25 or &gt;30", "BMI <25 or >30"),
        ("[:en]Dose[:de]Dosis[:]", "Dose Dosis"),
        ("&lt;!--:en--&gt;Dose&lt;!--:--&gt;", "Dose"),
    ],
)
def test_no_word_of_a_title_is_lost(written: str, title: str) -> None:
    assert parsed(item(title=written)).articles[0].title == title


def test_language_of_a_post_stands_in_its_categories() -> None:
    category = '<category domain="language" nicename="fr">Français</category><title>'
    first, second = parsed(item().replace("<title>", category), item()).articles
    assert (first.language, second.language) == ("fr", "de")


def test_words_that_stand_beside_a_post_are_read() -> None:
    shared = {"wp:post_type": "wp_block", "wp:post_id": "7"}
    notes = (
        '<wp:meta_key>footnotes</wp:meta_key><wp:meta_value>[{"content":"Note."}]</wp:meta_value>'
    )
    post = item('<!-- wp:block {"ref":7} /--><p>Text.</p><!-- wp:footnotes /-->')
    post = post.replace("</item>", f"<wp:postmeta>{notes}</wp:postmeta></item>")
    (article,) = parsed(post, item("Do not stop.", **shared)).articles
    assert article.text == "Do not stop.\n\nText.\n\nNote."
    broken = parsed(post, item("Do not stop.", **shared), "<item>", tail="")
    assert [a.text for a in broken.articles] == [article.text]


def meta(**fields: str) -> str:
    pairs = (
        f"<wp:postmeta><wp:meta_key>{name}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>"
        for name, value in fields.items()
    )
    return "".join(pairs) + "</item>"


def test_language_of_a_post_may_stand_in_its_fields() -> None:
    post = item().replace("</item>", meta(_wpml_import_language_code="fr"))
    assert parsed(post).articles[0].language == "fr"


def test_texts_in_the_fields_of_a_site_are_read() -> None:
    fields = {
        "advice": "&lt;p&gt;Do not stop.&lt;/p&gt;",
        "rows_0_title": "Care",
        "n": "5",
        "x": "a b",
    }
    fields |= {
        "url": "https://a.example/b c",
        "list": 'a:1:{i:0;s:1:"a b";}',
        "on": "2020-01-02 10:00",
    }
    keys = {f"_{name}": "field_1" for name in fields if name != "x"}
    post = item("Text.").replace("</item>", meta(**fields, **keys))
    assert parsed(post).articles[0].text == "Text.\n\nDo not stop.\n\nCare"


def test_texts_in_the_fields_of_a_block_are_read() -> None:
    form = '{"data":{"kopf":"Do not stop","_kopf":"field 1","title":"Care","style":"red"}}'
    own = '{"message":"Ask first","className":"is style"}'
    blocks = f"<!-- wp:acf/alert {form} /--><!-- wp:lazyblock/a {own} /-->"
    found = parsed(item(blocks + '<!-- wp:search {"label":"Search"} /--><!-- wp:a/b {x} /-->'))
    assert found.articles[0].text == "Do not stop\n\nCare\n\nAsk first"


def test_blocks_that_never_end_take_no_time() -> None:
    written = "<!-- wp:a/b {" * 100_000
    assert to_html(written).count("wp:a/b") == 100_000


def test_items_of_a_type_of_the_site_are_articles() -> None:
    found = parsed(
        item("Twenty.", **{"wp:post_type": "faq"}), item(), item(" ", **{"wp:post_type": "faq"})
    )
    assert [a.id for a in found.articles] == ["wp/faq/t", "wp/t"]
    assert not found.problems


def test_equal_names_are_told_apart() -> None:
    ids = [a.id for a in parsed(item(), item(), item(title="Other")).articles]
    assert ids == ["wp/t", "wp/t-2", "wp/other"]


def test_heading_in_a_post_does_not_replace_its_title() -> None:
    (article,) = parsed(item("<h1>Part</h1>Text.", title="Whole")).articles
    assert article.title == "Whole"
    assert [b.kind for b in article.blocks] == ["heading", "paragraph"]


def test_empty_post_is_a_problem_and_the_rest_is_kept() -> None:
    found = parsed("\n", item("[gallery ids='1']"), item())
    assert len(found.articles) == 1
    assert [str(p) for p in found.problems] == ["wp.xml:6: holds no text; add text or remove it"]


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("a [sic] b [1] [p = 0.05] [see Table 2]", "a [sic] b [1] [p = 0.05] [see Table 2]"),
        ("[tip id=3]a[/tip] b", "a b"),
        ('[vc_row][vc_column width="1/2"]a[/vc_column][/vc_row]', "a"),
        ("[gallery] a [contact-form-7 id=&quot;1&quot;]", " a "),
        ("[embed]https://a.example[/embed]a", "a"),
        ('<div class="wp-block-embed__wrapper">\nhttps://a.example\n</div>a',
         '<div class="wp-block-embed__wrapper"></div>a'),
        ("[audio https://a.example/b.mp3] [see https://a.example]", " [see https://a.example]"),
        ("[[gallery]]", "[gallery]"),
        ('[caption id="x"]<img> Words[/caption]', "<figcaption><img> Words</figcaption>"),
        ("[unclosed a", "[unclosed a"),
        ('[vc_tab title="Uses"]a[/vc_tab]', "<p>Uses</p>a"),
        ('[tooltip title="x"]a[/tooltip]', "a"),
        ('[et_pb_blurb title="Uses"]a[/et_pb_blurb]', "<p>Uses</p>a"),
        ('[vc_custom_heading text="Uses" tag="h2"]a', "<p>Uses</p>a"),
        ("[su_spacer]a[/su_box]", "a"),
        ("a[footnote]b[/footnote]c", "a b c"),
        ("[dropcap]T[/dropcap]he", "The"),
        ("[tab]Do not.[/tab][tab]Stop[/tab].", "Do not. Stop."),
        ("[tab]Do <b>not</b>[/tab][tab]stop[/tab]", "Do <b>not</b> stop"),
        ("[tab]Doses[/tab][tab]&lt;5 mg[/tab][tab]≥6 mg[/tab]", "Doses &lt;5 mg ≥6 mg"),
        ("[tooltip]beta[/tooltip]-blocker", "beta-blocker"),
        ('[et_pb_image src="a" alt="Box"][et_pb_testimonial author="Jo"]a', "<p>Box</p><p>Jo</p>a"),
        ('[vc_btn title="Call"][slide heading="Uses" button_text="More"]',
         "<p>Call</p><p>Uses</p><p>More</p>"),
        ('[tooltip text="see [1] > 2"]a[/tooltip]', "a"),
        ("[vc_raw_html]PHA+RG8lMjBub3Q8L3A+[/vc_raw_html] [vc_raw_js]eA==[/vc_raw_js]",
         "<p>Do not</p> "),
        ('[et_pb_number_counter title="%22Not%22 cured" number="5"]', '<p>"Not" cured</p>'),
        ('[vc_text_separator title="Care"][ultimate_heading main_heading="Use"]',
         "<p>Care</p><p>Use</p>"),
        ("[:en]Dose[:de]Dosis[:]", "\n\nDose\n\nDosis\n\n"),
        ("<!--:en-->Dose<!--:-->", "\n\nDose\n\n"),
    ],
)  # fmt: skip
def test_shortcodes_go_and_their_text_stays(written: str, html: str) -> None:
    assert without_shortcodes(written) == html


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"),
        ("a\n<h2>b</h2>\nc", "<p>a</p>\n<h2>b</h2>\n<p>c</p>\n"),
        ("<div>a\n\nb</div>", "<div>a\n<p>b</p></div>\n"),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        ("<b>a</b>\n\n<i>b</i>", "<p><b>a</b></p>\n<p><i>b</i></p>\n"),
        ("<ul>\n<li>a</li>\n</ul>", "<ul>\n<li>a</li>\n</ul>\n"),
        ("a <!--more--> b", "<p>a</p>\n<p>b</p>\n"),
        ("do <!-- a\n\nb --> not", "<p>do  not</p>\n"),
        ("<pre>a<pre>b</pre>c", "<pre>a\n<pre>b</pre><p>c</p>\n"),
        ("a <pre>never closed", "<p>a</p>\n<pre>never closed\n"),
    ],
)
def test_plain_newlines_are_paragraphs(written: str, html: str) -> None:
    assert with_paragraphs(written) == html


def test_text_written_in_blocks_is_left_as_it_is() -> None:
    written = "<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->"
    assert to_html(written) == written


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<note><to>you</to></note>", "not a WordPress export"),
        ('<rss version="2.0"><channel><item><title>t</title></item></channel></rss>',
         "not a WordPress export"),
        ("", "not a WordPress export"),
        ('<!DOCTYPE rss [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + HEAD.partition("?>")[2] + TAIL,
         "defines entities"),
        (HEAD + TAIL, "holds no article"),
        (HEAD + "<item>" * 100_000, "broken XML"),
    ],
)  # fmt: skip
def test_other_xml_is_refused(xml: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        parse(Source("wp.xml", "wp", "xml", xml.encode()))
    assert "\n" not in str(caught.value)


def test_articles_before_the_break_are_kept() -> None:
    found = parsed(item(), "<item><title>never", tail="")
    assert len(found.articles) == 1
    assert "broken XML" in str(found.problems[0])


def test_entities_that_nobody_defined_are_broken_xml() -> None:
    found = parsed(item(), item(title="&lol;"))
    assert len(found.articles) == 1
    assert found.problems


def test_controls_in_an_export_do_no_harm() -> None:
    (article,) = parsed(item("A\x08 word\x1f.")).articles
    assert article.text == "A word."


def test_titles_of_folds_that_are_buttons_are_words() -> None:
    fold = '<div><button class="header"><span>Not for all</span></button><p>Text.</p></div>'
    assert parsed(item(fold)).articles[0].text == "Not for all\n\nText."


def test_paragraphs_between_blocks_are_kept_apart() -> None:
    block = "<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->"
    free = "<!-- wp:freeform -->\nfive\n\nsix\n<!-- /wp:freeform -->"
    found = to_html(f"one\n\ntwo\n{block}\nthree\n\nfour\n<!-- wp:spacer /-->\n{free}")
    for word in ("one", "two", "three", "four", "five", "six"):
        assert f"<p>{word}</p>" in found
    assert "<p>a\nb</p>" in found
