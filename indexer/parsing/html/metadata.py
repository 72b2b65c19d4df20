"""What a page says of itself.

In: the tree of a whole page, before pruning. Out: a `Declared` with title, address, language and
the rest. Refuses nothing: what can't be read is as if it were not there.

For each fact the source meant for machines goes before the one meant for people: Open Graph and
JSON-LD before the `title` element, whose end often names the site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from indexer.parsing.article import Declared, squeeze
from indexer.parsing.html.dom import Element

_ARTICLE_TYPES = re.compile(r"Article|Posting|WebPage|Report|Recipe|HowTo|Drug|Medical")
_MAX_JSON = 500_000  # characters of one JSON-LD script
_MAX_NODES = 1_000  # objects looked at in JSON-LD
_TITLE_ENDS = re.compile(r"\s+(?:\||»|·|::|–|—|-)\s+")


def read_metadata(root: Element) -> Declared:
    """All that the head, JSON-LD and a few attributes tell."""
    meta = _meta(root)
    linked = _json_ld(root)
    site = meta.get("og:site_name", "")
    address = _first(
        _canonical(root), meta.get("og:url"), linked.get("url"), linked.get("mainEntityOfPage")
    )
    return Declared(
        title=_first(
            meta.get("og:title"), linked.get("headline"), _title(root, site), meta.get("dc.title")
        ),
        url=address if address.startswith(("http://", "https://")) else "",
        language=_language(root, meta, linked),
        metadata={
            "site": site,
            "author": _first(linked.get("author"), meta.get("author"), meta.get("article:author"),
                             meta.get("dc.creator")),
            "date": _first(linked.get("datePublished"), meta.get("article:published_time"),
                           meta.get("date"), meta.get("dc.date"), _time(root, "datePublished")),
            "modified": _first(linked.get("dateModified"), meta.get("article:modified_time"),
                               meta.get("last-modified"), _time(root, "dateModified")),
            "description": _first(meta.get("description"), meta.get("og:description"),
                                  linked.get("description")),
        },
    )  # fmt: skip


def _first(*values: str | None) -> str:
    return next((found for value in values if value and (found := squeeze(value))), "")


def _meta(root: Element) -> dict[str, str]:
    """Content of `meta` elements by name or property in lower case, the first of each."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        name = name or element.get("http-equiv") or ""
        content = element.get("content") or ""
        if name and content.strip():
            found.setdefault(name.strip().lower(), content)
    return found


def _canonical(root: Element) -> str:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return (link.get("href") or "").strip()
    return ""


def _language(root: Element, meta: Mapping[str, str], linked: Mapping[str, str]) -> str:
    body = next(root.iter("body"), root)
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    return _first(
        root.get("lang"), root.get(xml), root.get("xml:lang"), body.get("lang"),
        meta.get("content-language"), meta.get("og:locale"), linked.get("inLanguage"),
        meta.get("dc.language"),
    )  # fmt: skip


def _time(root: Element, itemprop: str) -> str:
    for element in root.iter("time"):
        if element.get("itemprop") == itemprop:
            return element.get("datetime") or "".join(element.itertext())
    return ""


def _title(root: Element, site: str) -> str:
    """The `title` element without the site's name at its end or beginning."""
    title = squeeze("".join(next(root.iter("title"), root.makeelement("title")).itertext()))
    parts = _TITLE_ENDS.split(title)
    if len(parts) < 2:
        return title
    headings = {squeeze("".join(h.itertext())).casefold() for h in root.iter("h1", "h2")}
    for part in parts:
        if part.casefold() in headings:
            return part
    if site and parts[-1].casefold() == squeeze(site).casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |»·:–—-")
    if site and parts[0].casefold() == squeeze(site).casefold():
        return title[len(parts[0]) :].lstrip(" |»·:–—-")
    before, bar, _ = title.rpartition(" | ")
    return before.strip() if bar else title


def _json_ld(root: Element) -> dict[str, str]:
    """Facts of the first object in JSON-LD that describes an article or page."""
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = "".join(script.itertext())
        if len(text) > _MAX_JSON:
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for node in _objects(data):
            if _ARTICLE_TYPES.search(str(node.get("@type", ""))):
                return {name: _plain(value) for name, value in node.items()}
    return {}


def _objects(data: object) -> Iterator[dict[str, object]]:
    """All objects within, outermost first."""
    queue = [data]
    for _ in range(_MAX_NODES):
        if not queue:
            return
        node = queue.pop(0)
        if isinstance(node, list):
            queue.extend(node[:_MAX_NODES])
        elif isinstance(node, dict):
            yield node
            queue.extend(v for v in node.values() if isinstance(v, dict | list))


def _plain(value: object) -> str:
    """A JSON-LD value as text: names of people, addresses of things."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value[:20])))
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id") or value.get("url")
    return value if isinstance(value, str) else ""
