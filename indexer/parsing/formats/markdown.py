"""Parses Markdown into an article.

In: CommonMark with tables, strikethrough, footnotes, definition lists, HTML, front matter, and the
extensions of site generators (`template_marks`, `markdown_blocks`): .md, .mdx, .qmd, .Rmd, .njk.
Out: an `Article` whose text is the rendered plain text, without markup; warnings for unreadable
front matter and for expressions whose value is not in the file. Refuses (`SourceError`) what the
HTML reader refuses, and text of more than `_SIZE` characters.

The text is rendered to HTML and read by the HTML reader, so that both formats agree on what a list
item or a table row is; the whole file counts as content. Text without Markdown markup, but with
items after bullet characters, is read as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.renderer import RendererHTML, RendererProtocol
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, normalize
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role.index import myst_role, myst_role_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import Content, assemble, readable_name, refuse_above
from indexer.parsing.formats.front_matter import split_front_matter
from indexer.parsing.formats.markdown_blocks import add_block_rules
from indexer.parsing.formats.markdown_tables import add_table_rules
from indexer.parsing.formats.markdown_tokens import add_token_rules, read_line_blocks
from indexer.parsing.formats.slots import EDGE, SLOT
from indexer.parsing.formats.template_marks import TemplateMarks
from indexer.parsing.html.dom import unclosed
from indexer.parsing.html.page import read_fragment
from indexer.parsing.plain_text.outline import parse_text
from indexer.settings import Settings

_SIZE = 16_000_000  # characters; the Markdown parser is too slow beyond
_ROLE = re.compile(r"\{[\w+:-]{1,99}\}`")
_ATTRIBUTES = re.compile(r"\{:?[^{%]")
_ROLE_TARGET = re.compile(r"\s*<[^<>]*>\s*\Z")
_ICON = re.compile(r"octicon|fa[bsr]?|material-\w+")
_BULLET = re.compile(r"^[ \t]*[•●▪‣◦○■□➢➤❖✓✔·–—][ \t]+\S", re.MULTILINE)
_MYST = re.compile(  # each alternative begins with a literal, so that most text is skipped fast
    r"`(?<=^`)``+\{[a-z]|~(?<=^~)~~+\{[a-z]|:(?<=^:)::+\{[a-z]"
    r"|\((?<=^\()[\w|@<>*./+:-]+\)=[ \t]*$|\{[a-z]+(?::[a-z]+)?\}`",
    re.MULTILINE,
)
_DIALECTS = {"mdx": "mdx", "njk": "njk", "qmd": "pandoc", "rmd": "pandoc"}  # by format
_LITERAL = frozenset(("fence", "code_block", "code_inline", "myst_role"))  # tokens
_CODE_NAME = re.compile(r"\A(?::::|#!)[\w+-]+(?:[ \t]+\w+=.*)?\n")
_DEFINES = re.compile(r"[:~][ \t](?<![^\s>|][:~][ \t])|\{(?i:glossary)\}")
_NEEDED = {  # block rule → forms of which a text holds each if the rule has anything to do
    "headless_table": (re.compile(r"\|[ \t]*\n[ \t>]*\|"),),
    "table": (re.compile(r"\|"), re.compile(r"-:?[ \t]*(?:\||$)", re.MULTILINE)),
    "lheading": (re.compile(r"[=-][ \t]*(?:\||$)", re.MULTILINE),),
    "terms": (_DEFINES,),
    "deflist": (_DEFINES,),
}
_ROW = re.compile(r"</?(?:caption|colgroup|t(?:able|head|body|foot|r|d|h))\b", re.IGNORECASE)
_PLAIN = frozenset(("paragraph_open", "inline", "paragraph_close"))


def parse_markdown(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield the article of a Markdown file, then warnings about it."""
    text = source.text
    refuse_above(_SIZE, text, source.path, "Markdown")
    front = split_front_matter(text, source.path)
    marks = TemplateMarks(front, mdx=source.format == "mdx")
    markup, is_plain = _render(front.body, source, marks)
    declared = marks.fill_declared(front.declared())
    content = Content("", ())
    if is_plain:
        content = replace(parse_text(front.body), declared=declared)
    if not any(block.kind == "list_item" for block in content.blocks):
        content = read_fragment(markup, source.path, declared)
    if not declared.title and _is_part(content):
        content = replace(content, declared=replace(declared, title=readable_name(source.path)))
    yield assemble(source, content, settings)
    yield from marks.warnings(source.path)


