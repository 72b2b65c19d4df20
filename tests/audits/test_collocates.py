"""Company: collocates, clusters and keywords, counted a second time from lists of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from indexer import Index, NotFound, PilcrowError, UsageError, build_index, open_index
from indexer.audits.collocates import (
    MEASURES,
    WIDEST,
    CollocateRequest,
    Collocates,
    Window,
    all_collocates,
)
from indexer.audits.frequencies import WordListRequest, all_words
from indexer.audits.keywords import frequencies, keywords
from indexer.audits.ngrams import NgramRequest, NodePosition, all_clusters, all_ngrams
from indexer.audits.scope import Pages
from indexer.audits.statistics import (
    ContingencyTable,
    g2_four,
    keyness,
    log_dice,
    mutual_information,
    t_score,
)
from indexer.model import Page
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize
from indexer.text.word_lists import FUNCTION_WORDS
from tests.helpers.effort import seeds
from tests.helpers.indexed import indexed, said
from tests.oracle import Chance, Engine, Shelf, shelve
from tests.oracle.texts import Unit, read_passage

Spans = list[tuple[Unit, list[tuple[int, int]]]]  # units with the tokens of their nodes


@pytest.fixture(scope="module", params=seeds(2, 30))
def made(request: pytest.FixtureRequest) -> tuple[Chance, Engine, Shelf]:
    """Random articles of several languages, indexed in two goes, some of them replaced."""
    chance = Chance.of(Random(100 + request.param))
    before = shelve([chance.article(number) for number in range(30)])
    fresh = shelve([chance.article(number) for number in (0, 7, 31)])
    kept = {name: stored for name, stored in before.articles.items() if name != "a3"}
    after = Shelf(2, {**kept, **fresh.articles})
    return chance, Engine(before, after), after


def spans(engine: Engine, shelf: Shelf, query: str) -> Spans:
    """The content of a shelf, and what a query finds in each text of it."""
    verdicts = engine.evaluate(engine.searcher.parse(query).tree, text_alone=True)
    found: Spans = []
    for _, stored in sorted(shelf.articles.items()):
        for passage in stored.passages:
            if passage.kind == "boilerplate":
                continue
            unit = read_passage(passage, stored.article.language)
            starts = {token.start: at for at, token in enumerate(unit.tokens)}
            ends = {token.end: at + 1 for at, token in enumerate(unit.tokens)}
            verdict = verdicts.get(passage.id)
            pairs = verdict.occurrences if verdict else ()
            found.append((unit, sorted((starts[a], ends[b]) for a, b in pairs)))
    return found


def queries(chance: Chance) -> list[str]:
    """Nodes of one word, of several, and of words apart."""
    words = [word for word in chance.vocabulary if word.isalpha()] or ["pain"]
    first, second = (chance.random.choice(words) for _ in range(2))
    return [first, f'"{first} {second}"', f"{first} OR {second}", f"{first} NEAR/3 {second}"]


# --- collocates --------------------------------------------------------------------------------


def company(found: Spans, window: Window) -> dict[str, Counter[str]]:
    """Words by side of their nearest node, token by token."""
    counts: dict[str, Counter[str]] = {side: Counter() for side in ("left", "right", "outside")}
    for unit, nodes in found:
        inside = {at for start, end in nodes for at in range(start, end)}
        for at, token in enumerate(unit.tokens):
            if at in inside:
                continue
            counts["outside"][token.fold] += 1
            reach: list[tuple[int, str]] = []
            for start, end in nodes:
                first, last = unit.tokens[start], unit.tokens[end - 1]
                if at < start and start - at <= window.left and token.sentence == first.sentence:
                    reach.append((start - at, "left"))
                after = at - end + 1
                if at >= end and after <= window.right and token.sentence == last.sentence:
                    reach.append((after, "right"))
            if reach:
                counts[min(reach)[1]][token.fold] += 1
    return counts


def asked(engine: Engine, query: str, request: CollocateRequest) -> Pages[Collocates]:
    searcher = engine.searcher
    tree = searcher.parse(query).tree
    matcher = searcher.matcher(tree, "stem", text_only=True)
    return all_collocates(matcher, query, request)


@pytest.mark.parametrize("window", [Window(5, 5), Window(1, 0), Window(0, 2), Window(20, 3)])
@pytest.mark.slow
def test_company_is_counted_by_side(made: tuple[Chance, Engine, Shelf], window: Window) -> None:
    chance, engine, shelf = made
    for query in queries(chance):
        found = spans(engine, shelf, query)
        counts = company(found, window)
        answer = asked(engine, query, CollocateRequest(window, least=1)).page(0, None)
        assert {fold(r.word): r.left for r in answer.rows if r.left} == counts["left"], query
        assert {fold(r.word): r.right for r in answer.rows if r.right} == counts["right"], query
        outside = counts["outside"]
        assert {fold(r.word): r.frequency for r in answer.rows} == {
            fold(r.word): outside[fold(r.word)] for r in answer.rows
        }
        assert answer.nodes == sum(len(nodes) for _, nodes in found)
        assert answer.near == sum(row.count for row in answer.rows)
        assert answer.words == outside.total()


def test_measures_are_those_of_the_table(made: tuple[Chance, Engine, Shelf]) -> None:
    chance, engine, _ = made
    answer = asked(engine, queries(chance)[0], CollocateRequest(least=1)).page(0, None)
    for row in answer.rows:
        table = ContingencyTable(row.count, answer.near, row.frequency, answer.words)
        assert row.count == row.left + row.right
        assert row.expected == pytest.approx(answer.near * row.frequency / answer.words)
        assert (row.mi, row.t) == (mutual_information(table), t_score(table))
        assert row.g2_four == g2_four(table)
        both = min(row.count, answer.nodes)
        assert row.log_dice == log_dice(both, answer.nodes, row.frequency) <= 14.0


@pytest.mark.parametrize("measure", MEASURES)
def test_collocates_are_sorted_and_paged(made: tuple[Chance, Engine, Shelf], measure: str) -> None:
    chance, engine, _ = made
    query = queries(chance)[2]
    found = asked(engine, query, CollocateRequest(least=2, measure=measure))  # type: ignore[arg-type]
    every, page = found.page(0, None), found.page(1, 3)
    values = [getattr(row, measure) for row in every.rows]
    assert values == sorted(values, reverse=True)
    assert all(row.count >= 2 for row in every.rows)
    assert page.rows == every.rows[1:4]
    assert page.total == every.total == len(every.rows)
    assert page.page.more is (every.total > 4)


def test_window_stops_at_the_sentence() -> None:
    with said("The dose was low. Pain rose at night. Sleep helped.") as index:
        found = index.collocates("pain", least=1)
        assert {(fold(row.word), row.left, row.right) for row in found.rows} == {
            ("rose", 0, 1),
            ("at", 0, 1),
            ("night", 0, 1),
        }


def test_word_between_two_nodes_is_company_of_the_nearer() -> None:
    with said("pain a b c d pain") as index:
        found = index.collocates("pain", least=1)
        assert {(fold(row.word), row.left, row.right) for row in found.rows} == {
            ("a", 0, 1),
            ("b", 0, 1),
            ("c", 1, 0),
            ("d", 1, 0),
        }
        assert found.near == 4


# --- clusters and n-grams ----------------------------------------------------------------------


def runs(found: Spans, size: int, node: NodePosition | None) -> Counter[str]:
    """Runs of one sentence; those that hold a node where `node` says so."""
    counts: Counter[str] = Counter()
    for unit, nodes in found:
        for at in range(len(unit.tokens) - size + 1):
            tokens = unit.tokens[at : at + size]
            if tokens[0].sentence != tokens[-1].sentence:
                continue
            held = [(a, b) for a, b in nodes if at <= a and b <= at + size]
            if node == "first":
                held = [(a, b) for a, b in held if a == at]
            if node == "last":
                held = [(a, b) for a, b in held if b == at + size]
            if node is None or held:
                counts[" ".join(token.fold for token in tokens)] += 1
    return counts


def folded(run: str) -> str:
    """A run as its words fold."""
    return " ".join(map(fold, run.split(" ")))


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("node", ["any", "first", "last"])
def test_clusters_hold_the_node(
    made: tuple[Chance, Engine, Shelf], size: int, node: NodePosition
) -> None:
    chance, engine, shelf = made
    searcher = engine.searcher
    for query in queries(chance):
        expected = runs(spans(engine, shelf, query), size, node)
        matcher = searcher.matcher(searcher.parse(query).tree, "stem", text_only=True)
        request = NgramRequest(size, least=2, node=node)
        answer = all_clusters(matcher, query, request).page(0, None)
        common = {text: count for text, count in expected.items() if count >= 2}
        assert {folded(row.text): row.count for row in answer.rows} == common, query
        assert (answer.total, answer.of) == (len(common), expected.total())


@pytest.mark.parametrize("size", [2, 3, 4, 8])
def test_ngrams_are_all_runs(made: tuple[Chance, Engine, Shelf], size: int) -> None:
    _, engine, shelf = made
    expected = runs(spans(engine, shelf, "zebra"), size, None)
    found = all_ngrams(engine.searcher.snapshot, NgramRequest(size, least=1))
    answer, page = found.page(0, None), found.page(1, 2)
    assert {folded(row.text): row.count for row in answer.rows} == expected
    counts = [row.count for row in answer.rows]
    assert counts == sorted(counts, reverse=True)
    assert page.rows == answer.rows[1:3]


def test_long_runs_do_not_fit_in_one_number(
    made: tuple[Chance, Engine, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many different words few fit in one; then runs are numbered on the way."""
    _, engine, _ = made
    request = NgramRequest(5, least=2)
    expected = all_ngrams(engine.searcher.snapshot, request).page(0, None)
    monkeypatch.setattr("indexer.audits.ngrams._LARGEST", 1)
    assert all_ngrams(engine.searcher.snapshot, request).page(0, None) == expected


