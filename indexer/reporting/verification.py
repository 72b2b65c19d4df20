"""A verification as text.

In: a `Verification`. Out: lines for people, the failures last. Refuses nothing. Where
failures are left out, their number is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from indexer.reporting.wording import count_of, one_line
from indexer.verify import Verification

_WRONG = "bold red"
_FIRST = 20  # failures that are shown as text
_ARTICLES = ("articles", "passages", "blocks")
_ARRAYS = ("segments", "arrays", "tokens", "forms")


def verification_lines(done: Verification) -> Iterator[Text]:
    """What was checked, and what is wrong."""
    yield Text(f"articles: {_listed(done, _ARTICLES)}; {_amount(done.characters)}")
    yield Text(f"ledger: {_listed(done, ('records',))}")
    yield Text(f"arrays: {_listed(done, _ARRAYS)}, inverted again")
    yield Text(f"checked in {done.seconds:,.1f} s")
    for failure in done.failures[:_FIRST]:
        yield Text(one_line(failure), _WRONG)
    left = done.failed - min(len(done.failures), _FIRST)
    if left:
        yield Text(f"and {count_of(left, 'more failure', 'more failures')}", _WRONG)
    yield Text(count_of(done.failed, "failure") if done.failed else "no errors")


def _amount(characters: float) -> str:
    """`1.7 MB`, `61 kB`, a character being a byte."""
    return f"{characters / 1e6:,.1f} MB" if characters >= 1e6 else f"{characters / 1e3:,.0f} kB"


def _listed(done: Verification, names: tuple[str, ...]) -> str:
    return ", ".join(count_of(done.checked.get(name, 0), name[:-1], name) for name in names)
