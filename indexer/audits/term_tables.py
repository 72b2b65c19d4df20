"""Term lists in CSV: terms with their groups, as a spreadsheet saves them.

In: the text of the file and its name. Out: terms. The separator is a comma, a semicolon or a tab,
whichever the first row has. Refuses rows that are broken or do not fit the head row, with their
line (`UsageError`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from indexer.audits.terms import ROLES, Term
from indexer.errors import UsageError

COLUMNS = {"term": "term", "query": "term", "group": "group", "family": "group", "role": "role"}
PLAIN = ("term", "group", "role")  # columns of a table without a head row
SEPARATORS = ",;\t"


def terms_of_csv(text: str, name: str) -> Iterator[Term]:
    """A row a term; blank rows, and rows that begin with `#`, are passed over."""
    columns: Sequence[str] | None = None
    reader = csv.reader(io.StringIO(text, ""), delimiter=_separator(text), strict=True)
    line = 1
    while True:
        try:
            row = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(
                f"{name}:{line}: broken CSV ({error}); close its quotes, or double those within"
            ) from error
        here, line = line, reader.line_num + 1
        if not any(row) or row[0].startswith("#"):
            continue
        if columns is None:
            columns = _heads(row, f"{name}:{here}")
            if columns is not None:
                continue
            columns = PLAIN
        yield _term(row, columns, name, here)


def _term(row: Sequence[str], columns: Sequence[str], name: str, line: int) -> Term:
    if any(row[len(columns) :]):
        raise UsageError(
            f"{name}:{line}: {len(row)} cells where {len(columns)} are known; "
            "put a term that holds the separator in quotes"
        )
    cells = dict(zip(columns, row))
    role = cells.get("role", "").lower()
    if role and role not in ROLES:
        raise UsageError(f"{name}:{line}: unknown role {role!r}; use {', '.join(ROLES)}")
    return Term(cells.get("term", ""), cells.get("group", ""), role, line)


def _heads(row: Sequence[str], place: str) -> Sequence[str] | None:
    """What the columns of a head row are; None when the row is none."""
    names = [cell.lower() for cell in row]
    if not {"term", "query"} & set(names):
        return None
    for at, cell in enumerate(names):
        if cell not in COLUMNS:
            raise UsageError(f"{place}: unknown column {row[at]!r}; use term, group and role")
    heads = [COLUMNS[cell] for cell in names]
    if len(set(heads)) < len(heads):
        raise UsageError(f"{place}: two columns say the same; use term, group and role once each")
    return heads


def _separator(text: str) -> str:
    """The separator of the first row, outside of quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
