"""What would take too long is left out and named; the rest is answered as the oracle answers it."""

from __future__ import annotations

import re
import time
from random import Random

import pytest
from whoosh import query

from indexer.errors import UsageError
from indexer.query.parser import parse
from indexer.query.syntax import MAX_WORDS
from indexer.search import limits
from indexer.search.autocomplete import LONGEST, suggest
from indexer.search.bm25f import DEFAULTS
from indexer.search.plan import And, Boosted, Leaf, Term, leaves
from indexer.segments.vocabulary import _regex
from indexer.text.synonyms import Synonyms
from tests.helpers.effort import seeds
from tests.helpers.indexed import said
from tests.helpers.library import Library
from tests.oracle import Chance, Engine, disagreements, evaluator, paragraphs, shelve

TEXTS = (
    "rest and dose and pain",
    "dose after dose of rest",
    "pain at night and no sleep",
    "sleep and pain and dose and rest",
    "nothing else",
)
SHELF = shelve(paragraphs(*TEXTS))


def answers(asked: str, kept: str) -> None:
    """The engine answers `asked` as the oracle does `kept`."""
    found = Engine(SHELF).evaluate(parse(asked).tree)
    assert not list(disagreements(evaluator(SHELF).evaluate(parse(kept).tree), found))


def notes(asked: str) -> list[str]:
    """What the engine says of a query."""
    return Engine(SHELF).searcher.matcher(parse(asked).tree, "stem").notes()


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A budget for two words and no third."""
    monkeypatch.setattr(limits, "BUDGET", 0)
    monkeypatch.setattr(limits, "LEAST_BUDGET", 2.9 * limits.LEAF)
    return monkeypatch


@pytest.mark.usefixtures("poor")
@pytest.mark.parametrize(
    ("asked", "kept", "named"),
    [
        ("dose OR pain OR sleep OR rest", "dose OR pain", "sleep"),
        ("rest dose pain", "rest dose", "pain"),
        ("dose pain -rest -sleep", "dose pain", "rest"),
        ("dose -rest -night", "dose -rest", "night"),
        ("dose (sleep OR pain) night", "dose sleep", "pain"),
        ("dose NEAR/3 rest NEAR/9 pain", "dose NEAR/3 rest", "pain"),
        ('"rest and dose" pain sleep', '"rest and dose" pain', "sleep"),
        ("rest pain title:x", "rest pain", "title:x"),
        ("(-dose pain) OR rest OR night", "-dose pain", "rest"),
    ],
)
def test_what_is_too_dear_is_named_and_the_rest_is_exact(asked: str, kept: str, named: str) -> None:
    assert notes(asked) == [f'ignored: all that would take too long, from "{named}" on']
    answers(asked, kept)


@pytest.mark.parametrize(
    ("asked", "kept", "named"),
    [
        ("dose NEAR/3 rest", "dose", "rest"),
        ("d* NEAR/3 (pain OR rest)", "d*", "pain"),
        ("(dose NEAR/3 rest) OR pain", "dose", "rest"),
    ],
)
def test_pairs_that_are_too_many_are_not_made(
    poor: pytest.MonkeyPatch, asked: str, kept: str, named: str
) -> None:
    poor.setattr(limits, "LEAST_BUDGET", 9 * limits.LEAF)
    assert notes(asked) == []
    answers(asked, asked)
    poor.setattr(limits, "PARTNER", 9 * limits.LEAF)
    assert notes(asked) == [f'ignored: all that would take too long, from "{named}" on']
    answers(asked, kept)


def test_pairs_are_as_many_as_the_rarer_side_has(poor: pytest.MonkeyPatch) -> None:
    """However common the other word is: it is looked at where the rare one stands."""
    poor.setattr(limits, "LEAST_BUDGET", 4 * limits.LEAF)
    poor.setattr(limits, "PARTNER", 0.9 * limits.LEAF)
    assert notes("after NEAR/3 (dose OR rest)") == []
    assert len(notes("pain NEAR/3 (dose OR rest)")) == 1


def test_few_words_are_never_too_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever they are, they are but a share of the text, however large that is."""
    monkeypatch.setattr(limits, "LEAST_BUDGET", 0)
    monkeypatch.setattr(limits, "LEAF", 0)
    for asked in ("dose OR pain OR sleep OR rest", "d* p* s* r*", '"dose after dose of"'):
        assert notes(asked) == []
    for asked in ("dose NEAR/3 rest NEAR/9 pain", "(dose NEAR/3 rest) OR (pain NEAR/3 night)"):
        assert len(notes(asked)) == 1


