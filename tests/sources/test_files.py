"""Reading: which files belong to a corpus, what they are called, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.errors import SourceError, UsageError
from indexer.model import Source
from indexer.settings import Settings
from indexer.sources.files import File, find, read, sources

LIMIT = 1000


def write(folder: Path, *names: str) -> None:
    """Makes files, each holding its own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")


def ids(*paths: Path, roots: dict[str, str] | None = None) -> dict[str, str]:
    """Article id by file name below the first path."""
    base = paths[0] if paths[0].is_dir() else paths[0].parent
    files = find(paths, roots or {}).files
    return {os.path.relpath(file.source, base): file.id for file in files}


# --- ids ---------------------------------------------------------------------------------------


def test_an_id_is_the_path_below_the_root_slugged_by_folder(tmp_path: Path) -> None:
    write(tmp_path, "Elavil for Pain.txt", "Drug Guides/2024/Dose & Use.md")
    assert ids(tmp_path) == {
        "Elavil for Pain.txt": "elavil-for-pain",
        "Drug Guides/2024/Dose & Use.md": "drug-guides/2024/dose-use",
    }


def test_txt_wins_a_clash_and_others_keep_their_suffix(tmp_path: Path) -> None:
    write(tmp_path, "dose.html", "dose.md", "dose.txt", "use.html", "use.md", "alone.md")
    assert ids(tmp_path) == {
        "alone.md": "alone",
        "dose.html": "dose.html",
        "dose.md": "dose.md",
        "dose.txt": "dose",
        "use.html": "use.html",
        "use.md": "use.md",
    }


def test_formats_read_since_later_keep_their_suffix_and_take_no_id(tmp_path: Path) -> None:
    write(tmp_path, "use.md", "use.mdx", "use.rst", "use.adoc", "notes.Rmd", "old.rst.txt")
    assert ids(tmp_path) == {
        "use.md": "use",
        "use.mdx": "use.mdx",
        "use.rst": "use.rst",
        "use.adoc": "use.adoc",
        "notes.Rmd": "notes.rmd",
        "old.rst.txt": "old-rst",
    }


def test_files_that_differ_in_case_or_punctuation_alone_have_ids_of_their_own(
    tmp_path: Path,
) -> None:
    write(tmp_path, "a b.txt", "a-b.txt", "A_B.txt")
    assert len(set(ids(tmp_path).values())) == 3


def test_a_file_given_alone_has_its_folder_as_root_and_its_neighbours_count(
    tmp_path: Path,
) -> None:
    write(tmp_path, "sub/dose.md", "sub/dose.txt")
    (file,) = find(tmp_path / "sub" / "dose.md").files
    assert (file.id, file.root) == ("dose.md", str(tmp_path / "sub"))


def test_a_wider_root_known_from_before_goes_before(tmp_path: Path) -> None:
    write(tmp_path, "sub/dose.txt", "sub/new.txt")
    known = {str(tmp_path / "sub" / "dose.txt"): str(tmp_path)}
    assert ids(tmp_path / "sub" / "dose.txt", roots=known) == {"dose.txt": "sub/dose"}
    assert ids(tmp_path / "sub", roots=known) == {"dose.txt": "sub/dose", "new.txt": "sub/new"}


def test_a_root_of_other_files_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "note.txt", "corpus/dose.txt")
    known = {str(tmp_path / "note.txt"): str(tmp_path)}
    assert ids(tmp_path / "corpus", roots=known) == {"dose.txt": "dose"}


def test_a_narrower_root_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "sub/dose.txt")
    known = {str(tmp_path / "sub" / "dose.txt"): str(tmp_path / "sub")}
    assert ids(tmp_path, roots=known) == {"sub/dose.txt": "sub/dose"}


# --- listing -----------------------------------------------------------------------------------


def test_hidden_files_and_unknown_formats_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", ".b.txt", ".git/c.txt", "~$d.docx", "e.pdf", "f", "sub/.g/h.md")
    listing = find(tmp_path)
    assert [file.path for file in listing.files] == [str(tmp_path / "a.txt")]
    assert listing.problems == []


def test_the_order_depends_on_names_alone(tmp_path: Path) -> None:
    names = ["b/z.txt", "b.txt", "a.txt", "b/a/x.txt", "c.txt"]
    write(tmp_path / "one", *names)
    write(tmp_path / "two", *reversed(names))
    assert list(ids(tmp_path / "one")) == list(ids(tmp_path / "two"))


