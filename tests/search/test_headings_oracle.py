"""Words in headings and titles: the engine against the oracle, on random articles and queries.

Articles have nested, empty and equal headings, boilerplate between, or nothing but a title; trees
are nests of And, Or and Not over words that may stand anywhere, and trees of every other kind.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.model import Article
from tests.helpers.effort import seeds, tries
from tests.oracle import MATCHES, Chance, Engine, Evaluator, Shelf, disagreements, evaluator, shelve

WORDS = ("pain", "pains", "take", "taking", "stop", "dose", "end", "rare", "x-ray", "xray", "ray")
ASKED = 25  # trees put to each corpus


def chance_of(random: Random) -> Chance:
    """Few plain words, so that one heading holds what another's text says; or any words."""
    if random.random() < 0.7:
        return Chance(random, random.sample(WORDS, random.randint(3, 6)))
    return Chance.of(random)


def articles(chance: Chance, number: int) -> list[Article]:
    return [chance.headed(n) for n in range(number)]


def disagreement(chance: Chance, shelf: Shelf, engine: Engine, oracle: Evaluator) -> object:
    """What the two say of one tree, if that is not the same."""
    tree = chance.nest() if chance.random.random() < 0.7 else chance.tree()
    match = chance.random.choice(MATCHES)
    if engine.cuts(tree, match):
        return None
    differences = list(disagreements(oracle.evaluate(tree, match), engine.evaluate(tree, match)))
    return (tree, match, differences[0], shelf.texts()) if differences else None


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(7, 300))
def test_engine_agrees_with_oracle_on_headings(seed: int) -> None:
    chance = chance_of(Random(seed))
    shelf = shelve(articles(chance, 4))
    engine, oracle = Engine(shelf), evaluator(shelf)
    for _ in range(ASKED):
        assert not disagreement(chance, shelf, engine, oracle)


@settings(
    max_examples=tries(10, 300),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.randoms(use_true_random=False))
def test_engine_agrees_with_oracle_on_headings_where_hypothesis_looks(random: Random) -> None:
    chance = chance_of(random)
    shelf = shelve(articles(chance, 3))
    assert not disagreement(chance, shelf, Engine(shelf), evaluator(shelf))


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_headings_of_replaced_and_removed_articles_are_forgotten(seed: int) -> None:
    chance = chance_of(Random(seed))
    old = shelve(articles(chance, 60), generation=1)
    fresh = shelve(articles(chance, 2))
    kept = dict(list(old.articles.items())[:-1])
    new = Shelf(2, {**kept, **fresh.articles})
    engine, oracle = Engine(old, new), evaluator(new)
    assert len(engine.searcher.snapshot.parts) == 2
    for _ in range(10):
        assert not disagreement(chance, new, engine, oracle)
