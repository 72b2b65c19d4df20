"""`verify` proves a sound index and reports each way in which one can be wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from commanding import failure, pilcrow
from indexer import Index, build_index, open_index
from indexer.audits.concordance import occurrences
from indexer.errors import IndexDamaged, UsageError
from indexer.model import Mark, Snippet, Span
from indexer.proving.census import Census, Inquiry
from indexer.query.parser import parse as parse_query
from indexer.search.boolean import Scored
from indexer.search.leaves import Leaves
from indexer.search.matcher import Evaluation
from indexer.search.searcher import Searcher
from indexer.segments.container import Container, write_container
from indexer.segments.snapshot import refresh
from indexer.sorted_arrays import Array
from indexer.store.codec import Packed, Stored, pack
from indexer.store.reader import Store
from indexer.store.writer import writing
from indexer.verifying import answering, showing
from indexer.verifying.asking import MATCHES, generated, logged
from indexer.verifying.ledger import Verification
from indexer.verifying.running import Plan
from oracle import Chance, disagreements, prover, shelve

ARTICLES = {
    "pain.md": (
        "# Chronic pain\n\nPain that lasts is called chronic. It is a well-known burden, and pain"
        " relief takes time.\n\n## Side effects\n\nCommon side effects are:\n\n- drowsiness\n"
        "- dry mouth and thirst\n- weight gain\n\n## Tapering\n\nNever stop at once. Gradual"
        " tapering is not the same as stopping; ask before tapering off 25mg of it.\n"
    ),
    "sleep.md": (
        "# Sleep\n\nPoor sleep makes pain worse. A dry mouth wakes people. Take no more than"
        " 25 mg at night.\n\n## Habits\n\nGo to bed at ten. Wellknown habits help, and so does a"
        " well-known book. Do not read the news.\n"
    ),
    "schmerz.md": (
        "---\nlang: de\n---\n# Schmerz\n\nDer Schmerz ist stark. Die Schmerzen bleiben.\n"
    ),
}
PLAN = Plan(queries=["pain", '"dry mouth"', "tapering OR sleep", "well-known", "-pain"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an index of a few articles is."""
    source = tmp_path / "articles"
    source.mkdir()
    for name, text in ARTICLES.items():
        (source / name).write_text(text, encoding="utf-8")
    build_index([source], tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def small(folder: Path) -> Iterator[Index]:
    """That index, open."""
    with open_index(folder) as opened:
        yield opened


def verified(folder: Path, plan: Plan = PLAN) -> Verification:
    """What is proved of the index as it is on disk."""
    with open_index(folder) as opened:
        return opened.verify(plan)


def assert_reported(done: Verification, *words: str) -> None:
    """One of the failures says all these words."""
    assert not done.proven
    assert any(all(word in line for word in words) for line in done.failures), done.failures
    assert all("\n" not in line for line in done.failures)


# --- sound indexes -------------------------------------------------------------------------------


def test_corpus_proves_itself(index: Index) -> None:
    done = index.verify(Plan(count=60))
    assert done.failures == ()
    assert done.proven
    assert done.sampled == done.checked["passages"] == len(index.passages(index.articles()[0].id))
    assert done.checked["queries"] == 60
    for what in ("tokens", "sentences", "hits", "marks", "snippets", "lines", "occurrences"):
        assert done.checked[what] > 20, what


@pytest.mark.parametrize("seed", range(3))
def test_small_index_proves_itself_with_any_seed(small: Index, seed: int) -> None:
    done = small.verify(Plan(seed=seed, count=51))
    assert done.failures == ()


def test_sample_is_what_was_asked_for_and_is_told(small: Index) -> None:
    done = small.verify(Plan(count=34, sample=3))
    assert done.failures == ()
    assert done.sampled == 3 < done.checked["passages"]


def test_index_of_several_segments_proves_itself(folder: Path) -> None:
    source = folder.parent / "articles"
    for i in range(30):
        (source / f"more-{i}.txt").write_text(f"More {i}\n\nMore of the well-known pain {i}.\n")
    build_index([source], folder)
    (source / "more-3.txt").write_text("More\n\nA new text without-a-word of pain.\n")
    (source / "more-4.txt").unlink()
    build_index([source], folder)
    with open_index(folder) as opened:
        assert len(opened._snapshot.parts) > 1
        assert opened.verify(Plan(count=51)).failures == ()


def test_queries_of_a_log_are_asked_in_each_match_mode() -> None:
    asked = logged(["pain\n", "", "  dry mouth ", "pain"])
    assert [(one.text, one.match) for one in asked] == [
        (text, match) for text in ("pain", "dry mouth") for match in MATCHES
    ]
    with pytest.raises(UsageError):
        logged(["", " \n"])


def test_made_queries_depend_on_the_seed_alone_and_ask_for_everything(small: Index) -> None:
    passages = [p for ref in small.articles() for p in small.passages(ref.id)]
    counts = {word: i for i, word in enumerate(["pain", "dry", "mouth", "tapering"], 1)}
    asked = generated(counts, passages, 7, 170)
    assert asked == generated(counts, passages, 7, 170)
    assert asked != generated(counts, passages, 8, 170)
    assert {one.match for one in asked} == set(MATCHES)
    texts = " ".join(one.text for one in asked)
    for sign in (
        '"',
        "NEAR/",
        "NEAR/s",
        " OR ",
        "NOT ",
        "*",
        "?",
        "~1",
        "section:",
        "kind:",
        "(("[:1],
    ):
        assert sign in texts, sign
    found = [small.search(one.text, match=one.match).total for one in asked]
    assert sum(map(bool, found)) > len(found) / 2  # queries that find nothing prove little


@pytest.mark.parametrize("seed", range(12))
def test_inquiry_with_a_census_gives_what_reading_all_gives(seed: int) -> None:
    chance = Chance.of(Random(seed))
    shelf = shelve(chance.corpus())
    whole = prover(shelf)
    articles = {name: (one.article, one.passages) for name, one in shelf.articles.items()}
    census = Census(articles.__getitem__)
    for article, passages in articles.values():
        forms = [[t.form for t in r.text.tokens] for r in whole.corpus.readings
                 if r.passage in passages and r.passage.article_id == article.id]  # fmt: skip
        census.add(article, passages, forms)
    for _ in range(25):
        tree, match, alone = chance.tree(), chance.random.choice(MATCHES), seed % 3 == 0
        inquiry = Inquiry(census, tree, match, whole.parameters, whole.thesaurus)
        some = chance.random.sample(whole.corpus.readings, len(whole.corpus.readings) // 2 + 1)
        expected = whole.evaluate(tree, match, text_alone=alone)
        found = inquiry.verdicts(some, text_alone=alone)
        read = {one.passage.id for one in some}
        kept = {name: verdict for name, verdict in expected.items() if name in read}
        assert list(disagreements(kept, found)) == [], (tree, match, alone, shelf.texts())


# --- wrong stores --------------------------------------------------------------------------------


def stored(folder: Path, change: Any) -> Verification:
    """Verify after one article was written again as `change` makes it."""
    with Store.open(folder) as store:
        one = store.load("pain")
    article, passages = change(one)
    with writing(folder) as writer:
        writer.put(article, passages, source="pain.md", root="articles")
    return verified(folder)


def test_passage_left_out_of_the_store_is_reported(folder: Path) -> None:
    done = stored(folder, lambda one: (one.article, one.passages[:1] + one.passages[2:]))
    assert_reported(done, "article 'pain'", "text between", "is in no passage or heading")
    assert_reported(done, "article 'pain'", "ordinal")


def test_same_id_twice_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, second, *rest = one.passages
        return one.article, (first, replace(second, id=first.id), *rest)

    assert_reported(stored(folder, change), "article 'pain'", "has the same id")


def test_same_anchor_twice_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, second, *rest = one.passages
        return one.article, (first, replace(second, anchor=first.anchor), *rest)

    assert_reported(stored(folder, change), "anchor", "not the only one")


def test_blocks_and_passages_out_of_order_are_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        blocks = one.article.blocks
        return replace(one.article, blocks=(blocks[1], blocks[0], *blocks[2:])), one.passages[::-1]

    done = stored(folder, change)
    assert_reported(done, "block 2", "out of order")
    assert_reported(done, "passage", "out of order")


def test_overlap_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, *rest = one.passages
        span = Span(first.span.start, first.span.end + 5)
        return one.article, (replace(first, span=span, text=span.of(one.article.text)), *rest)

    assert_reported(stored(folder, change), "overlaps")


def test_article_that_cannot_be_read_is_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(store: Store, name: str) -> Stored:
        raise IndexDamaged(f"{name} is damaged")

    monkeypatch.setattr(Store, "load", load)
    assert_reported(small.verify(PLAN), "article 'sleep'", "is damaged")


# --- wrong arrays --------------------------------------------------------------------------------


def altered(folder: Path, name: str, change: Any) -> Verification:
    """Verify after an array was written again, with the right checksum, as `change` makes it."""
    (path,) = (folder / "arrays").glob("*.seg")
    container = Container(path)
    arrays: dict[str, Array] = {key: container[key].copy() for key in container._entries}
    change(arrays[name])
    write_container(path, arrays, container.facts)
    return verified(folder)


def swap(array: Array) -> None:
    array[[5, 6]] = array[[6, 5]]


def add(array: Array) -> None:
    array[3] += 1


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("forms", swap, ("passage", "tokens: number")),
        ("starts", add, ("passage", "offsets of tokens: number")),
        ("sentence_starts", add, ("passage", "beginnings of sentences")),
        ("block_starts", add, ("beginnings of blocks",)),
        ("positions", swap, ("arrays", "the positions of")),
        ("starts.base", lambda a: a.__setitem__(1, 0), ("passage", "offsets of tokens: number")),
        ("unit_starts", add, ("offsets of tokens: number",)),
        ("unit_tokens", add, ("tokens: expected",)),
        ("form_folds", swap, ("the form", "stands under")),
        ("passage.kind", add, ("passage", "kind in the arrays is not as stored")),
        ("passage.start", add, ("passage", "span in the arrays is not as stored")),
        ("passage.by_id", swap, ("passage", "not found by its id")),
        ("head.first", add, ("heading", "are not those below it")),
        ("section.words", lambda a: a.__setitem__(0, 9), ("passage", "words of headings")),
        ("text.bytes", add, ("passage", "text in the arrays is not as stored")),
        ("article.title.bytes", add, ("article", "title, address")),
    ],
)
def test_altered_array_is_reported(
    folder: Path, name: str, change: Any, words: tuple[str, ...]
) -> None:
    assert_reported(altered(folder, name, change), *words)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("positions.low", swap, "the positions of"),
        ("positions.frames", lambda a: a.__setitem__(0, a[0] - 1), "numbers in lists of"),
        ("positions.ranks", add, "the positions of"),
        ("positions.ranks", lambda a: a.__setitem__(0, 60_000), "positions.ranks does not agree"),
        ("positions.main", lambda a: a.__setitem__(0, a[0] - 1), "the positions of"),
    ],
)
def test_altered_list_of_a_common_word_is_reported(
    tmp_path: Path, name: str, change: Any, words: str
) -> None:
    (tmp_path / "long.txt").write_text("Pain\n\n" + "It pains. No pain. " * 400, "utf-8")
    build_index([tmp_path / "long.txt"], tmp_path / "index")
    assert verified(tmp_path / "index").failures == ()
    assert_reported(altered(tmp_path / "index", name, change), "arrays", words)


