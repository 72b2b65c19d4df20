"""Audits in Chromium: without scripts, narrow, dark, on paper, and by axe-core."""

from __future__ import annotations

import pytest

from tests.helpers.chromium import Browser, browsing
from tests.webapp.test_browser_access import axe, violations

pytestmark = pytest.mark.browser

__all__ = ["axe"]  # a fixture

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_violation(wide: Browser, axe: str, path: str, scheme: str) -> None:
    wide.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    wide.open(path)
    assert violations(wide, axe) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_violation_on_narrow_pages(narrow: Browser, axe: str, path: str) -> None:
    narrow.media(prefers_reduced_motion="reduce")
    narrow.open(path)
    assert violations(narrow, axe) == []


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
