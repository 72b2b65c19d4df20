"""The engine against the oracle: random corpora, random trees, every kind of node.

The oracle (`indexer.proving`) is plain Python over lists of tokens. Sets of passages, marks with
their reasons, occurrences and scores must be the same.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query

from indexer.model import Article, Match
from tests.oracle import Engine, corpora, disagreements, prover, shelve, trees

MATCHES: tuple[Match, ...] = ("stem", "stem", "word", "case")
PLAIN = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@PLAIN
@given(corpora(), st.lists(st.tuples(trees(), st.sampled_from(MATCHES)), min_size=1, max_size=20))
def test_engine_agrees_with_oracle(
    articles: list[Article], asked: list[tuple[query.Query, Match]]
) -> None:
    shelf = shelve(articles)
    engine, oracle = Engine(shelf), prover(shelf)
    for tree, match in asked:
        expected = oracle.evaluate(tree, match)
        assert not list(disagreements(expected, engine.evaluate(tree, match))), (tree, match)