def _is_part(content: Content) -> bool:
    """Whether the first heading is one of several sections below an introduction, not a title."""
    kinds = [block.kind for block in content.blocks]
    if "title" in kinds or "heading" not in kinds[1:] or kinds[0] == "heading":
        return False
    levels = [block.level for block in content.blocks if block.kind == "heading"]
    return levels[0] in levels[1:]


def _render(markdown: str, source: Source, marks: TemplateMarks) -> tuple[str, bool]:
    """Render Markdown to HTML; also return whether it may be plain text with bullets."""
    otherwise = "learn" if ":::row" in markdown else "myst" if _MYST.search(markdown) else "md"
    dialect = _DIALECTS.get(source.format, otherwise)
    in_html = dialect == "pandoc" or 'parse_block_html="true"' in markdown
    env: EnvType = {"marks": marks, "markdown in HTML": in_html}
    hidden = marks.hide(markdown)
    absent = tuple(r for r, forms in _NEEDED.items() if not all(f.search(hidden) for f in forms))
    renderer = _renderer(dialect, absent)
    try:
        marks.render = lambda words: str(renderer.renderInline(marks.hide(words), env))
        tokens = renderer.parse(hidden, env)
        is_plain = not marks.held and _is_plain(tokens) and bool(_BULLET.search(markdown))
        return str(renderer.renderer.render(tokens, renderer.options, env)), is_plain
    except RecursionError as error:
        raise SourceError(source.path, "nests its Markdown too deep", "flatten it") from error


def _is_plain(tokens: Sequence[Token]) -> bool:
    """Whether a text has no markup, only paragraphs."""
    return all(
        token.type in _PLAIN
        and all(child.type in ("text", "softbreak") for child in token.children or ())
        for token in tokens
    )


@cache
def _renderer(dialect: str, absent: tuple[str, ...] = ()) -> MarkdownIt:
    """The renderer of a dialect, without the rules in `absent`."""
    renderer = _Parser("commonmark", {"html": True, "linkify": False}, renderer_cls=_Html)
    renderer.enable(["table", "strikethrough"])
    renderer.use(footnote_plugin).use(deflist_plugin).use(myst_role_plugin)
    if dialect == "myst":
        renderer.use(myst_block_plugin)
    if dialect == "pandoc":  # elsewhere `~` means "about", or separates the ends of a range
        renderer.use(sub_plugin).use(superscript_plugin)
        renderer.core.ruler.after("inline", "figures", _show_captions)
        renderer.core.ruler.before("inline", "line_blocks", read_line_blocks)
    if dialect in ("mdx", "njk", "learn"):
        renderer.disable("code")  # indented text there is in a component or element, not code
    if dialect == "mdx":
        renderer.disable("html_block")  # MDX renders Markdown inside elements
    renderer.inline.ruler.at("myst_role", _read_role)
    renderer.inline.ruler.after("link", "span", _read_span)
    add_block_rules(renderer)
    add_table_rules(renderer)
    add_token_rules(renderer)
    renderer.disable(absent)
    renderer.inline.terminator_re = _MARKERS
    renderer.core.ruler.at("normalize", _normalize)
    renderer.core.ruler.at("inline", _read_lines)
    renderer.core.ruler.before("footnote_tail", "keep_notes", _keep_notes)
    renderer.core.ruler.push("mend_code", _mend_code)
    renderer.core.ruler.push("free_rows", _free_rows)
    renderer.add_render_rule("myst_role", _show_role)
    renderer.block.ruler = _ByFirstCharacter(renderer.block.ruler, _BLOCKS, _block_rule)
    renderer.inline.ruler = _ByFirstCharacter(renderer.inline.ruler, _MARKS, _inline_rule)
    return renderer


