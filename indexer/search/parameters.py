"""The weights of the score, and what it is made of.

In: nothing. Out: `Parameters`, with any signal left out of them. Refuses an unknown signal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the score, one set for all texts: chosen by the mean over judged sets
    (docs/evaluation.md)."""

    k1: float = 1.2  # saturation: how soon further occurrences stop to count
    # Weight of an occurrence, and how far the length of the field counts (0 to 1), by field.
    text_weight: float = 1.0
    text_b: float = 0.75
    section_weight: float = 3.0
    section_b: float = 0.75
    title_weight: float = 5.0
    title_b: float = 0.75
    heading_weight: float = 2.0  # of words by whose heading alone a passage is found, beside that
    repeats: float = 0.7  # a word that a query says n times weighs n to this power
    function_words: float = 0.0  # what they weigh beside other words
    own_rarity: bool = True  # within one article, words are as rare as they are there

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of text, headings and title."""
        return self.text_weight, self.section_weight, self.title_weight

    def without(self, signal: str) -> Parameters:
        """The same score without one of `SIGNALS`."""
        return replace(self, **SIGNALS[signal])


DEFAULTS = Parameters()
SIGNALS: dict[str, dict[str, Any]] = {  # what a score is made of → the parameters that drop it
    "titles": {"title_weight": 0.0},
    "headings": {"section_weight": 0.0},
    "lengths": {"text_b": 0.0, "section_b": 0.0, "title_b": 0.0},
    "function-words": {"function_words": 1.0},
    "repeats": {"repeats": 1.0},
    "own-rarity": {"own_rarity": False},
}
