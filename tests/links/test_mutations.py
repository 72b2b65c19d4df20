"""Edits as authors make them: what the passages became is told rightly, or "lost", never wrongly.

The articles are made by chance, of few words, so that passages are like each other more than those
of people are. `python -m benchmarks.anchoring` does the same to real articles.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from benchmarks.anchoring import run
from benchmarks.edits.drafts import Draft, Unit, draft_of, marked, publish, words_of
from benchmarks.edits.mutations import MUTATIONS, Desk
from benchmarks.edits.verdicts import MANY, judge
from tests.helpers.effort import tries

VOCABULARY = """
    the dose of it is taken at night with water and food or without them for pain sleep nerves
    doctor tablet week slowly never stop headache may cause dry mouth keep children away store
    under degrees ask before use other medicine pregnant kidney liver heart feel worse call now
    raise lower each day evening morning half double missed skip next usual time until gone
"""
WORDS = VOCABULARY.split()


def sentence(chance: random.Random) -> str:
    """Some words, of which one may be a number."""
    words = chance.choices(WORDS, k=chance.randint(4, 14))
    if chance.random() < 0.3:
        words[chance.randrange(len(words))] = str(chance.randint(1, 200))
    return " ".join(words).capitalize() + "."


def made_up(chance: random.Random, name: str, *, lists: bool = True) -> Draft:
    """An article of sections, paragraphs and perhaps lists."""
    units = [Unit("title", 0, 0, words_of(name))]
    for section in range(chance.randint(2, 5)):
        units.append(Unit("heading", 2, 0, words_of(f"{sentence(chance)[:20]} {section}")))
        for _ in range(chance.randint(1, 5)):
            text = " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))
            units.append(Unit("paragraph", 0, 0, words_of(text)))
        if lists and chance.random() < 0.4:
            group = len(units)
            for _ in range(chance.randint(2, 6)):
                units.append(Unit("list_item", 1, group, words_of(sentence(chance))))
    return Draft(name, name, "en", units)


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    chance = random.Random(42)
    return [made_up(chance, f"article-{n}") for n in range(40)]


@pytest.mark.slow
def test_over_all_kinds_of_edits_next_to_nothing_is_told_wrongly(drafts: list[Draft]) -> None:
    tally, _ = run(drafts, tries(500, 10_000), seed=5)
    total: Counter[str] = Counter()
    for counts in tally.about.values():
        total.update(counts)
    told = sum(total.values())
    assert told > tries(700, 15_000)
    assert total["wrong"] <= 0.004 * told
    assert total["right"] >= 0.95 * told
    assert tally.others["right"] >= 0.999 * sum(tally.others.values())
    assert set(tally.edits) == {*MUTATIONS, *MANY}


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("typo fixed", ("edited",)),
        ("paragraph put in", ("intact",)),
        ("paragraph moved", ("moved", "intact")),  # of two that change places either may have
        ("section renamed", ("intact",)),
        ("paragraph deleted", ("lost",)),
    ],
)
def test_case_a10(kind: str, statuses: tuple[str, ...]) -> None:
    chance = random.Random(1)
    drafts = [made_up(chance, f"plain-{n}", lists=False) for n in range(60)]
    desk = Desk(chance, [sentence(chance) for _ in range(50)])
    told: Counter[str] = Counter()
    for draft in drafts:
        for one in judge(draft, kind, desk) or ():
            if one.about:
                assert one.outcome != "wrong"
                told[one.verdict.status] += 1
    assert set(told) <= {*statuses}, told
    assert told[statuses[0]] > 20


def test_a_draft_becomes_an_article_and_knows_its_words(drafts: list[Draft]) -> None:
    for draft in drafts[:10]:
        version = publish(marked(draft))
        for n, passage in enumerate(version.passages):
            assert version.origins[n] == {n: len(passage.text.split())}
        again = publish(draft_of(version.article))
        assert [p.text for p in again.passages] == [p.text for p in version.passages]