def test_synonyms_refuse_no_count() -> None:
    """However many words are counted, that one stands for another too is a note and no error."""
    known = Synonyms({("rest",): (("sleep",),)})
    searcher = Engine(SHELF, synonyms=known).searcher
    for asked in ("rest", "rest OR dose OR pain OR night OR else"):
        matcher = searcher.matcher(parse(asked).tree, "stem", text_only=True, bounded=False)
        matcher.matches()
        assert matcher.notes() == ["rest stands for sleep too"]


def test_negation_of_what_was_left_out_finds_nothing(poor: pytest.MonkeyPatch) -> None:
    """NOT b is not what was asked for when it was `a NOT b` and there was no room for a."""
    poor.setattr(limits, "LEAST_BUDGET", 1.5 * limits.LEAF)
    assert not Engine(SHELF).evaluate(parse("-rest (pain OR dose)").tree)
    answers("night OR (pain -rest)", "night")


@pytest.mark.usefixtures("poor")
def test_first_leaf_is_never_too_dear(poor: pytest.MonkeyPatch) -> None:
    poor.setattr(limits, "LEAST_BUDGET", 0)
    for asked in ("dose", "*s*", "doze~1", "r*", '"rest and dose"', '"r* and"'):
        assert notes(asked) == []
        answers(asked, asked)


def test_patterns_are_paid_for_before_they_are_looked_up(poor: pytest.MonkeyPatch) -> None:
    poor.setattr(limits, "COMPARED", limits.LEAF)
    for pattern in ("*s*", "doze~1", '"rest * d*e"', "p*n*"):
        shown = pattern if pattern.startswith('"') else f'"{pattern}"'
        assert notes(f"dose OR {pattern}") == [
            f"ignored: all that would take too long, from {shown} on"
        ]
        answers(f"dose OR {pattern}", "dose")


@pytest.mark.parametrize(
    ("each", "words", "kept"),
    [
        (0, "", '"rest and dose and pain"~5'),
        (1 / 5, "the first 2 words", '"rest and"~5'),
        (1, "the first word", '"rest"'),
    ],
)
def test_phrase_with_gaps_is_shortened_to_what_fits(
    poor: pytest.MonkeyPatch, each: float, words: str, kept: str
) -> None:
    poor.setattr(limits, "PARTNER", limits.LEAF * each)
    asked = '"rest and dose and pain"~5'
    said = [f"only {words} of {asked} was searched for"] if words else []
    assert notes(asked) == said
    answers(asked, kept)


@pytest.mark.usefixtures("poor")
def test_what_restricts_the_answer_is_never_left_out() -> None:
    library = Library(*TEXTS)
    found = library.ask("dose OR pain OR sleep", articles=("a1",), kind="paragraph")
    assert found.total <= 1
    assert 'from "sleep" on' in found.notes[0]
    with_section = library.ask("dose OR pain OR sleep", section="nowhere")
    assert with_section.total == 0


@pytest.mark.usefixtures("poor")
def test_restrictions_are_not_counted() -> None:
    """So that a page of one article marks what the list of hits does."""
    (note,) = Library(*TEXTS).ask("dose OR pain OR sleep", section="x").notes
    assert 'from "sleep" on' in note


# --- within the budget -------------------------------------------------------------------------


@pytest.mark.parametrize("joint", [" OR ", " ", " AND "])
def test_a_thousand_words_are_within_the_budget(joint: str) -> None:
    words = [f"word{i}" for i in range(MAX_WORDS - 4)] + ["dose", "pain", "rest", "sleep"]
    assert notes(joint.join(words)) == []
    if "O" in joint:
        answers(joint.join(words), "dose OR pain OR rest OR sleep")


@pytest.mark.parametrize("asked", ["dose dose pain", "dose OR pain OR dose", "(dose pain) dose"])
def test_what_is_said_twice_counts_twice_and_is_found_once(asked: str) -> None:
    assert notes(asked) == []
    answers(asked, asked)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("dose OR pain OR sleep", '"sleep"'),
        ('pain OR night OR "rest and dose and pain"~5', '"rest and dose and pain"~5'),
        ("dose NEAR/3 (rest OR pain)", '"pain"'),
    ],
)
def test_what_can_not_say_so_is_refused(poor: pytest.MonkeyPatch, asked: str, named: str) -> None:
    """However much is left out of a search: a count, a concordance and an audit are of it all."""
    poor.setattr(limits, "PATIENCE", 1)
    with said(*TEXTS) as index:
        for ask in (index.count, index.concordance, index.audit, index.collocates):
            with pytest.raises(UsageError, match="would take too long") as error:
                ask(asked)
            assert str(error.value).startswith(named)
        assert index.search(asked).notes
        poor.setattr(limits, "PATIENCE", 50)
        assert index.count(asked) == index.audit(asked).terms[0].passages > 0


