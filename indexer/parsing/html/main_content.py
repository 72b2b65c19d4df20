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

from indexer.parsing.article import squeeze
from indexer.parsing.boilerplate import EDGE, is_notice
from indexer.parsing.html.boilerplate import named_for
from indexer.parsing.html.dom import Element, classes, tag_of
from indexer.parsing.html.text import flat_text

Weights = dict[Element, int]  # element → characters of running text inside of it

TITLE_CLASS = "pilcrow-title"  # on an h1: it is the title, whatever other h1 there are
_MAINS = etree.XPath("//main | //*[@role='main'] | //*[contains(@itemprop, 'articleBody')]")
_BODIES = etree.XPath(".//*[contains(@itemprop, 'articleBody')]")
_ARTICLES = etree.XPath(
    "//*[(self::article or @role='article') and not(ancestor::*[self::article])]"
)
_OWN_TEXT = etree.XPath("text() | *[not(self::a)]/text()")
_PARTS = ("p", "li", "dd", "td", "blockquote", "div", "section")
_ENDS = ".!?:…”"
_SHARE_OF_MAIN = 0.4  # of the page's running text that a declared main part must hold
_SHARE_OF_ARTICLE = 0.6  # … that one of several articles must hold to be the page's
_SHARE_OF_LONE_ARTICLE = 0.25  # … that the only article must hold
_NEARLY_ALL = 0.9  # of its parent's running text that a child must hold to go down into it
_FRAME_TAGS = frozenset(
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
    articles = _select(_ARTICLES, root)
    best = _heaviest(_select(_MAINS, root), weights)
    if best is not None and weights[best] >= _SHARE_OF_MAIN * total:
        return _narrow(best, articles, weights)
    best = _heaviest(articles, weights)
    if best is not None:
        share = _SHARE_OF_LONE_ARTICLE if len(articles) == 1 else _SHARE_OF_ARTICLE
        if weights[best] >= share * total:
            return best
        common = _common_ancestor(articles)
        if len(articles) > 1 and weights[common] >= _SHARE_OF_MAIN * total:
            return common
    return _descend(next(root.iter("body"), root), weights)


def _narrow(main: Element, articles: Sequence[Element], weights: Weights) -> Element:
    """The one article, or body of one, in the main part, when there is little beside it."""
    bodies = [e for e in _select(_BODIES, main) if e is not main]
    if len(bodies) == 1 and weights[bodies[0]] >= _SHARE_OF_MAIN * weights[main]:
        return next((a for a in bodies[0].iterancestors("article")), bodies[0])
    inner = [a for a in articles if a is not main and main in a.iterancestors()]
    best = _heaviest(inner, weights)
    if best is not None and weights[best] >= _NEARLY_ALL * weights[main]:
        return best
    return main


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
        inner = 0 if tag_of(element) in _FRAME_TAGS else own
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
    if tag_of(element) in _FRAME_TAGS or named_for(element):
        return False
    for part in (element, *element.iterdescendants(*_PARTS)):
        words = squeeze("".join(cast("list[str]", _OWN_TEXT(part))))
        if words.count(" ") > 3 and words[-1] in _ENDS and not is_notice(words, EDGE, 0):
            return True
    return False


def find_title(root: Element, main: Element, declared: str) -> Element | None:
    """The heading that names the page.

    That is the only `h1` of the article, unless it shares no word with what the page declares as
    its title and another heading says just that (an `h1` may hold the name of the site). When the
    article has no `h1`, it is the one outside that says so or that is alone.
    """
    inside = [h for h in main.iter("h1") if flat_text(h)]
    if marked := [h for h in inside if TITLE_CLASS in classes(h)]:
        return marked[0]
    said = squeeze(declared).casefold()
    if len(inside) == 1 and (not said or set(said.split()) & set(_label(inside[0]).split())):
        return inside[0]
    if len(inside) > 1:
        return None
    agreeing = [h for h in main.iter("h2", "h3") if said and _label(h) == said]
    if agreeing:
        return agreeing[0]
    outside = [h for h in root.iter("h1") if h not in inside and _label(h) and not _in_frame(h)]
    if beginning := [h for h in outside if said.startswith(_label(h))]:
        return beginning[0]
    if inside:
        return inside[0]
    names_site = len(outside) == 1 and said.endswith(_label(outside[0]))
    return outside[0] if len(outside) == 1 and not names_site else None


def _label(heading: Element) -> str:
    return squeeze(flat_text(heading)).casefold()


def _in_frame(element: Element) -> bool:
    return any(tag_of(up) in ("nav", "footer", "aside") for up in element.iterancestors())
