"""Readability formulas: counts of a text in, a score out; None where a text has nothing to count.

In: how many words, sentences, syllables, long and polysyllabic words a text has. The scores were
fitted to schoolbooks; they count, they don't understand. `smog` refuses (None) fewer sentences than
its author allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SMOG_LEAST = 30  # sentences
LONG = 7  # letters of a long word in LIX
MANY = 3  # syllables of a polysyllabic word in SMOG


@dataclass(frozen=True, slots=True)
class Tally:
    """What the formulas count."""

    words: int
    sentences: int
    syllables: int  # 0 where the language's syllables can't be counted
    long: int  # words of more than six letters
    polysyllables: int  # words of three or more syllables


def flesch(tally: Tally) -> float | None:
    """Flesch reading ease: 100 very easy, 60 to 70 plain English, 30 and below very difficult.

    206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948, A new readability
    yardstick, Journal of Applied Psychology 32). It has no bounds.
    """
    if not tally.words or not tally.sentences:
        return None
    return 206.835 - 1.015 * tally.words / tally.sentences - 84.6 * tally.syllables / tally.words


def grade(tally: Tally) -> float | None:
    """Flesch-Kincaid grade: years of US schooling that a reader needs; higher is harder.

    0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid, Fishburne, Rogers and Chissom
    1975, Naval Technical Training Command report 8-75).
    """
    if not tally.words or not tally.sentences:
        return None
    return 0.39 * tally.words / tally.sentences + 11.8 * tally.syllables / tally.words - 15.59


def smog(tally: Tally) -> float | None:
    """SMOG grade: years of US schooling for full understanding, the usual one for health texts.

    3.1291 + 1.0430 sqrt(30 polysyllables/sentences) (McLaughlin 1969, SMOG grading, Journal of
    Reading 12), which asks for 30 sentences; here all are used, and with fewer there is no grade.
    """
    if tally.sentences < SMOG_LEAST:
        return None
    return 3.1291 + 1.0430 * math.sqrt(30 * tally.polysyllables / tally.sentences)


def lix(tally: Tally) -> float | None:
    """LIX: below 30 very easy, 40 medium, above 60 very difficult; for any alphabet with spaces.

    words/sentence + 100 long words/words, long: more than six letters (Björnsson 1968, Läsbarhet).
    """
    if not tally.words or not tally.sentences:
        return None
    return tally.words / tally.sentences + 100 * tally.long / tally.words
