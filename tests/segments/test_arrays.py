"""Arrays on disk: what is damaged is noticed, what changed is refreshed, what is open stays."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import build_index, open_index
from indexer.model import Article, Block, Kind, Passage, Span
from indexer.passages import split
from indexer.segments.container import BLOCK, Container, ContainerDamaged, write_container
from indexer.segments.refresh import refresh
from indexer.segments.segment import Segment
from indexer.segments.snapshot import VERSION, Snapshot, open_snapshot
from indexer.segments.strings import Strings, encode_all, pack_strings
from indexer.sorted_arrays import Array
from indexer.store.codec import Packed, Stored, pack
from indexer.store.reader import Store
from indexer.text.tokenizer import tokenize


@dataclass
class Shelf(Store):
    """A store in memory."""

    generation: int = 0
    articles: dict[str, Stored] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Of the commit that it stands for."""
        return f"shelf {self.generation}"

    def put(self, article_id: str, *paragraphs: str) -> None:
        text = "\n\n".join(("Title", "Heading", *paragraphs))
        blocks = [Block("title", 0, Span(0, 5), ()), Block("heading", 1, Span(7, 14), ())]
        at = 16
        for p in paragraphs:
            blocks.append(Block("paragraph", 0, Span(at, at + len(p)), ("Heading",)))
            at += len(p) + 2
        article = Article(article_id, "Title", "", "en", text, tuple(blocks))
        self.articles[article_id] = Stored(article, split(article))
        self.generation += 1

    def drop(self, article_id: str) -> None:
        del self.articles[article_id]
        self.generation += 1

    def versions(self) -> dict[str, str]:
        return {one.entry.article_id: one.entry.version for one in self.packed(self.articles)}

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        for article_id in article_ids:
            stored = self.articles[article_id]
            yield pack(stored.article, stored.passages, source="", root="")


def words(snapshot: Snapshot) -> dict[str, list[str]]:
    """Article id → texts of its passages, as the arrays have them."""
    found = {}
    for article_id, (part, number) in snapshot.articles_by_id.items():
        segment = snapshot.parts[part].segment
        found[article_id] = [segment.passage(n).text for n in segment.article_passages(number)]
    return found


def texts(shelf: Shelf) -> dict[str, list[str]]:
    return {k: [p.text for p in s.passages] for k, s in sorted(shelf.articles.items())}


# --- containers --------------------------------------------------------------------------------


def test_arrays_come_back(tmp_path: Path) -> None:
    arrays: dict[str, Array] = {
        "a": np.arange(200_000, dtype=np.uint32),
        "none": np.zeros(0, np.uint8),
    }
    write_container(tmp_path / "x", arrays, {"n": 1})
    container = Container(tmp_path / "x")
    assert container.facts == {"n": 1}
    assert (container["a"] == arrays["a"]).all()
    assert container["none"].size == 0


@pytest.mark.parametrize("size", [0, 7, 20, 300, -1])
def test_a_cut_file_is_noticed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x"
    write_container(path, {"a": np.arange(50_000)}, {})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ContainerDamaged):
        assert Container(path)["a"].size


