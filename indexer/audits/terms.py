"""Terms: the queries that an audit counts, given one by one or as lists in files.

In: queries, optionally with group and role, or the bytes of a list and its name, whose suffix gives
the format. Out: a `TermList`. Refuses (`UsageError` with list and line) an empty list, a term
without a word, a term longer than `LONGEST`, an unknown group, and lists that are not text, are
malformed, or have unknown columns, keys or roles.

    text    one query per line; `#` at the start of a line or after a space begins a comment
    CSV     a column `term`, optionally `group` and `role` (in this order if there is no header
            row); the separator is a comma, a semicolon or a tab, whichever the first row has most
    YAML    families: a name, and below it queries, or roles (brand, generic, class,
            misspellings, lookalikes) with queries; it is plain data, no tag is executed

        families:
          amitriptyline:
            brand: [Elavil, Endep]
            generic: amitriptyline
            misspellings: [amitryptiline, amitriptaline]
          risk: [side effect, overdose]
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import yaml

from indexer.errors import UsageError
from indexer.query.parser import parse

LONGEST = 10_000  # characters of one term
NO_TERM = "there is no term to audit; give one, or a list with --terms"
SHOWN = 40  # characters of a term that a message quotes
ROLES = ("brand", "generic", "class", "misspellings", "lookalikes")
_NOTHING = parse("").tree  # the tree of a query without words


@dataclass(frozen=True, slots=True)
class AuditTerm:
    """One query to count."""

    query: str
    group: str = ""  # family or group that it belongs to; "": none
    role: str = ""  # one of `ROLES` within its family; "": none
    line: int = field(default=0, compare=False)  # line in the list, from 1; 0: not from a list


@dataclass(frozen=True, slots=True)
class TermList:
    """The terms of an audit in the given order, each once per group and role."""

    terms: tuple[AuditTerm, ...]
    notes: tuple[str, ...] = ()  # one for each duplicate that was dropped

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of their first terms."""
        return tuple(dict.fromkeys(term.group for term in self.terms if term.group))

    def of(self, groups: Sequence[str]) -> TermList:
        """The terms of these groups only. Raises `UsageError` for an unknown group."""
        for name in groups:
            if name not in self.groups:
                known = ", ".join(self.groups) or "none"
                raise UsageError(f"no group or family is named {name!r}; there are: {known}")
        return replace(self, terms=tuple(term for term in self.terms if term.group in groups))


def given_terms(terms: TermList | Iterable[str | AuditTerm]) -> TermList:
    """Terms from a program or a command line as a checked list."""
    if isinstance(terms, TermList):
        return terms
    if isinstance(terms, (str, AuditTerm)):
        terms = (terms,)
    return collected((t if isinstance(t, AuditTerm) else AuditTerm(t.strip()) for t in terms), "")


def collected(terms: Iterable[AuditTerm], name: str) -> TermList:
    """Check the terms and drop duplicates; `name` is the list's, "" if they are from none."""
    kept: dict[tuple[str, str, str], AuditTerm] = {}
    notes: list[str] = []
    for term in terms:
        _check(term, name)
        first = kept.setdefault((term.query, term.group, term.role), term)
        if first is not term:
            notes.append(f"{_place(name, term.line)}{_shown(term)} is given twice; counted once")
    if not kept:
        raise UsageError(f"{name}: there is no term; give one query per line" if name else NO_TERM)
    return TermList(tuple(kept.values()), tuple(notes))


def _check(term: AuditTerm, name: str) -> None:
    place = _place(name, term.line)
    if len(term.query) > LONGEST:
        raise UsageError(
            f"{place}a term of {len(term.query):,} characters; {LONGEST:,} are allowed, "
            "so give a term a line"
        )
    if not term.query.strip():
        raise UsageError(f"{place}an empty term; write a query or remove the line")
    if parse(term.query).tree is _NOTHING:
        raise UsageError(f"{place}{_shown(term)} has no word to look for; write a query")


def _place(name: str, line: int) -> str:
    if not name:
        return ""
    return f"{name}:{line}: " if line else f"{name}: "


def _shown(term: AuditTerm) -> str:
    query = term.query if len(term.query) <= SHOWN else term.query[:SHOWN] + "…"
    return f"term {query!r}"


WRAPPERS = ("families", "terms")
BESIDE = ("version",)  # keys that are allowed beside a wrapper
Entries = list[tuple[str, int, Any]]  # key, its line, the node of its value


