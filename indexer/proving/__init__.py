"""The meaning of queries, once more and independently: plain Python over plain lists.

In: articles with their passages, and a query tree. Out: what the tree finds, marks and counts,
and each passage's score. It shares the tokeniser and the tree's nodes with the search engine and
nothing else, so that `verify` and the tests can hold the engine against it.

    units       texts as lists of tokens
    spelling    which tokens a word accepts
    chains      runs, chains and pairs of tokens
    leaves      where a leaf matches in a text
    scores      BM25F by hand
    corpus      the passages with their texts
    neighbours  bare words that may be one
    trees       a tree over a corpus
    census      facts of a corpus of which only a part is read
    verdicts    what is said of a passage
"""

from __future__ import annotations

from indexer.proving.census import Census, Inquiry
from indexer.proving.corpus import Reading
from indexer.proving.scores import Parameters
from indexer.proving.spelling import Thesaurus
from indexer.proving.trees import Prover
from indexer.proving.verdicts import Verdict

__all__ = ["Census", "Inquiry", "Parameters", "Prover", "Reading", "Thesaurus", "Verdict"]
