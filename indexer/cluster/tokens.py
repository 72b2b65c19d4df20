"""Token strings: the texts of a run as sent to the engine, and the analyser that reads them.

In: a run, with tokens from our own tokeniser. Out: a string for each unit (passage, heading or
title). The engine tokenises nothing: words have even positions, and the odd position between two
words has a marker if a sentence or a block ends there. The tokens stacked at a word's position are:

    c…   the form without accents, its case kept
    f…   the folded form
    s…   language TAB stem

U+001F separates slots, U+001E the tokens stacked in one slot, and U+001D is an empty slot. Forms
contain none of the three: the tokeniser treats them as blanks; the text itself keeps them.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np

from indexer.segments.runs import MARKS, Run, to_offsets
from indexer.text.folding import fold_keep_case

SLOT, STACK, HOLE = "\x1f", "\x1e", "\x1d"
STACKED = 3  # terms at a word's position
SENTENCE, BLOCK = ".", "¶"  # terms of the markers; the end of a block also ends a sentence
_LONGEST = 2_000  # code points of a term; the engine refuses one of 32,766 bytes
_BETWEEN = {
    0: f"{SLOT}{HOLE}{SLOT}",
    MARKS["sentence_starts"]: f"{SLOT}{SENTENCE}{SLOT}",
    MARKS["block_starts"]: f"{SLOT}{BLOCK}{STACK}{SENTENCE}{SLOT}",
}
JOINT = _BETWEEN[MARKS["block_starts"]]  # between two units in one field

ANALYSIS: dict[str, Any] = {
    "analyzer": {
        "stacked": {"type": "custom", "tokenizer": "slots", "filter": ["unstack", "holes"]}
    },
    "tokenizer": {"slots": {"type": "pattern", "pattern": "\\u001f"}},
    "filter": {
        "unstack": {
            "type": "pattern_capture",
            "preserve_original": False,
            "patterns": ["([^\\u001e]+)"],
        },
        "holes": {"type": "stop", "stopwords": [HOLE]},
    },
}


def cased(form: str) -> str:
    """The term of a form with its case kept."""
    return _term("c", form)


def folded(fold: str) -> str:
    """The term of a folded form."""
    return _term("f", fold)


def stemmed(language: str, stem: str) -> str:
    """The term of a stem."""
    return _term("s", f"{language}\t{stem}")


def _term(kind: str, text: str) -> str:
    if len(text) > _LONGEST:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        text = text[: _LONGEST // 2] + digest
    return kind + text


@lru_cache(1 << 18)
def stack(entry: str) -> str:
    """The tokens stacked at a word, from an entry of `Run.forms`: cased form, fold and stem."""
    language, stem, fold, form = entry.split("\0")
    terms = cased(fold_keep_case(form)), folded(fold), stemmed(language, stem)
    return clean(STACK.join(terms))


def keyword(value: str) -> str:
    """The single term under which an article id, kind or section path is indexed."""
    return _term("", clean(value))


def clean(text: str) -> str:
    """A text with lone surrogates replaced, so that JSON in UTF-8 can hold it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def token_strings(run: Run) -> list[str]:
    """The token string of each unit of a run, in the order of the units."""
    words = [*map(stack, run.forms)]
    edges = to_offsets(run.columns["unit.tokens"]).tolist()
    forms = run.columns["token.form"].tolist()
    marks = run.columns["token.marks"] & (MARKS["block_starts"] | MARKS["sentence_starts"])
    strongest = np.where(marks & MARKS["block_starts"], MARKS["block_starts"], marks).tolist()
    found = []
    for start, end in pairwise(edges):
        pieces = [words[forms[start]]] if end > start else []
        for at in range(start + 1, end):
            pieces += (_BETWEEN[strongest[at]], words[forms[at]])
        found.append("".join(pieces))
    return found
