"""Rules for tables of Markdown dialects that markdown-it does not know, and tables of given rows.

In: markdown-it's state. Out: tokens of tables. Refuses nothing: lines that are no table stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as read_table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from indexer.parsing.formats.markdown_tokens import element
from indexer.parsing.formats.slots import EDGE
from indexer.parsing.formats.template_marks import TemplateMarks

_SEPARATOR = re.compile(
    r"\|?[ \t]*(?:={3,}|:?-{3,}:?)(?:[ \t]*[|+][ \t]*(?:={3,}|:?-{3,}:?)?)*[ \t]*"
)
_GRID = re.compile(r"\+(?:[-=:]{2,}\+)+")
_PARTLY = re.compile(r"\+-+\+|\+-+\||\A[^|]|[^|]\Z")  # rule below some columns only, or no border
_WIDE = re.compile(  # characters that take two columns
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]"
)


def add_table_rules(md: MarkdownIt) -> None:
    """Add the rules for tables to a parser; its env must hold `{"marks": TemplateMarks}`."""
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("fence", "headless_table", _headless_table)
    md.block.ruler.before("fence", "grid_table", _grid_table)


def line_of(state: StateBlock, number: int) -> str:
    """A line without its indent; "" for indented code and for lines past the end."""
    if number >= state.lineMax or state.is_code_block(number):
        return ""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A table; cells beyond its head row are kept, rows of dashes only (kramdown) are dropped."""
    made = len(state.tokens)
    if not read_table(state, begin, end, silent):
        return False
    tokens, row, width = list[Token](), 0, 0
    for token in state.tokens[made:]:
        width += token.type == "th_close"
        if token.type == "tr_open":
            row = len(tokens)
        elif token.type == "tr_close":
            line = line_of(state, (tokens[row].map or [begin])[0])
            if _SEPARATOR.fullmatch(line):
                del tokens[row:]
                continue
            for text in _cells(line)[width:] if line.count("|") >= width else ():
                tokens += element("td", text) if text else ()
        tokens.append(token)
    state.tokens[made:] = tokens
    return True


def _headless_table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Lines between `|` and `|` without a row of dashes below the first (kramdown)."""
    close, lines = begin, list[str]()
    while close < end and (line := line_of(state, close)).startswith("|") and line[-1] == "|":
        lines.append(line)
        close += 1
    rows = [line for line in lines if not _SEPARATOR.fullmatch(line)]
    if len(lines) < 2 or not rows or any(line.count("|") < 3 for line in rows):
        return False
    if silent:
        return True
    has_head = lines[lines.index(rows[0]) + 1 :][:1] != rows[1:2]
    push_table(state, map(_cells, rows), int(has_head), in_line=True)
    state.line = close
    return True


def _grid_table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A table drawn with `+---+` (Pandoc). Cells are Markdown; a table with row spans is text."""
    if not _GRID.fullmatch(line_of(state, begin)):
        return False
    marks: TemplateMarks = state.env["marks"]
    close, lines = begin, list[str]()
    while close < state.lineMax and (line := line_of(state, close)).startswith(("+", "|")):
        lines.append(_WIDE.sub(rf"\g<0>{EDGE}", marks.restore(line)))
        close += 1
    if len({*map(len, lines)}) > 1 or len(lines) < 3 or not _GRID.fullmatch(lines[-1]):
        return False
    rows, heads, above, cells = list[list[str]](), 0, lines[0], list[str]()
    for line in lines[1:]:
        if _GRID.fullmatch(line):
            edges = [
                place for place, signs in enumerate(zip(*cells, strict=True))
                if {*signs} == {"|"} and "+" in (above[place], line[place])
            ]  # fmt: skip
            rows.append([_column(cells, *pair) for pair in pairwise(edges)])
            heads = len(rows) if "=" in line and not heads else heads
            above, cells = line, []
        elif _PARTLY.search(line):
            return False
        else:
            cells.append(line)
    if silent:
        return True
    push_table(state, rows, heads)
    state.line = close
    return True


def _cells(line: str) -> list[str]:
    """Texts of the cells in a line of a table."""
    cells = list(map(str.strip, escapedSplit(line)))
    return cells[not cells[0] : len(cells) - (not cells[-1])]


def _column(lines: Sequence[str], begin: int, end: int) -> str:
    return dedent("\n".join(line[begin + 1 : end].rstrip() for line in lines).replace(EDGE, ""))


def push_table(
    state: StateBlock, rows: Iterable[Sequence[str]], heads: int, *, in_line: bool = False
) -> None:
    """Push a table; its first `heads` rows are header rows. Cells are Markdown, or text `in_line`
    of one paragraph."""
    marks: TemplateMarks = state.env["marks"]
    state.push("table_open", "table", 1)
    for number, row in enumerate(rows):
        state.push("tr_open", "tr", 1)
        for text in row:
            opening, inline, closing = element("th" if number < heads else "td", text)
            state.tokens += [opening, inline] if in_line else [opening]
            if not in_line:
                state.md.block.parse(marks.hide(text), state.md, state.env, state.tokens)
            state.tokens.append(closing)
        state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)


def as_table(tokens: Sequence[Token], heads: int) -> list[Token]:
    """Turn the tokens of a list of lists into a table; its first `heads` rows are header rows."""
    table: list[Token] = []
    depth = rows = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("bullet_list") else 0
        inner = depth + (token.type == "bullet_list_close")
        if token.type.startswith("list_item") and depth < 3:
            rows += depth == 1 and token.nesting == 1
            token.tag = "tr" if depth == 1 else "th" if rows <= heads else "td"
        elif token.type.startswith("bullet_list") and inner == 2:
            continue
        elif token.type.startswith("bullet_list") and inner == 1:
            token.tag = "table"
        table.append(token)
    return table