class _ByFirstCharacter(Ruler[Any]):
    """Combines the rules of a chain into one, which tries only those whose markup may begin with
    the next character. Otherwise each line, even one of plain words, takes twenty calls."""

    def __init__(
        self, ruler: Ruler[Any], signs: Mapping[str, str], combine: Callable[[_Rules], Any]
    ) -> None:
        """`signs`: rule name → first characters of its markup; a rule without is always tried."""
        super().__init__()
        named = dict(zip(ruler.getRules(""), ruler.get_active_rules()))
        self._ruler, self._combine = ruler, combine
        self._signs = {rule: signs.get(name) for rule, name in named.items()}
        self._chains: dict[str, list[Any]] = {}

    def getRules(self, chainName: str = "") -> list[Any]:  # noqa: N802, N803 # the library's
        """The rules of a chain, combined into one."""
        if chainName not in self._chains:
            rules = [(rule, self._signs[rule]) for rule in self._ruler.getRules(chainName)]
            self._chains[chainName] = [self._combine(_Rules(rules))]
        return self._chains[chainName]

    def get_active_rules(self) -> list[str]:
        """Names of the rules."""
        return self._ruler.get_active_rules()


class _Rules(dict[str, list[Any]]):
    """The rules to try, by first character; filled on demand."""

    def __init__(self, rules: Sequence[tuple[Any, str | None]]) -> None:
        self._rules = rules

    def __missing__(self, sign: str) -> list[Any]:
        self[sign] = [rule for rule, signs in self._rules if signs is None or sign in signs]
        return self[sign]


def _block_rule(rules: _Rules) -> RuleFuncBlockType:
    def rule(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
        at = state.bMarks[begin] + state.tShift[begin]
        for one in rules[state.src[at : at + 1]]:  # noqa: SIM110 # a generator takes twice as long
            if one(state, begin, end, silent):
                return True
        return False

    return rule


def _inline_rule(rules: _Rules) -> RuleFuncInlineType:
    def rule(state: StateInline, silent: bool) -> bool:
        for one in rules[state.src[state.pos]]:  # noqa: SIM110 # as above
            if one(state, silent):
                return True
        return False

    return rule


def _normalize(state: StateCore) -> None:
    """Run the library's rule only on text with what it replaces."""
    if "\r" in state.src or "\0" in state.src:
        normalize(state)


def _read_lines(state: StateCore) -> None:
    """Parse the inline content of blocks; content without markup becomes one text token."""
    for token in state.tokens:
        if token.type == "inline":
            if not _MARKED.search(token.content):
                token.children = [Token("text", "", 0, content=token.content)]
                continue
            inner = StateInline(token.content, state.md, state.env, [])
            state.md.inline.tokenize(inner)
            for rule in state.md.inline.ruler2.getRules("") if _PAIRED.search(inner.src) else ():
                rule(inner)
            token.children = inner.tokens


def _read_role(state: StateInline, silent: bool) -> bool:
    """Run the plugin's rule only where a role begins: each call copies the rest of the text."""
    return _ROLE.match(state.src, state.pos) is not None and myst_role(state, silent)


def _read_span(state: StateInline, silent: bool) -> bool:
    """Read `[words]{.class}` as its words; the attributes in braces are a slot by now."""
    if state.src[state.pos] != "[" or EDGE not in state.src:
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos, False)
    slot = SLOT.match(state.src, end + 1) if end >= 0 else None
    if slot is None or not _ATTRIBUTES.match(state.env["marks"].held[int(slot[1])].source):
        return False
    if not silent:
        outer = state.posMax
        state.pos, state.posMax = state.pos + 1, end
        state.md.inline.tokenize(state)
        state.posMax = outer
    state.pos = slot.end()
    return True


def _show_captions(state: StateCore) -> None:
    """Show the description of an image alone in its paragraph, which is its caption in Pandoc."""
    for token in state.tokens:
        parts = [p for p in token.children or () if p.type != "text" or SLOT.sub("", p.content)]
        if len(parts) == 1 and parts[0].type == "image":
            token.children = parts[0].children


