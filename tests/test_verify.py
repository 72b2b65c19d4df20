"""`verify` finds nothing in a sound index, and each kind of damage in one that is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from indexer import Index, build_index, open_index
from indexer.errors import IndexDamaged
from indexer.model import Block, Span
from indexer.segments import inverter
from indexer.segments.container import Container, write_container
from indexer.segments.refresh import refresh
from indexer.sorted_arrays import Array
from indexer.store import writer as transactions
from indexer.store.codec import (
    Entry,
    PackedLedger,
    Rows,
    Stored,
    decode,
    pack,
    pack_records,
)
from indexer.store.reader import Store
from indexer.store.writer import writing
from indexer.verify import Verification
from tests.helpers.command_line import failure, pilcrow
from tests.helpers.effort import NIGHTLY, seeds
from tests.helpers.indexed import apart

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
        " well-known book. Do not read the news.\n\nSubscribe to our newsletter\n"
    ),
    "schmerz.md": (
        "---\nlang: de\n---\n# Schmerz\n\nDer Schmerz ist stark. Die Schmerzen bleiben.\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an index of a few articles is, whose sources stand beside it."""
    source = tmp_path / "articles"
    source.mkdir()
    for name, text in ARTICLES.items():
        (source / name).write_text(text, encoding="utf-8")
    build_index([source], tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def parted(folder: Path) -> Path:
    """The same in two segments, of which the first has articles that are gone."""
    source = folder.parent / "articles"
    for i in range(30):
        (source / f"more-{i}.txt").write_text(f"More {i}\n\nMore of the well-known pain {i}.\n")
    build_index([source], folder)
    (source / "more-3.txt").write_text("More\n\nA new text without-a-word of pain.\n")
    (source / "more-4.txt").unlink()
    with apart():
        build_index([source], folder)
    with open_index(folder) as opened:
        assert len(opened._snapshot.parts) == 2
        assert len(opened._snapshot.parts[0].dead) == 2
    return folder


def verified(folder: Path) -> Verification:
    """What is found in the index as it is on disk."""
    with open_index(folder) as opened:
        return opened.verify()


def assert_reported(done: Verification, *words: str) -> None:
    """One of the failures says all these words."""
    assert not done.is_sound
    assert any(all(word in line for word in words) for line in done.failures), done.failures
    assert all("\n" not in line for line in done.failures)


# --- sound indexes -------------------------------------------------------------------------------


def test_corpus_is_sound_and_all_of_it_is_checked(index: Index) -> None:
    done = index.verify()
    assert done.failures == ()
    assert done.is_sound
    name = index.articles()[0].id
    assert done.checked["passages"] == len(index.passages(name))
    assert done.characters == len(index.article(name).text)
    for what in ("articles", "blocks", "segments", "arrays", "tokens", "forms"):
        assert done.checked[what] > 0, what


def test_segments_with_articles_that_are_gone_are_sound(parted: Path) -> None:
    done = verified(parted)
    assert done.failures == ()
    assert done.checked["segments"] == 2
    assert done.checked["records"] > 0


@pytest.mark.parametrize("seed", seeds(2, 20))
def test_index_stays_sound_whatever_is_edited(seed: int, tmp_path: Path) -> None:
    """Passages are copied, moved, edited and removed: ids are kept, and led on in the ledger."""
    chance, source = Random(seed), tmp_path / "articles"
    source.mkdir()
    lines = [f"Take {n} mg of it at night, and not more." for n in range(6)] + ["Stop.", "## Dose"]
    names = [f"{n}.md" for n in range(8)]
    for _ in range(8):
        for name in chance.sample(names, 3):
            text = "\n\n".join([f"# About {name}", *chance.choices(lines, k=chance.randint(1, 7))])
            (source / name).write_text(text, encoding="utf-8")
        (source / chance.choice(names)).unlink(missing_ok=True)
        (source / "always.txt").write_text("Always here\n\nTake it.\n", encoding="utf-8")
        build_index([source], tmp_path / "index")
        assert verified(tmp_path / "index").failures == ()


# --- wrong stores --------------------------------------------------------------------------------


def stored(folder: Path, change: Any) -> Verification:
    """Verify after one article was written again as `change` makes it."""
    with Store.open(folder) as store:
        one = store.load("pain")
    article, passages = change(one)
    with writing(folder) as writer:
        writer.add(pack(article, passages, source="pain.md", root="articles"))
    return verified(folder)


def test_passage_left_out_of_the_store_is_reported(folder: Path) -> None:
    done = stored(folder, lambda one: (one.article, one.passages[:1] + one.passages[2:]))
    assert_reported(done, "article 'pain'", "text at", "is in no passage or heading")
    assert_reported(done, "article 'pain'", "ordinal")


def test_text_that_is_not_what_the_passages_were_made_of_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        article = replace(
            one.article, text=one.article.text.replace("not the same", "now the same")
        )
        passages = [replace(p, text=p.span.of(article.text)) for p in one.passages]
        return article, passages

    done = stored(folder, change)
    assert done.failed == 1
    assert_reported(done, "article 'pain'", "its id is not made of its words")


def test_same_id_twice_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, second, *rest = one.passages
        return one.article, (first, replace(second, id=first.id), *rest)

    assert_reported(stored(folder, change), "article 'pain'", "has the same id")


def test_wrong_anchor_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, second, *rest = one.passages
        return one.article, (first, replace(second, anchor=first.anchor), *rest)

    assert_reported(stored(folder, change), "passage", "anchor: expected 'side-effects-1'")


@pytest.mark.parametrize("field", [{"kind": "quote"}, {"section": ("Other",)}])
def test_passage_of_another_kind_or_section_than_its_block_is_reported(
    folder: Path, field: dict[str, Any]
) -> None:
    done = stored(folder, lambda one: (one.article, [replace(p, **field) for p in one.passages]))
    assert_reported(done, "passage", "kind and section: expected")


def test_blocks_and_passages_out_of_order_are_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        blocks: tuple[Block, ...] = one.article.blocks
        return replace(one.article, blocks=(blocks[1], blocks[0], *blocks[2:])), one.passages[::-1]

    done = stored(folder, change)
    assert_reported(done, "block 2", "out of order")
    assert_reported(done, "passage 2", "out of order")


def test_overlap_is_reported(folder: Path) -> None:
    def change(one: Stored) -> tuple[Any, Any]:
        first, *rest = one.passages
        span = Span(first.span.start, first.span.end + 5)
        return one.article, (replace(first, span=span, text=span.of(one.article.text)), *rest)

    assert_reported(stored(folder, change), "passage or heading 3", "out of order")


def test_article_that_cannot_be_read_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Store.load

    def load(store: Store, name: str) -> Stored:
        if name == "sleep":
            raise IndexDamaged("the stored article sleep is damaged")
        return honest(store, name)

    monkeypatch.setattr(Store, "load", load)
    done = verified(folder)
    assert_reported(done, "article 'sleep'", "is damaged")
    assert all("sleep" in line for line in done.failures)


# --- wrong ledgers -------------------------------------------------------------------------------


def recorded(folder: Path, **change: Any) -> Verification:
    """Verify after the ledger's record of an edited passage was changed."""
    source = folder.parent / "articles" / "pain.md"
    source.write_text(ARTICLES["pain.md"].replace("takes time", "takes time and rest"))
    build_index([source.parent], folder)
    assert verified(folder).failures == ()
    with Store.open(folder) as store:
        (record,) = store.records("pain").values()
    with writing(folder) as writer:
        writer.keep_records("pain", [replace(record, **change)])
    return verified(folder)


def test_record_that_leads_nowhere_is_reported(folder: Path) -> None:
    done = recorded(folder, target="0123456789abcdef")
    assert_reported(done, "ledger of article 'pain'", "leads to 0123456789abcdef, which is no")


def test_record_that_says_lost_and_leads_somewhere_is_reported(folder: Path) -> None:
    assert_reported(recorded(folder, status="lost"), "ledger of article 'pain'", "is 'lost'")


def lists_another(article_id: str, records: Iterable[Any]) -> PackedLedger:
    packed = pack_records(article_id, records)
    return replace(packed, entry=replace(packed.entry, ids=(*packed.entry.ids, "f" * 16)))


def holds_none(article_id: str, records: Iterable[Any]) -> PackedLedger:
    return replace(pack_records(article_id, records), payload=pack_records(article_id, []).payload)


@pytest.mark.parametrize(
    ("packing", "words"),
    [(lists_another, "lacks records that it lists"), (holds_none, "is damaged")],
)
def test_record_that_is_missing_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, packing: Any, words: str
) -> None:
    monkeypatch.setattr(transactions, "pack_records", packing)
    source = folder.parent / "articles"
    (source / "pain.md").write_text("# Chronic pain\n\nNothing is left of it.\n")
    build_index([source], folder)
    assert_reported(verified(folder), "ledger of article 'pain'", words)


