"""A section is found by its heading, an article by its title, and each passage once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

import pytest

from indexer import Hit, Index
from tests.helpers.effort import seeds
from tests.helpers.indexed import indexed

Found = list[tuple[str, str]]  # the text of each passage found, and what holds the words

LEAFLETS = {
    f"leaflet-{n}": f"# Leaflet {n}\n\n## Doses\n\nTake {n} mg for withdrawal of pain, if at all.\n"
    for n in range(39)
}
TAPERING = (
    "# Tablets\n\n## Uses\n\nFor pain.\n\n## WITHDRAWAL\n\nReduce the dose slowly.\n\nRest.\n"
)

BASIC = {
    "elavil": """# Elavil for pain

Words before the first section.

## Withdrawal

Reduce slowly.

Rest a while.

## Care

### Feeding the cat

Give food.

### Sleep

Long naps.
""",
    "aspirin": """# Aspirin

## WITHDRAWAL

## HOW TO STOP

Talk first.

## Care of paws

Brush fur.

### Claws

## Sleep

Dim lights.

## The end
""",
}


@pytest.fixture(scope="module")
def basic() -> Iterator[Index]:
    with indexed(BASIC) as index:
        yield index


def found(index: Index, query: str, **named: object) -> Found:
    """What a query finds, in order of the text."""
    results = index.search(query, limit=1000, sort="position", **named)  # type: ignore[arg-type]
    assert results.total == len(results.hits)
    assert sum(f.count for f in results.facets.get("kind", ())) == results.total
    for hit in results.hits:
        assert hit.found_in == "text" or not hit.marks
    return [(hit.passage.text, hit.found_in) for hit in results.hits]


def only(index: Index, query: str) -> Hit:
    """The only hit of a query."""
    (hit,) = index.search(query).hits
    return hit


def words(text: str, marks: Sequence[object]) -> list[str]:
    """The marked words of a text."""
    return [text[mark.start : mark.end] for mark in marks]  # type: ignore[attr-defined]


def test_the_section_that_is_headed_so_comes_first() -> None:
    with indexed(LEAFLETS | {"tablets": TAPERING}) as index:
        results = index.search("withdrawal", limit=50)
        assert results.total == 40
        first = results.hits[0]
        assert (first.passage.text, first.found_in) == ("Reduce the dose slowly.", "heading")
        assert words("WITHDRAWAL", first.section_marks[0]) == ["WITHDRAWAL"]
        assert found(index, "withdrawal", article="tablets") == [
            ("Reduce the dose slowly.", "heading")
        ]
        assert index.count("withdrawal") == 39
        assert index.concordance("withdrawal").total == 39


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # a heading, and one for which the next passage stands
        ("withdrawal", [("Talk first.", "heading"), ("Reduce slowly.", "heading")]),
        ("elavil", [("Words before the first section.", "title")]),
        ("aspirin", [("Talk first.", "title")]),
        # a heading whose subsections hold all passages
        ("care", [("Brush fur.", "heading"), ("Give food.", "heading")]),
        # leaves in heading and title, heading and text, two headings
        ("elavil withdrawal", [("Reduce slowly.", "heading")]),
        ("withdrawal slowly", [("Reduce slowly.", "text")]),
        ("care food", [("Give food.", "text")]),
        ("care sleep", [("Long naps.", "heading")]),
        ("withdrawal stop", [("Talk first.", "heading")]),
        ("withdrawal talk", [("Talk first.", "text")]),
        # the innermost heading must begin with the passage
        ("elavil rest", [("Rest a while.", "text")]),
        ("care feeding", [("Give food.", "heading")]),
        ("care naps", [("Long naps.", "text")]),
        # above an empty heading, that holds a leaf itself; and the last passage of an article
        ("paws claws", [("Dim lights.", "heading")]),
        ("claws lights", [("Dim lights.", "text")]),
        ("paws claws lights", [("Dim lights.", "text")]),
        ("paws AND lights", []),
        ("end", [("Dim lights.", "heading")]),
        # whole in one heading
        ('"feeding the cat"', [("Give food.", "heading")]),
        ('"care feeding"', []),
        ("cat NEAR/2 feeding", [("Give food.", "heading")]),
        ("care NEAR/9 feeding", []),
        ("cat NEAR/1 feeding", []),
        ("cla*", [("Dim lights.", "heading")]),
        ("withdrawla~1", [("Talk first.", "heading"), ("Reduce slowly.", "heading")]),
        # an Or has branches
        ("claws OR rest", [("Dim lights.", "heading"), ("Rest a while.", "text")]),
        ("(claws OR food) care", [("Dim lights.", "heading"), ("Give food.", "text")]),
        # a negation tests the text, and the heading by which the passage is found
        ("withdrawal -talk", [("Reduce slowly.", "heading")]),
        ("withdrawal -stop", [("Talk first.", "heading"), ("Reduce slowly.", "heading")]),
        ("feeding -cat", []),
        ("elavil -withdrawal", [("Words before the first section.", "title")]),
        ("-slowly elavil withdrawal", []),
        # fields are conditions
        ("title:elavil withdrawal", [("Reduce slowly.", "heading")]),
        ("section:withdrawal elavil", []),
        ("section:withdrawal rest", [("Rest a while.", "text")]),
        ("section:withdrawal", [("Reduce slowly.", "text"), ("Rest a while.", "text")]),
        ("section:claws", []),
        ("text:withdrawal", []),
        ('text:"feeding the cat"', []),
    ],
)
def test_where_words_match(basic: Index, query: str, expected: Found) -> None:
    assert found(basic, query) == expected
    in_text = [text for text, held in expected if held == "text"]
    if " " not in query and ":" not in query:
        assert basic.count(query) == len(in_text)


def test_what_stands_for_an_empty_heading_says_so(basic: Index) -> None:
    hit = only(basic, "claws")
    assert hit.heading is not None
    assert hit.heading.section == ("Care of paws", "Claws")
    assert words(hit.heading.text, hit.heading.marks) == ["Claws"]
    assert hit.passage.section == ("Sleep",)
    assert not any(hit.section_marks)
    assert only(basic, "claws lights").heading == hit.heading
    assert only(basic, "elavil withdrawal").heading is None


def test_of_several_empty_headings_the_innermost_is_named() -> None:
    text = "# T\n\n## Apples\n\n## Pears\n\n## Plums\n\nFruit.\n"
    with indexed({"a": text}) as index:
        hit = only(index, "apples pears plums")
        assert hit.heading is not None
        assert hit.heading.text == "Pears"
        assert (hit.passage.text, hit.found_in) == ("Fruit.", "heading")


def test_filters_only_take_hits_away(basic: Index) -> None:
    results = basic.search("withdrawal")
    for name in ("article", "section", "kind"):
        facets = results.facets[name]
        assert sum(facet.count for facet in facets) <= results.total
        for facet in facets:
            assert len(found(basic, "withdrawal", **{name: facet.value})) == facet.count
    assert found(basic, "withdrawal", kind="list_item") == []
    assert found(basic, "withdrawal", section="stop") == [("Talk first.", "heading")]
    assert found(basic, "withdrawal", section="withdrawal") == [("Reduce slowly.", "heading")]


def test_first_is_decided_before_any_filter() -> None:
    text = "# T\n\n## Withdrawal\n\nOne.\n\n- an item\n- another item\n"
    with indexed({"a": text}) as index:
        assert found(index, "withdrawal") == [("One.", "heading")]
        assert found(index, "withdrawal", kind="list_item") == []
        assert found(index, "withdrawal kind:list_item") == []


def test_headings_of_the_same_words_have_a_first_passage_each() -> None:
    text = "# T\n\n## Notes\n\nOne.\n\nTwo.\n\n## Notes\n\nThree.\n\nFour.\n"
    with indexed({"a": text}) as index:
        assert found(index, "notes") == [("One.", "heading"), ("Three.", "heading")]


def test_matching_applies_in_headings_alike() -> None:
    text = "# T\n\n## Taking TABLETS\n\nOne.\n"
    with indexed({"a": text}) as index:
        assert found(index, "take tablet") == [("One.", "heading")]
        assert found(index, "take", match="word") == []
        assert found(index, "tablets", match="word") == [("One.", "heading")]
        assert found(index, "tablets", match="case") == []
        assert found(index, "TABLETS", match="case") == [("One.", "heading")]


def test_a_relaxed_query_finds_headings_too(basic: Index) -> None:
    results = basic.search("claws zebra", sort="position")
    assert results.relaxed
    assert [hit.passage.text for hit in results.hits] == ["Dim lights."]
    assert results.missing == ("zebra",)


def test_marks_and_ticks_agree_with_the_hits(basic: Index) -> None:
    for query in ("withdrawal", "elavil", "care", "withdrawal slowly", "care OR rest"):
        hits = basic.search(query, limit=1000).hits
        for article in ("elavil", "aspirin"):
            mine = {hit.passage.id: hit.marks for hit in hits if hit.article.id == article}
            assert basic.article_marks(article, query) == mine
            (spread,) = basic.spread([article], query).values()
            assert spread.matching == len(mine)
            assert {tick.passage for tick in spread.ticks} == mine.keys()


def test_boilerplate_is_passed_over_unless_it_is_asked_for() -> None:
    page = """<html><body><p>Zebra hotline: call us</p><main><h1>Zinc tablets</h1>
    <p>Take one with food and water each and every morning.</p>
    <p>Take another one with food and water each and every night.</p></main></body></html>"""
    with indexed({"page": page}, suffix=".html") as index:
        first, *_ = index.passages("page")
        assert (first.kind, first.text) == ("boilerplate", "Zebra hotline: call us")
        assert [text[:8] for text, _ in found(index, "zinc")] == ["Take one"]
        assert found(index, "zinc kind:boilerplate") == [(first.text, "title")]


# --- against the definition ---------------------------------------------------------------------

VOCABULARY = ("ash", "birch", "cedar", "elm", "fir")


@dataclass(frozen=True)
class Unit:
    """A passage, and all that may hold words for it."""

    text: str
    own: tuple[int, ...]  # numbers of the headings of its path, from the top down
    empty: tuple[int, ...]  # of those that it stands for, in order of the text


def composed(chance: Random) -> str:
    """An article in Markdown; every passage has a word of its own."""
    lines = [f"# {chance.choice(VOCABULARY)} title"]
    level = 1
    for number in range(chance.randint(3, 9)):
        if chance.random() < 0.6:
            level = chance.randint(2, min(level + 1, 4))
            lines.append(f"{'#' * level} {' '.join(chance.choices(VOCABULARY, k=2))}")
        else:
            lines.append(f"p{number} {' '.join(chance.choices(VOCABULARY, k=2))} here.")
    lines.append("last words.")
    return "\n\n".join(lines) + "\n"


class Reference:
    """What a query of words in one article finds, passage by passage, branch by branch."""

    def __init__(self, text: str) -> None:
        self.headings: list[str] = []
        self.parents: list[int] = []
        levels: list[int] = []
        rows: list[tuple[str, tuple[int, ...]]] = []
        path: list[int] = []
        self.first: dict[int, int] = {}
        places: list[int] = []
        title, *blocks = text.strip().split("\n\n")
        self.title = title.removeprefix("# ")
        for block in blocks:
            if not block.startswith("#"):
                for heading in path:
                    self.first.setdefault(heading, len(rows))
                rows.append((block, tuple(path)))
                continue
            level = len(block) - len(block.lstrip("#"))
            path = [n for n in path if levels[n] < level]
            self.parents.append(path[-1] if path else -1)
            path.append(len(self.headings))
            self.headings.append(block.lstrip("# "))
            levels.append(level)
            places.append(len(rows))
        stands = {
            n: min(places[n], len(rows) - 1) for n in range(len(places)) if n not in self.first
        }
        self.units = [
            Unit(block, own, tuple(n for n, at in stands.items() if at == number))
            for number, (block, own) in enumerate(rows)
        ]

    def finds(self, number: int, positive: Sequence[str], negative: Sequence[str]) -> bool:
        """Whether one branch finds one passage."""
        unit = self.units[number]
        in_text = [word for word in positive if word in unit.text.split()]
        counting = {-1, *unit.empty, *unit.own}  # -1: the title
        for heading in unit.empty:
            outer = self.parents[heading]
            if any(word in self.headings[heading].split() for word in positive):
                while outer >= 0:
                    counting.add(outer)
                    outer = self.parents[outer]
        names = {n: (self.headings[n] if n >= 0 else self.title).split() for n in counting}
        held = {word: [n for n in counting if word in names[n]] for word in positive}
        if not all(word in in_text or held[word] for word in positive):
            return False
        if any(word in unit.text.split() for word in negative):
            return False
        if in_text or not positive:
            return True
        by = max(n for places in held.values() for n in places)  # the innermost is the last
        begins = by in unit.empty or (self.first[by] if by >= 0 else 0) == number
        return begins and not any(word in names[by] for word in negative)


@pytest.mark.parametrize("seed", seeds(6, 60))
def test_random_queries_find_what_the_definition_says(seed: int) -> None:
    chance = Random(seed)
    texts = {f"a{n}": composed(chance) for n in range(12)}
    expected_by_headings = 0
    with indexed(texts) as index:
        references: Mapping[str, Reference] = {n: Reference(text) for n, text in texts.items()}
        for _ in range(40):
            groups = [chance.sample(VOCABULARY, chance.randint(1, 2)) for _ in range(2)]
            negative = chance.sample(VOCABULARY, chance.choice((0, 0, 1)))
            query = " ".join(
                [*(f"({' OR '.join(group)})" for group in groups), *(f"-{w}" for w in negative)]
            )
            branches = list(product(*groups))
            expected = {
                (name, unit.text)
                for name, one in references.items()
                for number, unit in enumerate(one.units)
                if any(one.finds(number, branch, negative) for branch in branches)
            }
            results = index.search(query, limit=1000)
            assert {(h.article.id, h.passage.text) for h in results.hits} == expected, query
            assert results.total == len(expected)
            expected_by_headings += sum(hit.found_in != "text" for hit in results.hits)
    assert expected_by_headings
