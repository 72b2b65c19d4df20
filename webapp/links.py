"""The one place that builds addresses: of our own pages, and of places in original pages.

In: ids, forms, passages. Out: addresses, those within the site without a host unless asked for.
Refuses to make a link of an original address that is not http or https ("" is returned).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flask import current_app, url_for

from indexer import Passage
from webapp.forms import ReadingForm, SearchForm

STATIC = Path(__file__).parent / "static"
LONGEST_EXACT = 300  # characters of a text fragment given whole; longer ones by start and end
EDGE_WORDS = 6  # words of such a start and end
UNMARKED = ReadingForm()
BY_PARAMETER = {  # for ids that can't stand in a path
    "articles.read_by_path": "articles.listing",
    "articles.outline_by_path": "articles.outline",
    "api.article": "api.articles",
}


def search(form: SearchForm, *, external: bool = False) -> str:
    """The results page of a form."""
    return url_for("search.results", **form.arguments(), _external=external)


def article(
    id: str,
    form: ReadingForm = UNMARKED,
    passage: Passage | None = None,
    *,
    external: bool = False,
) -> str:
    """An article's page, with what a form finds marked, at `passage` when one is given."""
    asked = form.asked() | ({"passage": passage.id} if passage else {})
    anchor = passage.anchor if passage else None
    return _of_article("articles.read_by_path", id, asked, anchor=anchor, external=external)


def outline(id: str) -> str:
    """The page that shows how an article was understood."""
    return _of_article("articles.outline_by_path", id, {})


def api_article(id: str) -> str:
    """An article as JSON."""
    return _of_article("api.article", id, {})


def permalink(passage_id: str, form: ReadingForm = UNMARKED, *, external: bool = False) -> str:
    """The lasting address of a passage."""
    asked: dict[str, Any] = dict(form.asked())
    return url_for("articles.permalink", passage_id=passage_id, **asked, _external=external)


def asset(name: str) -> str:
    """A static file, under an address that changes with its content."""
    version = digest_of(STATIC / name) if not current_app.debug else None
    return url_for("static", filename=name, v=version)


def original(url: str, element: str = "", text: str = "") -> str:
    """A place in an original page: its nearest element, and `text` as a text fragment."""
    if urlsplit(url).scheme not in ("http", "https"):
        return ""
    address = url.partition("#")[0]
    if not (element or text):
        return url
    fragment = quote(element)
    if text:
        fragment += ":~:text=" + text_fragment(text)
    return f"{address}#{fragment}"


def text_fragment(text: str) -> str:
    """The value of a text directive for `text`: whole, or by its first and last words."""
    words = text.split()
    if len(" ".join(words)) <= LONGEST_EXACT:
        return escape_directive(" ".join(words))
    start, end = words[:EDGE_WORDS], words[-EDGE_WORDS:]
    return ",".join(escape_directive(" ".join(part)) for part in (start, end))


def escape_directive(text: str) -> str:
    """Percent-encoded, with the characters that a text directive gives a meaning."""
    return quote(text, safe="").replace("-", "%2D")


@lru_cache(maxsize=64)
def digest_of(path: Path) -> str:
    """A short digest of a file's content; read once for the life of the process."""
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def _of_article(
    endpoint: str,
    id: str,
    asked: dict[str, str],
    *,
    anchor: str | None = None,
    external: bool = False,
) -> str:
    if not path_safe(id):
        endpoint = BY_PARAMETER[endpoint]  # url_for makes a parameter of what its path lacks
    given: dict[str, Any] = {"id": id, **asked}
    return url_for(endpoint, **given, _anchor=anchor, _external=external)


def path_safe(id: str) -> bool:
    """Whether an id arrives unchanged as the end of a path.

    Browsers and servers resolve "." and "..", merge or strip slashes, and treat a backslash as
    a slash.
    """
    parts = id.split("/")
    return all(part.strip(".") for part in parts) and "\\" not in id and id == id.strip()


def suggestion(text: str, kind: str) -> str:
    """The results of a suggestion: a term as it is, a heading as a section to search in."""
    return search(SearchForm(q=phrase(text) if kind == "heading" else text))


def phrase(text: str) -> str:
    """A query for a heading: the section with these words."""
    return 'section:"' + text.replace('"', " ") + '"'
