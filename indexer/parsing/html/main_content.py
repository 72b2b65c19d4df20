"""Which part of a page is the article, which heading names it, and what in it is boilerplate.

In: a pruned tree. Out: the element that holds the article (the body without evidence), the
heading that is its title, and for each element whether it is content, boilerplate (kept, left out
of search) or dropped. Refuses nothing.

Evidence for the article, in order: `main`, `role=main` and `articleBody`; an `article`, or the
common ancestor of several that are no teasers or comments; else the smallest element with nearly
all running text, found by descending from the body while one child has nearly all text of its
parent. Class names follow no rules, so a name alone never makes boilerplate: the element must also
be small compared with the article and consist of links or of few words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from lxml import etree

from indexer.parsing.article import squeeze
from indexer.parsing.boilerplate import EDGE, boilerplate_certainty, is_warning
from indexer.parsing.html.dom import HEADINGS, Element, classes, flat_text, text_length, text_of

Weights = defaultdict[Element | None, int]  # element → characters of running text inside of it

TITLE_CLASS = "pilcrow-title"  # marks the `h1` that is the title, also among several
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
_DECLARING = frozenset(("role", "itemprop"))  # attributes
_CONTAINERS = frozenset(
    ("body", "div", "section", "article", "main", "center", "form", "table", "tbody", "tr", "td",
     "font", "span", "details")
)  # fmt: skip


def find_main(root: Element) -> Element:
    """The element that holds the article."""
    elements = list(root.iter())
    weights = _weigh(elements)
    total = weights[root]
    declared = [
        e for e in elements
        if e.tag in ("article", "main") or not _DECLARING.isdisjoint(e.keys())
    ]  # fmt: skip
    articles = [  # only the outermost
        e for e in declared
        if "article" in (e.tag, e.get("role")) and next(e.iterancestors("article"), None) is None
    ]  # fmt: skip
    bodies = [e for e in declared if "articleBody" in e.get("itemprop", "")]
    mains = [
        e for e in declared
        if "main" in (e.tag, e.get("role")) or "articleBody" in e.get("itemprop", "")
    ]  # fmt: skip
    if len(bodies) > 1:
        mains.append(_common(bodies))
    best = _heaviest(mains, weights)
    if best is not None and weights[best] >= _SHARE_OF_MAIN * total:
        if best in bodies:
            return next(best.iterancestors("article"), best)
        return _narrow(best, articles, bodies, weights)
    if (best := _heaviest(articles, weights)) is not None:
        is_card = len(articles) == 1 and _is_titled_outside(root, best)
        share = _SHARE_OF_ARTICLE if is_card or len(articles) > 1 else _SHARE_OF_LONE_ARTICLE
        parts = [one for one in articles if one is best or _is_part(one)]
        if weights[best] >= share * total and len(parts) == 1:
            return best
        common = _common(articles)
        if len(articles) > 1 and weights[common] >= _SHARE_OF_MAIN * total:
            return common
    return _descend(next(root.iter("body"), root), weights)


def _common(elements: Sequence[Element]) -> Element:
    """The innermost element around all of these."""
    shared = set.intersection(*(set(one.iterancestors()) for one in elements))
    return next(around for around in elements[0].iterancestors() if around in shared)


def _is_part(article: Element) -> bool:
    """Whether one of several articles is part of the page, not a comment or a teaser of another
    page."""
    ups = [article, *article.iterancestors()]
    if any(up.tag in _FRAME_TAGS or named_for(up) for up in ups):
        return False
    links = [*map(_links_elsewhere, article.iter(*HEADINGS))]
    return not any(links) and (_has_sentence(article) or next(article.iter("a"), None) is None)


def _is_titled_outside(root: Element, article: Element) -> bool:
    """Whether the page's only `h1` stands outside of its only article and of headers."""
    titles = list(root.iter("h1"))
    ups = [up for title in titles for up in title.iterancestors()]
    return len(titles) == 1 and article not in ups and _FRAME_TAGS.isdisjoint(up.tag for up in ups)


