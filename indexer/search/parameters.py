"""The weights of the score, and what it is made of.

In: nothing. Out: `Parameters`, with any signal left out of them. Refuses an unknown signal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the score: saturation k1, and weight and length normalisation by field."""

    k1: float = 1.2
    text_weight: float = 1.0
    text_b: float = 0.6
    section_weight: float = 0.5
    section_b: float = 0.3
    title_weight: float = 0.5
    title_b: float = 0.3
    heading_weight: float = 2.0  # of words by whose heading alone a passage is found

    def without(self, signal: str) -> Parameters:
        """The same score without one of `SIGNALS`."""
        return replace(self, **SIGNALS[signal])


DEFAULTS = Parameters()
SIGNALS: dict[str, dict[str, float]] = {  # what a score is made of → the parameters that drop it
    "titles": {"title_weight": 0.0},
    "headings": {"section_weight": 0.0},
    "lengths": {"text_b": 0.0, "section_b": 0.0, "title_b": 0.0},
}