# --- wrong arrays --------------------------------------------------------------------------------


def containers(folder: Path) -> list[Path]:
    """The files of the segments, in the order of the snapshot."""
    with open_index(folder) as opened:
        return [part.segment.container.path for part in opened._snapshot.parts]


def filled(path: Path) -> list[str]:
    """The arrays that are not empty."""
    container = Container(path)
    return [name for name in container.names if container[name].size]


@pytest.mark.slow
def test_flipped_byte_in_any_array_is_reported_or_mended(parted: Path, tmp_path: Path) -> None:
    """An array that is read when the index is opened is mended then; all others are reported."""
    mended = []
    for path in containers(parted)[:1]:
        for name in filled(path):
            copy = tmp_path / "copy"
            shutil.copytree(parted, copy)
            flip(copy / "arrays" / path.name, name)
            with open_index(copy) as opened:
                done = opened.verify()
                if path not in containers_of(opened, parted):
                    mended.append(name)
                    assert done.failures == ()
                else:
                    assert done.failed == 1, (name, done.failures)
                    assert_reported(done, path.name, f"array {name}, block 0: wrong checksum")
            shutil.rmtree(copy)
    assert not {"forms.low", "positions", "starts.low", "text.bytes", "passage.id"} & {*mended}


def flip(path: Path, name: str) -> None:
    """Another first byte in an array."""
    container = Container(path)
    at = container._base + int(container._entries[name]["offset"])
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def containers_of(opened: Index, folder: Path) -> list[Path]:
    """The segments' files, as they are named in the folder that was copied."""
    names = [part.segment.container.path.name for part in opened._snapshot.parts]
    return [folder / "arrays" / name for name in names]


