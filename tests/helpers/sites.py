"""Sites to test: small corpora of every kind of block, and applications that serve them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from indexer import build_index
from webapp import create_app

GLANCE = """\
---
title: Tramadol at a Glance
url: https://example.org/tramadol
author: A. Writer
date: 2024-05-01
---

# Tramadol at a Glance

Start low and go slow. The usual dose is 50 mg at night; anti-inflammatory drugs are another matter.
Taking 100mg at once is unwise.

## Doses

| Use | First dose | Highest dose |
|---|---|---|
| Nerve pain | 50 mg | 400 mg |
| Back pain | 25 mg | 200 mg |

> Stopping takes weeks, not days.

### Steps

Before you stop:

- Ask your doctor
- Halve the dose
    - for two weeks
    - then again
- Stop when you feel well

## Code

```python
def dose(week):
    return max(0, 75 - 10 * week)  # halving
```
"""

LONG = "# Waiting\n\n" + "\n\n".join(
    f"## Month {month}\n\n"
    + "\n\n".join(
        f"In week {week} of month {month} the clinic wrote down what was said about waiting. "
        f"Nobody liked waiting, and number {month * 10 + week} said so."
        for week in range(1, 5)
    )
    for month in range(1, 9)
)

HOSTILE = {
    "id": 'x"><script>alert(1)</script>/../y',
    "title": "<script>alert('title')</script> & <b>bold</b>",
    "text": (
        "<script>alert('title')</script> & <b>bold</b>\n\n"
        'A paragraph with <img src=x onerror=alert(2)> and "quotes" and {{ 7 * 7 }} '
        "that says grommet & washer.\n"
    ),
    "url": "javascript:alert(3)",
}
ODD_IDS = ("a//b", "..", "what?#100%", "/rooted", "dots/../up", "ends/", " naïve id", "back\\slash")


def write_corpus(folder: Path) -> Path:
    """A corpus of Markdown, and of records with hostile words and odd ids."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "glance.md").write_text(GLANCE, encoding="utf-8")
    (folder / "waiting.md").write_text(LONG, encoding="utf-8")
    records = [HOSTILE]
    for number, odd in enumerate(ODD_IDS):
        text = f"Odd number {number}\n\nThe sprocket of article {number} is a good sprocket.\n"
        records.append({"id": odd, "title": f"Odd number {number}", "text": text})
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "records.jsonl").write_text(lines, encoding="utf-8")
    return folder


def make_index(folder: Path) -> Path:
    """An index of `write_corpus`, both below `folder`."""
    index = folder / "index"
    report = build_index([write_corpus(folder / "corpus")], index)
    assert not report.skipped
    return index


class Compiled(BytecodeCache):
    """Cache of templates, compiled once for all applications of a process."""

    def __init__(self) -> None:
        self._codes: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key + bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}


@contextmanager
def serving(index: Path, **config: Any) -> Iterator[FlaskClient]:
    """A client of an application over an index."""
    app = create_app({"INDEX": index, "TESTING": True, **config})
    yield app.test_client()
    app.extensions["library"].close()


class Page(HTMLParser):
    """A parsed page: its elements, marks, and text without tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.marks: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(str(html))  # Markup would escape what is added to it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "mark":
            self.marks.append("")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marks[-1] += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Attributes of the elements of that name that have all of `wanted`."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]

    def with_class(self, name: str) -> list[dict[str, str]]:
        """Attributes of the elements that have a class."""
        return [found for _, found in self.elements if name in found.get("class", "").split()]

    def ids(self) -> list[str]:
        """All ids on the page."""
        return [found["id"] for _, found in self.elements if "id" in found]


def page(client: FlaskClient, address: str, status: int = 200) -> Page:
    """The page at an address, which must have this status."""
    response = client.get(address)
    assert response.status_code == status, address
    return Page(response.text)
