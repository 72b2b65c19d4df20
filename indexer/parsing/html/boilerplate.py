"""What on a page is not the article.

In: elements of a pruned tree, then the drafts made of them. Out: whether an element is content,
boilerplate (kept, left out of search) or dropped. Refuses nothing.

Class names are habits, not rules, so a name never decides alone: the element must also be small
beside the article and made of links or of few words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from indexer.parsing.article import Draft, squeeze
from indexer.parsing.boilerplate import EDGE, is_notice
from indexer.parsing.html.dom import Element, tag_of, text_length


class Role(Enum):
    """What becomes of an element."""

    CONTENT = 1
    BOILERPLATE = 2
    DROPPED = 3


_NAVIGATION = frozenset(("navigation", "search", "menu", "menubar", "toolbar"))
_LANDMARKS = {"header": "banner", "footer": "contentinfo"}
_NAMEABLE = frozenset(
    ("div", "section", "ul", "ol", "aside", "form", "table", "dl", "details", "figure")
)
_SUFFIX = (
    r"(?:[-_]+(?:list|links?|box|wrapper|container|bar|banner|notice|block|section|area|content|"
    r"items?|posts?|articles?|stories|pages|topics|buttons?|icons?|widget|form|inner|outer|wrap|"
    r"module|panel|policy|consent|popup|modal|nav|menu|cloud|media|message|overlay))*"
)
_OF_LINKS = re.compile(  # what such a name says holds when the element is mostly links
    r"(?:[a-z]+[-_]+){0,2}(?:breadcrumbs?|related|recommended|recommendations?|share|sharing|"
    r"social|tags?|toc|table-of-contents|menu|navbar|nav|navigation|pager|pagination|sidebar|"
    r"navbox|catlinks|widget|skip|read-?more|see-?also-links|promo)" + _SUFFIX
)
_OF_WORDS = re.compile(  # … when it is short
    r"(?:[a-z]+[-_]+){0,2}(?:newsletter|subscribe|subscription|sign-?up|ads?|advert|advertisement|"
    r"sponsor|sponsored|popup|modal|byline|dateline|entry-meta|post-meta|article-meta|cta|"
    r"call-to-action|masthead|feedback|rating|print-only|disclaimer-banner|footer|top-?bar|"
    r"(?:site|page|global|main)-?(?:header|footer)|t?copyright)" + _SUFFIX + "|"
    r"(?:[a-z]+[-_]+)*(?:cookies?|gdpr)(?:[-_]*[a-z]+)*"
)
_COMMENTS = re.compile(r"(?:comments?|disqus(?:_thread)?|respond)(?:[-_]*(?:list|area|section))?")
_NAMES = ((_COMMENTS, "comments"), (_OF_WORDS, "words"), (_OF_LINKS, "links"))
_MOST_COMMENTS = 0.8  # of the article's element that comments on it may take up
_FEW = 300  # characters of text outside of links in a part of the frame
_PROSE = 150  # such characters from which an aside is worth reading


class Judge:
    """Tells content from frame, for one page and the element taken for its article."""

    def __init__(self, main: Element, title: Element | None) -> None:
        """`title` is the heading that names the page, wherever it stands."""
        self._whole = tag_of(main) in ("body", "html")
        self._length = text_length(main)
        self._around = set(main.iterancestors())
        if title is not None:
            self._around.update(title.iterancestors())

    def within(self, element: Element, tag: str) -> Role:
        """The role of an element inside of the article."""
        if tag == "nav" or element.get("role") in _NAVIGATION:
            return Role.DROPPED
        if tag in _LANDMARKS or element.get("role") in _LANDMARKS.values():
            return self._frame(element, tag)
        if tag == "aside" or element.get("role") == "complementary":
            return Role.CONTENT if self._is_prose(element) else Role.BOILERPLATE
        if element.get("role") in ("dialog", "alertdialog"):
            return Role.BOILERPLATE
        if tag in _NAMEABLE and self._is_frame_by_name(element):
            return Role.BOILERPLATE
        if tag in ("ul", "ol") and _is_contents(element):
            return Role.BOILERPLATE
        return Role.CONTENT

    def without(self, element: Element, tag: str) -> Role:
        """The role of an element outside of the article, where nothing is content."""
        navigates = tag == "nav" or element.get("role") in _NAVIGATION
        frames = tag in _LANDMARKS or element.get("role") in _LANDMARKS.values()
        if (navigates or frames) and element not in self._around:
            return Role.DROPPED
        return Role.BOILERPLATE

    def _frame(self, element: Element, tag: str) -> Role:
        """A header or footer: of the page, of the article, or of a quotation in it."""
        if any(tag_of(up) in ("blockquote", "figure") for up in element.iterancestors()):
            return Role.CONTENT
        if tag == "header" or element.get("role") == "banner":
            names = next(element.iterdescendants("h1"), None) is not None
            return Role.DROPPED if self._whole and not names else Role.CONTENT
        return Role.DROPPED if self._whole else Role.BOILERPLATE

    def _is_prose(self, element: Element) -> bool:
        plain = text_length(element) - linked_length(element)
        return plain >= _PROSE and not self._is_frame_by_name(element)

    def _is_frame_by_name(self, element: Element) -> bool:
        named = named_for(element)
        if not named:
            return False
        length = text_length(element)
        if named == "comments":
            return length < _MOST_COMMENTS * self._length
        plain = length - linked_length(element)
        small = 3 * length < self._length and plain <= _FEW
        return small and (named == "words" or plain <= max(30, length // 2))


def named_for(element: Element) -> str:
    """What its class or id says that it holds: "comments", "words", "links" of a frame, or ""."""
    for name in f"{element.get('class') or ''} {element.get('id') or ''}".lower().split():
        for pattern, holds in _NAMES:
            if pattern.fullmatch(name):
                return holds
    return ""


def linked_length(element: Element) -> int:
    """Characters of its text that are in links."""
    return sum(text_length(link) for link in element.iterdescendants("a"))


def _is_contents(element: Element) -> bool:
    """Whether a list is a table of contents: three or more links into the page, nothing else."""
    links = list(element.iterdescendants("a"))
    inward = all((link.get("href") or "").startswith("#") for link in links)
    return len(links) > 2 and inward and linked_length(element) >= 0.8 * text_length(element)


_LEADS = re.compile(
    r"related(?: (?:articles?|posts?|topics?|content|stories|links?|pages?|reading|news))?"
    r"|you (?:may|might) also (?:like|be interested in|enjoy)|more (?:from|on|in|like this)\b.*"
    r"|(?:read|up) (?:next|more|also)|recommended(?: for you| reading)?"
    r"|most (?:read|popular)|popular(?: posts| articles)?"
    r"|(?:latest|recent) (?:news|posts|articles)|trending(?: now)?"
    r"|share(?: this.*)?|follow us.*|subscribe.*|newsletter.*|(?:\d+ )?comments?|leave a "
    r"(?:reply|comment)|advertisements?|sponsored(?: content)?|table of contents|contents|"
    r"on this page|in this article|tags|categories|filed under",
    re.IGNORECASE,
)


_CONTENTS = re.compile(r"(?:table of )?contents|on this page|in this article", re.IGNORECASE)


def mark_led(drafts: Sequence[Draft]) -> None:
    """Make boilerplate of sections that a heading such as "Related articles" leads.

    Only when what follows, up to the next heading as high, is nearly all links; and of the word
    "Contents" above a list that was taken for a table of contents.
    """
    for number, draft in enumerate(drafts):
        label = draft.text.rstrip(" :…!")
        if draft.kind == "heading" and _LEADS.fullmatch(label):
            section = [draft, *_until_next_heading(drafts, number)]
            body = [d for d in section if d.kind != "heading"]
            total = sum(len(squeeze(d.text)) for d in body)
            if sum(d.linked for d in body) >= 0.7 * total:
                _make_boilerplate(section)
        elif draft.kind in ("heading", "paragraph") and _CONTENTS.fullmatch(label):
            following = next(iter(drafts[number + 1 : number + 2]), None)
            if following is not None and following.kind == "boilerplate":
                _make_boilerplate([draft])


def mark_foot(drafts: Sequence[Draft]) -> None:
    """Make boilerplate of notices and calls to action at the very end."""
    content = [d for d in drafts if d.kind != "boilerplate"]
    for from_end, draft in enumerate(reversed(content)):
        if draft.kind not in ("paragraph", "heading") or from_end + 1 == len(content):
            break
        if not is_notice(squeeze(draft.text), EDGE, from_end):
            break
        _make_boilerplate([draft])


def _until_next_heading(drafts: Sequence[Draft], number: int) -> Iterator[Draft]:
    level = drafts[number].level
    for following in drafts[number + 1 :]:
        if following.kind == "title" or (following.kind == "heading" and following.level <= level):
            break
        yield following


def _make_boilerplate(drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        draft.kind, draft.level, draft.group = "boilerplate", 0, 0
        draft.header, draft.cells, draft.heads, draft.number = False, (), (), None
