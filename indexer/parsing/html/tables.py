"""Tables: which of them hold data, and the head cells that each cell belongs to.

In: a `table` element. Out: one `Draft` per row, with its cells and the text of their head cells,
or, from `is_layout`, that the table only serves layout. Refuses nothing; excessive spans are
cut.

Head cells of a column stand above it (`thead`, rows of `th` alone, a first row all in bold);
head cells of a row are the `th` to the left, for as many rows as they span.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from indexer.parsing.article import Draft, squeeze
from indexer.parsing.html.dom import HEADINGS, Element, collapse, flat_text, is_visible, text_length

MAX_COLUMNS = 200  # of one table; cells further right share one column
_MAX_HEADS = 8  # head texts of one cell
_MAX_HEAD = 200  # characters of a head cell's text when repeated for other cells
_LONGEST_SIGN = 20  # characters
_ROWS_AT_MOST = 65_535  # most rows that a cell can span
_CELL = ("td", "th")
_ROW_GROUPS = ("table", "thead", "tbody", "tfoot")
_PARTS = frozenset((*_CELL, *_ROW_GROUPS, "tr", "caption", "col", "colgroup"))
_WRAPPER = "pilcrow-wrapper"  # temporary tag


@dataclass(slots=True)
class TableCell:
    """A cell, placed at the column where it begins."""

    text: str
    column: int
    width: int  # columns
    height: int  # rows
    head: bool  # a th
    bold: bool = False  # a td whose text is all bold


@dataclass(slots=True)
class _Grid:
    """State carried from the rows above into the row being read."""

    row: int = 0  # number of the row being read
    busy: dict[int, int] = field(default_factory=dict)  # column → first row not covered from above
    columns: dict[int, list[str]] = field(default_factory=dict)  # column → its head texts
    part: str = ""  # text of a head cell across the table, between rows of data
    in_data: bool = False  # whether the last row was a data row
    rows: dict[int, tuple[int, str]] = field(default_factory=dict)  # column → rows left, row head


def is_layout(table: Element) -> bool:
    """Whether a table only places paragraphs side by side. Rows of one bold cell across columns,
    which name the part below, speak neither for it nor against it."""
    if table.get("role") in ("presentation", "none", "table", "grid"):
        return table.get("role") in ("presentation", "none")
    if next(table.iterdescendants("table", *HEADINGS), None) is not None:
        return not _is_headed(table) and not _has_own_heads(table)
    if next(table.iterdescendants("th", "thead", "caption"), None) is not None:
        return False
    rows = [[c for c in _cells(row) if text_length(c)] for row in table.iter("tr")]
    counts = [len(row) for row in rows if row and not (len(row) == 1 and _names_part(row[0]))]
    return len(counts) < 2 or 2 * sum(count > 1 for count in counts) <= len(counts)


def _names_part(cell: Element) -> bool:
    return _span(cell, "colspan") > 1 and _is_bold(cell, flat_text(cell))


def _is_bold(cell: Element, text: str) -> bool:
    """Whether all of a cell's `text` is bold."""
    strong = "".join(flat_text(e) for e in cell.iterdescendants("b", "strong"))
    return bool(text) and "".join(strong.split()) == "".join(text.split())