def test_runs_know_in_how_many_articles_they_are() -> None:
    site = {"a": "# T\n\nside effects of it\n", "b": "# T\n\nside effects. Side effects.\n"}
    with indexed(site) as index:
        (row,) = index.clusters("effects", size=2).rows
        assert (row.text, row.count, row.articles) == ("side effects", 3, 2)


# --- keywords ----------------------------------------------------------------------------------


def counted(shelf: Shelf, names: set[str]) -> Counter[str]:
    """Words of the content of some articles."""
    return Counter(
        fold(form)
        for name in names
        for passage in shelf.articles[name].passages
        if passage.kind != "boilerplate"
        for form in tokenize(passage.text).forms
    )


def test_keywords_compare_articles_with_the_rest(made: tuple[Chance, Engine, Shelf]) -> None:
    chance, engine, shelf = made
    names = set(chance.random.sample(sorted(shelf.articles), 4))
    here, there = counted(shelf, names), counted(shelf, shelf.articles.keys() - names)
    snapshot = engine.searcher.snapshot
    target, whole = frequencies(snapshot, sorted(names)), frequencies(snapshot)
    assert (target.counts, target.words) == (here, here.total())
    assert whole.counts == here + there
    answer = keywords(target, whole.less(target), least=1)
    assert {fold(row.word) for row in answer.rows} >= set(here)
    for row in answer.rows:
        cells = here[fold(row.word)], there[fold(row.word)], here.total(), there.total()
        assert row.keyness == keyness(*cells)
    strengths = [abs(row.keyness.g2) for row in answer.rows]
    assert strengths == sorted(strengths, reverse=True)


