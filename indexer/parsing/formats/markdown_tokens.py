"""Rules for the texts of blocks in Markdown dialects, before their inline markup is read.

In: markdown-it's tokens of a whole text. Out: the same, without markup of callouts, captions, tasks
and the like. Refuses nothing: what only looks like markup stays text.
"""

from __future__ import annotations

import re
from functools import partial

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from indexer.parsing.formats.slots import SLOT
from indexer.parsing.formats.template_marks import TemplateMarks

_CALLOUT = re.compile(
    r"\[!(?P<type>[A-Za-z][\w-]*)(?:[| ][^\]\n]*)?\][+-]?[ \t]*(?P<title>[^\n]*)(?:\n|\Z)"
)
_FENCE_TITLE = re.compile(
    r"""\b(?:title|caption|filename|label|(?:fig|tab)\.cap|(?:fig|lst|tbl)-cap)[ ]?=[ ]?"""
    r"""(?:"([^"]+)"|'([^']+)')"""
    r"""|\s\[([^\]]+)\]\s*\Z|:title=([^\s{]+)"""
)
_CAPTION = re.compile(r"\A(?:Table)?:[ \t]+(?:\(\\#[^()\s]+\)[ \t]*)?")
_RARE = tuple(  # rare markup: a text that each match holds, its form, and the replacement
    (sign, re.compile(rf"(?:{form})|(?P<code>`[^`]+`)"), words) for sign, form, words in (
        ("^", r"(?:\A|[ \n])\^(?=[\d-]*[A-Za-z])[A-Za-z\d-]{4,}[ \t]*\Z", ""),  # Obsidian's ids
        ("*", r"(?<=\d)\*(?=\d)", r"\\*"),  # a product
        ("^^", r"\^\^(?=\S)([^^\n]+)(?<=\S)\^\^", r"\1"),  # highlighted, in Logseq
        ("((", r"\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)", ""),
        ("id:: ", r"(?m:^[ \t]*id:: [0-9a-f-]{36}[ \t]*$)", ""),
        ("collapsed:: ", r"(?m:^[ \t]*collapsed:: (?:true|false)[ \t]*$)", ""),
        ("++", r"(?<![\w+{])\+\+(?=[^\s+]{2})([^\n]{2,300}?)(?<=[^\s+])\+\+(?![\w+])", r"\1"),
        ("~", r"(?<=[A-Za-z)\]])~(\d{1,2})~(?!~)", r"<sub>\1</sub>"),  # H~2~O
        ("^", r"(?<=[\w)\]])\^([+−-]?\d{1,3}[+−-]?|[A-Za-z]{1,3}(?=\^(?!\w)))\^(?!\^)",
         r"<sup>\1</sup>"),
        ("{++", r"\{\+\+([^{}\n]+?)\+\+\}", r"\1"),  # CriticMarkup's tracked changes
        ("{--", r"\{--([^{}\n]+?)--\}", r"\1"),
        ("{~~", r"\{~~([^{}\n]*?)~>([^{}\n]*?)~~\}", r"\1 \2"),
        ("{>>", r"\{>>[^{}\n]*?<<\}", ""),
        ("`#!", r"(?<!`)`#![a-z][\w+-]* +([^`\n]+`)", r"`\1"),  # PyMdown's languages of code
        ("`:::", r"(?<!`)`:::[a-z][\w+-]* +([^`\n]+`)", r"`\1"),
        ("[!toc]", r" \[!toc\]\Z", ""),  # Nextra's
        ("?> ", r"\A\?> ", ""),  # Docsify's tips
        ("!> ", r"\A!> ", ""),
        (" :id=", r" :id=[\w-]+\Z", ""),
        ("+ ", r"[{\[]\+ ([^{}\[\]\n]+) \+[}\]]", r"\1"),  # GitLab's additions and deletions
        ("- ", r"[{\[]- ([^{}\[\]\n]+) -[}\]]", r"\1"),
        ("(\\#", r"\(\\#[\w:-]+\)[ \t]?", ""),  # Bookdown's labels
        # size of an image
        ("](", r"(!\[[^\]\n]{0,300}\]\([^()\s]{1,2000}) =\d*%?x\d*%?(?=\s*[\")])", r"\1"),
        ("<xref:", r"<xref:([^\s<>?]+)[^\s<>]*>", r"\1"),  # of DocFX
        ("@ref(", r"\\@ref\([^()\s]+\)", ""),  # Bookdown's numbers and captions
        ("\\index{", r"\\index\{[^{}]*\}", ""),
        ("(ref:", r"(?m:^\(ref:[\w-]+\)[ \t]*)", ""),
        ("(PART", r"\A\(PART\*?\)[ \t]*", ""),
        (":END:", r"(?ms:^[ \t]*:[A-Z]+:[ \t]*$.*?^[ \t]*:END:[ \t]*$)", ""),  # Logseq's clocks
        ("(APPENDIX", r"\A\(APPENDIX\)[ \t]*", ""),
    )
)  # fmt: skip
_BOXES = {"[x] ": "☑", "[ ] ": "☐"}
_ENDS_HEADING = re.compile(r"(?:\{[ \t]*#|[ \t]\[#(?=[a-z]))(?P<id>[^\s{}\[\]]+)[^{}\[\]]*[}\]]\Z")


