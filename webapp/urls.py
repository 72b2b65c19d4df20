"""The one place that builds addresses: of our own pages, and of places in original pages.

In: ids, forms, passages. Out: addresses, those within the site without a host unless asked for.
Refuses to make a link of an original address that is not http or https ("" is returned).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for

from indexer import palette, schema
from webapp.params import Paged, Query, ReadingForm, SearchForm

STATIC = Path(__file__).parent / "static"
UNMARKED = ReadingForm()
BY_PARAMETER = {  # for ids that can't stand in a path
    "articles.read_by_path": "articles.listing",
    "articles.outline_by_path": "articles.outline",
    "api.article": "api.articles",
}


@dataclass(frozen=True, slots=True)
class SiteAddresses(schema.Addresses):
    """Makes the links of the answer of one endpoint to one query string."""

    site: str = field(default_factory=lambda: request.script_root)
    endpoint: str = ""
    asked: Query | None = None
    path: Mapping[str, str] | None = None

    def next_page(self, offset: int) -> str | None:
        """The same question from `offset` on."""
        asked = (self.asked or Query()).to_dict(flat=False)
        given: dict[str, Any] = {**(self.path or {}), **asked, "offset": offset}
        return url_for(self.endpoint, **given)


def search(form: SearchForm, *, external: bool = False) -> str:
    """The results page of a form."""
    return url_for("search.results", **form.arguments(), _external=external)


def pages(form: Paged, name: str = "page") -> Callable[[int], str]:
    """What makes the address of each page of a list that the form of this page asks for."""

    def address(number: int) -> str:
        asked = form.changed(**{"page": form.page, name: number})
        return url_for(request.endpoint or "", **asked.arguments())

    return address


def article(
    id: str, form: ReadingForm = UNMARKED, anchor: str | None = None, *, external: bool = False
) -> str:
    """An article's page, with what a form finds marked, at an anchor when one is given."""
    asked = form.asked() | form.linked()
    return _of_article("articles.read_by_path", id, asked, anchor=anchor, external=external)


def part(
    id: str,
    form: ReadingForm,
    number: int = 1,
    anchor: str | None = None,
    *,
    external: bool = False,
    **more: str,
) -> str:
    """One part of a long article, with what a form finds marked, at an anchor when one is given;
    `more` of its query string: `whole`, or an empty `at`, at whose end an anchor may be put."""
    asked = form.asked() | ({"part": str(number)} if number > 1 else {}) | more
    return _of_article("articles.read_by_path", id, asked, anchor=anchor, external=external)


def outline(id: str, number: int = 1) -> str:
    """The page that shows how an article was understood, or a part of it."""
    asked = {"part": str(number)} if number > 1 else {}
    return _of_article("articles.outline_by_path", id, asked)


def permalink(passage_id: str, form: ReadingForm = UNMARKED, *, external: bool = False) -> str:
    """The lasting address of a passage."""
    if passage_id.isascii() and passage_id.isalnum() and not external:
        before, after = _around_passage(request.script_root, tuple(form.asked().items()))
        return f"{before}{passage_id}{after}"
    asked = form.asked()
    return url_for("passages.permalink", passage_id=passage_id, **asked, _external=external)


@lru_cache(maxsize=64)
def _around_passage(_: str, asked: tuple[tuple[str, Any], ...]) -> tuple[str, str]:
    """What stands before and after the id in the addresses of passages, of which a page may show
    hundreds, on a site below this path."""
    address = url_for("passages.permalink", passage_id="0", **dict(asked))
    path, sign, query = address.partition("?")
    return path.removesuffix("0"), sign + query


def asset(name: str) -> str:
    """A static file, under an address that changes with its content."""
    return url_for("static", filename=name, v=None if current_app.debug else _version(name))


def colours() -> str:
    """The style sheet of colours, under an address that changes with the code."""
    return url_for("site.colours", v=None if current_app.debug else _version(""))


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    """A digest of a static file, or of the colours (""); made once for the life of the process."""
    data = (STATIC / name).read_bytes() if name else palette().encode()
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def original(url: str, fragment: str = "") -> str:
    """An original page, at the place that a fragment (`#…`) leads to when one is given."""
    if urlsplit(url).scheme not in ("http", "https"):
        return ""
    return url.partition("#")[0] + fragment if fragment else url


def _of_article(
    endpoint: str,
    id: str,
    asked: dict[str, Any],
    *,
    anchor: str | None = None,
    external: bool = False,
) -> str:
    if not path_safe(id):
        endpoint = BY_PARAMETER[endpoint]  # url_for makes a parameter of what its path lacks
    return url_for(endpoint, id=id, **asked, _anchor=anchor, _external=external)


def path_safe(id: str) -> bool:
    """Whether an id arrives unchanged as the end of a path.

    Browsers and servers resolve "." and "..", merge or strip slashes, and treat a backslash as
    a slash.
    """
    parts = id.split("/")
    return all(part.strip(".") for part in parts) and "\\" not in id and id == id.strip()


def suggestion(text: str, kind: str, passage: str) -> str:
    """Where a suggestion leads: to its section or article, where there is but one, a term to its
    results, a phrase in quotes, and a heading of several sections to what is below them."""
    if passage:
        return permalink(passage)
    asked = {"heading": phrase(text), "article": phrase(text), "phrase": f'"{text}"'}
    return search(SearchForm(q=asked.get(kind, text)))


def phrase(text: str) -> str:
    """A query for a heading: the section with these words."""
    return 'section:"' + text.replace('"', " ") + '"'