def test_nothing_is_left_out_where_nothing_could_say_so(poor: pytest.MonkeyPatch) -> None:
    """A count: what is said twice is found once there too."""
    poor.setattr(limits, "LEAST_BUDGET", 1)
    poor.setattr(limits, "PATIENCE", 10**6)
    searcher = Engine(SHELF).searcher
    tree = parse("(dose " * 3 + "dose OR rest -pain -night" + ")" * 3).tree
    whole = searcher.matcher(tree, "stem", text_only=True, bounded=False)
    assert whole.notes() == []
    assert len(list(leaves(whole.plan, negated=True))) < len(list(tree.leaves()))
    expected = evaluator(SHELF).evaluate(tree, text_alone=True)
    assert sum(found.ids.size for found in whole.matches()) == len(expected)


@pytest.mark.parametrize("asked", ["-dose -pain", "rest -dose -night", "-(dose pain) -sleep rest"])
def test_many_negations_are_one(asked: str) -> None:
    answers(asked, asked)


@pytest.mark.parametrize("seed", seeds(3, 30))
def test_any_tree_is_the_same_with_its_parts_repeated(seed: int) -> None:
    chance = Chance.of(Random(seed))
    shelf = shelve(chance.corpus())
    engine, oracle = Engine(shelf), evaluator(shelf)
    for _ in range(10):
        part, other = chance.tree(), chance.tree()
        for tree in (query.Or([part, other, part]), query.And([part, part, other])):
            if not engine.cuts(tree, "stem"):
                expected = oracle.evaluate(tree, "stem")
                assert not list(disagreements(expected, engine.evaluate(tree))), tree


def test_only_what_can_say_so_is_bounded(poor: pytest.MonkeyPatch) -> None:
    searcher = Engine(SHELF).searcher
    for text_only in (False, True):
        matcher = searcher.matcher(parse("dose OR pain OR night").tree, "stem", text_only=text_only)
        assert sum(f.ids.size for f in matcher.matches()) == 4
        assert len(matcher.notes()) == 1
    tree = parse("night OR pain OR dose").tree
    cut = searcher.matcher(tree, "stem", text_only=True)
    whole = searcher.matcher(tree, "stem", text_only=True, bounded=False)
    few, all_ = (sum(f.ids.size for f in e.matches()) for e in (cut, whole))
    assert few < all_
    assert not whole.notes()


# --- long words --------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["*a" * 8 + "b", "*a?" * 8 + "*b", "a*" * 8 + "b?c"])
def test_wildcards_take_linear_time(pattern: str) -> None:
    library = Library("a" * 20_000, "b")
    start = time.process_time()
    assert library.ask(pattern).total == 0
    assert time.process_time() - start < 1  # backtracking would take years


def test_wildcards_mean_what_they_say() -> None:
    """Against the definition: a star takes any run of characters, a question mark one."""
    random = Random(5)
    for _ in range(3000):
        pattern = "".join(random.choices("ab*?.", k=random.randint(1, 9)))
        word = "".join(random.choices("ab.", k=random.randint(0, 9)))
        found = re.fullmatch(_regex(pattern), word)
        assert bool(found) == matches(pattern, word), (pattern, word)


def matches(pattern: str, word: str) -> bool:
    """Whether a word fits a pattern, by definition."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(matches(pattern[1:], word[i:]) for i in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and matches(pattern[1:], word[1:])


@pytest.mark.parametrize(
    "typed", ["x" * 1_000_000, "ab" * 5_000 + "~2", "?" * 10_000, "a" * 10_000]
)
def test_very_long_words_are_no_trouble(typed: str) -> None:
    library = Library(*TEXTS)
    start = time.process_time()
    assert library.ask(typed).total == 0
    assert time.process_time() - start < 1


def test_query_of_many_unknown_words_is_not_corrected() -> None:
    library = Library(*TEXTS)
    assert library.ask("pian slep").suggestion == "pain sleep"
    many = library.ask("pian slep dosse rets nigt")
    assert many.suggestion == ""
    assert many.missing == ("pian", "slep", "dosse", "rets", "nigt")


def test_suggestions_end_where_no_heading_could_go_on() -> None:
    searcher = Engine(SHELF).searcher
    assert suggest(searcher, "do", 8)
    assert suggest(searcher, "pain " * LONGEST + "do", 8) == ()


def test_equal_leaves_are_looked_up_once() -> None:
    plan = Engine(SHELF).searcher.matcher(parse("dose " * 900).tree, "stem").plan
    assert isinstance(plan, And)
    (only,) = plan.children
    assert isinstance(only, Boosted)
    assert only.boost == pytest.approx(900**DEFAULTS.repeats)
    assert isinstance(only.child, Leaf)
    assert only.child.sought == Term("word", "dose")
