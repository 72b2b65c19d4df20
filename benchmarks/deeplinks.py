"""Links with text fragments: whether Chromium marks the quotation that is meant.

    python -m benchmarks.deeplinks FOLDER

FOLDER holds `pages/<name>.html` and `cases.jsonl`: {"page", "kind", "quote", "k", "n"} and perhaps
"prefix" and "suffix": a quotation, which of its n occurrences is meant (k from 0), and up to 40
characters on either side.

Links are made as the site makes them, from the parsed article. For each kind the table gives the
numbers of links made and of links that landed right: exactly the whole quotation is marked. Then
each case without a link is listed, with the reason, and each case that landed elsewhere. Needs
selenium, chromium and chromedriver.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import click
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from benchmarks.engines.tables import NONE, Table, markdown
from indexer.errors import SourceError
from indexer.links.quotes import match_quote
from indexer.links.text_fragments.generate import Fragment, fragment_for
from indexer.model import Article, Source
from indexer.parsing.formats.dispatch import parse

Result = Literal["right", "with more", "elsewhere", "nothing marked", "count differs", "error"]
RESULTS: tuple[Result, ...] = (
    "right", "with more", "elsewhere", "nothing marked", "count differs", "error",
)  # fmt: skip
PATIENCE = 1.5  # seconds after which a fragment that scrolled nothing counts as not found
_SEARCH = (Path(__file__).parent / "deeplinks.js").read_text(encoding="utf-8")
_ROOM = '<div style="height:4000px"></div>'
_PAINT = "<style>::target-text{background:rgb(255,0,170)!important;color:rgb(255,0,170)!important}"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_CANVAS = (1000, 600)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the browser showed."""

    result: Result
    wanted: float = 0.0  # share of the quotation's lines in view that is marked
    unwanted: float = 0.0  # length of other marked text, relative to that of the quotation
    count: int = 0  # occurrences of the quotation that the browser shows


@dataclass(frozen=True, slots=True)
class Case:
    """A quotation to link to."""

    page: str  # name of the file without its suffix
    kind: str
    quote: str
    k: int  # number of the occurrence, from 0
    n: int  # number of occurrences
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its parsed article."""

    markup: str
    article: Article


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a case."""

    case: Case
    fragment: Fragment
    verdict: Verdict | None  # None when nothing was opened


