"""What one parse gathers while its syntax nodes turn into a tree.

In: notes and the pairs of NEAR. Out: notes in the order of the query, in bounds.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from indexer.query.rewrite import Pairing

MAX_DEPTH = 50  # brackets within brackets, and NEARs within NEARs
MAX_WORDS = 1000  # tokens of all words and quotes
MAX_NOTES = 20


class Scope(NamedTuple):
    """Where a syntax node stands."""

    field: str = ""  # that a prefix such as title: names; empty: none
    within: Literal["", "not", "near"] = ""  # negation and NEAR test the text alone


class Gathering:
    """The state of one parse."""

    def __init__(self, *, any: bool) -> None:
        self.any = any  # whether one of several neighbours is enough
        self.bare = False  # whether the query is nothing but bare words
        self.scope = Scope()  # of the syntax node that is being turned into a tree
        self.pairing = Pairing(MAX_WORDS)
        self._notes: list[tuple[int, str]] = []

    def note(self, at: int, text: str) -> None:
        """Notes something about the character at `at`."""
        self._notes.append((at, text))

    def notes(self) -> tuple[str, ...]:
        """All notes in the order of the query, each once; the last counts those left out."""
        self._notes.sort(key=lambda note: note[0])
        notes = list(dict.fromkeys(text for _, text in self._notes))
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more notes"]
        return tuple(notes)
