"""Where a link with a text fragment lands in Chromium.

In: a page's markup, a fragment, and the quotation to show (the k-th of n). Out: a `Verdict` from
the picture: `::target-text` is painted in one colour; the quotation's lines in view must have this
colour, and no other text may. Refuses to run without Chromium and its driver
(`FileNotFoundError`).

The address is opened as if typed, in a new page, because a browser follows a text fragment only
after a user's action. Scripts, pictures and everything from other sites are blocked. Empty space
before and after the text lets any part of it be scrolled to.
"""

from __future__ import annotations

import re
import shutil
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

Result = Literal["right", "with more", "elsewhere", "nothing marked", "count differs", "error"]
RESULTS: tuple[Result, ...] = (
    "right", "with more", "elsewhere", "nothing marked", "count differs", "error",
)  # fmt: skip
PATIENCE = 1.5  # seconds after which a fragment that scrolled nothing counts as not found
_SEARCH = (Path(__file__).parent / "landing.js").read_text(encoding="utf-8")
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


class Landing:
    """A browser, and a server of pages for it."""

    def __init__(self) -> None:
        self._page = b""
        self._number = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._driver: webdriver.Chrome | None = None

    def __enter__(self) -> Landing:
        self._driver = _start_browser()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._driver is not None:
            self._driver.quit()
        self._server.shutdown()
        self._server.server_close()

    def look(self, markup: str, fragment: str, quote: str, k: int, n: int) -> Verdict:
        """Open a page at a fragment and see whether it shows the k-th (from 0) of n quotations."""
        try:
            return self._look(markup, fragment, quote, k, n)
        except WebDriverException:
            self._restart()
            return Verdict("error")

    def _look(self, markup: str, fragment: str, quote: str, k: int, n: int) -> Verdict:
        self._page = _with_room(markup).encode("utf-8", "replace")
        self._number += 1
        driver = self._running()
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

    def _running(self) -> webdriver.Chrome:
        assert self._driver is not None, "use it in a with statement"
        return self._driver

    def _restart(self) -> None:
        """Starts a new browser after one stopped answering."""
        try:
            self._running().quit()
        finally:
            self._driver = _start_browser()

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
