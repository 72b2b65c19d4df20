"""Where on a page the article is, and which heading names it.

In: a pruned tree. Out: the element that holds the article (the body when nothing tells), and the
heading that is its title. Refuses nothing.

Evidence in order: `main`, `role=main` and `articleBody`; an `article`, or what holds several;
else the smallest element with nearly all running text, found by going down from the body as long
as one child has nearly all that its parent has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from lxml import etree

from indexer.parsing.composing import squeeze
from indexer.parsing.html_boilerplate import named_for
from indexer.parsing.html_dom import Element, classes, tag_of
from indexer.parsing.html_text import flat_text
from indexer.parsing.noticing import EDGE, is_notice

Weights = dict[Element, int]  # element → characters of running text inside of it

TITLE_CLASS = "pilcrow-title"  # on an h1: it is the title, whatever other h1 there are
_MAINS = etree.XPath("//main | //*[@role='main'] | //*[contains(@itemprop, 'articleBody')]")
_ARTICLES = etree.XPath(
    "//*[(self::article or @role='article') and not(ancestor::*[self::article])]"
)
_OWN_TEXT = etree.XPath("text() | *[not(self::a)]/text()")
_PARTS = ("p", "li", "dd", "td", "blockquote", "div", "section")
_ENDS = ".!?:…”"
_SHARE_OF_MAIN = 0.4  # of the page's running text that a declared main part must hold
_SHARE_OF_ARTICLE = 0.6  # … that a single article must hold
_NEARLY_ALL = 0.9  # of its parent's running text that a child must hold to go down into it
_FRAME = frozenset(
    ("a", "nav", "footer", "aside", "form", "button", "label", "figcaption", "header")
)
_CONTAINERS = frozenset(
    ("body", "div", "section", "article", "main", "center", "form", "table", "tbody", "tr", "td",
     "font", "span", "details")
)  # fmt: skip


def find_main(root: Element) -> Element:
    """The element that holds the article."""
    weights = _weigh(root)
    total = weights[root]
    mains, articles = _select(_MAINS, root), _select(_ARTICLES, root)
    best = _heaviest(mains, weights)
    if best is not None and weights[best] >= _SHARE_OF_MAIN * total:
        inner = [a for a in articles if a is not best and best in a.iterancestors()]
        article = _heaviest(inner, weights)
        enough = article is not None and weights[article] >= _NEARLY_ALL * weights[best]
        return article if article is not None and enough else best
    best = _heaviest(articles, weights)
    if best is not None:
        if weights[best] >= _SHARE_OF_ARTICLE * total:
            return best
        common = _common_ancestor(articles)
        if weights[common] >= _SHARE_OF_MAIN * total:
            return common
    return _descend(next(root.iter("body"), root), weights)


def _select(query: etree.XPath, root: Element) -> list[Element]:
    return cast("list[Element]", query(root))


def _heaviest(elements: Sequence[Element], weights: Weights) -> Element | None:
    return max(elements, key=lambda e: weights[e], default=None)


def _weigh(root: Element) -> Weights:
    """Running text of every element: what is not in links, forms and frames."""
    weights: Weights = {}
    for element in reversed(list(root.iter(etree.Element))):
        own = weights.get(element, 0) + len((element.text or "").strip())
        weights[element] = own
        if element is root:
            break
        parent = cast("Element", element.getparent())
        inner = 0 if tag_of(element) in _FRAME else own
        weights[parent] = weights.get(parent, 0) + inner + len((element.tail or "").strip())
    return weights


def _common_ancestor(elements: Sequence[Element]) -> Element:
    """The innermost element that holds all of them."""
    common = list(elements[0].iterancestors())
    for element in elements[1:]:
        around = set(element.iterancestors())
        common = [ancestor for ancestor in common if ancestor in around]
    return common[0]


def _descend(body: Element, weights: Weights) -> Element:
    place = body
    while True:
        child = _heaviest([c for c in place if tag_of(c) in _CONTAINERS], weights)
        if child is None or not weights[child] or weights[child] < _NEARLY_ALL * weights[place]:
            break
        if any(_reads_on(sibling) for sibling in place if sibling is not child):
            break
        place = child
    while tag_of(place) in ("tbody", "tr", "font", "span"):
        place = cast("Element", place.getparent())
    return place


def _reads_on(element: Element) -> bool:
    """Whether an element beside the article has a sentence of its own, so belongs to it."""
    if tag_of(element) in _FRAME or named_for(element):
        return False
    for part in (element, *element.iterdescendants(*_PARTS)):
        words = squeeze("".join(cast("list[str]", _OWN_TEXT(part))))
        if words.count(" ") > 3 and words[-1] in _ENDS and not is_notice(words, EDGE, 0):
            return True
    return False


def find_title(root: Element, main: Element, declared: str) -> Element | None:
    """The `h1` that names the page.

    That is the only one of the article. When the article has none, and no heading of it says
    what the page declares as its title, it is the one outside that says so or that is alone.
    """
    inside = [h for h in main.iter("h1") if flat_text(h)]
    if marked := [h for h in inside if TITLE_CLASS in classes(h)]:
        return marked[0]
    if inside:
        return inside[0] if len(inside) == 1 else None
    outside = [h for h in root.iter("h1") if flat_text(h) and not _in_frame(h)]
    said = squeeze(declared).casefold()
    if any(squeeze(flat_text(h)).casefold() == said for h in main.iter("h2", "h3")):
        return None
    shown = [squeeze(flat_text(h)).casefold() for h in outside]
    for heading, label in zip(outside, shown):
        if said.startswith(label):
            return heading
    names_site = len(shown) == 1 and said.endswith(shown[0])
    return outside[0] if len(outside) == 1 and not names_site else None


def _in_frame(element: Element) -> bool:
    return any(tag_of(up) in ("nav", "footer", "aside") for up in element.iterancestors())