@pytest.fixture(scope="module")
def site() -> Iterator[Index]:
    long = " ".join(["Take the dose at night."] * 20)
    with indexed(
        {"pain": "# P\n\n" + " ".join(["Pain is pain."] * 20), "dose": f"# D\n\n{long}"}
    ) as index:
        yield index


def test_missing_words_are_keywords_too(site: Index) -> None:
    rows = {fold(row.word): row.keyness for row in site.keywords(["pain"]).rows}
    assert rows["pain"].g2 > 0 > rows["dose"].g2
    assert not rows["dose"].few
    positive = site.keywords(["pain"], positive=True).rows
    assert {fold(row.word) for row in positive} == {"pain", "is"}


def test_two_indexes_can_be_compared(site: Index) -> None:
    with said("Dose, dose, dose and pain.") as other:
        answer = site.keywords(against=other)
        assert (answer.words, answer.reference_words) == (site.totals.words, 5)
        assert answer.rows[0].word == "dose"
        assert answer.rows[0].keyness.g2 < 0


# --- refusals ----------------------------------------------------------------------------------


def test_senseless_requests_are_refused(site: Index) -> None:
    for left, right in ((0, 0), (-1, 5), (5, WIDEST + 1)):
        with pytest.raises(PilcrowError, match="window"):
            site.collocates("pain", left=left, right=right)
    with pytest.raises(PilcrowError, match="log_dice"):
        site.collocates("pain", measure="dice")  # type: ignore[arg-type]
    with pytest.raises(PilcrowError, match="least"):
        site.collocates("pain", least=0)
    for size in (1, 9):
        with pytest.raises(PilcrowError, match="2 to 8"):
            site.ngrams(size=size)
    with pytest.raises(PilcrowError, match="any, first, last"):
        site.clusters("pain", node="middle")  # type: ignore[arg-type]
    with pytest.raises(PilcrowError, match="reference"):
        site.keywords(["pain", "dose"])
    with pytest.raises(NotFound):
        site.keywords(["nowhere"])


