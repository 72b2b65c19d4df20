"""Audits count what the concordance shows, over denominators that can be counted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from indexer import Index, NotFound, PilcrowError, build_index, open_index
from indexer.audits.concordance import lines, occurrences
from indexer.audits.counts import GAP, Audit, AuditRequest, Cell, TermCount, audit
from indexer.audits.dispersion import Barcode, average_reduced_frequency, barcodes
from indexer.audits.scope import By, scope_of
from indexer.audits.terms import AuditTerm
from indexer.model import Match
from indexer.reporting.charts import heat_map
from indexer.segments.container import Container, ContainerDamaged
from indexer.text.tokenizer import tokenize
from tests.helpers.effort import seeds
from tests.helpers.indexed import indexed
from tests.oracle import Chance, Engine, Part, Shelf, compose, shelve

SITE = {
    "drugs/elavil": (
        "# Elavil\n\nElavil raises the pain threshold.\n\n"
        "## Doses\n\nTake 5 mg of elavil, not 25.\n\n"
        "## Elavil and pain\n\n### At night\n\nPain keeps you awake. Pains pass.\n"
    ),
    "drugs/other": "# Another drug\n\nIt lowers pain and a pain threshold.\n\n## Doses\n\nNone.\n",
    "empty": "# Nothing of the kind\n\nSleep well.\n",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Index]:
    with indexed(SITE) as index:
        yield index


def cells(count: TermCount) -> list[tuple[str, tuple[str, ...], int, int]]:
    """The row of a matrix, plain."""
    return [(cell.article.id, cell.section, cell.count, cell.words) for cell in count.by]


# --- one term ----------------------------------------------------------------------------------


def test_term_by_article(site: Index) -> None:
    found = site.audit(["pain"])
    (pain,) = found.terms
    assert pain.term == AuditTerm("pain")
    assert (pain.total, pain.passages, pain.articles, pain.sections) == (5, 3, 2, 1)
    assert pain.forms == {"pain": 3, "Pain": 1, "Pains": 1}
    assert pain.headings == 1
    assert cells(pain) == [
        ("drugs/elavil", (), 3, 18),
        ("drugs/other", (), 2, 8),
        ("empty", (), 0, 2),
    ]
    assert (found.words, found.passages, found.articles) == (28, 6, 3)
    assert pain.words == 28
    assert pain.per_1000 == pytest.approx(5000 / 28)
    assert [place.article.id for place in pain.lacking] == ["empty"]
    assert (pain.dispersion.of, pain.dispersion.parts, pain.dispersion.range) == ("articles", 3, 2)


def test_term_by_section(site: Index) -> None:
    found = site.audit(["pain", "elavil"], by="section")
    pain, elavil = found.terms
    night = ("Elavil and pain", "At night")
    assert cells(pain) == [
        ("drugs/elavil", (), 1, 5),
        ("drugs/elavil", ("Doses",), 0, 7),
        ("drugs/elavil", night, 2, 6),
        ("drugs/other", (), 2, 7),
        ("drugs/other", ("Doses",), 0, 1),
        ("empty", (), 0, 2),
    ]
    assert [cell.count for cell in elavil.by] == [1, 1, 0, 0, 0, 0]
    assert elavil.headings == 2
    assert [(p.article.id, p.section) for p in elavil.lacking][:2] == [
        ("drugs/elavil", night),
        ("drugs/other", ()),
    ]


def test_cells_are_a_sequence(site: Index) -> None:
    by = site.audit(["pain"]).terms[0].by
    assert (len(by), by[0].count, by[-1].count, by[1:3][0]) == (3, 3, 0, by[1])
    assert list(by) == [by[0], by[1], by[2]]
    assert isinstance(by[0], Cell)
    assert by[0].per_1000 == pytest.approx(3000 / 18)
    assert by[0].few
    with pytest.raises(IndexError):
        by[3]


@pytest.mark.parametrize(
    ("query", "match", "forms"),
    [
        ("pain", "word", {"pain": 3, "Pain": 1}),
        ("Pain", "case", {"Pain": 1}),
        ("elavil", "stem", {"Elavil": 1, "elavil": 1}),
        ('"pain threshold"', "stem", {"pain threshold": 2}),
        ("pain NEAR/9 lowers", "stem", {"lowers pain": 1, f"lowers{GAP}pain": 1}),
        ("pain NEAR/1 threshold", "stem", {"pain threshold": 2}),
        ('"raises threshold"~5', "stem", {f"raises{GAP}threshold": 1}),
        ("5 mg", "stem", {"5": 1, "mg": 1}),
        ("5mg", "stem", {"5 mg": 1}),
        ("pa*", "stem", {"pain": 3, "Pain": 1, "Pains": 1, "pass": 1}),
        ("zebra", "stem", {}),
        ("-pain", "stem", {}),
        ("pain NOT threshold", "stem", {"Pain": 1, "Pains": 1}),
    ],
)
def test_forms(site: Index, query: str, match: Match, forms: dict[str, int]) -> None:
    (count,) = site.audit([query], match=match).terms
    assert dict(count.forms) == forms
    assert list(count.forms.values()) == sorted(forms.values(), reverse=True)


def test_white_space_in_forms_is_one_space() -> None:
    with indexed({"a": "# T\n\nside\neffects, side-effects and side  effects\n"}) as index:
        (count,) = index.audit(['"side effects"']).terms
        assert dict(count.forms) == {"side effects": 2, "side-effects": 1}
        (count,) = index.audit(["side NEAR/1 effects"]).terms
        assert dict(count.forms) == {"side effects": 2, "effects, side": 1, "side-effects": 1}


def test_query_without_positive_words_has_passages_but_no_occurrences(site: Index) -> None:
    (count,) = site.audit(["-pain"]).terms
    assert (count.total, count.passages, count.articles) == (0, site.count("-pain"), 3)
    assert not count.lacking


def test_some_articles_alone(site: Index) -> None:
    found = site.audit(["pain", "elavil"], articles=["drugs/other", "empty", "empty"])
    pain, elavil = found.terms
    assert (pain.total, pain.words, pain.headings, pain.articles) == (2, 10, 0, 1)
    assert (elavil.total, elavil.headings) == (0, 0)
    assert [place.article.id for place in found.places] == ["drugs/other", "empty"]
    assert [place.article.id for place in elavil.lacking] == ["drugs/other", "empty"]


def test_single_article_is_compared_by_segments(site: Index) -> None:
    (count,) = site.audit(["pain"], articles=["drugs/elavil"]).terms
    assert (count.dispersion.of, count.dispersion.parts) == ("segments", 8)


@pytest.mark.parametrize("by", ["article", "section"])
def test_boilerplate_counts_only_where_it_is_asked_for(by: By) -> None:
    parts = [
        Part("boilerplate", "pain home"),
        Part("heading", "On it", level=2),
        Part("paragraph", "There is pain, and pain."),
        Part("boilerplate", "all the pain of it"),
    ]
    engine = Engine(shelve([compose("a", "Pain", parts)]))
    found = audit(engine.searcher, ["pain", "pain kind:boilerplate"], AuditRequest(by))
    plain, aside = found.terms
    assert (plain.total, plain.words, aside.total, aside.words) == (2, 5, 2, 12)
    assert found.words == sum(cell.words for cell in plain.by) == 5
    assert sum(cell.words for cell in aside.by) == 12
    assert [(c.section, c.count) for c in aside.by if c.count] == [((), 2)]


@pytest.mark.parametrize(
    ("terms", "asked", "message"),
    [
        ([], {}, "no term"),
        (["!!!"], {}, "no word"),
        (["  "], {}, "empty term"),
        (["a" * 1_000_000], {}, "1,000,000 characters"),
        (["pain"], {"by": "page"}, "by 'page'"),
        (["pain"], {"match": "lemma"}, "use stem"),
        (["pain"], {"confidence": 95}, "confidence 95"),
    ],
)
def test_senseless_audits_are_refused(
    site: Index, terms: list[str], asked: dict[str, str], message: str
) -> None:
    with pytest.raises(PilcrowError, match=message) as raised:
        site.audit(terms, **asked)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_unknown_article_is_refused(site: Index) -> None:
    with pytest.raises(NotFound):
        site.audit(["pain"], articles=["nowhere"])


def test_notes_say_what_was_left_out_of_a_term(site: Index) -> None:
    count, other = site.audit(["pain url:x", "pain"]).terms
    assert not other.notes
    assert count.notes == site.concordance("pain url:x").notes


# --- groups ------------------------------------------------------------------------------------


def test_group_counts_each_place_once(site: Index) -> None:
    terms = [
        AuditTerm("pain", "pains", "generic"),
        AuditTerm("pa*", "pains", "misspellings"),
        AuditTerm('"pain threshold"', "pains", "misspellings"),
        AuditTerm("sleep"),
    ]
    found = site.audit(terms)
    (group,) = found.groups
    together = site.concordance('pain OR pa* OR "pain threshold"')
    assert (group.name, group.total) == ("pains", together.total)
    assert group.roles == {
        "generic": 5,
        "misspellings": site.concordance('pa* OR "pain threshold"').total,
    }
    assert group.passages == site.count('pain OR pa* OR "pain threshold"')
    assert [cell.count for cell in group.by] == [
        site.concordance(f'(pain OR pa* OR "pain threshold") article:"{place.article.id}"').total
        for place in found.places
    ]
    assert [count.term.query for count in found.terms][-1] == "sleep"


def test_passages_that_one_term_alone_finds(site: Index) -> None:
    found = site.audit(["pain", '"pain threshold"', AuditTerm("pain", "again"), "sleep"])
    assert [count.unique for count in found.terms] == [
        site.count('pain -"pain threshold"'),
        0,
        site.count('pain -"pain threshold"'),
        1,
    ]
    (alone,) = site.audit(["pain"]).terms
    assert alone.unique == alone.passages


# --- properties --------------------------------------------------------------------------------

MATCHES: tuple[Match, ...] = ("stem", "word", "case")


@pytest.fixture(scope="module", params=seeds(2, 30))
def made(request: pytest.FixtureRequest) -> tuple[Chance, Engine, Shelf]:
    """Random articles, indexed in two goes, so that they lie in two parts, some of them dead."""
    chance = Chance.of(Random(request.param))
    before = shelve([chance.article(number) for number in range(30)])
    fresh = shelve([chance.article(number) for number in (0, 7, 31)])
    kept = {name: stored for name, stored in before.articles.items() if name != "a3"}
    after = Shelf(2, {**kept, **fresh.articles})
    return chance, Engine(before, after), after


def typed(chance: Chance) -> list[str]:
    """Queries of all kinds over the words of a corpus."""
    words = [word for word in chance.vocabulary if word.isalnum()] or ["pain"]
    first, second, third = (chance.random.choice(words) for _ in range(3))
    return [
        first,
        f'"{first}"',
        f'"{first} {second}"',
        f"{first} {second}",
        f"{first} OR {second} OR {third}",
        f"{first} NEAR/3 {second}",
        f'"{first} {second}"~3',
        f"{first[:2]}*",
        f"{first} NOT {second}",
        f"-{first}",
        f"{first} kind:list_item",
        f"{first} kind:boilerplate",
        f"section:{first} {second}",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["article", "section"])
def test_audit_adds_up(made: tuple[Chance, Engine, Shelf], by: By) -> None:
    chance, engine, _ = made
    for match in MATCHES:
        queries = typed(chance)
        found = audit(engine.searcher, queries, AuditRequest(by, match))
        assert len(engine.searcher.snapshot.parts) > 1
        for count in found.terms:
            agrees_with_the_concordance(engine, count, match, by)
        found_by = {query: holders(engine, query, match) for query in dict.fromkeys(queries)}
        for count in found.terms:
            others = [ids for query, ids in found_by.items() if query != count.term.query]
            assert count.unique == len(found_by[count.term.query].difference(*others))


def holders(engine: Engine, query: str, match: Match) -> set[tuple[int, int]]:
    """The passages that a query finds, by part and number."""
    searcher = engine.searcher
    matcher = searcher.matcher(searcher.parse(query).tree, match, text_only=True)
    found = enumerate(matcher.matches())
    return {(part, number) for part, scored in found for number in scored.ids.tolist()}


def agrees_with_the_concordance(engine: Engine, count: TermCount, match: Match, by: By) -> None:
    searcher, query = engine.searcher, count.term.query
    matcher = searcher.matcher(searcher.parse(query).tree, match, text_only=True)
    every = occurrences(matcher)
    shown = lines(every, np.arange(every.size), 0, "words")
    passages = sum(scored.ids.size for scored in matcher.matches())
    assert count.total == len(shown) == sum(cell.count for cell in count.by), query
    assert count.passages == passages == sum(cell.passages for cell in count.by), query
    assert sum(count.forms.values()) == count.total, query
    where = Counter((line.article.id, line.section if by == "section" else ()) for line in shown)
    assert where == Counter({(c.article.id, c.section): c.count for c in count.by if c.count})
    if "NEAR" not in query and "~" not in query:
        assert count.forms == Counter(" ".join(line.match.split()) for line in shown)
    places = [(cell.article.id, cell.section) for cell in count.by]
    assert len(set(places)) == len(places)
    assert count.words == sum(cell.words for cell in count.by)
    assert len(count.lacking) == sum(not cell.passages for cell in count.by)
    if by == "article":
        assert count.articles == sum(cell.passages > 0 for cell in count.by)
    else:
        assert count.sections == sum(cell.passages > 0 and cell.section != () for cell in count.by)
        assert count.articles == len({cell.article.id for cell in count.by if cell.passages})


@pytest.mark.parametrize("by", ["article", "section"])
def test_denominators_can_be_counted_again(made: tuple[Chance, Engine, Shelf], by: By) -> None:
    _, engine, shelf = made
    found = audit(engine.searcher, ["pain"], AuditRequest(by))
    words: Counter[tuple[str, tuple[str, ...]]] = Counter()
    passages: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for name, stored in shelf.articles.items():
        for passage in stored.passages:
            if passage.kind != "boilerplate":
                key = (name, passage.section if by == "section" else ())
                words[key] += len(tokenize(passage.text).forms)
                passages[key] += 1
    assert {(p.article.id, p.section): p.words for p in found.places if p.passages} == words
    assert {(p.article.id, p.section): p.passages for p in found.places if p.passages} == passages
    assert found.words == sum(words.values())
    assert found.articles == len(shelf.articles)
    assert in_corpus_order(found, shelf)


def in_corpus_order(found: Audit, shelf: Shelf) -> bool:
    """Whether places come by article id, and within an article as the text has them."""
    expected: list[tuple[str, tuple[str, ...]]] = []
    for name in sorted(shelf.articles):
        if found.by == "article":
            expected.append((name, ()))
            continue
        of_article = (p for p in shelf.articles[name].passages if p.kind != "boilerplate")
        expected += dict.fromkeys((name, passage.section) for passage in of_article)
    return [(place.article.id, place.section) for place in found.places] == expected


def test_named_articles_are_rows_of_the_whole(made: tuple[Chance, Engine, Shelf]) -> None:
    chance, engine, shelf = made
    names = tuple(chance.random.sample(sorted(shelf.articles), 5))
    query = typed(chance)[4]
    (whole,) = audit(engine.searcher, [query], AuditRequest()).terms
    (part,) = audit(engine.searcher, [query], AuditRequest(articles=names)).terms
    rows = {cell.article.id: cell for cell in whole.by}
    assert list(part.by) == [rows[name] for name in sorted(names)]
    others = tuple(sorted(shelf.articles.keys() - set(names)))
    (rest,) = audit(engine.searcher, [query], AuditRequest(articles=others)).terms
    assert part.headings + rest.headings == whole.headings
    assert Counter(part.forms) + Counter(rest.forms) == whole.forms


def positions(shelf: Shelf, forms: Sequence[str]) -> list[int]:
    """Where these forms stand among all words, counted from the texts."""
    words: list[str] = []
    for name in sorted(shelf.articles):
        for passage in shelf.articles[name].passages:
            if passage.kind != "boilerplate":
                words += tokenize(passage.text).forms
    return [place for place, word in enumerate(words) if word in forms]


def test_spread_is_over_the_words_of_the_corpus(made: tuple[Chance, Engine, Shelf]) -> None:
    chance, engine, shelf = made
    letters = (word for word in chance.vocabulary if word.isascii() and word.isalpha())
    word = next(letters, "pain")
    (count,) = audit(engine.searcher, [word], AuditRequest(match="case")).terms
    places = positions(shelf, list(count.forms))
    assert len(places) == count.total
    if places:
        expected = average_reduced_frequency(np.array(places), count.words)
        assert count.dispersion.arf == pytest.approx(expected)


# --- barcodes ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("by", ["article", "section"])
def test_barcodes_have_a_stroke_for_each_occurrence(
    made: tuple[Chance, Engine, Shelf], by: By
) -> None:
    chance, engine, shelf = made
    searcher = engine.searcher
    for query in typed(chance):
        matcher = searcher.matcher(searcher.parse(query).tree, "stem", text_only=True)
        on = scope_of(searcher.snapshot, by, boilerplate=matcher.boilerplate)
        made_of = barcodes(matcher, on)
        (count,) = audit(searcher, [query], AuditRequest(by)).terms
        assert [len(bar.strokes) for bar in made_of] == list(count.by.counts)
        every = occurrences(matcher)
        shown = lines(every, np.arange(every.size), 0, "words")
        where = Counter((line.passage, line.start) for line in shown)
        assert where == Counter((s.passage, s.start) for bar in made_of for s in bar.strokes)
        if by == "article" and not matcher.boilerplate:
            assert [drawn(shelf, bar) for bar in made_of] == [
                [stroke.word for stroke in bar.strokes] for bar in made_of
            ]


def drawn(shelf: Shelf, bar: Barcode) -> list[int]:
    """Words of the article before each stroke, counted from its texts."""
    before: dict[tuple[str, int], int] = {}
    words = 0
    for passage in shelf.articles[bar.place.article.id].passages:
        if passage.kind != "boilerplate":
            for start in tokenize(passage.text).starts:
                before[passage.id, start] = words
                words += 1
    assert words == bar.place.words
    return sorted(before[stroke.passage, stroke.start] for stroke in bar.strokes)


def test_barcode_of_a_section_begins_with_it(site: Index) -> None:
    found = site.barcodes("pain", by="section", articles=["drugs/elavil"])
    strokes = {bar.place.section: [s.word for s in bar.strokes] for bar in found}
    assert strokes == {(): [3], ("Doses",): [], ("Elavil and pain", "At night"): [0, 4]}


# --- damage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("array", ["forms.low", "positions", "sentence_starts", "fold_first"])
def test_damaged_arrays_are_rebuilt_before_an_audit_answers(tmp_path: Path, array: str) -> None:
    """A byte that is wrong is found when it is first read, and mended from the store."""
    for name, text in SITE.items():
        (tmp_path / f"{Path(name).name}.md").write_text(text, encoding="utf-8")
    build_index(tmp_path, tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        expected = index.audit(["pain"]), index.collocates("pain", least=1)
    (path,) = (tmp_path / "index" / "arrays").glob("*.seg")
    container = Container(path)
    data = bytearray(path.read_bytes())
    data[container._base + int(container._entries[array]["offset"])] ^= 1
    path.write_bytes(data)
    with pytest.raises(ContainerDamaged):
        Container(path)[array].size  # noqa: B018
    with open_index(tmp_path / "index") as index:
        assert (index.audit(["pain"]), index.collocates("pain", least=1)) == expected


def test_matrix_puts_a_term_with_boilerplate_in_its_own_places() -> None:
    parts = [
        Part("boilerplate", "pain home"),
        Part("heading", "On it", level=2),
        Part("paragraph", "There is pain, and pain."),
    ]
    engine = Engine(shelve([compose("a", "Pain", parts)]))
    terms = ["pain", "pain kind:boilerplate"]
    found = audit(engine.searcher, terms, AuditRequest("section"))
    names = ["pain", "boilerplate"]
    rows = {row.name: row.cells for row in heat_map(found, names, found.terms).rows}
    shown = {name: [cell.count for cell in cells] for name, cells in rows.items()}
    assert shown == {"On it": [2, 0], "Pain": [0, 1]}
