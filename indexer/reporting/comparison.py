"""Two audits compared, as text and in words for a page.

In: a `Comparison`. Out: lines as `rich` texts, the most serious change first; names and numbers
for a template. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from indexer.audits.comparison import Comparison, SentenceChange, TermChange
from indexer.audits.risky_changes import RiskyChange
from indexer.audits.saved import SavedAudit
from indexer.links.similarity import DiffRun
from indexer.reporting.csv import Column
from indexer.reporting.differences import difference_text
from indexer.reporting.results import wrapped
from indexer.reporting.text_tables import table_lines
from indexer.reporting.wording import breadcrumb, count_of, counts_of, one_line

# Headings of the lists of sentences, the most serious change first.
SEVERITY = {
    "weakened": "Check first: a negation, dose or other risky word is gone from the sentence",
    "lost": "Lost",
    "changed": "Changed",
    "moved": "Moved to another article, word for word",
    "added": "Added",
}
FATES = {
    "listed": "new in the list",
    "unlisted": "no longer in the list",
    "appeared": "newly found",
    "vanished": "no longer found",
    "changed": "changed",
    "same": "unchanged",
}


def by_severity(found: Comparison) -> dict[str, list[SentenceChange]]:
    """The sentences of each list that has any, by its key in `SEVERITY`."""
    lists: dict[str, list[SentenceChange]] = {kind: [] for kind in SEVERITY}
    for change in found.changes:
        lists["weakened" if change.weakened else change.kind].append(change)
    return {kind: changes for kind, changes in lists.items() if changes}


def place_of_change(change: SentenceChange) -> str:
    """Title and section path of the sentence, now or before."""
    return breadcrumb((change.title, *change.section))


def runs_of(change: SentenceChange) -> tuple[DiffRun, ...]:
    """Word diff of a changed sentence; any other sentence as a single kept run."""
    whole = (DiffRun("kept", change.after or change.before),)
    return change.runs if change.kind == "changed" else whole


def headline(found: Comparison) -> str:
    """Summary of all changes in one sentence."""
    if not found.changes:
        return "No sentence with a term was lost, changed or added."
    lists = by_severity(found)
    said = {
        "weakened": "lost a negation, dose or other risky word",
        "lost": "lost",
        "changed": "changed otherwise" if "weakened" in lists else "changed",
        "moved": "moved",
        "added": "added",
    }
    parts = [f"{len(changes):,} {said[kind]}" for kind, changes in lists.items()]
    return f"{count_of(len(found.changes), 'sentence')}: {', '.join(parts)}."


def side_of(audit: SavedAudit) -> str:
    """One line on an audit: date, size, digest."""
    size = counts_of(article=audit.articles, word=audit.words)
    return f"{audit.made[:10]}, {size}, texts {audit.corpus_sha256[:12]}"


# --- text --------------------------------------------------------------------------------------


def comparison_lines(found: Comparison, width: int | None) -> Iterator[Text]:
    """Both audits, the sentences that changed, and a table of all terms."""
    yield from wrapped(Text(f"before  {side_of(found.before)}", "dim"), width, 0)
    yield from wrapped(Text(f"now     {side_of(found.after)}", "dim"), width, 0)
    for note in found.notes:
        yield from wrapped(Text(one_line(note)), width, 0)
    yield Text()
    yield from wrapped(Text(headline(found), "bold"), width, 0)
    yield Text()
    for kind, changes in by_severity(found).items():
        yield from wrapped(Text(f"{SEVERITY[kind]} ({len(changes):,})", "bold"), width, 0)
        for change in changes:
            yield from _change(change, width)
    yield from table_lines(_COLUMNS, found.terms, width)


def _change(change: SentenceChange, width: int | None) -> Iterator[Text]:
    style = "bold red" if change.kind in ("changed", "lost") else "dim"
    for one in change.drift:
        yield from wrapped(Text(risk_of(change, one), style), width, 2)
    yield from wrapped(difference_text(runs_of(change)), width, 2)
    where = f"{place_of_change(change)} · {lines_of_change(change)}"
    yield from wrapped(Text(where, "dim"), width, 2)
    yield Text()


def risk_of(change: SentenceChange, one: RiskyChange) -> str:
    """`negation removed: “not”`, `number changed: “25” → “50”`, `had a negation: “not”`."""
    gone = ", ".join(f"“{one_line(word)}”" for word in one.removed)
    came = ", ".join(f"“{one_line(word)}”" for word in one.added)
    if change.kind == "lost":
        return f"had a {one.risk}: {gone}"
    if change.kind == "added":
        return f"has a {one.risk}: {came}"
    if gone and came:
        return f"{one.risk} changed: {gone} → {came}"
    return f"{one.risk} removed: {gone}" if gone else f"{one.risk} added: {came}"


def lines_of_change(change: SentenceChange) -> str:
    """`lines: not 1 → 0, elavil 1 → 1`: concordance lines of each term in the sentence."""
    turns = ", ".join(
        f"{one_line(turn.term)} {turn.before:,} → {turn.after:,}" for turn in change.terms
    )
    return f"lines: {turns}"


def difference_of(change: TermChange) -> str:
    """`+3`, `-1` or `0`; "" for a term that only one of the lists has."""
    if change.before is None or change.after is None:
        return ""
    difference = change.after.total - change.before.total
    return f"{difference:+,}" if difference else "0"


def fate_of(change: TermChange) -> str:
    """What became of a term, in words; a term that headings have, or had, is not "not found"."""
    if change.fate == "vanished" and change.after and change.after.headings:
        return "now only in headings"
    if change.fate == "appeared" and change.before and change.before.headings:
        return "before only in headings"
    return FATES[change.fate]


_COLUMNS: tuple[Column[TermChange], ...] = (
    Column("term", "term", lambda change: change.term),
    Column(
        "before",
        "occurrences before",
        lambda change: change.before.total if change.before else None,
    ),
    Column("after", "now", lambda change: change.after.total if change.after else None),
    Column("difference", "difference", difference_of),
    Column("lost", "lines lost", lambda change: change.lines_lost),
    Column("added", "lines added", lambda change: change.lines_added),
    Column("fate", "", fate_of),
)