def test_a_file_is_listed_once_however_often_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt")
    found = find([tmp_path / "b.txt", tmp_path, tmp_path / "." / "a.txt"]).files
    assert [os.path.basename(file.source) for file in found] == ["b.txt", "a.txt"]


def test_paths_are_shown_as_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "corpus/a.txt")
    monkeypatch.chdir(tmp_path)
    (file,) = find("corpus").files
    assert file == File("corpus/a.txt", str(tmp_path / "corpus/a.txt"), file.root, "a", "txt")
    (alone,) = find("corpus/a.txt").files
    assert alone == file


def test_a_hidden_file_may_be_named_explicitly(tmp_path: Path) -> None:
    write(tmp_path, ".draft.txt")
    assert [file.id for file in find(tmp_path / ".draft.txt").files] == ["draft"]


@pytest.mark.parametrize("name", ["a.pdf", "README"])
def test_an_unknown_format_named_explicitly_is_reported(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    listing = find(tmp_path / name)
    assert listing.files == []
    (problem,) = listing.problems
    assert ".txt" in problem.remedy


def test_links_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    write(tmp_path, "corpus/sub/a.txt", "elsewhere/b.txt")
    (tmp_path / "corpus/sub/up").symlink_to(tmp_path / "corpus")
    (tmp_path / "corpus/again").symlink_to(tmp_path / "corpus/sub")
    (tmp_path / "corpus/linked").symlink_to(tmp_path / "elsewhere")
    followed = [file.id for file in find(tmp_path / "corpus", follow_links=True).files]
    assert followed == ["linked/b", "sub/a"]
    assert list(ids(tmp_path / "corpus")) == ["sub/a.txt"]


@pytest.mark.parametrize("path", ["missing", "missing/a.txt", "a.txt/b.txt", "nul\0.txt"])
def test_a_path_that_does_not_exist_is_refused(tmp_path: Path, path: str) -> None:
    write(tmp_path, "a.txt")
    with pytest.raises(UsageError) as raised:
        find(os.path.join(tmp_path, path))
    assert "\n" not in str(raised.value)


def test_no_path_at_all_is_refused() -> None:
    with pytest.raises(UsageError):
        find([])


def test_a_folder_that_cannot_be_listed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.txt", "shut/b.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    listing = find(tmp_path)
    assert [file.id for file in listing.files] == ["a"]
    assert listing.unlisted == [str(tmp_path / "shut")]
    assert "permission denied" in str(listing.problems[0])


# --- bytes -------------------------------------------------------------------------------------


def the_file(path: Path) -> File:
    return File(str(path), str(path), str(path.parent), "a", "txt")


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\x00 caf\xe9\r\n")
    expected = Source(str(tmp_path / "a.txt"), "a", "txt", b"\xff\x00 caf\xe9\r\n")
    assert read(the_file(tmp_path / "a.txt"), LIMIT) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b" \n\t\r\n", "empty"), (b"x" * (LIMIT + 1), "limit of 1,000")],
)
def test_empty_and_too_large_files_are_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(SourceError, match=reason):
        read(the_file(tmp_path / "a.txt"), LIMIT)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * LIMIT)
    assert len(read(the_file(tmp_path / "a.txt"), LIMIT).data) == LIMIT


def test_what_became_of_a_file_since_it_was_listed_is_no_traceback(tmp_path: Path) -> None:
    write(tmp_path, "gone.txt", "folder.txt", "pipe.txt")
    listed = find(tmp_path).files
    for name in ("gone.txt", "folder.txt", "pipe.txt"):
        (tmp_path / name).unlink()
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    for file in listed:
        with pytest.raises(SourceError) as raised:
            read(file, LIMIT)
        assert str(raised.value).startswith(file.path + ": ")


def test_sources_go_on_after_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "c.txt", "d.pdf")
    (tmp_path / "b.txt").symlink_to(tmp_path / "nowhere")
    found = list(sources([tmp_path, tmp_path / "d.pdf"], Settings()))
    assert [type(one).__name__ for one in found] == [
        "SourceError",
        "Source",
        "SourceError",
        "Source",
    ]