def test_every_flipped_byte_of_an_array_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_container(path, {"a": np.arange(3 * BLOCK // 8)}, {})
    raw = path.read_bytes()
    for at in range(len(raw) - 3 * BLOCK + 11, len(raw), BLOCK // 3):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        container = Container(path)
        with pytest.raises(ContainerDamaged):
            assert container["a"].size


def test_only_the_blocks_that_are_read_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_container(path, {"a": np.arange(3 * BLOCK // 8)}, {})
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    container = Container(path)
    container.check("a", 0, 100)
    container.take("a", np.array([5, BLOCK // 8 + 1]))
    with pytest.raises(ContainerDamaged):
        container.take("a", np.array([5, 3 * BLOCK // 8 - 1]))


@given(
    st.lists(st.text("abcé糖", max_size=5), max_size=300),
    st.lists(st.tuples(st.text("abcé糖z", max_size=6), st.integers(0, 300), st.integers(0, 300))),
)
def test_searching_packed_strings_is_bisecting(
    words: list[str], asked: list[tuple[str, int, int]]
) -> None:
    ordered = sorted(words)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        write_container(path, pack_strings("s", ordered), {})
        packed = Strings(Container(path), "s")
        assert packed[:] == ordered
        for word, a, b in asked:
            low, high = sorted((min(a, len(ordered)), min(b, len(ordered))))
            at = bisect_left(ordered, word, low, high)
            assert packed.find(word, low, high) == (
                at if word in ordered[at : at + 1] and at < high else -1
            )
            assert packed.bisect(word) == bisect_left(ordered, word)
            begin, end = packed.prefix_range(word)
            assert ordered[begin:end] == [w for w in ordered if w.startswith(word)]


# --- snapshots ---------------------------------------------------------------------------------


def test_a_snapshot_holds_what_the_store_holds(tmp_path: Path) -> None:
    shelf = Shelf()
    for i in range(5):
        shelf.put(f"a{i}", f"Paragraph {i} on pain.", "Another, on sleep. It has two sentences.")
    refresh(shelf, tmp_path)
    opened = open_snapshot(tmp_path, shelf.generation, shelf.identity)
    assert opened is not None
    assert words(opened) == texts(shelf)
    assert [p.sums[0] for p in opened.parts] == [10]


def test_a_heading_over_two_lines_is_one_section(tmp_path: Path) -> None:
    """Its line end must not part the section path, which arrays keep a heading a line."""
    shelf = Shelf(1)
    text = "A heading\n\nof two lines\n\nSome text."
    section = ("A heading of two lines",)
    blocks = (
        Block("heading", 1, Span(0, 23), ()),
        Block("paragraph", 0, Span(25, 35), section),
    )
    article = Article("a", "Title", "", "en", text, blocks)
    stored = Stored(article, split(article))
    shelf.articles["a"] = stored
    snapshot = refresh(shelf, tmp_path)
    segment = snapshot.parts[0].segment
    assert segment.passage(0) == stored.passages[0]
    assert segment.passage(0).section == section
    assert [segment.unit_text(1 + head) for head in segment.heads_above(0)] == list(section)


def test_a_heading_has_no_passage_below_it_that_is_in_no_section(tmp_path: Path) -> None:
    """Notes at the end belong to none, though the last heading stands above them."""
    shelf = Shelf(1)
    shelf.put("a", "Text below the heading.", "A note.")
    stored = shelf.articles["a"]
    *blocks, note = stored.article.blocks
    article = replace(stored.article, blocks=(*blocks, replace(note, section=())))
    shelf.articles["a"] = Stored(article, split(article))
    segment = refresh(shelf, tmp_path).parts[0].segment
    assert [segment.passage(n).section for n in (0, 1)] == [("Heading",), ()]
    (heading,) = segment.heads_above(0)
    assert [int(segment.column(f"head.{name}")[heading]) for name in ("first", "last")] == [0, 1]


def test_changes_go_into_one_small_segment_and_are_merged_in_time(tmp_path: Path) -> None:
    shelf = Shelf()
    for i in range(200):
        shelf.put(f"a{i:03}", f"Paragraph {i} on pain.")
    before = refresh(shelf, tmp_path)
    base = before.parts[0].segment.container.path
    for i in range(8):
        shelf.put(f"a{i:03}", f"Paragraph {i} was changed.")
        after = refresh(shelf, tmp_path)
        assert words(after) == texts(shelf)
        assert len(after.parts) == 2
        assert after.parts[0].segment.container.path == base  # what did not change stays
    shelf.drop("a150")
    dropped = refresh(shelf, tmp_path)
    assert "a150" not in dropped.articles_by_id
    for i in range(12):
        shelf.put(f"a{i:03}", f"Paragraph {i} was changed again.")
    merged = refresh(shelf, tmp_path)
    assert len(merged.parts) == 1
    assert words(merged) == texts(shelf)


def test_merged_segments_are_those_that_all_articles_would_have_at_once(tmp_path: Path) -> None:
    shelf = Shelf()
    for i in range(80):
        shelf.put(f"a{i:03}", f"Paragraph {i} on pain-free sleep.", "Another one.")
    for name in ODD:
        put_odd(shelf, name)
    refresh(shelf, tmp_path / "by and by")
    (tmp_path / "at once").mkdir()
    compared = 0
    for i in range(8):  # the fifth is more than a twentieth
        shelf.put(f"a{i:03}", f"Paragraph {i} was well-changed.", "Ein Absatz.")
        by_and_by = refresh(shelf, tmp_path / "by and by")
        at_once = refresh(shelf, tmp_path / "at once", fresh=True)
        assert words(by_and_by) == words(at_once)
        if len(by_and_by.parts) == 1:
            paths = [one.parts[0].segment.container.path for one in (by_and_by, at_once)]
            assert paths[0].read_bytes() == paths[1].read_bytes()
            compared += 1
    assert compared
    assert len(by_and_by.parts) == 2


def test_an_open_snapshot_outlives_the_files_that_it_maps(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("a", "Old words.")
    old = refresh(shelf, tmp_path)
    shelf.put("a", "New words.")
    new = refresh(shelf, tmp_path)
    assert words(old) == {"a": ["Old words."]}
    assert words(new) == {"a": ["New words."]}
    assert len(list((tmp_path / "arrays").iterdir())) == 2  # one manifest, one segment


def test_a_damaged_manifest_or_segment_is_rebuilt(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("a", "Some words.")
    refresh(shelf, tmp_path)
    for name in ("snapshot-*", "*.seg"):
        (path,) = (tmp_path / "arrays").glob(name)
        path.write_bytes(b"nonsense")
        assert open_snapshot(tmp_path, shelf.generation, shelf.identity) is None
        assert words(refresh(shelf, tmp_path)) == {"a": ["Some words."]}


def test_a_snapshot_of_another_version_is_rebuilt(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("a", "Some words.")
    refresh(shelf, tmp_path)
    (manifest,) = (tmp_path / "arrays").glob("snapshot-*")
    facts = Container(manifest).facts
    assert facts["version"] == VERSION
    write_container(manifest, {}, {**facts, "version": "3.1"})
    assert open_snapshot(tmp_path, shelf.generation, shelf.identity) is None
    assert words(refresh(shelf, tmp_path)) == {"a": ["Some words."]}


def test_a_full_disk_leaves_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    shelf.put("a", "Old words.")
    refresh(shelf, tmp_path)
    held = shelf.generation

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    shelf.put("a", "New words.")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            refresh(shelf, tmp_path)
    old = open_snapshot(tmp_path, held, None)
    assert old is not None
    assert words(old) == {"a": ["Old words."]}
    assert not list((tmp_path / "arrays").glob("*.part"))


@pytest.mark.parametrize(
    "left", ["snapshot-{}.4711.part", "snapshot-99.4711.part", "snapshot-of-mine"]
)
def test_what_a_killed_writer_left_is_passed_over_and_removed(tmp_path: Path, left: str) -> None:
    """As when the process ends while a manifest is being written."""
    (tmp_path / "a.md").write_text("# A\n\nPain at night.\n", "utf-8")
    index = tmp_path / "index"
    report = build_index([tmp_path / "a.md"], index)
    stray = index / "arrays" / left.format(report.generation)
    stray.write_bytes(b"half")
    for manifest in (index / "arrays").glob("snapshot-[0-9]"):
        manifest.unlink()
    with open_index(index) as opened:
        assert opened.search("pain").total == 1
    (tmp_path / "a.md").write_text("# A\n\nPain by day.\n", "utf-8")
    build_index([tmp_path / "a.md"], index)
    assert not stray.exists()


# --- tokens ------------------------------------------------------------------------------------

ODD = {
    "astral": ("en", "𝐏𝐚𝐢𝐧 and 😀 pain, e\u0301t 👩‍⚕️ pain.", "Pain" + "—" * 300 + "pain and pain."),
    "empty": ("en", "***", "One two.", "—"),
    "french": ("fr", "Des douleurs, de la douleur " + "très " * 600 + "vive."),
    "long": ("en", "é" + " pain 😀 relieved" * 5_000 + ". " * 200 + "The end of 糖尿病 is near."),
}


def put_odd(shelf: Shelf, name: str) -> None:
    """An article whose passages are as long as they like, the last of them boilerplate."""
    language, *paragraphs = ODD[name]
    text = "\n\n".join(("Title", *paragraphs, "Home"))
    spans, at = [Span(0, 5)], 7
    for paragraph in (*paragraphs, "Home"):
        spans.append(Span(at, at + len(paragraph)))
        at = spans[-1].end + 2
    kinds: list[Kind] = ["title", *["paragraph"] * len(paragraphs), "boilerplate"]  # type: ignore[list-item]
    article = Article(name, "Title", "", language, text, tuple(
        Block(kind, 0, span, ()) for kind, span in zip(kinds, spans)
    ))  # fmt: skip
    passages = tuple(
        Passage(f"{zlib.crc32(f'{name} {n}'.encode()):016x}", f"p-{n}", name, (), kind, n, span,
                span.of(text))
        for n, (kind, span) in enumerate(zip(kinds, spans)) if kind != "title"
    )  # fmt: skip
    shelf.articles[name] = Stored(article, passages)
    shelf.generation += 1


def test_tokens_are_those_of_the_texts(tmp_path: Path) -> None:
    """In a unit of more than 65,535 code points too, and far from the token before."""
    shelf = Shelf()
    for name in ODD:
        put_odd(shelf, name)
    for number in range(60):
        shelf.put(f"more{number}", "Pain of the back.", "Painful.")
    refresh(shelf, tmp_path)
    put_odd(shelf, "french")
    stored = shelf.articles["french"]
    shelf.articles["french"] = replace(stored, article=replace(stored.article, url="/changed"))
    snapshot = refresh(shelf, tmp_path)
    assert len(snapshot.parts) == 2
    assert words(snapshot) == texts(shelf)
    for part in snapshot.parts:
        segment = part.segment
        every = np.arange(segment.tokens)
        bounds = segment.unit_tokens.tolist()
        numbers = segment.forms_at(every)
        assert (segment.forms_between(0, segment.tokens) == numbers).all()
        forms = [segment.vocabulary.forms[n] for n in numbers.tolist()]
        starts = segment.starts_at(every).tolist()
        for unit, (first, end) in enumerate(pairwise(bounds)):
            expected = tokenize(segment.unit_text(unit))
            assert forms[first:end] == expected.forms
            assert starts[first:end] == expected.starts
        few = every[::-97]
        assert segment.starts_at(few).tolist() == starts[::-97]
        for form in range(len(segment.vocabulary.forms)):
            found = segment.positions(form, form + 1)
            assert found.tolist() == np.flatnonzero(numbers == form).tolist()


# --- tables ------------------------------------------------------------------------------------


def test_passages_of_tokens_skip_passages_without_words(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("a", "***", "One two three.", "—", "Four.")
    segment = refresh(shelf, tmp_path).parts[0].segment
    every = np.arange(segment.content_end)
    found = [segment.passage(int(n)).text for n in segment.unit_of(every)]
    assert found == ["One two three."] * 3 + ["Four."]


def test_heads_know_what_is_below_them_and_what_stands_for_them(tmp_path: Path) -> None:
    """By number of `#`: a heading of that level; `!` is boilerplate, the rest are paragraphs."""
    lines = ["#a", "##b", "One.", "#c", "!menu", "##d", "#e", "Two.", "!foot", "#f", "##g"]
    shelf = Shelf()
    shelf.put("before", "Other.")
    blocks: list[Block] = []
    text, path = "", tuple[str, ...]()
    for line in lines:
        level = line.count("#")
        path = (*path[: level - 1], line) if level else path
        kind: Kind = "heading" if level else "boilerplate" if line[0] == "!" else "paragraph"
        section = () if kind == "boilerplate" else path[:-1] if level else path
        blocks.append(Block(kind, level, Span(len(text), len(text) + len(line)), section))
        text += line + "\n\n"
    one = Article("headed", "Title", "", "en", text, tuple(blocks))
    shelf.articles["headed"] = Stored(one, split(one))
    segment = refresh(shelf, tmp_path).parts[0].segment
    title = int(segment.column("article.head")[segment.article_ids.find("headed")])
    heads = [segment.unit_text(segment.passages + n) for n in range(title, segment.heads)]
    assert heads == ["Title", "#a", "##b", "#c", "##d", "#e", "#f", "##g"]

    def texts_of(first: int, last: int) -> list[str]:
        return [segment.passage(n).text for n in range(first, last)]

    def column(name: str) -> list[int]:
        found: list[int] = segment.column(f"head.{name}")[title:].tolist()
        return found

    below = [texts_of(*edges) for edges in zip(column("first"), column("last"))]
    assert below == [["One.", "Two."], ["One."], ["One."], [], [], ["Two."], [], []]
    edges = zip(column("boilerplate_first"), column("boilerplate_last"))
    apart = [texts_of(segment.contents + a, segment.contents + b) for a, b in edges]
    assert apart == [["!menu", "!foot"], [], [], ["!menu"], [], ["!foot"], [], []]
    stand_in = [texts_of(n, n + 1) if n >= 0 else [] for n in column("stand_in")]
    assert stand_in == [[], [], [], ["Two."], ["Two."], [], ["Two."], ["Two."]]
    assert column("level") == [0, 1, 2, 1, 2, 1, 1, 2]
    parents = [n - title if n >= 0 else n for n in column("parent")]
    assert parents == [-1, -1, 1, -1, 3, -1, -1, 6]


def test_segment_files_refuse_another_version(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    path.write_bytes(b"PILCROW\x00" + bytes(100))
    with pytest.raises(ContainerDamaged):
        Segment(path)


@given(st.lists(st.text(st.characters(), max_size=5), max_size=9))
def test_strings_are_packed_in_utf_8(strings: list[str]) -> None:
    raw, sizes = encode_all(strings)
    each = [s.encode("utf-8", "surrogatepass") for s in strings]
    assert raw == b"".join(each)
    assert sizes.tolist() == list(map(len, each))