def altered(path: Path, name: str, change: Callable[[Array], None]) -> None:
    """Write a segment again, with right checksums, one array as `change` makes it, and the manifest
    with the digest of that."""
    container = Container(path)
    arrays: dict[str, Array] = {key: container[key].copy() for key in container.names}
    change(arrays[name])
    write_container(path, arrays, container.facts)
    (manifest,) = path.parent.glob("snapshot-*")
    facts = Container(manifest).facts
    facts["segments"] = [
        [name, dead, Container(path).digest if name == path.name else digest]
        for name, dead, digest in facts["segments"]
    ]
    write_container(manifest, {}, facts)


def other_first(array: Array) -> None:
    array[0] ^= 1


def other_last(array: Array) -> None:
    array[-1] ^= 1


@pytest.mark.slow
@pytest.mark.parametrize("change", [other_first, other_last])
@pytest.mark.parametrize("several", [False, True])
def test_wrong_value_in_any_array_is_reported(
    folder: Path, several: bool, change: Callable[[Array], None], request: pytest.FixtureRequest
) -> None:
    """With a right checksum, too; of the segments, the one with articles that are gone.

    By day each array is tried in one of the four ways, by night in all.
    """
    if several:
        request.getfixturevalue("parted")
    path = containers(folder)[0]
    way = 2 * several + (change is other_last)
    (manifest,) = path.parent.glob("snapshot-*")
    for name in filled(path) if NIGHTLY else filled(path)[way::4]:
        whole = {file: file.read_bytes() for file in (path, manifest)}
        altered(path, name, change)
        assert_reported(verified(folder), path.name)
        for file, data in whole.items():
            file.write_bytes(data)