def test_wrong_checksum_is_reported_and_not_mended(folder: Path) -> None:
    (path,) = (folder / "arrays").glob("*.seg")
    container = Container(path)
    at = container._base + int(container._entries["starts"]["offset"])
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert_reported(verified(folder), "array starts", "wrong checksum")


class Forgetful:
    """A store that leaves out what the arrays shall not have."""

    def __init__(self, store: Store, passage: int = 0, article: str = "") -> None:
        self._store, self._passage, self._article = store, passage, article
        self.generation = store.generation

    def versions(self) -> dict[str, str]:
        return {k: v for k, v in self._store.versions().items() if k != self._article}

    def packed(self, names: Iterable[str]) -> Iterator[Packed]:
        for name in names:
            one = self._store.load(name)
            kept = [p for p in one.passages if name != "pain" or p.ordinal != self._passage]
            yield pack(one.article, kept, source="", root="")


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ({"passage": 2}, ("article 'pain'", "passages: expected")),
        ({"article": "pain"}, ("article 'pain'", "is not in the arrays")),
    ],
)
def test_what_is_missing_in_the_arrays_is_reported(
    folder: Path, lost: dict[str, Any], words: tuple[str, ...]
) -> None:
    with Store.open(folder) as store:
        refresh(Forgetful(store, **lost), folder, fresh=True).close()
    done = verified(folder)
    assert_reported(done, *words)
    assert_reported(done, "query", "is not found")


