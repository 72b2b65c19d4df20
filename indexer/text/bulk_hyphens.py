"""Hyphenated words of long texts: tokens in, each distinct run of forms with hyphens between out.

What is a hyphenated word is said by `analysis.hyphen_runs`. Nearly all are of two parts, and these
are found with whole arrays.
"""

from __future__ import annotations

import numpy as np

from indexer.text.bulk_codes import WIDE, Ints
from indexer.text.bulk_tokenizer import Forms, Scan
from indexer.text.tokenizer import HYPHENS, LONGEST_COMPOUND

Run = tuple[int, ...]  # numbers of forms


class Hyphens:
    """Collects the hyphenated words of texts of one language."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._pairs: set[int] = set()  # both numbers in one
        self._longer: set[Run] = set()
        self._fresh: list[Run] = []

    def add(self, scanned: Scan) -> None:
        """Notes the hyphenated words of a text."""
        last = _joined(scanned)  # tokens that a hyphen joins to the next one
        begins = np.flatnonzero(np.diff(last, prepend=-2) != 1)
        sizes = np.diff(np.append(begins, last.size))
        first = last[begins]
        pairs = first[sizes == 1]
        ids = scanned.ids
        keys = np.unique(ids[pairs].astype(np.int64) << 32 | ids[pairs + 1])
        fresh = set(keys.tolist()) - self._pairs
        self._pairs |= fresh
        runs = [(key >> 32, key & 0xFFFFFFFF) for key in sorted(fresh)]
        several = (sizes > 1) & (sizes < LONGEST_COMPOUND)
        for start, size in zip(first[several].tolist(), sizes[several].tolist()):
            run = tuple(ids[start : start + size + 1].tolist())
            if run not in self._longer:
                self._longer.add(run)
                runs.append(run)
        texts = self._forms.texts
        self._fresh += [run for run in runs if not texts[run[0]][0].isdigit()]

    def take(self) -> list[Run]:
        """The hyphenated words that have been noted since the last time and never before."""
        fresh, self._fresh = self._fresh, []
        return fresh


def _joined(scanned: Scan) -> Ints:
    """Tokens after which nothing but one hyphen stands before the next."""
    ends = scanned.ends[:-1]
    close = np.flatnonzero(scanned.starts[1:] - ends == 1)
    gaps = scanned.codes[ends[close]]
    hyphens = gaps == ord("-")
    wide = np.flatnonzero(gaps >= WIDE)
    text = scanned.text
    hyphens[wide] = [text[at] in HYPHENS for at in ends[close[wide]].tolist()]
    joined: Ints = close[hyphens]
    return joined
