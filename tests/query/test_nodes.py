"""Our nodes under Whoosh's own tools."""

from __future__ import annotations

import copy

import pytest
from whoosh import query
from whoosh.query import QueryError

from indexer.query.nodes import Everything, Near, Quote, Word
from indexer.query.parser import parse
from tests.query.printer import describe

PAIR = Near([Word("any", "pain"), Quote("any", ["dry", "mouth"])], 5)
TREE = query.And([Word("any", "chronic"), PAIR, query.Not(Word("text", "child"))])


def test_nodes_are_equal_by_value() -> None:
    assert Word("any", "a") == Word("any", "a") != Word("text", "a")
    assert Word("any", "a") != query.Term("any", "a")
    assert Quote("text", ["a"]) != Quote("text", ["a"], slop=2)
    a, b = Word("text", "a"), Word("text", "b")
    assert Near([a, b], 5) == Near([a, b], 5) != Near([a, b], None)
    assert Near([a, b], 5) != Near([b, a], 5)
    assert len({Near([a, b], 5), Near([a, b], 5), Near([b, a], 5), Everything(), Everything()}) == 3


@pytest.mark.parametrize("node", [PAIR, TREE, Everything(), Quote("text", ["a"], slop=3)])
def test_copies_are_equal_and_apart(node: query.Query) -> None:
    twin = node.copy()
    assert twin == node
    assert hash(twin) == hash(node)
    assert twin is not node
    assert repr(copy.copy(node)) == repr(node)


def test_near_joins_two() -> None:
    with pytest.raises(QueryError, match="two queries, not 1"):
        Near([Word("text", "a")], 5)


def test_leaves_and_terms_are_found() -> None:
    assert [leaf.fieldname for leaf in TREE.leaves()] == ["any", "any", "any", "text"]
    assert TREE.all_terms() == {
        ("any", "chronic"),
        ("any", "pain"),
        ("any", "dry"),
        ("any", "mouth"),
        ("text", "child"),
    }
    assert PAIR.field() == "any"
    assert [token.text for token in PAIR.all_tokens()] == ["pain", "dry", "mouth"]


def test_leaves_know_where_they_were_typed() -> None:
    text = 'chronic "dry mouth" -title:child'
    places = [text[leaf.startchar : leaf.endchar] for leaf in parse(text).tree.leaves()]
    assert places == ["chronic", '"dry mouth"', "child"]


def test_apply_and_accept_rebuild_the_tree() -> None:
    def shout(node: query.Query) -> query.Query:
        return Word(node.fieldname, node.text.upper()) if isinstance(node, Word) else node

    assert describe(TREE.accept(shout)) == 'CHRONIC (PAIN NEAR/5 "dry mouth") -CHILD'
    assert describe(PAIR.apply(shout)) == 'PAIN NEAR/5 "dry mouth"'
    assert describe(TREE) == 'chronic (pain NEAR/5 "dry mouth") -child'


def test_normalising_keeps_quotes_of_one_word() -> None:
    quote = Quote("text", ["not"])
    assert quote.normalize() is quote
    assert query.And([quote, Word("any", "a")]).normalize()[0] == quote
    assert Quote("text", []).normalize() is query.NullQuery


def test_normalising_near() -> None:
    assert PAIR.normalize() == PAIR
    nested = Near([query.And([Word("text", "a")]), Word("text", "b")], None)
    assert nested.normalize() == Near([Word("text", "a"), Word("text", "b")], None)
    assert Near([query.NullQuery, Word("text", "b")], 2).normalize() is query.NullQuery


@pytest.mark.parametrize(
    "text", ["-a", "-a -b", "a OR -b", "* OR a", "-*", "a NEAR/s b -c", '"a" OR -(b OR -c)', "a a"]
)
def test_normalising_with_everything_drops_no_negation(text: str) -> None:
    tree = parse(text).tree
    negations = sum(isinstance(leaf, query.Not) for leaf in nodes(tree))
    assert sum(isinstance(leaf, query.Not) for leaf in nodes(tree.normalize())) == negations
    filtered = tree & query.Term("kind", "quote")
    assert sum(isinstance(leaf, query.Not) for leaf in nodes(filtered)) == negations


def nodes(tree: query.Query) -> list[query.Query]:
    """The tree and all trees in it."""
    return [tree, *(node for part in tree.children() for node in nodes(part))]


def test_deep_tree_can_be_copied_and_normalised() -> None:
    tree = parse("(a OR b AND " * 50 + "c").tree
    assert tree.copy() == tree
    assert tree.normalize() == tree
    assert len(list(tree.leaves())) == 101


@pytest.mark.parametrize(
    ("tree", "spelled"),
    [
        (query.NullQuery, ""),
        (query.Every(), "*"),
        (query.Term("text", "pain", boost=2.0), "text:pain"),
        (query.Phrase("any", ["a", "b"], slop=2), '"a b"~2'),
        (query.Phrase("text", ["a", "b"], slop=2), 'text:"a b"~2'),
        (query.DisjunctionMax([Word("any", "a"), Word("any", "b")]), "a OR b"),
        (parse("a +b -c", any=True).tree, "+b a -c"),
        (query.NumericRange("year", 1990, 2000), "year:[1990 TO 2000]"),
    ],
)
def test_other_trees_are_described_as_well_as_can_be(tree: query.Query, spelled: str) -> None:
    assert describe(tree) == spelled