# --- wrong answers -------------------------------------------------------------------------------


def test_wrong_mark_is_reported(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Searcher.marks

    def marks(self: Searcher, *given: Any) -> Any:
        found = honest(self, *given)
        for of_passage in found.values():
            of_passage.text = [Mark(m.start, m.end + 1, m.reason) for m in of_passage.text]
        return found

    monkeypatch.setattr(Searcher, "marks", marks)
    assert_reported(small.verify(PLAN), "query 'pain' (stem), passage", "marks: number 0: expected")


def test_missing_mark_and_wrong_reason_are_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Searcher.marks

    def marks(self: Searcher, *given: Any) -> Any:
        found = honest(self, *given)
        for number, of_passage in found.items():
            if number == 0:
                of_passage.text = of_passage.text[1:]
            else:
                of_passage.text = [Mark(m.start, m.end, "fuzzy") for m in of_passage.text]
        return found

    monkeypatch.setattr(Searcher, "marks", marks)
    done = small.verify(PLAN)
    assert_reported(done, "marks: expected 2, found 1")
    assert_reported(done, "marks: number 0", "reason='fuzzy'")


def test_lost_and_wrongly_found_passages_are_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Evaluation.run

    def run(self: Evaluation) -> list[Scored]:
        return [found.kept(found.ids != 0) for found in honest(self)]

    monkeypatch.setattr(Evaluation, "run", run)
    first = small.passages("pain")[0].id
    assert_reported(small.verify(PLAN), "query 'pain' (word)", first, "is not found")
    monkeypatch.undo()
    monkeypatch.setattr(answering, "parse", lambda *given, **named: parse_query("worse"))
    assert_reported(small.verify(PLAN), "is found, and should not be")


def test_wrong_hit_outside_of_the_sample_is_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Searcher.hits
    monkeypatch.setattr(
        Searcher, "hits", lambda *given: [replace(hit, marks=()) for hit in honest(*given)]
    )
    done = small.verify(replace(PLAN, sample=1))
    assert done.sampled == 1
    assert len({line.partition("passage ")[2][:16] for line in done.failures}) > 1


def test_wrong_score_is_reported(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Leaves.scores

    def scores(self: Leaves, *given: Any) -> Any:
        return honest(self, *given) * 1.001

    monkeypatch.setattr(Leaves, "scores", scores)
    assert_reported(small.verify(PLAN), "query 'pain' (stem), passage", "score: expected")


def test_wrong_order_is_reported(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Index.search

    def search(self: Index, *given: Any, **named: Any) -> Any:
        results = honest(self, *given, **named)
        return replace(results, hits=results.hits[::-1])

    monkeypatch.setattr(Index, "search", search)
    assert_reported(small.verify(PLAN), "not in order of their scores")


@pytest.mark.parametrize("method", ["count", "concordance", "search"])
def test_wrong_count_is_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    honest = getattr(Index, method)

    def wrong(self: Index, *given: Any, **named: Any) -> Any:
        found = honest(self, *given, **named)
        return found + 1 if isinstance(found, int) else replace(found, total=found.total + 1)

    monkeypatch.setattr(Index, method, wrong)
    words = {
        "count": "count",
        "concordance": "total of the concordance",
        "search": "total of search",
    }
    assert_reported(small.verify(PLAN), "query 'pain' (stem)", words[method])


def test_occurrence_left_out_of_the_concordance_is_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = occurrences
    monkeypatch.setattr(
        answering,
        "occurrences",
        lambda *given: (lambda found: found.take(np.arange(1, max(found.starts.size, 1))))(
            honest(*given)
        ),
    )
    assert_reported(small.verify(PLAN), "in the text, passage", "occurrences: expected 2, found 1")


def test_line_that_is_no_slice_is_reported(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Index.concordance

    def concordance(self: Index, *given: Any, **named: Any) -> Any:
        found = honest(self, *given, **named)
        return replace(
            found, lines=tuple(replace(line, left="x" + line.left) for line in found.lines)
        )

    monkeypatch.setattr(Index, "concordance", concordance)
    assert_reported(small.verify(PLAN), "line at", "line: expected")


def test_snippet_without_its_marks_is_reported(
    small: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        showing, "snippets", lambda text, marks, **size: (Snippet(0, min(9, len(text)), ()),)
    )
    assert_reported(small.verify(PLAN), "snippets of 320", "shows none of the marks")


def test_query_that_raises_is_reported(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def search(self: Index, *given: Any, **named: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(Index, "search", search)
    assert_reported(small.verify(PLAN), "query '-pain' (case)", "raised RuntimeError: no")


# --- the command ---------------------------------------------------------------------------------


def test_command_says_what_was_proved(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "queries.txt"
    log.write_text("pain\ndry mouth\n", encoding="utf-8")
    shown = pilcrow("verify", "--index", folder, "--queries", log).stdout.decode()
    assert shown.endswith("proven\n")
    assert "answers: 6 queries" in shown
    assert "texts: 3 articles" in shown
    sampled = pilcrow("verify", "--index", folder, "--count", "9", "--sample", "2").stdout.decode()
    assert "queries evaluated a second time on 2 of " in sampled


def test_command_leaves_with_1_and_names_the_first_failures(folder: Path) -> None:
    altered(folder, "sentence_starts", lambda array: array.__iadd__(1))
    done = pilcrow("verify", "--index", folder, "--count", "40", code=1)
    assert b"beginnings of sentences" in done.stdout
    assert b" failure" in done.stdout.splitlines()[-1]


def test_command_reports_as_json(folder: Path) -> None:
    answer = json.loads(
        pilcrow("verify", "--index", folder, "--count", "5", "--format", "json").stdout
    )
    assert answer["proven"] is True
    assert answer["failed"] == len(answer["failures"]) == 0
    assert answer["checked"]["queries"] == 5


def test_command_refuses_what_it_cannot_use(folder: Path, tmp_path: Path) -> None:
    assert "no index" in failure("verify", "--index", tmp_path / "nowhere")
    empty = tmp_path / "empty.txt"
    empty.write_text("\n \n")
    assert "no query" in failure("verify", "--index", folder, "--queries", empty)
    empty.write_bytes(b"caf\xe9")
    assert "UTF-8" in failure("verify", "--index", folder, "--queries", empty)
    assert "nowhere" in failure("verify", "--index", folder, "--queries", tmp_path / "nowhere")
