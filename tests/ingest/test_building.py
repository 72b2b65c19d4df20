"""Building: an index that follows its corpus, or stays as it was."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

import indexer
from indexer.errors import IndexBusy, IndexDamaged, PilcrowError, SourceError, UsageError
from indexer.ingest import prepare as preparing
from indexer.ingest.build import IndexReport, build_index
from indexer.ingest.prepare import prepare
from indexer.model import Passage
from indexer.parsing.formats.dispatch import parse
from indexer.segments import snapshot as snapshots
from indexer.settings import Settings
from indexer.store.codec import Stored
from indexer.store.reader import Store
from indexer.store.writer import writing
from tests import ROOT

REPO = ROOT


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three articles, one of them in a folder."""
    folder = tmp_path / "corpus"
    write(folder, "elavil.txt", "Elavil\n\nIt eases chronic pain.\n\nTaper it off slowly.\n")
    write(folder, "guides/dose.md", "# Dose\n\nStart with 10 mg.\n")
    write(folder, "guides/use.txt", "Use\n\nTake it at night.\n")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def records(*pairs: tuple[str, str]) -> str:
    """JSON Lines of (id, text)."""
    return "".join(json.dumps({"id": i, "title": i, "text": t}) + "\n" for i, t in pairs)


def counts(report: IndexReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def stored_in(store: Store) -> list[Stored]:
    """All articles in order of their ids."""
    return [store.load(entry.article_id) for entry in store.entries()]


def texts(index: Path) -> dict[str, str]:
    """Last block's text by article id."""
    with Store.open(index) as store:
        return {s.article.id: s.passages[-1].text for s in stored_in(store)}


def passages(index: Path, article: str) -> tuple[Passage, ...]:
    with Store.open(index) as store:
        return store.load(article).passages


# --- following the corpus ----------------------------------------------------------------------


def test_first_run_adds_everything(corpus: Path, index: Path) -> None:
    report = build_index([corpus], index)
    assert counts(report) == (3, 0, 0, 0)
    assert (report.articles, report.passages, report.skipped) == (3, 4, ())
    assert set(texts(index)) == {"elavil", "guides/dose", "guides/use"}


def test_the_arrays_are_of_the_generation_reported(corpus: Path, index: Path) -> None:
    report = build_index(corpus, index)
    snapshot = snapshots.open_snapshot(index, report.generation, None)
    assert snapshot is not None
    snapshot.close()


def test_nothing_changed_makes_no_generation_and_parses_nothing(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_index([corpus], index)
    monkeypatch.setattr(preparing, "prepare", None)  # calling it would fail
    second = build_index([corpus], index)
    assert counts(second) == (0, 0, 0, 3)
    assert second.generation == first.generation
    assert (second.articles, second.passages) == (first.articles, first.passages)


def test_changed_new_and_vanished_files_are_followed_in_one_commit(
    corpus: Path, index: Path
) -> None:
    first = build_index([corpus], index)
    with Store.open(index) as store:
        untouched = store.versions()["guides/use"]
    write(corpus, "elavil.txt", "Elavil\n\nIt eases chronic pain.\n\nNever stop at once.\n")
    write(corpus, "new.txt", "New\n\nBrand new.\n")
    (corpus / "guides/dose.md").unlink()
    report = build_index([corpus], index)
    assert counts(report) == (1, 1, 1, 1)
    assert report.generation == first.generation + 1
    assert texts(index) == {
        "elavil": "Never stop at once.",
        "guides/use": "Take it at night.",
        "new": "Brand new.",
    }
    with Store.open(index) as store:
        assert store.versions()["guides/use"] == untouched


def test_a_file_that_was_touched_but_says_the_same_is_unchanged(corpus: Path, index: Path) -> None:
    write(corpus, "page.html", "<h1>Page</h1><p>Some words.</p>")
    first = build_index([corpus], index)
    os.utime(corpus / "elavil.txt", (1, 1))
    write(corpus, "page.html", "<h1>Page</h1><!-- a comment --><p>Some words.</p>")
    second = build_index([corpus], index)
    assert counts(second) == (0, 0, 0, 4)
    assert second.generation == first.generation


def test_only_what_is_below_the_paths_given_is_removed(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    (corpus / "elavil.txt").unlink()
    (corpus / "guides/use.txt").unlink()
    report = build_index([corpus / "guides"], index)
    assert counts(report) == (0, 0, 1, 1)
    assert set(texts(index)) == {"elavil", "guides/dose"}


def test_a_folder_with_a_similar_name_is_not_below_a_path(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/a.txt", "A\n\nSome words.\n")
    write(tmp_path, "corpus-old/b.txt", "B\n\nSome words.\n")
    build_index([tmp_path / "corpus", tmp_path / "corpus-old"], index)
    report = build_index([tmp_path / "corpus"], index)
    assert (report.removed, report.articles) == (0, 2)


def test_two_corpora_may_share_an_index(corpus: Path, tmp_path: Path, index: Path) -> None:
    write(tmp_path, "other/a.txt", "A\n\nSome words.\n")
    build_index([corpus], index)
    assert build_index([tmp_path / "other"], index).articles == 4


def test_progress_counts_files(corpus: Path, index: Path) -> None:
    calls: list[tuple[int, int]] = []
    build_index([corpus], index, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_records_of_one_file_are_followed_one_by_one(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/all.jsonl", records(("a", "One."), ("b", "Two."), ("c", "Three.")))
    build_index([tmp_path / "corpus"], index)
    with Store.open(index) as store:
        before = store.versions()
    write(tmp_path, "corpus/all.jsonl", records(("a", "One."), ("c", "3."), ("d", "Four.")))
    assert counts(build_index([tmp_path / "corpus"], index)) == (1, 1, 1, 1)
    with Store.open(index) as store:
        assert store.versions()["a"] == before["a"]


# --- ids ---------------------------------------------------------------------------------------


def test_ids_are_the_same_after_building_from_nothing(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    before = [p.id for p in passages(index, "elavil")]
    shutil.rmtree(index)
    build_index([corpus], index)
    assert [p.id for p in passages(index, "elavil")] == before


@pytest.mark.parametrize("path", ["guides/dose.md", "guides"])
def test_an_article_keeps_its_id_when_its_file_is_later_given_alone(
    corpus: Path, index: Path, path: str
) -> None:
    build_index([corpus], index)
    write(corpus, "guides/dose.md", "# Dose\n\nStart with 25 mg.\n")
    report = build_index([corpus / path], index)
    assert (report.changed, report.articles) == (1, 3)
    assert texts(index)["guides/dose"] == "Start with 25 mg."


def test_a_corpus_that_moved_keeps_its_articles(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    moved = corpus.rename(corpus.parent / "moved")
    report = build_index([moved], index)
    assert counts(report) == (0, 0, 0, 3)
    (moved / "elavil.txt").unlink()
    assert build_index([moved], index).removed == 1


def test_a_txt_that_appears_takes_the_plain_id(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    write(corpus, "guides/dose.txt", "Dose\n\nIn plain text.\n")
    build_index([corpus], index)
    assert texts(index)["guides/dose"] == "In plain text."
    assert texts(index)["guides/dose.md"] == "Start with 10 mg."


def test_an_id_that_is_taken_is_reported_and_the_first_stays(corpus: Path, index: Path) -> None:
    write(corpus, "z.jsonl", records(("elavil", "A rival."), ("other", "Fine.")))
    for _ in range(2):
        report = build_index([corpus], index)
        (problem,) = report.skipped
        assert "'elavil' is taken by" in str(problem)
        assert texts(index)["elavil"] == "Taper it off slowly."
        assert texts(index)["other"] == "Fine."
    (corpus / "elavil.txt").unlink()
    assert build_index([corpus], index).skipped == ()
    assert texts(index)["elavil"] == "A rival."


def test_a_new_file_that_comes_first_takes_the_id_of_a_record(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/z.jsonl", records(("elavil", "A record."), ("other", "Fine.")))
    build_index([tmp_path / "corpus"], index)
    write(tmp_path, "corpus/elavil.txt", "Elavil\n\nA file.\n")
    for _ in range(2):
        report = build_index([tmp_path / "corpus"], index)
        assert len(report.skipped) == 1
        assert texts(index) == {"elavil": "A file.", "other": "Fine."}


def test_an_id_of_another_corpus_is_not_taken_from_it(
    corpus: Path, tmp_path: Path, index: Path
) -> None:
    write(tmp_path, "other/elavil.txt", "Elavil\n\nA rival.\n")
    write(tmp_path, "other/b.txt", "B\n\nFine.\n")
    build_index([corpus], index)
    for _ in range(2):
        report = build_index([tmp_path / "other"], index)
        assert report.skipped == ()
        assert texts(index)["elavil"] == "Taper it off slowly."
        assert texts(index)["other/elavil"] == "A rival."


def test_a_record_twice_in_one_file_is_reported(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/all.jsonl", records(("a", "One."), ("a", "Two.")))
    report = build_index([tmp_path / "corpus"], index)
    assert (report.articles, len(report.skipped)) == (1, 1)
    assert texts(index) == {"a": "One."}


# --- files that can't be used ------------------------------------------------------------------


def test_bad_files_are_reported_and_the_rest_is_indexed(corpus: Path, index: Path) -> None:
    (corpus / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "broken.docx").write_bytes(b"PK\x03\x04 not really")
    (corpus / "lost.txt").symlink_to(corpus / "nowhere")
    report = build_index([corpus], index)
    assert report.articles == 3
    assert [os.path.basename(p.path) for p in report.skipped] == [
        "binary.txt",
        "broken.docx",
        "empty.txt",
        "lost.txt",
    ]
    assert all("\n" not in str(p) for p in report.skipped)
    assert build_index([corpus], index).skipped != ()  # they are reported as long as they are bad


def test_a_file_that_cannot_be_read_now_keeps_its_last_state(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    (corpus / "elavil.txt").write_bytes(b"")
    for rebuild in (False, True):
        report = build_index([corpus], index, rebuild=rebuild)
        assert (report.removed, report.articles, len(report.skipped)) == (0, 3, 1)
        assert texts(index)["elavil"] == "Taper it off slowly."


def test_articles_in_a_folder_that_cannot_be_listed_stay(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index([corpus], index)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path).endswith("guides"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    report = build_index([corpus], index)
    assert (report.removed, report.articles, len(report.skipped)) == (0, 3, 1)


def test_a_record_that_cannot_be_read_does_not_remove_articles(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/all.jsonl", records(("a", "One."), ("b", "Two.")))
    build_index([tmp_path / "corpus"], index)
    write(tmp_path, "corpus/all.jsonl", records(("a", "1.")) + '{"id": "b", "text": ')
    report = build_index([tmp_path / "corpus"], index)
    assert (report.changed, report.removed, len(report.skipped)) == (1, 0, 1)
    assert texts(index) == {"a": "1.", "b": "Two."}


def test_a_parser_that_fails_costs_one_file_only(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: object, settings: Settings) -> object:
        if source.id == "elavil":  # type: ignore[attr-defined]
            raise RecursionError("too deep\nby far")
        return parse(source, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "parse", fail)
    report = build_index([corpus], index)
    assert report.articles == 2
    (problem,) = report.skipped
    assert isinstance(problem, SourceError)
    assert "too deep by far" in str(problem)


@pytest.mark.parametrize("names", [(), ("a.txt", "b.txt"), ("a.pdf",)])
def test_nothing_usable_is_an_error_that_names_the_first_problem(
    tmp_path: Path, index: Path, names: tuple[str, ...]
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in names:
        write(folder, name, "")
    with pytest.raises(UsageError) as raised:
        build_index([folder], index)
    assert str(folder) in str(raised.value)
    assert not index.exists()


def test_a_path_that_does_not_exist_changes_nothing(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    with pytest.raises(UsageError):
        build_index([corpus, corpus / "missing"], index)
    assert len(texts(index)) == 3


# --- settings and programs that change ---------------------------------------------------------


def test_another_passage_size_splits_again(tmp_path: Path, index: Path) -> None:
    write(tmp_path, "corpus/a.txt", "Title\n\n" + "This is a sentence of seven words. " * 20)
    build_index([tmp_path / "corpus"], index)
    report = build_index([tmp_path / "corpus"], index, settings=Settings(passage_words=30))
    assert report.changed == 1
    assert report.passages > 1


def test_another_program_prepares_again(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index([corpus], index)
    prepared: list[str] = []

    def note(file: object, data: bytes, settings: Settings) -> object:
        prepared.append(file.id)  # type: ignore[attr-defined]
        return prepare(file, data, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "recipe", lambda: "another")
    monkeypatch.setattr(preparing, "prepare", note)
    report = build_index([corpus], index)
    assert len(prepared) == 3
    assert counts(report) == (0, 0, 0, 3)


def test_the_recipe_covers_all_code_that_takes_part() -> None:
    package = Path(indexer.__file__).parent
    covered = {str(p.relative_to(package)) for p in preparing._files_of_stages(package)}
    assert {"model.py", "passages.py", "store/codec.py", "text/tokenizer.py"} <= covered
    parsing = {str(p.relative_to(package)) for p in (package / "parsing").rglob("*.*")}
    assert {name for name in parsing if name.endswith((".py", ".tsv"))} <= covered


def test_the_recipe_refuses_a_place_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "_STAGES", ("gone.py",))
    with pytest.raises(FileNotFoundError):
        list(preparing._files_of_stages(Path(indexer.__file__).parent))


# --- rebuilding, damage, failure ---------------------------------------------------------------


def test_rebuild_gives_the_same_index(corpus: Path, index: Path) -> None:
    first = build_index([corpus], index)
    with Store.open(index) as store:
        before = store.versions()
    report = build_index([corpus], index, rebuild=True)
    assert counts(report) == (0, 0, 0, 3)
    assert report.generation == first.generation + 1
    with Store.open(index) as store:
        assert store.versions() == before


def test_rebuild_makes_all_arrays_anew(corpus: Path, index: Path) -> None:
    def segments() -> set[str]:
        return {path.name for path in (index / "arrays").glob("*.seg")}

    build_index([corpus], index)
    before = segments()
    build_index([corpus], index)
    assert before == segments()
    build_index([corpus], index, rebuild=True)
    assert before.isdisjoint(segments())
    assert segments()


def test_rebuild_keeps_articles_of_other_paths(corpus: Path, tmp_path: Path, index: Path) -> None:
    write(tmp_path, "other/a.txt", "A\n\nSome words.\n")
    build_index([corpus, tmp_path / "other"], index)
    report = build_index([corpus], index, rebuild=True)
    assert (report.articles, report.removed) == (4, 0)
    assert texts(index)["a"] == "Some words."


@pytest.mark.parametrize("pattern", ["*.toc", "*.entry.col", "*.payload.col", "*.trm"])
def test_rebuild_mends_a_damaged_store(corpus: Path, index: Path, pattern: str) -> None:
    build_index([corpus], index)
    before = texts(index)
    (path,) = (index / "store").glob(pattern)
    data = bytearray(path.read_bytes())
    for at in range(0, len(data), 7):
        data[at] ^= 0xFF
    path.write_bytes(data)
    shutil.rmtree(index / "copies")
    shutil.rmtree(index / "arrays")
    with pytest.raises(IndexDamaged, match="--rebuild"):
        build_index([corpus], index)
    report = build_index([corpus], index, rebuild=True)
    assert report.articles == 3
    assert texts(index) == before


def test_a_damaged_article_of_another_path_is_reported_by_rebuild(
    corpus: Path, tmp_path: Path, index: Path
) -> None:
    write(tmp_path, "other/a.txt", "A\n\nSome words.\n")
    build_index([tmp_path / "other"], index)
    (path,) = (index / "store").glob("*.payload.col")
    path.write_bytes(b"?" + path.read_bytes()[1:])
    report = build_index([corpus], index, rebuild=True)
    assert report.articles == 3
    assert "damaged" in str(report.skipped[0])


@pytest.mark.parametrize("steps", range(0, 14, 2))
def test_a_full_disk_is_one_line_and_leaves_the_index(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    build_index([corpus], index)
    before = texts(index)
    write(corpus, "elavil.txt", "Elavil\n\nOther words.\n")
    left = steps
    fsync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        try:
            build_index([corpus], index)
            said = ""
        except PilcrowError as error:
            said = str(error)
    assert "\n" not in said
    assert not said or "no space left" in said
    assert texts(index) in (before, {**before, "elavil": "Other words."})
    assert build_index([corpus], index).articles == 3


@pytest.mark.parametrize("most", [0, 10, 300, 3_000, 12_000])
def test_files_that_can_not_grow_are_one_line(corpus: Path, index: Path, most: int) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    said = ""
    try:
        build_index([corpus], index)
    except PilcrowError as error:
        said = str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not said or (said.startswith(str(index)) and "file too large" in said)
    assert said or most > 300
    assert build_index([corpus], index).articles == 3


def test_lost_digests_cost_time_only(corpus: Path, index: Path) -> None:
    first = build_index([corpus], index)
    for content in ("", "null", "{}", '{"generation": 1, "digests": 7}', "\x00", "[" * 100_000):
        (index / "digests.json").write_text(content)
        (index / "roots.json").write_text(content)
        report = build_index([corpus], index)
        assert counts(report) == (0, 0, 0, 3)
        assert report.generation == first.generation


def test_another_writer_is_waited_for_by_the_user(corpus: Path, index: Path) -> None:
    with writing(index), pytest.raises(IndexBusy):
        build_index([corpus], index)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
def test_a_file_that_takes_for_ever_is_told_and_keeps_its_articles(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index([corpus], index)
    write(corpus, "guides/dose.md", ">===\n!!! note\n===\n===\n" * 600)  # grows with the square
    write(corpus, "guides/use.txt", "Use\n\nTake it in the morning.\n")
    monkeypatch.setattr(preparing, "_PATIENCE", 0.2)
    report = build_index([corpus], index)
    (skipped,) = report.skipped
    assert "not read after 0 s of processor time" in str(skipped)
    with indexer.open_index(index) as opened:
        assert [ref.id for ref in opened.articles()] == ["elavil", "guides/dose", "guides/use"]
        assert [opened.count(word) for word in ("10", "morning", "note")] == [1, 1, 0]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