class Landing:
    """A browser, and a server of pages for it.

    An address is opened as if typed, in a new page, because a browser follows a text fragment only
    after a user's action. Scripts, pictures and everything from other sites are blocked. Empty
    space before and after the text lets any part of it be scrolled to. `::target-text` is painted
    in one colour: the quotation's lines in view must have this colour, and no other text may.
    """

    def __init__(self) -> None:
        """Raises `FileNotFoundError` without Chromium and its driver."""
        self._page = b""
        self._number = 0
        self._driver = _start_browser()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Landing:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()
        self._server.shutdown()
        self._server.server_close()

    def look(self, markup: str, fragment: str, quote: str, k: int, n: int) -> Verdict:
        """Open a page at a fragment and see whether it shows the k-th (from 0) of n quotations."""
        try:
            return self._look(markup, fragment, quote, k, n)
        except WebDriverException:
            self._driver.quit()
            self._driver = _start_browser()
            return Verdict("error")

    def _look(self, markup: str, fragment: str, quote: str, k: int, n: int) -> Verdict:
        self._page = _with_room(markup).encode("utf-8", "replace")
        self._number += 1
        driver = self._driver
        driver.get(f"http://127.0.0.1:{self._server.server_port}/{self._number}{fragment}")
        until = time.monotonic() + PATIENCE
        while not driver.execute_script("return scrollY > 100") and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.05)  # folds open, and scrolled text is painted
        picture = driver.get_screenshot_as_base64()
        seen: dict[str, Any] = driver.execute_async_script(_SEARCH, quote, k, picture)
        wanted, unwanted, count = seen["wanted"], seen["unwanted"], seen["count"]
        result: Result = "elsewhere" if wanted < 0.5 else "right" if unwanted < 0.1 else "with more"
        if not seen["marked"]:
            result = "nothing marked"
        elif count != n:
            result = "count differs"
        return Verdict(result, wanted, unwanted, count)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        landing = self

        class Handler(BaseHTTPRequestHandler):
            """Serves the current page at any address."""

            def do_GET(self) -> None:
                """Serves the page."""
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", _POLICY)
                self.send_header("Content-Length", str(len(landing._page)))
                self.end_headers()
                self.wfile.write(landing._page)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Logs nothing."""

        return Handler


def _with_room(markup: str) -> str:
    """A page with styles for marks, and empty space before and after its text."""
    paint = _PAINT + "</style>"
    start = _BODY.search(markup)
    if start is None:
        return f"<!DOCTYPE html>{paint}{_ROOM}{markup}{_ROOM}"
    markup = markup[: start.end()] + paint + _ROOM + markup[start.end() :]
    ends = list(_BODY_END.finditer(markup))
    at = ends[-1].start() if ends else len(markup)
    return markup[:at] + _ROOM + markup[at:]


def _start_browser() -> webdriver.Chrome:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        raise FileNotFoundError("no Chromium with its driver: apt install chromium chromium-driver")
    options = Options()
    options.binary_location = chromium
    width, height = _CANVAS
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={width},{height}", "--force-device-scale-factor=1",
    ):  # fmt: skip
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.set_page_load_timeout(20)
    browser.set_script_timeout(20)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    return browser


def read_pages(folder: Path) -> Iterator[tuple[str, Page]]:
    """The pages of a folder by name; skips a page that holds no article."""
    for path in sorted(folder.glob("*.html")):
        source = Source(path.name, path.stem, "html", path.read_bytes())
        try:
            article = parse(source).articles[0]
            markup = source.data.decode("utf-8", "replace")
            yield path.stem, Page(markup, article)
        except SourceError as error:
            print(error)


def read_cases(folder: Path) -> Iterator[Case]:
    """The judged quotations of a folder."""
    with (folder / "cases.jsonl").open(encoding="utf-8") as lines:
        yield from (Case(**json.loads(line)) for line in lines)


def run(cases: Iterable[Case], pages: dict[str, Page]) -> Iterator[Outcome]:
    """Makes each link and opens it."""
    with Landing() as landing:
        for case in cases:
            page = pages[case.page]
            made, verdict = make_link(case, page.article), None
            if made.directive is not None:
                verdict = landing.look(page.markup, made.written, case.quote, case.k, case.n)
            yield Outcome(case, made, verdict)


def make_link(case: Case, article: Article) -> Fragment:
    """The link under test."""
    about = len(article.text) * case.k // max(case.n - 1, 1)
    found = match_quote(article.text, case.quote, case.prefix, case.suffix, about)
    if found is None or not found.exact:
        return Fragment("", None, "the article doesn't hold the quotation")
    return fragment_for(article, found.span)


def table(outcomes: Sequence[Outcome]) -> Table:
    """Counts by kind."""
    rows = []
    for kind in [*dict.fromkeys(outcome.case.kind for outcome in outcomes), "all"]:
        chosen = [o for o in outcomes if kind in ("all", o.case.kind)]
        seen = Counter(o.verdict.result for o in chosen if o.verdict is not None)
        links = seen.total()
        counts = (len(chosen), len(chosen) - links, *(seen[result] for result in RESULTS))
        share = f"{seen['right'] / links:.1%}" if links else NONE
        rows.append([kind, *map(str, counts), share])
    return "Links", ["kind", "cases", "no link", *RESULTS, "right of links"], rows


def describe(outcome: Outcome) -> str:
    """A case and what became of it, in one line."""
    case, made, verdict = outcome.case, outcome.fragment, outcome.verdict
    landed = f"{verdict.result}: {made.written[:150]}" if verdict is not None else ""
    quote = " ".join(case.quote.split())
    shown = quote if len(quote) <= 60 else f"{quote[:29]} … {quote[-29:]}"
    what = "; ".join(filter(None, (made.reason, landed)))
    return f"{case.page} {case.kind} {case.k + 1}/{case.n} “{shown}”: {what}"


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Opens the links, prints the table and the failures."""
    outcomes = list(run(read_cases(folder), dict(read_pages(folder / "pages"))))
    print(markdown(table(outcomes)))
    for outcome in outcomes:
        if outcome.verdict is None or outcome.verdict.result != "right":
            print(describe(outcome))


if __name__ == "__main__":
    main()
