"""HTML to an article.

In: a web page, which may have front matter and template marks for a site generator, or a fragment
of HTML made by another format's parser. Out: an `Article` or, for the other parsers, its `Content`.
Raises `SourceError` for pages without text and for elements nested too deep.

The work is done by the modules beside it, in this order: `dom` (tree), `metadata`, `hidden`,
`main_content` (finds the article), `blocks` with `tables` (drafts), `notices` (drafts that are
boilerplate), then `parsing.article` (text and offsets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import Content, Declared, Draft, assemble, compose, no_text, squeeze
from indexer.parsing.formats.front_matter import split_front_matter
from indexer.parsing.formats.template_marks import TemplateMarks
from indexer.parsing.html.blocks import BlockReader
from indexer.parsing.html.dom import Element, flatten_inline, parse_markup, text_of
from indexer.parsing.html.fonts import show_signs
from indexer.parsing.html.hidden import prune
from indexer.parsing.html.lists import is_of_word, mend_word
from indexer.parsing.html.main_content import find_main, find_title
from indexer.parsing.html.metadata import read_metadata
from indexer.parsing.html.notices import mark_boilerplate
from indexer.parsing.html.raised import raise_letters
from indexer.parsing.html.typed import read_typed, without_repeated
from indexer.settings import Settings

_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://\S+)|<!--[^>]{0,80}?"
                         r"\burl:\s*(https?://\S+)")  # fmt: skip
_BULLETS = ("•", "·", "▪", "●", "○", "◦", "■", "–")
_MOST_FRAMES = 5  # named in an error
_HEAD = 4_096  # characters at the start, where browsers note the address of a saved page


def parse_html(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield the article of a web page, then warnings about its template marks."""
    markup = source.text
    front = split_front_matter(markup, source.path)
    marks = TemplateMarks(front)
    if front.body is not markup:  # input of a site generator
        markup = marks.fill(marks.hide(front.body, only_templates=True))
    content = read_page(markup, source.path)
    declared = content.declared
    if front.values:
        declared = marks.fill_declared(front.declared()).before(declared)
    if saved := _SAVED_FROM.search(markup[:_HEAD]):
        declared = declared.before(Declared(url=saved[1] or saved[2]))
    yield assemble(source, replace(content, declared=declared), settings)
    yield from marks.warnings(source.path)


def read_page(markup: str, path: str) -> Content:
    """Content of a whole page; text around the article is boilerplate or dropped."""
    root = parse_markup(markup, path)
    if root is None:
        raise no_text(path)
    declared = read_metadata(root)
    frames = list(root.iter("frame", "iframe"))
    for frame in frames:
        if (inner := parse_markup(frame.get("srcdoc") or "", path)) is not None:
            frame.tag, frame.text = "div", None
            frame[:] = [inner]
    prune(root)
    _mend_programs(root, markup)
    flatten_inline(root)
    raise_letters(root)
    main = find_main(root)
    title = find_title(root, main, declared.title)
    drafts = BlockReader(root, main, title, cleaning=True).read()
    mark_boilerplate(drafts)
    drafts = without_repeated(drafts)
    addresses = list(filter(None, (frame.get("src") for frame in frames)))
    if not drafts and addresses:
        named = ", ".join(addresses[:_MOST_FRAMES])
        raise SourceError(path, f"is a set of frames; its text stands in {named}", "index that")
    return _finish(drafts, declared)


def read_fragment(
    markup: str, path: str, declared: Declared, *, title_given: bool = False
) -> Content:
    """Content of HTML that was made from another format and is all article text.

    `declared` is the metadata of that format; with `title_given`, no `h1` of the text replaces
    its title.
    """
    root = parse_markup(markup, path)
    if root is None:
        return Content("", (), declared)
    prune(root)
    _mend_programs(root, markup)
    return read_tree(root, declared, title_given=title_given)


def _mend_programs(root: Element, markup: str) -> None:
    """Mend the HTML of Word, Confluence, drug labels and old page editors."""
    if is_of_word(markup):
        mend_word(root)
    if any(name in markup for name in ("ymbol", "ingdings", "ebdings", "SYMBOL", "DINGS")):
        show_signs(root)
    for sign in root.iter("dt"):  # a bullet, in drug labels
        item = sign.getnext()
        if item is not None and item.tag == "dd" and text_of(sign).strip() in _BULLETS:
            item.tag = "li"
            sign.clear()
    if "<ac:" in markup:  # Confluence's own elements: parameters, ids and states are not text
        for part in list(root.iter("ac:parameter", "ac:task-id", "ac:task-status")):
            if part.get("ac:name") != "title":
                part.clear(keep_tail=True)
        for code in root.iter("ac:plain-text-body"):
            code.tag = "pre"


def read_tree(
    root: Element, declared: Declared, *, title_given: bool = False, targets: bool = True
) -> Content:
    """`read_fragment` for a parsed tree, which is changed in place. `targets`: whether a link can
    point to its ids in the original."""
    flatten_inline(root)
    raise_letters(root)
    title = declared.title
    heading = None if title_given and title else find_title(root, root, title)
    drafts = BlockReader(root, root, heading, cleaning=False).read()
    if not targets:
        for draft in drafts:
            draft.element = ""
    return _finish(drafts, declared)


def _finish(drafts: list[Draft], declared: Declared) -> Content:
    """Content of the drafts, after a last check of which draft is the title.

    A title with most of the text above it becomes a heading; without a title, a first heading
    equal to the declared title becomes the title.
    """
    drafts = read_typed(drafts)
    place = next((n for n, d in enumerate(drafts) if d.kind == "title"), None)
    if place is not None:
        lengths = [0 if d.kind == "boilerplate" else len(d.text) for d in drafts]
        if 2 * sum(lengths[:place]) > sum(lengths):
            drafts[place].kind, drafts[place].level = "heading", 1
            place = None
    first = next((d for d in drafts if d.kind == "heading"), None)
    title = squeeze(declared.title).casefold()
    if place is None and first is not None and squeeze(first.text).casefold() == title:
        first.kind, first.level = "title", 0
    return Content(*compose(drafts), declared)