# First characters of inline markup, and `]`, which ends link texts. The library's own pattern stops
# at ten more characters, for rules that are not used here, and tries every rule at each.
_MARKERS = re.compile(r"[\n!&*<\[\]\\^_`{~]")
_PAIRED = re.compile("[*_~]")  # what the second half of the inline rules pairs
_MARKED = re.compile(r"[!&*<\[\]\\^_`{~]|  \n")  # inline markup, plain line breaks apart
_BLOCKS = {  # block rule → first characters of its markup
    "template_line": EDGE, "container_line": ":/@=", "headless_table": "|", "directive": "`~",
    "admonition": "!?=", "grid_table": "+", "readme_block": "[",
    "gone_line": "#[(*;-<ie{^@\\", "fence": "`~",
    "myst_line_comment": "%", "blockquote": ">", "myst_block_break": "+", "myst_target": "(",
    "hr": "*-_", "list": "*+-0123456789", "footnote_def": "[", "reference": "[",
    "html_block": "<", "heading": "#",
}  # fmt: skip
_MARKS = {  # inline rule → first characters of its markup
    "newline": "\n", "escape": "\\", "myst_role": "{", "backticks": "`", "strikethrough": "~",
    "emphasis": "*_", "sup": "^", "sub": "~", "link": "[", "span": "[", "image": "!",
    "footnote_inline": "^", "footnote_ref": "[", "autolink": "<", "html_inline": "<",
    "entity": "&",
}  # fmt: skip


class _Parser(MarkdownIt):
    """A parser that leaves URLs as written, since only the text of a link is read."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 # a method of the library's
        """The URL, trimmed."""
        return url.strip()


def _show_role(
    self: RendererProtocol, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    """Render a role as its words: ``{ref}`the dose <dose>` `` → the dose; an icon as nothing."""
    if _ICON.fullmatch(tokens[place].meta["name"]):
        return ""
    words = _ROLE_TARGET.sub("", tokens[place].content) or tokens[place].content.strip("<> ")
    return f"<span>{escapeHtml(words)}</span>"


def _keep_notes(state: StateCore) -> None:
    """List unreferenced footnotes, and repeated definitions of a label, after the others."""
    notes = state.env.get("footnotes", {})
    listed, names = notes.setdefault("list", {}) if notes else {}, set[str]()
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            name = token.meta["label"]
            if name in names or notes["refs"].get(f":{name}", -1) < 0:
                token.meta["label"] = name = f"{name} {len(listed)}"
                listed[len(listed)] = {"label": name, "count": 0}
            names.add(name)


def _mend_code(state: StateCore) -> None:
    """Restore the marks in code, and drop the name of its language (Python-Markdown); close tags of
    elements such as `<script>` in a line, lest they swallow the rest."""
    for block in state.tokens:
        for token in (block, *(block.children or ())):
            if token.type in _LITERAL:
                token.content = state.env["marks"].restore(token.content)
                if token.type == "code_block":
                    token.content = _CODE_NAME.sub("", token.content)
            elif token.type == "html_inline":
                token.content += unclosed(token.content)


def _free_rows(state: StateCore) -> None:
    """Hide the paragraph around a line that begins with a tag of a table, if a slot holds any."""
    held = state.env["marks"].held
    for place, token in enumerate(state.tokens):
        shown = SLOT.sub(lambda slot: held[int(slot[1])].shown, token.content)
        if token.type == "inline" and EDGE in token.content and _ROW.match(shown):
            for around in state.tokens[place - 1 : place + 2 : 2]:
                around.hidden = around.type.startswith("paragraph")


class _Html(RendererHTML):
    """Renders tokens as HTML and fills the slots of marks in it."""

    def renderInline(  # noqa: N802 # a method of the library's
        self, tokens: Sequence[Token], options: OptionsDict, env: EnvType
    ) -> str:
        """A line, its slots filled."""
        marks: TemplateMarks = env["marks"]
        return marks.fill(super().renderInline(tokens, options, env))

    def html_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """HTML, its slots filled, and closed as above."""
        markup: str = env["marks"].fill(tokens[idx].content)
        return markup + unclosed(markup)
