"""Audits in Chromium: without scripts, narrow, and on paper."""

from __future__ import annotations

import pytest

from tests.helpers.chromium import Browser, browsing

pytestmark = pytest.mark.browser

PAGES = [
    "/audit",
    "/audit?q=",
    "/audit?q=dose&q=waiting&q=sprocket&q=nowhere",
    "/audit?q=waiting&by=section",
    "/audit/concordance?q=waiting&sort=right1",
    "/audit/concordance?q=waiting&unit=passage",
    "/audit/collocates?q=waiting",
    "/audit/keywords?article=waiting",
    "/audit/duplicates",
    "/audit/readability?by=section",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_the_screen_or_breaks_the_policy(narrow: Browser, path: str) -> None:
    narrow.complaints()
    narrow.open(path)
    assert narrow.run("return document.documentElement.scrollWidth <= innerWidth")
    assert [said for said in narrow.complaints() if "Content Security Policy" in said] == []


def test_a_list_is_audited_without_scripts(address: str) -> None:
    with browsing(address, scripts=False) as browser:
        browser.open("/audit")
        browser.find("textarea[name=q]").send_keys("dose\nwaiting\n")
        browser.find("input[value=section]").click()
        browser.find(".audit-form button").click()
        browser.wait(lambda: "q=dose&q=waiting&by=section" in browser.driver.current_url)
        assert browser.text("h1").startswith("2 terms")
        browser.find(".barcode a").click()
        assert browser.text("mark")


def test_matches_stand_one_below_the_other(wide: Browser) -> None:
    wide.open("/audit/concordance?q=waiting")
    centres = wide.run(
        "return [...document.querySelectorAll('.kwic mark')].map((mark) => {"
        " const box = mark.getBoundingClientRect(); return Math.round((box.left + box.right) / 2);"
        "})"
    )
    assert len(centres) > 20
    assert max(centres) - min(centres) <= 1


def test_a_report_on_paper_is_without_its_form(wide: Browser) -> None:
    wide.open("/audit?q=waiting")
    wide.media(type="print")
    hidden = "return getComputedStyle(document.querySelector(arguments[0])).display"
    for selector in (".audit-side", ".downloads", ".top", ".bottom"):
        assert wide.run(hidden, selector) == "none"
    assert wide.run(hidden, ".heat") == "table"
    wide.media(type="")


def test_the_matrix_keeps_its_heads_in_sight_and_shows_that_there_is_more(narrow: Browser) -> None:
    terms = "&".join(
        f"q={word}" for word in ("waiting", "week", "month", "clinic", "nobody", "said")
    )
    narrow.open(f"/audit?{terms}&by=section")
    assert narrow.find("[data-more] p").is_displayed()
    assert narrow.all("[data-more][data-right]")
    boxes = """
        const frame = document.querySelector(".matrix");
        frame.scrollTo(arguments[0], arguments[1]);
        const box = (name) => document.querySelector(name).getBoundingClientRect();
        const inside = frame.getBoundingClientRect();
        return [box(".matrix thead th:last-child").top - inside.top,
                box(".matrix tbody tr:last-child th").left - inside.left];
    """
    assert narrow.run(boxes, 9999, 9999) == [0, 0]
    narrow.wait(lambda: not narrow.all("[data-more][data-right]"))


def test_on_a_phone_results_come_before_the_form(narrow: Browser, wide: Browser) -> None:
    for path in ("/audit?q=waiting", "/audit/concordance?q=waiting", "/audit/duplicates"):
        above = """
            const top = (name) => document.querySelector(name).getBoundingClientRect().top;
            return top(".audit-main") < top("#asked form");
        """
        narrow.open(path)
        assert narrow.run(above)
        assert narrow.find(".to-form").is_displayed()
        wide.open(path)
        beside = """
            const box = (name) => document.querySelector(name).getBoundingClientRect();
            const form = box("#asked form");
            return form.right < box(".audit-main").left && form.top < 700;
        """
        assert wide.run(beside)
        assert not wide.find(".to-form").is_displayed()


def test_the_article_of_a_line_is_in_sight(wide: Browser) -> None:
    wide.open("/audit/concordance?q=waiting")
    assert "Waiting" in wide.text(".kwic tbody .source")
    assert wide.run(
        "const box = (name) => document.querySelector(name).getBoundingClientRect();"
        "return box('.kwic .source').right <= box('.audit-main').right + 1"
    )


def test_totals_stand_once_on_paper_and_the_query_is_told(wide: Browser) -> None:
    wide.media(type="print")
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    wide.open("/audit?q=waiting")
    assert wide.run(style, ".heat tfoot", "display") == "table-row-group"
    for path in ("/?q=waiting", "/articles/waiting?q=waiting"):
        wide.open(path)
        line = wide.find(".on-paper")
        assert line.is_displayed()
        assert "waiting" in line.text
        assert line.size["height"] > 10
    wide.media(type="")
    assert wide.find(".on-paper").size["height"] <= 1
