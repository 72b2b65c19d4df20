"""Accessibility by axe-core, on every kind of page, light, dark and narrow.

axe-core is read from `node_modules` (npm install --no-save axe-core) or from the path in AXE_CORE.
Where it is not, these tests are skipped; what AXE_CORE names must be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chromium import Browser, browsing, served
from sites import make_index

ROOT = Path(__file__).resolve().parent.parent
AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
PAGES = [
    "/",
    "/?q=dose",
    "/?q=waiting+clinic&article=waiting",
    "/?q=100+mg",
    "/?q=sprocket+grommet",
    "/?q=qqqq+zzzz",
    "/articles",
    "/articles/glance?q=dose",
    "/articles/waiting?q=nothing",
    "/outline/glance",
    "/help",
    "/api/",
    "/nope",
    "/?page=x",
]
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then(
  (found) => done(found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html} ${node.failureSummary}`))),
  (error) => done([String(error)]));
"""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        reason = f"axe-core is not at {AXE}: npm install --no-save axe-core"
        if "AXE_CORE" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, axe: str) -> Iterator[str]:
    with served(make_index(tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(scope="module")
def wide(address: str) -> Iterator[Browser]:
    with browsing(address) as browser:
        yield browser


@pytest.fixture(scope="module")
def narrow(address: str) -> Iterator[Browser]:
    with browsing(address, width=375) as browser:
        yield browser


def violations(browser: Browser, axe: str) -> list[str]:
    browser.run(axe)
    found: list[str] = browser.driver.execute_async_script(RUN)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_violation_on_wide_pages(wide: Browser, axe: str, path: str, scheme: str) -> None:
    wide.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    wide.open(path)
    assert violations(wide, axe) == []


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
