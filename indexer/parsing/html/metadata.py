"""Metadata that a page declares.

In: the tree of a whole page, before pruning. Out: a `Declared` with title, address, language and
other metadata. Refuses nothing: values that can't be read count as absent.

Sources meant for machines are preferred to those meant for people: Open Graph and JSON-LD to the
`title` element, whose end often names the site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from indexer.parsing.article import Declared, squeeze
from indexer.parsing.html.dom import Element, text_of

_ARTICLE_TYPES = re.compile(r"Article|Posting|WebPage|Report|Recipe|HowTo|Drug|Medical")
_MAX_JSON = 500_000  # characters of one JSON-LD script
_MAX_NODES = 1_000  # nodes searched in JSON-LD
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLE_ENDS = re.compile(r"\s+(?:\||»|·|::|–|—|-)\s+")


def read_metadata(root: Element) -> Declared:
    """Metadata from the head, JSON-LD and a few attributes."""
    facts = _facts(root)

    def first(names: str) -> str:
        values = (squeeze(facts.get(name) or "") for name in names.split())
        return next(filter(None, values), "")

    site = facts.get("og:site_name", "")
    address = first("page:canonical og:url ld:url ld:mainEntityOfPage")
    title = first("og:title ld:headline") or _title(root, site) or first("dc.title")
    return Declared(
        title=title,
        url=address if address.startswith(("http://", "https://")) else "",
        language=first("page:lang content-language og:locale ld:inLanguage dc.language"),
        metadata={
            "site": site,
            "author": first("ld:author author article:author dc.creator"),
            "date": first("ld:datePublished article:published_time date dc.date "
                          "time:datePublished"),
            "modified": first("ld:dateModified article:modified_time last-modified "
                              "time:dateModified"),
            "description": first("description og:description ld:description"),
        },
    )  # fmt: skip


def _facts(root: Element) -> dict[str, str]:
    """The first value of each `meta` name or property, by its name in lower case.

    Other sources have a prefix: `ld:` for JSON-LD, `time:` for `time` elements, `page:` for the
    canonical address and the language.
    """
    found: dict[str, str] = {}
    scripts: list[Element] = []
    for element in root.iter("meta", "link", "time", "script"):
        if element.tag == "meta":
            names = map(element.get, ("property", "name", "itemprop", "http-equiv"))
            name = next(filter(None, names), "").strip().lower()
            content = element.get("content") or ""
            if name and content.strip():
                found.setdefault(name, content)
        elif element.tag == "link":
            if "canonical" in (element.get("rel") or "").lower().split():
                found.setdefault("page:canonical", element.get("href") or "")
        elif element.tag == "time":
            when = element.get("datetime") or text_of(element)
            found.setdefault(f"time:{element.get('itemprop')}", when)
        elif "ld+json" in (element.get("type") or "").lower():
            scripts.append(element)
    found.update((f"ld:{name}", value) for name, value in _json_ld(scripts).items())
    body = next(root.iter("body"), root)
    languages = (root.get("lang"), root.get(_XML_LANG), root.get("xml:lang"), body.get("lang"))
    found["page:lang"] = next((code for code in languages if code and code.strip()), "")
    return found


def _title(root: Element, site: str) -> str:
    """Text of the `title` element without the site's name at its start or end."""
    title = squeeze(root.findtext(".//title") or "")
    parts = _TITLE_ENDS.split(title)
    if len(parts) < 2:
        return title
    headings = {squeeze(text_of(h)).casefold() for h in root.iter("h1", "h2")}
    for part in parts:
        if part.casefold() in headings:
            return part
    if site and parts[-1].casefold() == squeeze(site).casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |»·:–—-")
    if site and parts[0].casefold() == squeeze(site).casefold():
        return title[len(parts[0]) :].lstrip(" |»·:–—-")
    before, bar, _ = title.rpartition(" | ")
    return before.strip() if bar else title


def _json_ld(scripts: Iterable[Element]) -> dict[str, str]:
    """Values of the first object in these JSON-LD scripts that describes an article or page."""
    for text in map(text_of, scripts):
        try:
            data = json.loads(text) if len(text) <= _MAX_JSON else None
        except (ValueError, RecursionError):
            continue
        for node in _objects(data):
            if _ARTICLE_TYPES.search(str(node.get("@type", ""))):
                return {name: _plain(value) for name, value in node.items()}
    return {}


def _objects(data: object) -> Iterator[dict[str, object]]:
    """All objects inside `data`, outermost first, of at most `_MAX_NODES` nodes."""
    queue = [data]
    for node in queue:  # grows while it is read
        if isinstance(node, list):
            queue += node
        elif isinstance(node, dict):
            yield node
            queue += [v for v in node.values() if isinstance(v, dict | list)]
        del queue[_MAX_NODES:]


def _plain(value: object) -> str:
    """A JSON-LD value as text; for an object its name, id or address."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value[:20])))
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id") or value.get("url")
    return value if isinstance(value, str) else ""
