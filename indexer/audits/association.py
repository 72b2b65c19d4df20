"""Association: do a word and its company meet more often than chance would have it.

In: a table of two by two, as `Table`. Out: one number a measure, from NLTK's measures where it has
them (`nltk.metrics.association.BigramAssocMeasures`). Refuses tables that can't be
(`ValueError`): a word can't meet another more often than it occurs.

The table of surface co-occurrence (Evert 2008): the corpus is cut into the words near a node and
all others, the nodes themselves apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from indexer.audits.keyness import two_cell_g2
from indexer.text.nltk_modules import nltk_module

HIGHEST = 14.0  # of logDice


@dataclass(frozen=True, slots=True)
class Table:
    """How often two things meet, how often each is there, and among how many."""

    both: int  # f: meetings
    first: int  # f1: words near a node (or occurrences of a first word)
    second: int  # f2: occurrences of the collocate
    total: int  # N: words in all

    def __post_init__(self) -> None:
        least = max(self.first + self.second - self.total, 0)
        if not least <= self.both <= min(self.first, self.second) or self.total <= 0:
            raise ValueError(f"no table has {self}")

    @property
    def expected(self) -> float:
        """Meetings by chance: f1 f2 / N."""
        return self.first * self.second / self.total

    @property
    def marginals(self) -> tuple[int, tuple[int, int], int]:
        """As NLTK takes them."""
        return self.both, (self.first, self.second), self.total


@cache
def _measures() -> Any:
    return nltk_module("nltk.metrics.association").BigramAssocMeasures


def mutual_information(table: Table) -> float:
    """MI: binary logarithm of f / E (Church & Hanks 1990); NLTK's `pmi`. Favours rare words."""
    return float(_measures().pmi(*table.marginals)) if table.both else -math.inf


def t_score(table: Table) -> float:
    """t: (f - E) / sqrt(f) (Church et al. 1991); NLTK's `student_t`. Favours common words."""
    return float(_measures().student_t(*table.marginals)) if table.both else -math.inf


def g2_four(table: Table) -> float:
    """Four-cell log-likelihood (Dunning 1993); NLTK's `likelihood_ratio`.

    Negative where the two meet less often than by chance.
    """
    size = max(float(_measures().likelihood_ratio(*table.marginals)), 0.0)
    return -size if table.both < table.expected else size


def g2_two(table: Table) -> float:
    """Two-cell log-likelihood (Rayson & Garside 2000): near the node against elsewhere, signed."""
    elsewhere = table.total - table.first
    if not table.first or not elsewhere:
        return 0.0
    return two_cell_g2(table.both, table.second - table.both, table.first, elsewhere)


def log_dice(both: int, first: int, second: int) -> float:
    """14 + log2(2 f / (f1 + f2)) (Rychlý 2008), the coefficient by NLTK's `dice`.

    f1 and f2 are the occurrences of node and collocate; 14 is the maximum; one more is twice as
    typical. It does not depend on the size of the corpus.
    """
    if not both:
        return -math.inf
    return HIGHEST + math.log2(_measures().dice(both, (first, second), 0))