def add_token_rules(md: MarkdownIt) -> None:
    """Add this module's rules to a parser; its env must hold `{"marks": TemplateMarks}`."""
    for rule in (
        _read_callouts, _read_captions, _show_titles, _read_tasks, _drop_rare_marks,
        _take_heading_ids,
    ):  # fmt: skip
        md.core.ruler.before("inline", rule.__name__, rule)


def element(tag: str, text: str) -> list[Token]:
    """The tokens of an element that holds a text with inline markup."""
    return [
        Token(f"{tag}_open", tag, 1, block=True),
        Token("inline", "", 0, content=text, children=[], block=True),
        Token(f"{tag}_close", tag, -1, block=True),
    ]


def _read_callouts(state: StateCore) -> None:
    """Turn `> [!NOTE] Title` (GitHub, Obsidian) from a quotation into plain paragraphs."""
    tokens: list[Token] = []
    depth: list[bool] = []  # for each open quotation, whether it is a callout
    for place, token in enumerate(state.tokens):
        tokens.append(token)
        if token.type == "blockquote_open":
            below, inline = [*state.tokens[place + 1 : place + 3], token][:2]
            found = _CALLOUT.match(inline.content) if below.type == "paragraph_open" else None
            depth.append(found is not None)
            if found is not None:
                token.tag = "div"
                inline.content = inline.content[found.end() :]
                tokens += element("div", found["title"]) if found["title"].strip() else []
        elif token.type == "blockquote_close" and depth.pop():
            token.tag = "div"
    state.tokens = tokens


def read_line_blocks(state: StateCore) -> None:
    """Keep the line breaks of lines that each begin with `| ` (Pandoc)."""
    for token in state.tokens:
        if token.type == "inline" and token.content.startswith("| "):
            lines = token.content.split("\n")
            if all(re.match(r"\|(?: .*[^|]|)\Z", line) for line in lines):
                token.content = "\\\n".join(line[2:] for line in lines)


def _read_captions(state: StateCore) -> None:
    """Strip the marker of `: Caption` or `Table: Caption` above or below a table, or in its last
    row (Pandoc)."""
    kinds = [token.type for token in state.tokens]
    for place, token in enumerate(state.tokens):
        if token.type == "inline" and (found := _CAPTION.match(token.content)):
            below, following = kinds[place - 2 : place], kinds[place + 1 : place + 3]
            is_last = (
                below == ["tr_open", "td_open"]
                and "tr_open" not in (kinds[place : kinds.index("table_close", place)])
            )
            if (
                is_last
                or "table_close" in below[:1]
                or following == ["paragraph_close", "table_open"]
            ):
                token.content = token.content[found.end() :]


def _show_titles(state: StateCore) -> None:
    """Put a code fence's title above it (```` ```py title="a.py" ````, ```` ```sh [npm] ````)."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "fence" and (found := _FENCE_TITLE.search(token.info)):
            tokens += element("div", next(filter(None, found.groups())))
        tokens.append(token)
    state.tokens = tokens


def _drop_rare_marks(state: StateCore) -> None:
    """Replace rare inline markup by its words, or drop it if it has none; code spans stay."""
    for token in state.tokens:
        for sign, form, words in _RARE if token.type == "inline" else ():
            if sign in token.content:
                token.content = form.sub(partial(_replace_rare, words), token.content)


def _replace_rare(words: str, found: re.Match[str]) -> str:
    return found["code"] or found.expand(words)


def _read_tasks(state: StateCore) -> None:
    """Replace `[x]` and `[ ]` at the start of a list item (GitHub) by ☑ and ☐."""
    for opening, inline in zip(state.tokens, state.tokens[2:]):
        if opening.type == "list_item_open" and inline.type == "inline":
            sign = _BOXES.get(inline.content[:4].lower())
            if sign:
                inline.content = sign + inline.content[3:]


def _take_heading_ids(state: StateCore) -> None:
    """Move an id in braces or brackets at a heading's end to the heading's `id` attribute."""
    marks: TemplateMarks = state.env["marks"]
    for opening, inline in zip(state.tokens, state.tokens[1:]):
        if opening.type != "heading_open":
            continue
        if found := _ENDS_HEADING.search(inline.content.rstrip()):
            opening.attrSet("id", found["id"])
            inline.content = inline.content[: found.start()].rstrip()
        for slot in SLOT.finditer(inline.content):
            if name := marks.held[int(slot[1])].id:
                opening.attrSet("id", name)
