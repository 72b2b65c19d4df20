"""Words in headings and titles find sections and articles: small articles, queries, answers.

The expected answers are worked out by hand from the rule "Where words match". Each query is put to
the evaluator of `tests/oracle` and to `Index.search`.

One line tells a hit, in order of article and place:

    text: Never ‹stop› at once. @ ‹Withdrawal› [‹Elavil› leaflet] + Overview > ‹Doses›

how it was found; the passage; after @ the headings of its path and in brackets the title, where
they are marked; after + the path of an empty heading that the passage stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from whoosh import query

from indexer import Index, build_index, open_index
from indexer.model import FoundHeading, FoundIn, Mark, Passage
from indexer.query.nodes import Quote
from indexer.query.parser import parse
from tests.helpers.library import with_marks
from tests.oracle.compare import evaluator_of

LEAFLETS = {
    "elavil.md": """
# Elavil leaflet

Ask your doctor first.

## Withdrawal

Cut the dose slowly.

Never stop at once.

## Side effects

### Common

- dry mouth
- sleepy

### Rare

Call for help.
""",
    "prozac.md": """
# Prozac leaflet

Take it daily.

## Withdrawal of Elavil

Swap the tablets.

## Tapering

Tapering takes weeks. Withdrawal is rare.
""",
}
CUT = "heading: Cut the dose slowly. @ ‹Withdrawal›"
SWAP = "heading: Swap the tablets. @ ‹Withdrawal› of Elavil"
WEEKS = "text: Tapering takes weeks. ‹Withdrawal› is rare."
MOUTH = "heading: dry mouth / sleepy @ ‹Side› ‹effects› > Common"
EFFECTS = "heading: dry mouth / sleepy @ Side ‹effects› > Common"

EMPTY = {  # Withdrawal, Signs, Nausea, Headache and The end have no passage
    "a.md": """
# Leaflet

## Overview

First words.

### Withdrawal

## How to stop

Slow steps.

More steps.

## Signs

### Nausea

### Headache

## The end
""",
}
BETWEEN = {  # Withdrawal has none, and its parent has one before and one after it
    "b.md": """
# Sleep

## Elavil

Intro words.

### Withdrawal

### Doses

Ten drops.

Two drops.
""",
}
EQUAL = {
    "c.md": """
# Doses

## Adults

Ten drops.

## Children

Two drops.

## Adults

Twenty drops.

More water.

## Pain

### Pain

Rest a day.

Walk a bit.

### Relief

Cold packs.
""",
}
SHARED = {  # the blocks to share with are boilerplate, which stands below no heading
    "d.html": """<html><body><main><h1>Tea</h1>
