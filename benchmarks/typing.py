"""Results as you type, in a real browser: from the last key to the first hit on the screen.

    python -m benchmarks.typing PATH … [--passages 20000] [--queries 60]
    python -m benchmarks.typing --index DIR

Indexes the passages of PATH (or takes the index DIR), runs `pilcrow serve` over them, and types
queries drawn from the passages into Chromium: words rare and common, two words, a phrase. All but
the last letter of each query is typed and answered first; then the last key is pressed. The
measured time is that from the event's own time stamp to the frame after the one in which the
answer to the whole query was put on the page. So it includes the pause for the next key, the
server, the transfer, parsing, layout and painting; the parts are printed below it. No query runs
twice, and the browser caches nothing.

Needs selenium, chromium and chromedriver.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import click
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from benchmarks import passages
from benchmarks.engines import engine
from benchmarks.engines.pilcrow import as_typed
from benchmarks.measuring import quantile
from benchmarks.passages import Row
from benchmarks.running import ROOT
from benchmarks.sampling import Sample
from indexer import open_index

KINDS = ("rare", "middle", "common", "and", "phrase")
PATIENCE = 10  # seconds until an answer counts as lost
SETTLED = 0.3  # seconds after which nothing is in progress any more
WATCH = """
const [query] = arguments;
window.took = null;
performance.clearResourceTimings();
const hits = () => document.querySelectorAll("[data-results] [data-hit]").length;
document.querySelector("#q").addEventListener("keydown", ({ timeStamp: pressed }) => {
  document.addEventListener("results", function seen() {
    if (!document.title.startsWith(query) || !hits()) return;
    document.removeEventListener("results", seen);
    const answers = performance.getEntriesByType("resource");
    const fetched = answers.filter(({ name }) => name.includes("fragment=1")).at(-1);
    const { startTime, responseEnd, encodedBodySize } = fetched;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const painted = performance.now();
        const parts = [startTime - pressed, responseEnd - startTime, painted - responseEnd];
        window.took = [painted - pressed, ...parts, encodedBodySize];
      };
      port2.postMessage(null);  // arrives when the frame has been painted
    });
  });
}, { once: true });
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """Measurements of one query."""

    query: str
    took: float  # ms from the key to the painted hit
    pause: float  # ms of that until the page asked
    answer: float  # ms until the answer was there
    page: float  # ms until it was painted
    size: float  # bytes of the answer, compressed


def measure(index: Path, queries: Sequence[str]) -> list[Typed]:
    """Types every query once."""
    with _serving(index) as address, _browser() as driver:
        driver.get(address)
        return [_type(driver, query) for query in queries]


def _type(driver: webdriver.Chrome, query: str) -> Typed:
    """Measures the last key of a query."""
    start, last = query[:-1], query[-1]
    driver.execute_script(
        "const box = document.querySelector('#q'); box.focus(); box.value = arguments[0];"
        "box.dispatchEvent(new Event('input', { bubbles: true }));",
        start,
    )
    time.sleep(SETTLED)
    driver.execute_script(WATCH, query)
    key = {"text": last, "key": last, "unmodifiedText": last}
    driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", "key": last})
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if took := driver.execute_script("return window.took"):
            return Typed(query, *map(float, took))
        time.sleep(0.05)  # polls rarely, so as not to disturb the measurement
    raise TimeoutError(f"no hit for {query!r} in {PATIENCE} s")


@contextmanager
def _serving(index: Path) -> Iterator[str]:
    """Runs `pilcrow serve` over an index in its own process; yields the address."""
    command = [sys.executable, "-m", "indexer", "serve", "--port", "0", "--index", str(index)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        process.stdout.close()


@contextmanager
def _browser() -> Iterator[webdriver.Chrome]:
    """Chromium without a window, at 60 frames a second, as on a screen."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        raise click.ClickException("needs Chromium: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1280,900"):
        options.add_argument(argument)
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        window.execute_cdp_cmd("Network.enable", {})
        window.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        yield window
    finally:
        window.quit()


def _built(rows: Sequence[Row], folder: Path) -> Path:
    engine("pilcrow").build(folder, rows, "stem")
    return folder


def _rows_of(index: Path) -> Iterator[Row]:
    """The passages of an index, as source of queries."""
    with open_index(index) as opened:
        for article in opened.articles():
            for number, passage in enumerate(opened.passages(article.id)):
                yield Row(article.id, number, article.title, "", passage.text)


def _drawn(rows: Sequence[Row], most: int) -> list[str]:
    """Queries of all kinds in turn."""
    drawn = Sample(rows).draw(most)
    turns = zip_longest(*(drawn[kind] for kind in KINDS))
    queries = (as_typed(query) for query in chain.from_iterable(turns) if query)
    return list(islice((q for q in queries if re.search(r"\w\w.", q)), most))


def report(typed: Sequence[Typed]) -> None:
    """Prints median and 95th percentile, and the slowest."""
    rows: dict[str, list[float]] = {
        "key to first hit on the screen, ms": [t.took for t in typed],
        "  until the page asks": [t.pause for t in typed],
        "  until the answer is there": [t.answer for t in typed],
        "  until it is painted": [t.page for t in typed],
        "size of the answer, kB": [t.size / 1000 for t in typed],
    }
    for name, values in rows.items():
        half, most = quantile(values, 0.5), quantile(values, 0.95)
        print(f"  {name:36} median {half:6.1f}   p95 {most:6.1f}   most {max(values):6.1f}")
    slow = sorted(typed, key=lambda t: -t.took)[:3]
    print("  slowest: " + ", ".join(f"{t.query} ({t.took:.0f})" for t in slow))


def _as_json(typed: Sequence[Typed]) -> list[dict[str, Any]]:
    return [{name: getattr(t, name) for name in Typed.__slots__} for t in typed]


@click.command(help="From a key to the first hit on the screen, in Chromium.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--index", type=click.Path(exists=True, path_type=Path), help="An index at hand.")
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--queries", default=60, show_default=True, help="How many, of five kinds in all.")
@click.option("--json", "output", type=click.Path(path_type=Path), help="Every figure, to a file.")
def main(
    paths: tuple[Path, ...], index: Path | None, most: int, queries: int, output: Path | None
) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as made:
        if index is None:
            texts = passages.texts(passages.files_in(paths)) if paths else passages.of_this_python()
            rows = list(islice(passages.pack(texts), most or None))
            index = _built(rows, Path(made))
        else:
            rows = list(_rows_of(index))
        asked = _drawn(rows, queries)
        print(f"{len(rows):,} passages, {len(asked)} queries")
        typed = measure(index, asked)
    report(typed)
    if output:
        output.write_text(json.dumps(_as_json(typed), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