def _narrow(
    main: Element, articles: Sequence[Element], declared: Sequence[Element], weights: Weights
) -> Element:
    """The only `declared` body in `main` (or its article), or the article with nearly all text of
    `main`; else `main`."""
    bodies = [e for e in declared if main in e.iterancestors()]
    if len(bodies) == 1 and weights[bodies[0]] >= _SHARE_OF_MAIN * weights[main]:
        return next(bodies[0].iterancestors("article"), bodies[0])
    inner = [a for a in articles if a is not main and main in a.iterancestors()]
    best = _heaviest(inner, weights)
    if best is None or weights[best] < _NEARLY_ALL * weights[main]:
        return main
    return main if any(_is_part(one) for one in inner if one is not best) else best


def _heaviest(elements: Sequence[Element], weights: Weights) -> Element | None:
    return max(elements, key=lambda e: weights[e], default=None)


def _weigh(elements: Sequence[Element]) -> Weights:
    """Characters of running text in every element: text outside of `_FRAME_TAGS`."""
    weights: Weights = defaultdict(int)
    for element in reversed(elements):
        weights[element] += len((element.text or "").strip())
        own = 0 if element.tag in _FRAME_TAGS else weights[element]
        weights[element.getparent()] += own + len((element.tail or "").strip())
    return weights


def _descend(body: Element, weights: Weights) -> Element:
    place = body
    while True:
        child = _heaviest([c for c in place if c.tag in _CONTAINERS], weights)
        if child is None or not weights[child] or weights[child] < _NEARLY_ALL * weights[place]:
            break
        if any(_has_sentence(sibling) for sibling in place if sibling is not child):
            break
        place = child
    while place.tag in ("tbody", "tr", "font", "span"):
        place = place.getparent()
    return place


def _has_sentence(element: Element) -> bool:
    """Whether an element beside the article holds a full sentence and so belongs to it."""
    if element.tag in _FRAME_TAGS or named_for(element):
        return False
    for part in (element, *element.iterdescendants(*_PARTS)):
        words = squeeze("".join(_OWN_TEXT(part)))
        reads = words.count(" ") > 3 and words[-1] in _ENDS
        if reads and not boilerplate_certainty(words, EDGE, 0):
            return True
    return False


def find_title(root: Element, main: Element, declared: str) -> Element | None:
    """The heading that names the page; None if there is none or the article has several `h1`.

    This is the only `h1` of the article. If that shares no word with the `declared` title or links
    to another page (an `h1` may hold the site's name), a heading that equals the title, or the
    title without the site's name, is preferred. Without an `h1` in the article, it is the `h1`
    outside that agrees with the title or is the only one.
    """
    inside = [h for h in main.iter("h1") if flat_text(h)]
    if marked := [h for h in inside if TITLE_CLASS in classes(h)]:
        return marked[0]
    if len(inside) > 1:
        return None
    said, labels = squeeze(declared).casefold(), {h: _label(h) for h in root.iter("h1")}
    alone = inside or list(filter(labels.get, labels))
    own = labels[alone[0]] if len(alone) == 1 else ""
    is_named = bool(inside) and (not said or bool(set(said.split()) & set(own.split())))
    if is_named and (not said or own in said or said in own) and not _links_elsewhere(inside[0]):
        return inside[0]
    rest = said.replace(own, "").strip(_BETWEEN) if own and _links_elsewhere(alone[0]) else said
    agreeing = [h for h in root.iter("h2", "h3") if said and _label(h) in (rest, said)]
    if is_named:
        return (agreeing or inside)[0]
    agreeing += [h for h in main.iter("h2", "h3") if _nearly_equal(_label(h), said)]
    frame = {h for part in root.iter("nav", "footer", "aside") for h in part.iterdescendants("h1")}
    outside = {h: own for h, own in labels.items() if own and h not in frame.union(inside)}
    for heading, own in outside.items():
        agreeing += [heading] if said.startswith(own) or _nearly_equal(own, said) else []
    if len(outside) == 1 and not said.endswith(tuple(outside.values())):  # else it names the site
        inside += outside
    return next(iter(agreeing + inside), None)


def _links_elsewhere(heading: Element) -> bool:
    """Whether the whole heading is a link to another page."""
    links = [a for a in heading.iter("a") if not (a.get("href") or "#").startswith("#")]
    return bool(links) and flat_text(links[0]) == flat_text(heading)