<p>Green tea is a drink that people have made for a very long time.</p>
<h2>Contact</h2><div class="share"><a href="https://facebook.com/x">Share on Facebook</a></div>
<h2>Brewing</h2><div class="share"><a href="https://twitter.com/x">Share on Twitter</a></div>
<p>Pour hot water over the leaves and wait for three minutes or so.</p>
</main></body></html>
""",
}
BARE = {  # a heading that is the only passage is no longer a heading
    "angina.md": "# Angina\n\n## Signs\n\n### Chest\n",
    "asthma.md": "# Asthma\n\n## Causes\n\n## Triggers\n",
    "migraine.md": "# Migraine\n",
}
OUTER = {  # Anti ray has no passage, and Rare, above it, is not above the one that stands for it
    "ray.md": "# End\n\n## Rare\n\nx\n\n### Anti ray\n\n## Anti\n\nDose.\n",
}
SAME_WORDS = {  # the only passage says what an empty heading says
    "stop.md": "# Leaflet\n\n## Overview\n\n### Stop\n\n## End\n\nStop\n",
}
LANGUAGES = {
    "de.md": "---\nlang: de\n---\n# Ratgeber\n\n## Schmerzen\n\nViel trinken hilft.\n",
    "en.md": "# Advice\n\n## Pains\n\nDrink a lot.\n\n## Well-known cures\n\nBed rest.\n",
}


@dataclass(frozen=True)
class Case:
    """A query and what it finds."""

    articles: Mapping[str, str]
    query: str
    found: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)  # of `Index.search`

    def __str__(self) -> str:
        return " ".join([self.query, *(f"{k}={v}" for k, v in self.options.items())])


def of(
    articles: Mapping[str, str], *rows: tuple[str, Sequence[str]] | tuple[str, Sequence[str], Any]
) -> list[Case]:
    return [Case(articles, row[0], tuple(row[1]), *row[2:]) for row in rows]


ELAVIL = [  # all passages, in order
    "text: Ask your doctor first.",
    "text: Cut the dose slowly.",
    "text: Never stop at once.",
    "text: dry mouth / sleepy",
    "text: Call for help.",
]

CASES = [
    *of(
        LEAFLETS,
        # One leaf.
        ("withdrawal", [CUT, SWAP, WEEKS]),
        ("tapering", ["text: ‹Tapering› takes weeks. Withdrawal is rare. @ ‹Tapering›"]),
        ("effects", [EFFECTS]),
        ("common", ["heading: dry mouth / sleepy @ Side effects > ‹Common›"]),
        (
            "rare",
            [
                "heading: Call for help. @ Side effects > ‹Rare›",
                "text: Tapering takes weeks. Withdrawal is ‹rare›.",
            ],
        ),
        (
            "leaflet",
            [
                "title: Ask your doctor first. [Elavil ‹leaflet›]",
                "title: Take it daily. [Prozac ‹leaflet›]",
            ],
        ),
        (
            "elavil",
            [
                "title: Ask your doctor first. [‹Elavil› leaflet]",
                "heading: Swap the tablets. @ Withdrawal of ‹Elavil›",
            ],
        ),
        # Several: in text, headings and title.
        ("withdrawal stop", ["text: Never ‹stop› at once. @ ‹Withdrawal›"]),
        ("elavil slowly", ["text: Cut the dose ‹slowly›. [‹Elavil› leaflet]"]),
        (
            "elavil withdrawal",
            [
                f"{CUT} [‹Elavil› leaflet]",
                "heading: Swap the tablets. @ ‹Withdrawal› of ‹Elavil›",
            ],
        ),
        ("leaflet tapering weeks", [
            "text: ‹Tapering› takes ‹weeks›. Withdrawal is rare. @ ‹Tapering› [Prozac ‹leaflet›]"
        ]),
        ("side common", ["heading: dry mouth / sleepy @ ‹Side› effects > ‹Common›"]),
        ("side rare", ["heading: Call for help. @ ‹Side› effects > ‹Rare›"]),
        ("side help", ["text: Call for ‹help›. @ ‹Side› effects > Rare"]),
        ("elavil side rare", [
            "heading: Call for help. @ ‹Side› effects > ‹Rare› [‹Elavil› leaflet]"
        ]),
        # What stands whole in one of them.
        ('"side effects"', ["heading: dry mouth / sleepy @ ‹Side effects› > Common"]),
        ('"effects common"', []),
        ('"withdrawal leaflet"', []),
        ("side NEAR/1 effects", [MOUTH]),
        ("withdrawal NEAR/3 elavil", ["heading: Swap the tablets. @ ‹Withdrawal› of ‹Elavil›"]),
        ("elavil NEAR/9 slowly", []),
        ("dose NEAR/2 slowly", ["text: Cut the ‹dose› ‹slowly›."]),
        ("withdr*", [CUT, SWAP, WEEKS]),
        ("withd?aw*", [CUT, SWAP, WEEKS]),
        ("withdrawl~1", [CUT, SWAP, WEEKS]),
        # How words match.
        ("withdrawals", [CUT, SWAP, WEEKS]),
        ("withdrawals", [], {"match": "word"}),
        ("withdrawal", [], {"match": "case"}),
        ("Withdrawal", [CUT, SWAP, WEEKS], {"match": "case"}),
        # Conditions are no leaves and hold in every passage below.
        ("title:elavil", [f"{line} [‹Elavil› leaflet]" for line in ELAVIL]),
        (
            "section:withdrawal",
            [
                "text: Cut the dose slowly. @ ‹Withdrawal›",
                "text: Never stop at once. @ ‹Withdrawal›",
                "text: Swap the tablets. @ ‹Withdrawal› of Elavil",
            ],
        ),
        ("title:elavil withdrawal", [f"{CUT} [‹Elavil› leaflet]"]),
        ("section:withdrawal once", ["text: Never stop at ‹once›. @ ‹Withdrawal›"]),
        ("section:withdrawal elavil", [
            "heading: Swap the tablets. @ ‹Withdrawal› of ‹Elavil›",
        ]),
        ("section:side rare", ["heading: Call for help. @ ‹Side› effects > ‹Rare›"]),
        ("section:rare effects", []),
        ("kind:list_item", ["text: dry mouth / sleepy"]),
        ("kind:list_item effects", [EFFECTS]),
        ("kind:paragraph effects", []),
        ("kind:list_item withdrawal", []),
        ("article:elavil withdrawal", [CUT]),
        # Negation: the text and, for what is found by a heading or a title, that one.
        ("-withdrawal", [*ELAVIL, "text: Take it daily.", "text: Swap the tablets."]),
        ("withdrawal -slowly", [SWAP, WEEKS]),
        ("withdrawal -once", [CUT, SWAP, WEEKS]),
        ("withdrawal -elavil", [CUT, WEEKS]),
        ("withdrawal -leaflet", [CUT, SWAP, WEEKS]),
        ("withdrawal -rare", [CUT, SWAP]),
        ("leaflet -prozac", ["title: Ask your doctor first. [Elavil ‹leaflet›]"]),
        ("leaflet -withdrawal", [
            "title: Ask your doctor first. [Elavil ‹leaflet›]",
            "title: Take it daily. [Prozac ‹leaflet›]",
        ]),
        ("rare -side", [
            "heading: Call for help. @ Side effects > ‹Rare›",
            "text: Tapering takes weeks. Withdrawal is ‹rare›.",
        ]),
        ("side rare -effects", ["heading: Call for help. @ ‹Side› effects > ‹Rare›"]),
        ("side -effects", []),
        ("tapering -withdrawal", []),
        ("withdrawal -title:elavil", [SWAP, WEEKS]),
        ("leaflet -section:withdrawal", [
            "title: Ask your doctor first. [Elavil ‹leaflet›]",
            "title: Take it daily. [Prozac ‹leaflet›]",
        ]),
        ('withdrawal -"of elavil"', [CUT, WEEKS]),
        ("withdrawal -kind:paragraph", []),
        # A branch of an OR suffices; marks are those of all branches that are true.
        ("withdrawal OR dry", [CUT, "text: ‹dry› mouth / sleepy", SWAP, WEEKS]),
        (
            "withdrawal OR elavil",
            [
                "title: Ask your doctor first. [‹Elavil› leaflet]",
                f"{CUT} [‹Elavil› leaflet]",
                "heading: Swap the tablets. @ ‹Withdrawal› of ‹Elavil›",
                WEEKS,
            ],
        ),
        ("once OR withdrawal", [
            CUT,
            "text: Never stop at ‹once›. @ ‹Withdrawal›",
            SWAP,
            WEEKS,
        ]),
        (
            "(withdrawal OR rare) elavil",
            [
                f"{CUT} [‹Elavil› leaflet]",
                "heading: Call for help. @ Side effects > ‹Rare› [‹Elavil› leaflet]",
                "heading: Swap the tablets. @ ‹Withdrawal› of ‹Elavil›",
            ],
        ),
        ("(withdrawal -slowly) OR (effects -common)", [EFFECTS, SWAP, WEEKS]),
        ("tapering OR kind:list_item", [
            "text: dry mouth / sleepy",
            "text: ‹Tapering› takes weeks. Withdrawal is rare. @ ‹Tapering›",
        ]),
        ("effects OR kind:list_item", ["text: dry mouth / sleepy @ Side ‹effects› > Common"]),
        # Any of the words, asked for or for want of all.
        ("slowly effects", [
            "text: Cut the dose ‹slowly›.",
            EFFECTS,
        ], {"any": True}),
        ("withdrawal zebra", [CUT, SWAP, WEEKS]),
        ("common rare", [
            "heading: dry mouth / sleepy @ Side effects > ‹Common›",
            "heading: Call for help. @ Side effects > ‹Rare›",
            "text: Tapering takes weeks. Withdrawal is ‹rare›.",
        ]),
        # Filters only take hits away.
        ("withdrawal", [CUT], {"article": "elavil"}),
        ("withdrawal", [], {"kind": "list_item"}),
        ("effects", [EFFECTS], {"kind": "list_item"}),
        ("effects", [], {"kind": "paragraph"}),
        ("withdrawal", [CUT, SWAP], {"section": "withdrawal"}),
        ("effects", [], {"section": "rare"}),
        ("leaflet", [], {"section": "withdrawal"}),
    ),
    *of(
        EMPTY,
        ("withdrawal", ["heading: Slow steps. + Overview > ‹Withdrawal›"]),
        ("withdrawal stop", [
            "heading: Slow steps. @ How to ‹stop› + Overview > ‹Withdrawal›",
        ]),
        ("withdrawal steps", ["text: Slow ‹steps›. + Overview > ‹Withdrawal›"]),
        ("withdrawal more", ["heading: Slow steps. + Overview > ‹Withdrawal›",
                             "text: ‹More› steps."]),
        ("withdrawal leaflet", ["heading: Slow steps. [‹Leaflet›] + Overview > ‹Withdrawal›"]),
        # The headings above an empty one count where it holds a leaf itself.
        ("overview", ["heading: First words. @ ‹Overview›"]),
        ("overview withdrawal", ["heading: Slow steps. + Overview > ‹Withdrawal›"]),
        ("overview withdrawal slow", ["text: ‹Slow› steps. + Overview > ‹Withdrawal›"]),
        ("overview withdrawal stop", [
            "heading: Slow steps. @ How to ‹stop› + Overview > ‹Withdrawal›",
        ]),
        ('overview "slow"', []),
        ('overview stop "withdrawal"', [
            "heading: Slow steps. @ How to ‹stop› + Overview > ‹Withdrawal›",
        ]),
        ('(withdrawal OR slow) "overview"', [
            "heading: Slow steps. + Overview > ‹Withdrawal›",
        ]),
        ("overview stop", [
            "heading: First words. @ ‹Overview›",
            "heading: Slow steps. @ How to ‹stop›",
        ]),
        # The last passage stands for those at the end.
        ("nausea", ["heading: More steps. + Signs > ‹Nausea›"]),
        ("signs", ["heading: More steps. + ‹Signs›"]),
        ("signs headache", ["heading: More steps. + Signs > ‹Headache›"]),
        ("nausea headache", ["heading: More steps. + Signs > ‹Headache›"]),
        ("nausea end", ["heading: More steps. + The ‹end›"]),
        ("more nausea", ["text: ‹More› steps. + Signs > ‹Nausea›"]),
        ('"nausea headache"', []),
        # An empty heading that the last passage stands for is inside its own headings.
        ("nausea stop", ["heading: More steps. @ How to ‹stop› + Signs > ‹Nausea›"]),
        ("stop", ["heading: Slow steps. @ How to ‹stop›"]),
        # Conditions keep to the passage's own path.
        ("section:withdrawal", []),
        ("section:nausea steps", []),
        ("section:stop withdrawal", [
            "heading: Slow steps. @ How to ‹stop› + Overview > ‹Withdrawal›",
        ]),
        ("section:overview withdrawal", []),
        ("withdrawal", [
            "heading: Slow steps. @ How to ‹stop› + Overview > ‹Withdrawal›",
        ], {"section": "stop"}),
        ("withdrawal", [], {"section": "overview"}),
        ("withdrawal", [], {"section": "withdrawal"}),
        # Negation tests the heading that it was found by, the innermost that holds a leaf.
        ("withdrawal -slow", []),
        ("withdrawal -stop", ["heading: Slow steps. + Overview > ‹Withdrawal›"]),
        ("withdrawal -overview", ["heading: Slow steps. + Overview > ‹Withdrawal›"]),
        ("stop -withdrawal", ["heading: Slow steps. @ How to ‹stop›"]),
        ("end -the", []),
        ("-withdrawal", ["text: First words.", "text: Slow steps.", "text: More steps."]),
        ("withdrawal OR words", [
            "text: First ‹words›.",
            "heading: Slow steps. + Overview > ‹Withdrawal›",
        ]),
        ("withdrawal OR slow", ["text: ‹Slow› steps. + Overview > ‹Withdrawal›"]),
        ("withdrawal OR nausea", [
            "heading: Slow steps. + Overview > ‹Withdrawal›",
            "heading: More steps. + Signs > ‹Nausea›",
        ]),
    ),
    *of(
        EMPTY,
        ("(overview withdrawal) OR leaflet", [
            "title: First words. [‹Leaflet›]",
            "heading: Slow steps. [‹Leaflet›] + Overview > ‹Withdrawal›",
        ]),
        ("overview (stop OR withdrawal)", ["heading: Slow steps. + Overview > ‹Withdrawal›"]),
    ),
    *of(
        OUTER,
        ("(end ray) OR (rare ray dose)", ["text: ‹Dose›. [‹End›] + Rare > Anti ‹ray›"]),
        ('rare "dose"', []),
    ),
    *of(SAME_WORDS, ("stop", ["text: ‹Stop› + Overview > ‹Stop›"])),
    *of(
        BETWEEN,
        ("elavil", ["heading: Intro words. @ ‹Elavil›"]),
        ("withdrawal", ["heading: Ten drops. + Elavil > ‹Withdrawal›"]),
        ("doses", ["heading: Ten drops. @ Elavil > ‹Doses›"]),
        # Its own parent is outside of the empty heading.
        ("elavil withdrawal", ["heading: Ten drops. @ ‹Elavil› > Doses + Elavil > ‹Withdrawal›"]),
        ("elavil withdrawal doses", [
            "heading: Ten drops. @ ‹Elavil› > ‹Doses› + Elavil > ‹Withdrawal›",
        ]),
        ("elavil withdrawal sleep", [
            "heading: Ten drops. @ ‹Elavil› > Doses [‹Sleep›] + Elavil > ‹Withdrawal›",
        ]),
        ("elavil withdrawal drops", [
            "text: Ten ‹drops›. @ ‹Elavil› > Doses + Elavil > ‹Withdrawal›",
        ]),
        ("elavil doses", ["heading: Ten drops. @ ‹Elavil› > ‹Doses›"]),
        ("elavil two", ["text: ‹Two› drops. @ ‹Elavil› > Doses"]),
        ("withdrawal -doses", ["heading: Ten drops. + Elavil > ‹Withdrawal›"]),
        ("doses -withdrawal", ["heading: Ten drops. @ Elavil > ‹Doses›"]),
    ),
    *of(
        EQUAL,
        ("adults", ["heading: Ten drops. @ ‹Adults›", "heading: Twenty drops. @ ‹Adults›"]),
        ("adults drops", [
            "text: Ten ‹drops›. @ ‹Adults›",
            "text: Twenty ‹drops›. @ ‹Adults›",
        ]),
        ("adults water", ["text: More ‹water›. @ ‹Adults›"]),
        ("adults -ten", ["heading: Twenty drops. @ ‹Adults›"]),
        ("doses adults", [
            "heading: Ten drops. @ ‹Adults› [‹Doses›]",
            "heading: Twenty drops. @ ‹Adults› [‹Doses›]",
        ]),
        ("doses", ["title: Ten drops. [‹Doses›]"]),
        ("doses OR adults", [
            "heading: Ten drops. @ ‹Adults› [‹Doses›]",
            "heading: Twenty drops. @ ‹Adults› [‹Doses›]",
        ]),
        ("pain", ["heading: Rest a day. @ ‹Pain› > ‹Pain›"]),
        ("pain relief", ["heading: Cold packs. @ ‹Pain› > ‹Relief›"]),
        ("pain packs", ["text: Cold ‹packs›. @ ‹Pain› > Relief"]),
        ("pain walk", ["text: ‹Walk› a bit. @ ‹Pain› > ‹Pain›"]),
        ("pain -relief", ["heading: Rest a day. @ ‹Pain› > ‹Pain›"]),
    ),
    *of(
        SHARED,
        ("brewing", [f"heading: {SHARED['d.html'].splitlines()[4][3:-4]} @ ‹Brewing›"]),
        ("contact", [f"heading: {SHARED['d.html'].splitlines()[4][3:-4]} + ‹Contact›"]),
        ("contact -kind:boilerplate", [
            f"heading: {SHARED['d.html'].splitlines()[4][3:-4]} + ‹Contact›"
        ]),
        ("facebook", []),
        ("facebook kind:boilerplate", ["text: Share on ‹Facebook›"]),
        ("contact kind:boilerplate", ["heading: Share on Facebook + ‹Contact›"]),
        ("brewing kind:boilerplate", []),
        ("contact OR kind:boilerplate", [
            "text: Share on Facebook + ‹Contact›",
            "text: Share on Twitter",
        ]),
    ),
    *of(
        BARE,
        ("migraine", ["text: ‹Migraine› [‹Migraine›]"]),
        ("asthma", ["title: Triggers [‹Asthma›]"]),
        ("triggers", ["text: ‹Triggers›"]),
        ("causes", ["heading: Triggers + ‹Causes›"]),
        ("causes triggers", ["text: ‹Triggers› + ‹Causes›"]),
        ("causes -triggers", []),
        ("signs", ["heading: Chest @ ‹Signs›"]),
        ("angina chest", ["text: ‹Chest› [‹Angina›]"]),
    ),
    *of(
        LANGUAGES,
        ("schmerz", ["heading: Viel trinken hilft. @ ‹Schmerzen›"]),
        ("pain", ["heading: Drink a lot. @ ‹Pains›"]),
        ("pain OR schmerz", [
            "heading: Viel trinken hilft. @ ‹Schmerzen›",
            "heading: Drink a lot. @ ‹Pains›",
        ]),
        ("wellknown", ["heading: Bed rest. @ ‹Well-known› cures"]),
        ("wellknown bed", ["text: ‹Bed› rest. @ ‹Well-known› cures"]),
    ),
]  # fmt: skip
COUNTS = [  # (query, passages that have it in their text)
    (LEAFLETS, "withdrawal", 1),
    (LEAFLETS, "elavil", 0),
    (LEAFLETS, "withdrawal OR dry", 2),
    (LEAFLETS, "withdrawal -elavil", 1),
    (LEAFLETS, '"side effects"', 0),
    (LEAFLETS, "section:withdrawal dose", 1),
    (LEAFLETS, "-withdrawal", 7),
    (EMPTY, "withdrawal OR steps", 2),
    (EMPTY, "nausea", 0),
]


# --- two ways to answer --------------------------------------------------------------------------


def line(
    index: Index,
    passage: Passage,
    found_in: FoundIn,
    marks: tuple[Mark, ...],
    section_marks: tuple[tuple[Mark, ...], ...],
    title_marks: tuple[Mark, ...],
    heading: FoundHeading | None,
) -> str:
    """A hit as the table tells it."""
    said = f"{found_in}: {with_marks(passage.text, marks)}".replace("\n", " / ")
    if any(section_marks):
        said += " @ " + " > ".join(map(with_marks, passage.section, section_marks))
    if title_marks:
        said += f" [{with_marks(index.article(passage.article_id).title, title_marks)}]"
    if heading:
        assert heading.section[-1] == heading.text
        said += " + " + " > ".join([*heading.section[:-1], with_marks(heading.text, heading.marks)])
    return said


def by_engine(index: Index, case: Case) -> list[str]:
    """What the index answers."""
    results = index.search(case.query, sort="position", limit=1000, **case.options)
    assert results.total == len(results.hits)
    for name in ("article", "kind"):
        assert sum(value.count for value in results.facets[name]) == results.total
    below = sum(bool(hit.passage.section) for hit in results.hits)
    assert sum(value.count for value in results.facets["section"]) == below
    return [
        line(
            index, hit.passage, hit.found_in, hit.marks, hit.section_marks, hit.title_marks,
            hit.heading,
        )
        for hit in results.hits
    ]  # fmt: skip


def by_law(index: Index, case: Case) -> list[str]:
    """What the evaluator answers; filters take hits away from it, and a section's is marked."""
    names = [ref.id for ref in index.articles()]
    passages = [one for name in names for one in index.passages(name)]
    oracle = evaluator_of([(index.article(name), index.passages(name)) for name in names])
    options = dict(case.options)
    match, any_word = options.pop("match", "stem"), options.pop("any", False)
    parsed = parse(case.query, any=any_word)
    keeping = {one.id for one in passages}
    restricted = []  # a phrase of a heading, which is marked there
    if "section" in options:
        restricted.append(Quote("section", options.pop("section").split()))
    if "article" in options:
        article = options.pop("article")
        keeping &= {one.id for one in passages if one.article_id == article}
    if "kind" in options:
        kind = options.pop("kind")
        keeping &= {one.id for one in passages if one.kind == kind}
    assert not options

    def within(tree: query.Query) -> query.Query:
        return reduce(query.Require, restricted, tree)

    found = oracle.evaluate(within(parsed.tree), match)
    if not found and parsed.bare:
        found = oracle.evaluate(within(parse(case.query, any=True).tree), match)
    return [
        line(
            index, one, found[one.id].found_in, found[one.id].marks, found[one.id].section_marks,
            found[one.id].title_marks, found[one.id].heading,
        )
        for one in passages
        if one.id in found and one.id in keeping
    ]  # fmt: skip


