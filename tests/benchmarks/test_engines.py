"""The benchmarks compare like with like: every engine at hand gives the same counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import beside
from benchmarks.engines import NAMES, engine
from benchmarks.engines.base import MODES, Mode, Session, within_one_edit
from benchmarks.engines.passages import Row, Text, pack, read, write, write_articles
from benchmarks.engines.queries import KINDS, Query, Sample
from benchmarks.engines.runner import ROOT, Bench, Measured, interpreters, measure_warm
from benchmarks.engines.tables import markdown, tables
from indexer import open_index

WORDS = ["amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "haven", "knoll", "lagoon"]


def corpus() -> list[Row]:
    """Passages of words that no stemmer changes, no two articles alike."""
    chosen = random.Random(7)
    texts = [
        Text(
            f"a{n}", f"Title {n}", "\n\n".join(" ".join(chosen.choices(WORDS, k=12)) for _ in "abc")
        )
        for n in range(12)
    ]
    return list(pack(texts, words=12))


ROWS = corpus()
QUERIES = [Query(kind, (word,)) for kind, word in zip(("rare", "middle", "common"), WORDS)]
QUERIES += [
    Query("and", ("amber", "delta")),
    Query("or", ("fjord", "grove", "knoll")),
    Query("prefix", ("la",)),
]


def passages_with(query: Query) -> int:
    """What the count must be, from the words themselves."""
    held = [set(row.text.split()) for row in ROWS]
    if query.kind == "prefix":
        return sum(any(w.startswith(query.words[0]) for w in words) for words in held)
    test = any if query.kind == "or" else all
    return sum(test(word in words for word in query.words) for words in held)


def occurrences_of(query: Query) -> int:
    """Tokens that a query of one word stands for."""
    return sum(row.text.split().count(query.words[0]) for row in ROWS)


def at_hand(name: str) -> bool:
    """Whether an engine can be imported here; Pilcrow, FTS5 and Whoosh always can."""
    return all(find_spec(library) for library in engine(name).needs.split(", "))


@pytest.fixture(
    scope="module",
    params=[(name, mode) for name in filter(at_hand, NAMES) for mode in MODES],
    ids="-".join,
)
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Session]]:
    """An engine with the corpus in it."""
    name: str
    mode: Mode
    name, mode = request.param
    made = engine(name)
    folder = tmp_path_factory.mktemp(name)
    made.build(folder, ROWS, mode)
    made.tidy(folder)
    opened = made.open(folder, mode)
    yield name, opened
    opened.close()


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.kind)
def test_every_engine_counts_the_same(session: tuple[str, Session], query: Query) -> None:
    name, opened = session
    if query.kind in engine(name).kinds("count", "word"):
        assert opened.count(query) == passages_with(query)


@pytest.mark.parametrize("query", QUERIES[:3], ids=lambda q: q.kind)
def test_every_engine_finds_the_same_occurrences(
    session: tuple[str, Session], query: Query
) -> None:
    name, opened = session
    if query.kind in engine(name).kinds("audit", "word"):
        audit = opened.audit(query)
        assert len(audit.places) == sum(audit.cells.values()) == occurrences_of(query)


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.kind)
def test_every_hit_is_ready_to_render(session: tuple[str, Session], query: Query) -> None:
    name, opened = session
    if query.kind in engine(name).kinds("top", "word"):
        shown = opened.top(query)
        assert len(shown) == min(10, passages_with(query))
        assert all(hit.title.startswith("Title") and hit.section == "§ 1" for hit in shown)
        assert all("<mark" in hit.snippet or "<b>" in hit.snippet for hit in shown)


@pytest.mark.peers
def test_a_run_fills_its_tables(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    assert write(rows, ROWS) == len(list(read(rows))) == len(ROWS)
    names = ["pilcrow", "fts5"]
    bench = Bench(tmp_path, rows, interpreters(names))
    assert list(bench.pythons) == names
    measured = Measured(len(ROWS), 1, names)
    for name in names:
        measured.built[f"{name}/stem"] = bench.build(name, "stem")
    queries = {"and": [Query("and", pair) for pair in pairwise(WORDS)][:3]}
    measure_warm(bench, measured, ("stem", "count"), queries, (1, 2))
    made = {table[0]: table for table in tables(measured)}
    assert len(made) == 4
    assert [row[1] for row in next(t for n, t in made.items() if "find as many" in n)[2]] == [
        "2/2 (1.000×)"
    ]
    assert markdown(tables(measured)[0]).count("AND") == 1


def test_queries_are_drawn_once_each_and_the_same_for_the_same_seed() -> None:
    drawn = Sample(ROWS).draw(20)
    assert drawn == Sample(ROWS).draw(20)
    assert set(drawn) == set(KINDS)
    everything = [query.words for queries in drawn.values() for query in queries]
    assert len(everything) == len(set(everything)) > 40


@pytest.mark.parametrize(
    ("other", "near"),
    [
        ("cedar", True),
        ("cedr", True),
        ("cedars", True),
        ("cedat", True),
        ("ecdar", True),
        ("ceadr", True),
        ("cdear", True),
        ("cadre", False),
        ("ced", False),
        ("dcear", False),
    ],
)
def test_one_edit(other: str, near: bool) -> None:
    assert within_one_edit("cedar", other) is near
    assert within_one_edit(other, "cedar") is near


@pytest.mark.peers
def test_a_checkout_beside_itself_finds_the_same(tmp_path: Path) -> None:
    rows, articles = tmp_path / "rows.jsonl", tmp_path / "articles.jsonl"
    write(rows, ROWS)
    write_articles(articles, ROWS, sections=True)
    sides = [beside.Side(label, ROOT, tmp_path / label) for label in ("other", "this")]
    plan = beside.Plan(queries=2, repeats=1)
    made = {
        title.split(",")[0]: rows
        for title, _, rows in beside.Comparison(plan, sides, rows, articles).tables()
    }
    made_by = [row[0].split()[0] for row in made["Making and opening"]]
    assert made_by == ["build,", "index", "start"]
    assert made["Making and opening"][1][3] == "1.00"  # the same bytes
    asked = {row[0]: row for row in made["Queries"]}
    assert {"top: phrase", "count: phrase", "audit: phrase", "concordance: phrase"} <= set(asked)
    assert all(len(set(row[7].split("/"))) == 1 for row in made["Queries"][:-1])
    assert len(made["Cold commands"]) == len(beside.COMMANDS) + 1
    with open_index(sides[1].index) as index:
        assert index.totals.articles == len({row.article for row in ROWS})