def _nearly_equal(label: str, said: str) -> bool:
    """Whether heading and title share all words of the shorter, and the longer has few others."""
    own, others = (set(re.findall(r"\w+", text)) for text in (label, said))
    smaller = min(len(own), len(others))
    return smaller > 1 and len(own & others) == smaller and max(len(own), len(others)) < 2 * smaller


def _label(heading: Element) -> str:
    return squeeze(flat_text(heading)).casefold()


# --- elements: content, boilerplate or dropped ---------------------------------------------------


_BETWEEN = " :|/·•»«–—-"  # the parts of a declared title


Role = Literal["content", "boilerplate", "dropped"]  # how an element is treated
_NAVIGATION = frozenset(("navigation", "search", "menu", "menubar", "toolbar"))
_LANDMARKS = {"header": "banner", "footer": "contentinfo"}
_NAMEABLE = frozenset(
    ("div", "section", "ul", "ol", "aside", "form", "table", "dl", "details", "figure")
)
ROLED = _NAMEABLE.union(_LANDMARKS, ("nav",))  # tags that may be other than content
_SUFFIX = (
    r"(?:[-_]+(?:list|links?|box|wrapper|container|bar|banner|notice|block|section|area|content|"
    r"items?|posts?|articles?|stories|pages|topics|buttons?|icons?|widget|form|inner|outer|wrap|"
    r"module|panel|policy|consent|popup|modal|nav|menu|cloud|media|message|overlay))*"
)
_OF_LINKS = re.compile(  # names of boilerplate if the element is mostly links
    r"(?:[a-z]+[-_]+){0,2}(?:breadcrumb(?:s|list)?|related|recommended|recommendations?|share|sharing|"
    r"social|tags?|toc|table-of-contents|menu|navbar|nav|navigation|pager|pagination|sidebar|"
    r"navbox|catlinks|widget|skip|read-?more|see-?also-links|promo|cat-links|post-terms)" + _SUFFIX
)
_OF_WORDS = re.compile(  # … if the element is short
    r"(?:[a-z]+[-_]+){0,2}(?:newsletter|subscribe|subscription|sign-?up|ads?|advert|advertisement|"
    r"sponsor|sponsored|popup|modal|byline|dateline|(?:entry|post|article|page)-meta(?:data)?|cta|"
    r"post-(?:date|author)|printfooter|"
    r"call-to-action|sitesub|contentsub|masthead|feedback|rating|print-only|disclaimer-banner|footer|top-?bar|"
    r"(?:site|page|global|main)-?(?:header|footer)|t?copyright)" + _SUFFIX + "|"
    r"(?:[a-z]+[-_]+)*(?:cookies?|gdpr)(?:[-_]*[a-z]+)*"
)
_COMMENTS = re.compile(
    r"(?:wp-block-)?(?:comments?|disqus(?:_thread)?|respond)(?:[-_]*(?:list|area|section))?"
)
_NOTES = re.compile(  # names of asides that belong to the text
    r"(?:[a-z]+[-_]+)*(?:footnotes?|endnotes?|notes?|tips?|warnings?|caution|danger|important|"
    r"admonition|callout|hint|pull-?quote|topic)(?:[-_]+[a-z]+)*"
)
_NAMES = ((_COMMENTS, "comments"), (_OF_WORDS, "words"), (_OF_LINKS, "links"))
_MOST_COMMENTS = 0.8  # share of the article's characters that comments may have
_FEW = 300  # most characters outside of links in boilerplate
_TABS = re.compile(r"(?:^|[-_\s])tabs?(?:$|[-_\s])", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_PROSE = 150  # characters outside of links from which an aside is content


class ContentFilter:
    """Separates content from boilerplate, given the element that holds the article."""

    def __init__(self, main: Element, title: Element | None) -> None:
        """`title` is the heading that names the page, wherever it stands."""
        self._main = main
        self._length = text_length(main)
        self._whole = main.tag in ("body", "html")
        self._around = set(main.iterancestors())
        if title is not None:
            self._around.update(title.iterancestors())

    def role_of(self, element: Element, tag: str, *, inside: bool) -> Role:
        """The role of an element inside of the article, or outside, where nothing is content."""
        role = element.get("role")
        navigates = tag == "nav" or role in _NAVIGATION
        frames = tag in _LANDMARKS or role in _LANDMARKS.values()
        if not inside:
            is_dropped = (navigates or frames) and element not in self._around
            return "dropped" if is_dropped else "boilerplate"
        if navigates:
            return "dropped"
        if role == "tablist" or (tag == "ul" and _is_tablist(element)):
            return "content"
        if frames:
            return self._frame(element, tag)
        if tag == "aside" or role == "complementary":
            is_content = _is_note(element) or self._is_prose(element)
        else:
            is_content = not (
                role in ("dialog", "alertdialog")
                or (tag in _NAMEABLE and self._is_frame_by_name(element))
                or (tag in ("ul", "ol") and _is_contents(element))
            )
        return "content" if is_content else "boilerplate"

    def _frame(self, element: Element, tag: str) -> Role:
        """Role of a header or footer: of the page, of the article, or of a part of it."""
        if any(up.tag in ("blockquote", "figure") for up in element.iterancestors()):
            return "content"
        part = next(element.iterancestors("section", "article", "main", "body"), self._main)
        if part.tag == "section" and part is not self._main:
            is_head = tag == "header"
            return "content" if is_head or self._is_prose(element) else "boilerplate"
        if tag == "header" or element.get("role") == "banner":
            names = next(element.iterdescendants("h1"), None) is not None
            return "dropped" if self._whole and not names else "content"
        if self._whole:
            return "dropped"
        return "content" if _warns(element) else "boilerplate"

    def _is_prose(self, element: Element) -> bool:
        plain = text_length(element) - linked_length(element)
        says = plain >= _PROSE or (plain > 0 and _warns(element))
        return says and not self._is_frame_by_name(element)

    def _is_frame_by_name(self, element: Element) -> bool:
        named = named_for(element)
        if not named:
            return False
        length = text_length(element)
        if named == "comments":
            return length < _MOST_COMMENTS * self._length
        warns = _warns(element)
        if named == "words" and warns:
            return False
        plain = length - linked_length(element)
        small = 3 * length < self._length and plain <= _FEW
        if named == "links" and plain == length and (warns or _DIGIT.search(text_of(element))):
            return False  # a dose, not a menu
        return small and (named == "words" or plain <= max(30, length // 2))


def _warns(element: Element) -> bool:
    return is_warning(" ".join(element.itertext()))


def _is_note(element: Element) -> bool:
    """Whether an aside is a note, warning or the like, by its class or role."""
    names = f"{element.get('class') or ''} {element.get('role') or ''}".lower().split()
    return any(map(_NOTES.fullmatch, names))


def named_for(element: Element) -> str:
    """Kind of boilerplate that the element's class, id or item type names: "comments", "words",
    "links" or ""."""
    kind = (element.get("itemtype") or "").rpartition("/")[2]
    names = f"{element.get('class') or ''} {element.get('id') or ''} {kind}".lower().split()
    found = (holds for name in names for pattern, holds in _NAMES if pattern.fullmatch(name))
    return next(found, "")


def linked_length(element: Element) -> int:
    """Characters of the element's text inside links."""
    return sum(text_length(link) for link in element.iterdescendants("a"))


def _is_tablist(element: Element) -> bool:
    """Whether a list labels tabs: by its class or the kind of its links, all into the page."""
    first = next(element.iterdescendants("a"), None)
    if first is None:
        return False
    is_named = "tab" in (first.get("data-toggle"), first.get("data-bs-toggle")) or _TABS.search(
        element.get("class") or ""
    )
    links = element.iterdescendants("a")
    return bool(is_named) and all((link.get("href") or "").startswith("#") for link in links)


def _is_contents(element: Element) -> bool:
    """Whether a list is a table of contents: three or more links into the page, little else."""
    links = 0
    for link in element.iterdescendants("a"):
        if not (link.get("href") or "").startswith("#"):
            return False
        links += 1
    return links > 2 and linked_length(element) >= 0.8 * text_length(element)
