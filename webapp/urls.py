"""Builds all addresses: of pages of the site, and of passages in original pages.

In: ids, forms, passages. Out: addresses; those of the site have no host unless `external`. For an
original page whose address is not http or https, returns "".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, request, url_for

from indexer import palette, schema
from webapp.params import Paged, QueryString, ReadingForm, SearchForm

STATIC = Path(__file__).parent / "static"
UNMARKED = ReadingForm()
BY_PARAMETER = {  # for ids that can't be part of a path
    "articles.read_by_path": "articles.listing",
    "articles.outline_by_path": "articles.outline",
    "api.article": "api.articles",
}


@dataclass(frozen=True, slots=True)
class SiteAddresses(schema.Addresses):
    """Makes the links of an endpoint's answer to a query string."""

    site: str = field(default_factory=lambda: request.script_root)
    endpoint: str = ""
    query: QueryString | None = None
    path: Mapping[str, str] | None = None

    def next_page(self, offset: int) -> str | None:
        """Address of the same question from `offset` on."""
        repeated = (self.query or QueryString()).to_dict(flat=False)
        given: dict[str, Any] = {**(self.path or {}), **repeated, "offset": offset}
        return url_for(self.endpoint, **given)


def search(form: SearchForm, *, external: bool = False) -> str:
    """Address of the results of a form."""
    return url_for("search.results", **form.arguments(), _external=external)


def pages(form: Paged, name: str = "page") -> Callable[[int], str]:
    """Function that returns the address of each page of the current list."""

    def address(number: int) -> str:
        changed = form.changed(**{"page": form.page, name: number})
        return url_for(request.endpoint or "", **changed.arguments())

    return address


def article(
    id: str, form: ReadingForm = UNMARKED, anchor: str | None = None, *, external: bool = False
) -> str:
    """Address of an article, with the matches of a form marked, at `anchor` if given."""
    return part(id, form, 1, anchor, external=external, **form.linked())


def part(
    id: str,
    form: ReadingForm,
    number: int = 1,
    anchor: str | None = None,
    *,
    external: bool = False,
    **more: str,
) -> str:
    """Address of one part of a long article, with the matches of a form marked, at `anchor` if
    given. `more` parameters: `whole`, or an empty `at`, to which scripts append an anchor."""
    arguments = form.asked() | ({"part": str(number)} if number > 1 else {}) | more
    return _of_article("articles.read_by_path", id, arguments, anchor=anchor, external=external)


def outline(id: str, number: int = 1) -> str:
    """Address of the outline of an article, or of a part of it."""
    return _of_article("articles.outline_by_path", id, {"part": number} if number > 1 else {})


def permalink(passage_id: str, form: ReadingForm = UNMARKED, *, external: bool = False) -> str:
    """Permalink of a passage, with the matches of a form marked."""
    if passage_id.isascii() and passage_id.isalnum() and not external:
        before, after = _around_passage(request.script_root, tuple(form.asked().items()))
        return f"{before}{passage_id}{after}"
    arguments = form.asked()
    return url_for("passages.permalink", passage_id=passage_id, **arguments, _external=external)


@lru_cache(maxsize=64)
def _around_passage(_: str, arguments: tuple[tuple[str, Any], ...]) -> tuple[str, str]:
    """Text before and after the id in permalinks of a site below this path; cached, because a page
    may have hundreds."""
    address = url_for("passages.permalink", passage_id="0", **dict(arguments))
    path, sign, query = address.partition("?")
    return path.removesuffix("0"), sign + query


def asset(name: str) -> str:
    """Address of a static file, which changes with its content."""
    return url_for("static", filename=name, v=None if current_app.debug else _version(name))


def colours() -> str:
    """Address of the style sheet with the colours, which changes with its content."""
    return url_for("site.colours", v=None if current_app.debug else _version(""))


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    """Digest of a static file, or of the colours (""); cached."""
    data = (STATIC / name).read_bytes() if name else palette().encode()
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def original(url: str, fragment: str = "") -> str:
    """Address of an original page, with a fragment (`#…`) if given; "" if it is not http(s)."""
    if not re.match("https?://", url, re.IGNORECASE):
        return ""
    return url.partition("#")[0] + fragment if fragment else url


def _of_article(
    endpoint: str,
    id: str,
    arguments: dict[str, Any],
    *,
    anchor: str | None = None,
    external: bool = False,
) -> str:
    if not path_safe(id):
        endpoint = BY_PARAMETER[endpoint]  # url_for then makes `id` a parameter
    return url_for(endpoint, id=id, **arguments, _anchor=anchor, _external=external)


def path_safe(id: str) -> bool:
    """Whether an id at the end of a path arrives unchanged.

    Browsers and servers resolve "." and "..", merge or strip slashes, and treat a backslash as
    a slash.
    """
    parts = id.split("/")
    return all(part.strip(".") for part in parts) and "\\" not in id and id == id.strip()


def suggestion(text: str, kind: str, passage: str) -> str:
    """Address of a suggestion: of its section or article, if there is only one; else of a search
    for the term, the phrase in quotes, or the sections with this heading."""
    if passage:
        return permalink(passage)
    queries = {"heading": phrase(text), "article": phrase(text), "phrase": f'"{text}"'}
    return search(SearchForm(q=queries.get(kind, text)))


def phrase(text: str) -> str:
    """Query for the sections whose heading has this phrase."""
    return 'section:"' + text.replace('"', " ") + '"'
