"""What leaves find together is what each finds by itself, united; by whatever way it is found."""

from __future__ import annotations

from itertools import count
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query

from indexer.query.nodes import Near, Quote, Word
from indexer.search.located import REASONS, Element, element
from indexer.search.matcher import Matcher
from indexer.search.plan import Leaf, Or
from indexer.search.positions import inside
from indexer.search.spans import TokenSpans, united
from indexer.sorted_arrays import member, values_at
from tests.helpers.effort import seeds
from tests.oracle import MATCHES, Chance, Engine, Shelf, disagreements, evaluator, shelve

Row = tuple[int, int]


RANGES = st.lists(st.integers(0, 80), unique=True, max_size=8).map(
    lambda edges: list(zip(sorted(edges)[::2], sorted(edges)[1::2]))
)


def rows(found: TokenSpans) -> tuple[list[Row], list[tuple[int, int, int, int]]]:
    """Spans, and marks with the number of the span that each shows."""
    marks = found.marks
    shown = zip(
        marks.owners.tolist(), marks.starts.tolist(), marks.ends.tolist(), marks.codes.tolist()
    )
    return list(zip(found.starts.tolist(), found.ends.tolist())), list(shown)


def check(matcher: Matcher) -> int:
    """Its pools against a union of all lists; how many occurrences there are."""
    total = 0
    for part, scored in enumerate(matcher.matches()):
        segment = matcher.snapshot.parts[part].segment
        for ids in (scored.ids, scored.ids[::3], scored.ids[1:2]):
            one_by_one = united([found for _, found in matcher.occurrences(part, ids)])
            together = matcher.united(part, ids)
            assert rows(together) == rows(one_by_one)
            of = segment.unit_of(one_by_one.starts)
            numbers = matcher.occurrence_counts(part, ids).tolist()
            assert numbers == [int(np.count_nonzero(of == number)) for number in ids]
            total += sum(numbers)
    return total


def check_heads(matcher: Matcher) -> int:
    """Heads that satisfy its tree, and what occurs in them, leaf by leaf."""
    total = 0
    for part, holder in enumerate(matcher.snapshot.parts):
        live = holder.live_heads
        heads = matcher.satisfying_heads(part)
        assert live is None or live[heads].all()
        leaves, units = matcher.text_leaves(), heads + holder.segment.passages
        by_leaf = united([matcher.in_units(leaf, part, units) for leaf in leaves])
        assert rows(matcher.united_in_heads(part, heads)) == rows(by_leaf)
        if isinstance(matcher.plan, Or) and matcher.plan.least == 1:
            every = np.arange(holder.segment.heads)
            every = every if live is None else every[live]
            parts = [part for part in matcher.plan.children if isinstance(part, Leaf)]
            if len(parts) == len(matcher.plan.children):
                units = every + holder.segment.passages
                some = united([matcher.in_units(leaf, part, units) for leaf in parts])
                assert sorted(set(holder.segment.head_of(some.starts).tolist())) == heads.tolist()
        total += heads.size
    return total


def engine_of(seed: int) -> tuple[Chance, Engine, Shelf]:
    """Articles in three parts, some replaced and one removed."""
    chance = Chance.of(Random(seed))
    old = shelve([chance.article(number) for number in range(30)])
    fresh = shelve([chance.article(number) for number in (3, 17, 50)])
    kept = {name: stored for name, stored in old.articles.items() if name != "a20"}
    new = Shelf(2, {**kept, **fresh.articles})
    last = Shelf(3, {**new.articles, **shelve([chance.article(3)]).articles})
    return chance, Engine(old, new, last), last


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2, 30))
def test_pools_are_the_union_of_their_leaves(seed: int) -> None:
    chance, engine, _ = engine_of(seed)
    total = heads = 0
    for _ in range(25):
        tree, match = chance.tree(), chance.random.choice(MATCHES)
        if chance.random.random() < 0.4:
            tree = query.Or([tree, *(chance.leaf() for _ in range(chance.random.randint(1, 8)))])
        matcher = engine.searcher.matcher(tree, match, text_only=chance.random.random() < 0.5)
        total += check(matcher)
        heads += check_heads(matcher)
    assert total
    assert heads


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2, 20))
def test_whichever_way_is_taken_the_oracle_agrees(seed: int) -> None:
    chance, engine, shelf = engine_of(100 + seed)
    oracle = evaluator(shelf)
    for _ in range(12):
        tree, match = chance.tree(), chance.random.choice(MATCHES)
        if not engine.cuts(tree, match):
            differences = list(
                disagreements(oracle.evaluate(tree, match), engine.evaluate(tree, match))
            )
            assert not differences, (tree, match, differences[0])


