"""Accessibility by axe-core, on every kind of page, light, dark and narrow.

axe-core is read from `node_modules`, where `make test` puts it, or from the path in AXE_CORE. Where
it is not, these tests are skipped, but not in CI; what AXE_CORE names must be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import build_index, open_index
from tests import ROOT
from tests.helpers.chromium import Browser, browsing, served
from tests.helpers.sites import make_index
from tests.webapp.test_browser_audits import PAGES as AUDITS

pytestmark = pytest.mark.browser

AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
PAGES = [
    "/",
    "/?q=dose",
    "/?q=waiting+clinic&article=waiting",
    "/?q=100+mg",
    "/?q=dose&kind=list_item&any=1",
    "/?q=sprocket+grommet",
    "/?q=qqqq+zzzz",
    "/articles",
    "/articles/glance?q=dose",
    "/articles/waiting?q=nothing",
    "/outline/glance",
    "/help",
    "/api/",
    "/links",
    "/links?status=lost",
    "/nope",
    "/?page=x",
    *AUDITS,
]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that look at colours
RUN = """
const [done, rules] = [arguments[arguments.length - 1], arguments[0]];
const options = { resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }) };
axe.run(document, options).then(
  (found) => done(found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html} ${node.failureSummary}`))),
  (error) => done([String(error)]));
"""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        reason = f"axe-core is not at {AXE}: npm install --no-save axe-core"
        if "AXE_CORE" in os.environ or os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return AXE.read_text(encoding="utf-8")


def violations(browser: Browser, axe: str, rules: list[str] | None = None) -> list[str]:
    """What breaks some or all rules of axe-core."""
    if browser.run("return !window.axe"):
        browser.run(axe)
    found: list[str] = browser.driver.execute_async_script(RUN, rules)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_no_violation_on_wide_pages(wide: Browser, axe: str, path: str) -> None:
    """Dark pages differ in nothing but their colours."""
    wide.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    wide.open(path)
    assert violations(wide, axe) == []
    wide.media(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    assert violations(wide, axe, COLOURS) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_violation_on_narrow_pages(narrow: Browser, axe: str, path: str) -> None:
    narrow.media(prefers_reduced_motion="reduce")
    narrow.open(path)
    assert violations(narrow, axe) == []


def test_no_violation_while_suggestions_or_keys_are_shown(wide: Browser, axe: str) -> None:
    wide.media(prefers_reduced_motion="reduce")
    wide.open("/")
    wide.press(*"dos")
    wide.find("[role=option]")
    assert violations(wide, axe) == []
    wide.open("/articles")
    wide.press("?")
    wide.find("dialog[open]")
    assert violations(wide, axe) == []


def test_no_violation_while_a_match_is_current(wide: Browser, axe: str) -> None:
    for scheme in ("light", "dark"):
        wide.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        wide.open("/articles/glance?q=dose")
        wide.press("n")
        wide.find("mark[data-current]")
        assert violations(wide, axe) == []


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A site of which an article was edited, and links of before: to what is as it was, and to a
    paragraph, an item, a row and a quote that were changed or removed."""
    folder = tmp_path_factory.mktemp("aged")
    index = make_index(folder)
    with open_index(index) as opened:
        passages = opened.passages("glance")
    named = ("Start low", "Ask your", "Halve", "Back pain", "Stopping takes")
    ids = [next(one.id for one in passages if name in one.text) for name in named]
    article = folder / "corpus" / "glance.md"
    text = article.read_text(encoding="utf-8")
    for old, new in (
        ("usual dose is 50 mg", "usual dose is 25 mg"),
        ("Halve the dose", "Halve your dose"),
        ("| Back pain | 25 mg |", "| Back pain | 50 mg |"),
        ("> Stopping takes weeks, not days.\n\n", ""),
    ):
        assert old in text
        text = text.replace(old, new)
    article.write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], index)
    with served(index) as address:
        yield address, ids


def test_no_violation_where_links_tell_of_changes(aged: tuple[str, list[str]], axe: str) -> None:
    address, ids = aged
    paths = [f"/p/{name}" for name in ids]
    paths += [f"/p/{ids[0]}?text=dose+is+50+mg", f"/p/{ids[0]}?text=gone+for+good", "/links"]
    paths += [f"/p/{ids[0]}/cite", f"/p/{ids[0]}/similar", f"/p/{ids[0]}?text=go+slow&q=slow"]
    for width in (1280, 375):
        with browsing(address, width) as browser:
            browser.media(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
            for path in paths:
                browser.open(path)
                assert violations(browser, axe) == [], path
                assert browser.run("return document.documentElement.scrollWidth") <= width, path


def test_no_violation_while_words_are_selected(wide: Browser, axe: str) -> None:
    for scheme in ("light", "dark"):
        wide.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        wide.open("/articles/glance")
        wide.run("getSelection().selectAllChildren(document.querySelector('p.passage'))")
        wide.wait(lambda: wide.find("[data-selection]").is_displayed())
        assert violations(wide, axe) == []