def test_postings_that_leave_out_a_word_are_reported(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("Pain\n\n" + "It pains. No pain. " * 400, "utf-8")
    build_index([tmp_path / "long.txt"], tmp_path / "index")
    assert verified(tmp_path / "index").failures == ()
    (path,) = containers(tmp_path / "index")
    altered(path, "positions", lambda array: array.__setitem__(3, array[4]))
    assert_reported(verified(tmp_path / "index"), "positions", "3 is")


def forgetful(entry: Entry, payload: bytes) -> Rows:
    """An article without its second passage."""
    rows = decode(entry, payload)
    for name in ("ids", "anchors", "sections", "kinds", "ordinals", "starts", "ends"):
        column = getattr(rows, name)
        changed: dict[str, Any] = {name: [*column[:1], *column[2:]]}
        rows = replace(rows, **changed, more={})
    return rows


def test_passage_that_is_missing_in_the_arrays_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder) as store, monkeypatch.context() as patch:
        patch.setattr(inverter, "decode", forgetful)
        refresh(store, folder, fresh=True).close()
    assert_reported(verified(folder), "array passage.id, inverted again, is")


class Forgetful(Store):
    """A store that leaves out an article."""

    def versions(self) -> dict[str, str]:
        return {k: v for k, v in super().versions().items() if k != "pain"}


def test_article_that_is_missing_in_the_arrays_is_reported(folder: Path) -> None:
    with Forgetful.open(folder) as store:
        refresh(store, folder, fresh=True).close()
    assert_reported(verified(folder), "article 'pain'", "is not in the arrays")


def deleted(folder: Path, change: Callable[[list[int]], list[int]]) -> Verification:
    """Verify after the manifest of the snapshot says otherwise which articles are gone."""
    (path,) = (folder / "arrays").glob("snapshot-*")
    manifest = Container(path).facts
    manifest["segments"][0][1] = change(manifest["segments"][0][1])
    write_container(path, {}, manifest)
    return verified(folder)


def test_article_that_is_gone_by_mistake_is_reported(parted: Path) -> None:
    assert_reported(deleted(parted, lambda dead: [0, *dead]), "article", "is not in the arrays")


@pytest.mark.parametrize(
    ("kept", "words"), [(0, ("'more-3'", "twice")), (1, ("'more-4'", "version: expected None"))]
)
def test_article_that_is_not_gone_by_mistake_is_reported(
    parted: Path, kept: int, words: tuple[str, ...]
) -> None:
    """One that was replaced since, and one that was removed."""
    done = deleted(parted, lambda dead: dead[:kept] + dead[kept + 1 :])
    assert_reported(done, "article", *words)


# --- the command ---------------------------------------------------------------------------------


def test_command_says_what_was_checked(folder: Path) -> None:
    shown = pilcrow("verify", "--index", folder).stdout.decode()
    assert shown.endswith("no errors\n")
    assert "articles: 3 articles" in shown
    assert "arrays: 1 segment" in shown


def test_command_leaves_with_1_and_names_the_first_failures(folder: Path) -> None:
    altered(containers(folder)[0], "sentence_starts", other_last)
    done = pilcrow("verify", "--index", folder, code=1)
    assert b"array sentence_starts, inverted again, differs at 1 of" in done.stdout
    assert done.stdout.splitlines()[-1] == b"1 failure"
    shutil.rmtree(folder / "arrays")  # which its help gives as the remedy
    assert pilcrow("verify", "--index", folder).stdout.endswith(b"no errors\n")


def test_command_reports_as_json(folder: Path) -> None:
    answer = json.loads(pilcrow("verify", "--index", folder, "--format", "json").stdout)
    assert answer["proven"] is True
    assert answer["failed"] == len(answer["failures"]) == 0
    assert answer["checked"]["articles"] == 3


def test_command_refuses_what_it_cannot_use(folder: Path, tmp_path: Path) -> None:
    assert "no index" in failure("verify", "--index", tmp_path / "nowhere")
    assert "queries" in failure("verify", "--index", folder, "--queries", "log.txt")