# --- tests ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Any], Index]]:
    """Gives the index of some of the articles above."""
    indexes: dict[tuple[str, ...], Index] = {}

    def give(articles: Mapping[str, str]) -> Index:
        key = tuple(articles)
        if key not in indexes:
            folder = tmp_path_factory.mktemp("headed")
            (folder / "articles").mkdir()
            for name, text in articles.items():
                Path(folder / "articles" / name).write_text(text.lstrip(), encoding="utf-8")
            build_index([folder / "articles"], folder / "index")
            indexes[key] = open_index(folder / "index")
        return indexes[key]

    yield give
    for index in indexes.values():
        index.close()


@pytest.mark.parametrize("answer", [by_law, by_engine], ids=lambda way: way.__name__)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_words_in_headings_find(
    opened: Callable[[Any], Index], case: Case, answer: Callable[[Index, Case], list[str]]
) -> None:
    assert answer(opened(case.articles), case) == list(case.found)


@pytest.mark.parametrize(("word", "found"), [("dose", 0), ("never", 1)])
def test_negations_of_negations_test_the_text_where_a_word_stands_there(
    opened: Callable[[Any], Index], word: str, found: int
) -> None:
    index = opened({"denied.md": "# Dose stop\n\nNever stop.\n"})
    denied = query.Not(query.Not(query.Term("any", word)))
    assert index.search(query.And([query.Term("any", "stop"), denied])).total == found


@pytest.mark.parametrize(("articles", "query", "number"), COUNTS)
def test_counts_are_of_texts_alone(
    opened: Callable[[Any], Index], articles: Mapping[str, str], query: str, number: int
) -> None:
    assert opened(articles).count(query) == number