def terms_of_yaml(text: str, name: str) -> Iterator[AuditTerm]:
    """Yield the terms of all families, in order of the text."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UsageError(f"{name}:{line}: broken YAML ({error.problem}); correct it") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{name}: broken YAML; write families with terms below them") from error
    if root is None:
        return
    for family, line, node in _families(root, name):
        if isinstance(node, yaml.MappingNode):
            for role, at, queries in _pairs(node, name):
                if role not in ROLES:
                    raise UsageError(f"{name}:{at}: unknown key {role!r}; use {', '.join(ROLES)}")
                yield from _queries(queries, name, family, role, at)
        else:
            yield from _queries(node, name, family, "", line)


def _families(root: Any, name: str) -> Entries:
    pairs = _pairs(root, name)
    wrapper = next((node for key, _, node in pairs if key in WRAPPERS), None)
    if wrapper is None:
        return pairs
    for key, line, node in pairs:
        if key not in BESIDE and node is not wrapper:
            raise UsageError(f"{name}:{line}: unknown key {key!r} beside {' or '.join(WRAPPERS)}")
    return _pairs(wrapper, name)


def _pairs(node: Any, name: str) -> Entries:
    """The entries of a mapping. Refuses duplicate keys."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{name}:{line}: not a list of families; write `name: [term, term]`")
    entries: dict[str, tuple[str, int, Any]] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not key.value.strip():
            raise UsageError(f"{name}:{at}: a name must be a single word or text")
        if key.value in entries:
            raise UsageError(f"{name}:{at}: {key.value!r} is given twice; put the terms together")
        entries[key.value] = (key.value, at, value)
    return list(entries.values())


def _queries(node: Any, name: str, family: str, role: str, line: int) -> Iterator[AuditTerm]:
    """Yield the terms of a YAML sequence, or the term of a single scalar."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        at = item.start_mark.line + 1
        if not isinstance(item, yaml.ScalarNode):
            raise UsageError(f"{name}:{at}: a term must be text; write `[term, term]`")
        # YAML removes its own quotes, so that a phrase needs a second pair: '"side effects"'.
        yield AuditTerm(item.value.strip(), family, role, at)
    if not items:
        raise UsageError(
            f"{name}:{line}: {role or family!r} has no terms; give some or take it out"
        )


COLUMNS = {"term": "term", "query": "term", "group": "group", "family": "group", "role": "role"}
PLAIN = ("term", "group", "role")  # columns of a table without a header row
SEPARATORS = ",;\t"


def terms_of_csv(text: str, name: str) -> Iterator[AuditTerm]:
    """Yield one term per row; blank rows and rows that begin with `#` are skipped."""
    columns: Sequence[str] | None = None
    reader = csv.reader(io.StringIO(text, ""), delimiter=_separator(text), strict=True)
    line = 1
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            here, line = line, reader.line_num + 1
            if not any(row) or row[0].startswith("#"):
                continue
            if columns is None:
                columns = _heads(row, f"{name}:{here}")
                if columns is not None:
                    continue
                columns = PLAIN
            yield _term(row, columns, name, here)
    except csv.Error as error:
        raise UsageError(
            f"{name}:{line}: broken CSV ({error}); close its quotes, or double those within"
        ) from error


def _term(row: Sequence[str], columns: Sequence[str], name: str, line: int) -> AuditTerm:
    if any(row[len(columns) :]):
        raise UsageError(
            f"{name}:{line}: {len(row)} cells where {len(columns)} are known; "
            "put a term that holds the separator in quotes"
        )
    cells = dict(zip(columns, row))
    role = cells.get("role", "").lower()
    if role and role not in ROLES:
        raise UsageError(f"{name}:{line}: unknown role {role!r}; use {', '.join(ROLES)}")
    return AuditTerm(cells.get("term", ""), cells.get("group", ""), role, line)


def _heads(row: Sequence[str], place: str) -> Sequence[str] | None:
    """Column names of a header row; None if the row is not a header."""
    names = [cell.lower() for cell in row]
    if names[0] not in ("term", "query") and not COLUMNS.keys() & set(names[1:]):
        return None
    for at, cell in enumerate(names):
        if cell not in COLUMNS:
            raise UsageError(f"{place}: unknown column {row[at]!r}; use term, group and role")
    heads = [COLUMNS[cell] for cell in names]
    if len(set(heads)) < len(heads):
        raise UsageError(f"{place}: a column is given twice; use term, group and role once each")
    return heads


def _separator(text: str) -> str:
    """The separator that the first row has most often outside of quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


FORMS = (".txt", ".csv", ".yml", ".yaml")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_terms(data: bytes, name: str) -> TermList:
    """Read a list of terms in the format that the suffix of its name gives (default: text)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: is not UTF-8; save the list as UTF-8 text") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"{name}:{line}: is not text; give a list of {', '.join(FORMS)}")
    suffix = PurePath(name).suffix.lower()
    if suffix == ".csv":
        return collected(terms_of_csv(text, name), name)
    if suffix in (".yml", ".yaml"):
        return collected(terms_of_yaml(text, name), name)
    return collected(terms_of_text(text), name)


def terms_of_text(text: str) -> Iterator[AuditTerm]:
    """Yield one query per line; `#` at the start of a line or after a space begins a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        body = _COMMENT.sub("", line, count=1).strip()
        if body:
            yield AuditTerm(body, line=number)
