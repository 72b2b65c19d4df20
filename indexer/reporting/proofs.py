"""A verification as text and as JSON.

In: a `Verification`. Out: lines for people, the failures last; a dictionary of plain values.
Refuses nothing. Where failures are left out, their number is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from indexer.reporting.plain import one_line
from indexer.reporting.wording import count_of
from indexer.verifying.ledger import Verification

_WRONG = "bold red"
_FIRST = 20  # failures that are shown as text
_TEXTS = ("articles", "passages", "blocks", "sentences", "tokens", "forms")
_ANSWERS = ("queries", "hits", "verdicts", "scores", "occurrences", "marks", "snippets", "lines")


def verification_lines(done: Verification) -> Iterator[Text]:
    """What was checked, what could not be, and what is wrong."""
    size, rate = _amount(done.characters), _amount(done.characters / max(done.seconds, 1e-9))
    yield Text(f"texts: {_listed(done, _TEXTS)}; {size} at {rate}/s")
    yield Text(f"answers: {_listed(done, _ANSWERS)} in {done.query_seconds:,.1f} s")
    whole = done.checked.get("passages", 0)
    of = f"{done.sampled:,} of " if done.sampled < whole else "all "
    more = ", and on their best hits" if done.sampled < whole else ""
    yield Text(f"queries evaluated a second time on {of}{count_of(whole, 'passage')}{more}")
    for note in done.notes:
        yield Text(one_line(note))
    for failure in done.failures[:_FIRST]:
        yield Text(one_line(failure), _WRONG)
    left = done.failed - min(len(done.failures), _FIRST)
    if left:
        yield Text(f"and {count_of(left, 'more failure', 'more failures')}", _WRONG)
    yield Text(count_of(done.failed, "failure") if done.failed else "proven")


def verification_shape(done: Verification) -> dict[str, Any]:
    """All of it for programs; of very many failures, the first."""
    return {
        "proven": done.proven,
        "checked": dict(done.checked),
        "sampled": done.sampled,
        "notes": list(done.notes),
        "characters": done.characters,
        "seconds": round(done.seconds, 3),
        "query_seconds": round(done.query_seconds, 3),
        "failed": done.failed,
        "failures": list(done.failures),
    }


def _amount(characters: float) -> str:
    """`1.7 MB`, `61 kB`, a character being a byte."""
    return f"{characters / 1e6:,.1f} MB" if characters >= 1e6 else f"{characters / 1e3:,.0f} kB"


def _listed(done: Verification, names: tuple[str, ...]) -> str:
    return ", ".join(
        count_of(done.checked.get(name, 0), _SINGULAR.get(name, name[:-1]), name) for name in names
    )


_SINGULAR = {"queries": "query"}