def _is_headed(table: Element) -> bool:
    """Whether the table holds no other table, and all headings in it stand in `th` cells."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    headings = table.iterdescendants(*HEADINGS)
    return all(any(up.tag == "th" for up in h.iterancestors()) for h in headings)


def _has_own_heads(table: Element) -> bool:
    """Whether the table's first row has several head cells, and no heading in it stands over all
    columns; tables and headings inside its cells are then read as lines of those cells."""
    first = next(table.iterdescendants("tr"), table)
    heads = [c for c in _cells(first) if c.tag == "th" and text_length(c)]
    cells = [next(h.iterancestors(*_CELL), table) for h in table.iterdescendants(*HEADINGS)]
    return len(heads) > 1 and all(_span(c, "colspan") < len(heads) for c in cells)


def flatten(table: Element) -> None:
    """Turn the rows of tables nested in cells into lines of the cell, joined by spaces."""
    for inner in list(table.iterdescendants("table")):
        for block in inner.iterdescendants("p", "div", "td", "th"):
            block.tag, block.tail = "span", " " + (block.tail or "").lstrip()
        for element in (inner, *inner.iterdescendants("tbody", "thead", "tfoot", "tr")):
            element.tag = "div"


def _cells(row: Element) -> list[Element]:
    return [child for child in row if child.tag in _CELL]


def read_rows(table: Element, group: int) -> list[Draft]:
    """One draft for each row with visible text, those of `tfoot` last; text outside of all cells
    stands in paragraphs before them, as in browsers."""
    flatten(table)
    _mend_rows(table)
    grid = _Grid()
    drafts = [Draft("paragraph", text) for text in filter(is_visible, _outside_cells(table))]
    elements = sorted(table.iter("tr"), key=lambda row: row.getparent().tag == "tfoot")
    rows = [_read_cells(row, grid) for row in elements]
    in_head = [row.getparent().tag == "thead" for row in elements]
    plain_heads = not any(cell.head for row in rows for cell in row) and not any(in_head)
    for number, (element, cells) in enumerate(zip(elements, rows)):
        header = in_head[number] or _is_head_row(cells)
        full = [cell for cell in cells if cell.text]
        if plain_heads and (number == 0 or (len(full) == 1 and full[0].width > 1)):
            header = _all_bold(cells) and not all(map(_all_bold, rows[1:]))
        heads = _enter_heads(grid, cells, header)
        if any(is_visible(c.text) for c in cells):
            draft = _draft(cells, heads, header, group)
            draft.element = "".join((element.get("id") or "").split())
            drafts.append(draft)
    return drafts


def _mend_rows(table: Element) -> None:
    """Unwrap what stands between table, rows and cells, as forms do; put loose cells into rows."""
    loose: list[Element] = []
    for part in table.iter("tr", *_CELL):
        above = part.getparent()
        while above.tag not in _PARTS:
            above.tag = _WRAPPER
            above = above.getparent()
        if part.tag != "tr" and above.tag in _ROW_GROUPS:
            loose.append(part)
    etree.strip_tags(table, _WRAPPER)
    for previous, inner in pairwise(list(table.iter("tr"))):
        if inner.getparent().tag in _CELL:  # an unclosed `b` or `font` in a cell swallowed the row
            previous.addnext(inner)
    row: Element | None = None
    for cell in loose:
        if row is None or cell.getprevious() is not row:
            row = etree.Element("tr")
            cell.addprevious(row)
        row.append(cell)


def _outside_cells(table: Element) -> Iterator[str]:
    for place in table.iter("tr", *_ROW_GROUPS):
        yield collapse(place.text or "")
        for child in place:
            if child.tag not in _PARTS or (child.tag == "caption" and place is not table):
                yield flat_text(child)
            yield collapse(child.tail or "")


def _is_head_row(cells: list[TableCell]) -> bool:
    """Whether all cells with text are `th`, and not only the row head of an empty row."""
    full = [c for c in cells if c.text]
    lone = len(full) == 1 and not full[0].column and any(not c.head for c in cells)
    return bool(full) and all(c.head for c in full) and not lone


def _read_cells(row: Element, grid: _Grid) -> list[TableCell]:
    """The cells of a row, each with its column; moves `grid` on to the next row."""
    cells: list[TableCell] = []
    column = 0
    for element in _cells(row):
        while column < MAX_COLUMNS and grid.busy.get(column, 0) > grid.row:
            column += 1
        width = max(1, min(_span(element, "colspan"), MAX_COLUMNS - column))
        height = _span(element, "rowspan") or _ROWS_AT_MOST  # 0: to the table's end
        text = flat_text(element) or _pictured(element)
        bold = _is_bold(element, text)
        cells.append(TableCell(text, column, width, height, element.tag == "th", bold))
        column = min(column + width, MAX_COLUMNS)
    for cell in cells:
        if cell.height != 1:
            reach = range(cell.column, cell.column + cell.width)
            grid.busy.update(dict.fromkeys(reach, grid.row + cell.height))
    grid.row += 1
    return cells


def _pictured(cell: Element) -> str:
    """What the images of a cell without text stand for, if that is short: yes, no."""
    text = squeeze(" ".join(image.get("alt") or "" for image in cell.iter("img")))
    return text if len(text) <= _LONGEST_SIGN else ""


def _span(element: Element, name: str) -> int:
    value = (element.get(name) or "").strip()
    return min(int(value), _ROWS_AT_MOST) if value.isdecimal() and len(value) < 7 else 1


def _all_bold(cells: list[TableCell]) -> bool:
    return any(c.text for c in cells) and all(c.bold or not c.text for c in cells)


def _enter_heads(grid: _Grid, cells: list[TableCell], header: bool) -> list[str]:
    """The head text of each cell; keeps head cells in `grid` for the rows below."""
    if header:
        _enter_head_row(grid, cells)
        return [""] * len(cells)
    grid.in_data = True
    own = {c.column: _head(c) for c in cells if c.head and c.text}
    beside = sorted({**{column: head for column, (_, head) in grid.rows.items()}, **own}.items())
    found: list[str] = []
    for cell in cells:
        reach = range(cell.column, cell.column + cell.width) if grid.columns else ()
        heads = [head for column in reach for head in grid.columns.get(column, ())]
        heads += [grid.part] if grid.part else []
        heads += [head for column, head in beside if column < cell.column]
        found.append(", ".join(list(dict.fromkeys(heads))[:_MAX_HEADS]))
    grid.rows = {c: (left - 1, head) for c, (left, head) in grid.rows.items() if left > 1}
    for cell in cells:
        if cell.head and cell.text and cell.height != 1:
            grid.rows[cell.column] = (cell.height - 1, _head(cell))
    return found


def _enter_head_row(grid: _Grid, cells: list[TableCell]) -> None:
    """Keep the head cells of a head row in `grid`; successive head rows accumulate.

    A single head cell, after data rows or across the whole table, names the part that
    follows; several head cells after data rows replace the earlier ones.
    """
    full = [c for c in cells if c.text]
    across = bool(full and grid.columns) and full[0].width >= len(grid.columns) > 1
    if len(full) == 1 and (grid.in_data or across):
        if full[0].width > 1 and len(set(map(tuple, grid.columns.values()))) == 1:
            grid.columns.clear()  # the head of the columns was that of a part, too
        grid.part = _head(full[0])
        return
    if grid.in_data:
        grid.columns.clear()
        grid.part = ""
        grid.in_data = False
    for cell in full:
        text = _head(cell)
        for column in range(cell.column, cell.column + cell.width):
            heads = grid.columns.setdefault(column, [])
            if text not in heads and len(heads) < _MAX_HEADS:
                heads.append(text)


def _head(cell: TableCell) -> str:
    return squeeze(cell.text)[:_MAX_HEAD]


def _draft(cells: list[TableCell], heads: list[str], header: bool, group: int) -> Draft:
    """Draft of a row: cell texts joined by tabs, with the span of each cell."""
    raw = "\t".join(cell.text for cell in cells)
    text = raw.strip()
    shift = len(raw) - len(raw.lstrip())
    spans: list[tuple[int, int]] = []
    at = -shift
    for cell in cells:
        start, end = (min(max(place, 0), len(text)) for place in (at, at + len(cell.text)))
        spans.append((start, end))
        at += len(cell.text) + 1
    return Draft("table_row", text, group=group, header=header, cells=tuple(spans),
                 heads=tuple(heads))  # fmt: skip
