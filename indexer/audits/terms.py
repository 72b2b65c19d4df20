"""Terms: what an audit looks for, each a query of the query language.

In: queries, perhaps with group and role, perhaps from a line of a list. Out: a `TermList`. Refuses
an empty list, a term without a word, one that is absurdly long and a group that there is not, with
a `UsageError` that names list and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from indexer.errors import UsageError
from indexer.query.parser import parse

LONGEST = 10_000  # characters of one term
NO_TERM = "there is no term to audit; give one, or a list with --terms"
SHOWN = 40  # characters of a term that a message quotes
ROLES = ("brand", "generic", "class", "misspellings", "lookalikes")
_NOTHING = parse("").tree  # what a query without words is


@dataclass(frozen=True, slots=True)
class Term:
    """One query to count."""

    query: str
    group: str = ""  # family or group that it belongs to; "": none
    role: str = ""  # one of `ROLES` within its family; "": none
    line: int = field(default=0, compare=False)  # of the list, from 1; 0: not from a list


@dataclass(frozen=True, slots=True)
class TermList:
    """The terms of an audit, each once in its group, in the order in which they were given."""

    terms: tuple[Term, ...]
    notes: tuple[str, ...] = ()  # what was given twice

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of their first terms."""
        return tuple(dict.fromkeys(term.group for term in self.terms if term.group))

    def of(self, groups: Sequence[str]) -> TermList:
        """The terms of these groups alone. Raises `UsageError` for one that there is not."""
        for name in groups:
            if name not in self.groups:
                known = ", ".join(self.groups) or "none"
                raise UsageError(f"no group or family is named {name!r}; there are: {known}")
        return replace(self, terms=tuple(term for term in self.terms if term.group in groups))


def given_terms(terms: TermList | Iterable[str | Term]) -> TermList:
    """Terms as a program or a command line gives them."""
    if isinstance(terms, TermList):
        return terms
    if isinstance(terms, (str, Term)):
        terms = (terms,)
    return collected((t if isinstance(t, Term) else Term(t.strip()) for t in terms), "")


def collected(terms: Iterable[Term], name: str) -> TermList:
    """The list of these terms: each checked, and each once in its group."""
    kept: dict[tuple[str, str, str], Term] = {}
    notes: list[str] = []
    for term in terms:
        _check(term, name)
        first = kept.setdefault((term.query, term.group, term.role), term)
        if first is not term:
            notes.append(f"{_place(name, term.line)}{_shown(term)} is given twice; counted once")
    if not kept:
        raise UsageError(f"{name}: there is no term; give one query a line" if name else NO_TERM)
    return TermList(tuple(kept.values()), tuple(notes))


def _check(term: Term, name: str) -> None:
    place = _place(name, term.line)
    if len(term.query) > LONGEST:
        raise UsageError(
            f"{place}a term of {len(term.query):,} characters; {LONGEST:,} are allowed, "
            "so give a term a line"
        )
    if not term.query.strip():
        raise UsageError(f"{place}an empty term; write a query or take the line out")
    if parse(term.query).tree is _NOTHING:
        raise UsageError(f"{place}{_shown(term)} has no word to look for; write a query")


def _place(name: str, line: int) -> str:
    if not name:
        return ""
    return f"{name}:{line}: " if line else f"{name}: "


def _shown(term: Term) -> str:
    query = term.query if len(term.query) <= SHOWN else term.query[:SHOWN] + "…"
    return f"term {query!r}"
