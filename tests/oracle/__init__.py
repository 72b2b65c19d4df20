"""An independent evaluator of queries, and comparisons of the engine with it.

The evaluator shares the model, the tokeniser and the nodes of query trees with the product and
nothing else; nothing in the product may import it.

    texts          passages, headings and titles as lists of tokens
    spelling       which tokens a word accepts
    matching       where a leaf matches in a text
    headings       the headings of an article, and the passages below each
    branches       a tree as branches: one choice at every OR
    evaluator      which passages a tree finds, their marks and scores
    whoosh_reader  the same corpus for Whoosh's own searcher
    corpus         random articles and trees
    compare        compares the engine with the evaluator, tree by tree
    answers        compares an index's answers to typed queries with the evaluator
"""

from tests.oracle.compare import Engine, disagreements, evaluator
from tests.oracle.corpus import (
    BINARY,
    MATCHES,
    WORDS,
    Chance,
    Part,
    Shelf,
    Stored,
    compose,
    paragraphs,
    shelve,
)
from tests.oracle.evaluator import Evaluator, Verdict

__all__ = [
    "BINARY",
    "MATCHES",
    "WORDS",
    "Chance",
    "Engine",
    "Evaluator",
    "Part",
    "Shelf",
    "Stored",
    "Verdict",
    "compose",
    "disagreements",
    "evaluator",
    "paragraphs",
    "shelve",
]