@pytest.mark.parametrize("seed", seeds(2, 20))
def test_word_occurs_where_a_live_text_has_it(seed: int) -> None:
    """Not where headings alone have it, or boilerplate, or an article that is gone."""
    chance, engine, _ = engine_of(300 + seed)
    told = set()
    for word in (*chance.vocabulary, "a", "nowhere"):
        matcher = engine.searcher.matcher(Word("any", word), chance.random.choice(MATCHES))
        (leaf,) = matcher.text_leaves()
        for part, scored in enumerate(matcher.matches()):
            found = bool(matcher.leaf_frequency(leaf, part))
            assert found == bool(scored.found.text.size)
            told.add(found)
    assert told == {False, True}


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2, 20))
def test_numbers_are_those_of_the_oracle(seed: int) -> None:
    chance, engine, shelf = engine_of(200 + seed)
    oracle = evaluator(shelf)
    for _ in range(12):
        leaves = [chance.leaf() for _ in range(chance.random.randint(1, 9))]
        tree = query.Or([leaf for leaf in leaves if leaf != query.NullQuery])
        if engine.cuts(tree, "stem"):
            continue
        expected = oracle.evaluate(tree, "stem", text_alone=True)
        matcher = engine.searcher.matcher(tree, "stem", text_only=True)
        found: dict[str, int] = {}
        for part, scored in enumerate(matcher.matches()):
            segment = matcher.snapshot.parts[part].segment
            names = [segment.passage(number).id for number in scored.ids.tolist()]
            found |= dict(zip(names, matcher.occurrence_counts(part, scored.ids).tolist()))
        assert found == {name: len(verdict.occurrences) for name, verdict in expected.items()}


@pytest.mark.parametrize(
    "tree",
    [
        # the same word twice, as two words, within others, and where another does not count
        query.Or([Word("any", "pain"), Word("any", "pains")]),
        query.Or([Word("any", "pain"), query.Prefix("any", "pa"), query.Wildcard("any", "*in*")]),
        query.Or([query.And([Word("any", "pain"), Word("any", "take")]), Word("any", "pains")]),
        query.And([Word("any", "take"), query.Or([Word("any", "pain"), query.Prefix("any", "p")])]),
        # spellings of one token and of several
        query.Or([Word("any", "antiinflammatory"), Word("any", "anti"), Quote("any", ["a"])]),
        query.Or([Word("any", "anti-inflammatory"), Quote("text", ["anti", "inflammatory"])]),
        query.Or([Near([Word("text", "pain"), Word("text", "take")], 3), Word("any", "take")]),
        query.Or([Quote("text", ["pain", "take"], slop=3), Quote("text", ["take", "pain"])]),
        query.AndMaybe(Word("any", "pain"), query.Or([Word("any", "take"), Word("any", "pains")])),
    ],
)
@pytest.mark.parametrize("match", ["stem", "word", "case"])
def test_leaves_that_share_words(tree: query.Query, match: str) -> None:
    words = ("pain", "Pain", "pains", "take", "taking", "anti-inflammatory", "anti", "a")
    chance = Chance(Random(7), (*words, "antiinflammatory", "inflammatory", "painful"))
    engine = Engine(shelve([chance.article(number) for number in range(40)]))
    assert check(engine.searcher.matcher(tree, match, text_only=True))  # type: ignore[arg-type]


# --- what pools are made of ---------------------------------------------------------------------


@given(RANGES, RANGES)
def test_element_has_its_own_ranges_before_the_others(
    ranges: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    one = element(ranges, "exact", others, "fuzzy")
    own = {form for low, high in ranges for form in range(low, high)}
    rest = {form for low, high in others for form in range(low, high)} - own
    assert codes(one) == dict.fromkeys(own, 0) | dict.fromkeys(rest, REASONS.index("fuzzy"))
    assert (one.lows[1:] >= one.highs[:-1]).all()
    assert one.contains(np.arange(90)).tolist() == [form in own | rest for form in range(90)]
    forms = np.array(sorted(own | rest), np.int64)
    assert one.reasons(forms).tolist() == [codes(one)[form] for form in forms.tolist()]


def codes(one: Element) -> dict[int, int]:
    """Reason code of each form."""
    found: dict[int, int] = {}
    for low, high, code in zip(one.lows.tolist(), one.highs.tolist(), one.codes.tolist()):
        assert low < high
        found |= dict.fromkeys(range(low, high), code)
    return found


@given(st.sets(st.integers(0, 60)), st.lists(st.integers(0, 9), max_size=12))
def test_tokens_inside_ranges(tokens: set[int], sizes: list[int]) -> None:
    """Ranges that are apart, touch or are empty."""
    edges = np.cumsum([0, *sizes])
    firsts, ends = edges[:-1][::2], edges[1:][::2]
    if not firsts.size:
        return
    found = inside(np.array(sorted(tokens), np.int64), firsts, ends).tolist()
    assert found == [t for t in sorted(tokens) if any(a <= t < b for a, b in zip(firsts, ends))]


@given(st.sets(st.integers(0, 3000)), st.sets(st.integers(0, 3000)), st.integers(0, 200_000))
def test_members_far_apart_are_found_like_those_close_by(
    ids: set[int], among: set[int], far: int
) -> None:
    wanted, others = (np.array(sorted({n + far for n in ns}), np.int64) for ns in (ids, among))
    assert member(wanted, others).tolist() == [n - far in among for n in wanted.tolist()]
    values = np.arange(1, others.size + 1)
    numbered = dict(zip(others.tolist(), count(1)))
    found = values_at(wanted, others, values).tolist()
    assert found == [numbered.get(n, 0) for n in wanted.tolist()]