def test_what_does_not_occur_has_no_company(site: Index) -> None:
    assert not site.collocates("zebra").rows
    assert not site.clusters("zebra").rows


def test_words_are_shown_as_they_are_written_most_often(tmp_path: Path) -> None:
    text = "# N\n\nNaïve pain, naïve pain. Elavil eases pain. ELAVIL eases pain. Elavil helps.\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    (tmp_path / "b.md").write_text("# Other\n\nNothing of it is here.\n", encoding="utf-8")
    build_index([tmp_path / "a.md", tmp_path / "b.md"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        shown = {row.word for row in index.collocates("pain", least=1).rows}
        key = {row.word for row in index.keywords(["a"], least=1).rows}
        words = {row.word for row in index.word_list().rows}
        runs = {row.text for row in index.clusters("pain", size=2, least=1).rows}
    assert {"naïve", "Elavil", "eases"} <= shown & key & words
    assert not {"naive", "elavil"} & (shown | key | words)
    assert {"naïve pain", "eases pain"} <= runs


# --- word lists and function words -------------------------------------------------------------


def test_word_lists_hold_every_word(made: tuple[Chance, Engine, Shelf]) -> None:
    _, engine, shelf = made
    names = sorted(shelf.articles)
    for chosen in (None, tuple(names[:3])):
        among = set(names if chosen is None else chosen)
        expected = counted(shelf, among)
        found = all_words(engine.searcher.snapshot, WordListRequest(chosen)).page(0, None)
        assert {fold(row.word): row.count for row in found.rows} == expected
        assert (found.words, found.total) == (expected.total(), len(expected))
        for row in found.rows[::7]:
            holders = [name for name in among if counted(shelf, {name})[fold(row.word)]]
            assert row.articles == len(holders), row.word
    some = all_words(engine.searcher.snapshot, WordListRequest(least=2))
    assert some.page(1, 3).rows == some.page(0, None).rows[1:4]


def test_function_words_are_left_out_of_lists_and_of_no_count() -> None:
    text = "# N\n\nThe pain was not with the nerve. The pain of it may stop with no dose.\n"
    with indexed({"a": text, "b": "# Other\n\nThe rest is of the sea.\n"}) as index:
        for every, some in (
            (index.word_list(), index.word_list(stop=True)),
            (index.collocates("pain", least=1), index.collocates("pain", least=1, stop=True)),
            (index.keywords(["a"], least=1), index.keywords(["a"], least=1, stop=True)),
        ):
            left_out = [row for row in every.rows if row not in some.rows]
            assert {"the", "with"} <= {row.word.lower() for row in left_out}
            assert not {"not", "may", "no"} & {row.word for row in left_out}
            assert some.rows == tuple(row for row in every.rows if row not in left_out)
            assert (some.stopped, every.stopped) == (len(left_out), 0)
            assert some.words == every.words
            assert some.total == every.total - some.stopped


def test_only_function_words_of_languages_in_the_corpus_are_left_out() -> None:
    with indexed({"a": "# N\n\nThe die was cast and they die of it.\n"}) as index:
        assert "die" in {row.word for row in index.word_list(stop=True).rows}


def test_no_word_that_changes_a_meaning_is_a_function_word() -> None:
    meaning = {
        "en": """not no nor never none without neither cannot may might must can could should shall
            will would ought if unless until only except before after again all every any some more
            less most least few once twice daily mg ml above below over under out off between""",
        "de": "nicht kein keine ohne nie nur wenn kann muss darf soll vor",
        "fr": "ne pas sans jamais si seulement peut doit avant apres",
        "es": "no sin nunca si solo puede debe antes despues",
        "it": "non senza mai se solo puo deve prima dopo",
        "pt": "nao sem nunca se so pode deve antes depois",
        "nl": "niet geen zonder nooit alleen kan mag moet voor na",
        "sv": "inte utan aldrig bara kan ska fore efter",
        "da": "ikke uden aldrig kun kan skal for efter",
        "no": "ikke uten aldri bare kan skal for etter",
        "fi": "ei ilman jos vain",
        "ro": "nu fara daca doar",
        "hu": "nem nelkul ha csak",
        "ru": "не без если только",
    }
    assert meaning.keys() == FUNCTION_WORDS.keys()
    for language, words in FUNCTION_WORDS.items():
        assert not words & set(meaning[language].split()), language
        assert all(len(word) > 1 for word in words if word.isascii()), language
        assert all(fold(word) == word for word in words), language


def test_pages_of_one_result_come_from_one_computation(
    site: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = site.collocates("dose", least=1)
    keys = site.keywords(["pain"], least=1)
    assert near.total > 1
    assert keys.total > 1
    monkeypatch.setattr("indexer.audits.collocates._counts", None)  # they are not asked again
    monkeypatch.setattr("indexer.audits.keywords.keywords", None)
    for at in range(near.total):
        page = site.collocates("dose", least=1, limit=1, offset=at)
        assert page == replace(near, rows=near.rows[at : at + 1], page=page.page)
        assert page.page == Page(at, 1, at + 1 < near.total)
    for at in range(keys.total):
        some = site.keywords(["pain"], least=1, limit=1, offset=at)
        assert some == replace(keys, rows=keys.rows[at : at + 1], page=some.page)
        assert some.page == Page(at, 1, at + 1 < keys.total)
    monkeypatch.undo()
    assert site.collocates("dose", least=2) != near
    assert site.collocates("dose", least=1, match="case") == near
    assert site.collocates("pain", least=1).query == "pain"
    assert site.keywords(["dose"], least=1) != keys
    assert site.keywords(["pain"], least=1, positive=True).total < keys.total
    assert site.collocates("dose", least=1) == near
    assert site.keywords(["pain"], least=1) == keys
    with pytest.raises(UsageError, match="negative"):
        site.collocates("dose", least=1, offset=-1)
