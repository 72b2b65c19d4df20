"""Archives: what is in them, and what hostile ones meet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats import zip as archive
from indexer.parsing.formats.dispatch import ParsedFile, parse
from indexer.settings import Settings

TEXT = b"The first dose is taken at night, the next one a day later."


def packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return buffer.getvalue()


def parsed(files: Mapping[str, bytes], settings: Settings | None = None) -> ParsedFile:
    source = Source("all.zip", "all", "zip", packed(files))
    return parse(source, settings or Settings())


def test_files_of_known_formats_become_articles() -> None:
    found = parsed(
        {
            "a.txt": TEXT,
            "Deep Folder/Dose Notes.md": b"# Dose\n\ntext",
            "r.jsonl": b'{"id": "own", "text": "Some words."}',
            "picture.png": b"\x89PNG",
            ".hidden/b.txt": TEXT,
            "__MACOSX/._a.txt": b"\x00\x05",
            "empty/": b"",
        }
    )
    assert [a.id for a in found.articles] == ["all/a", "all/deep-folder/dose-notes", "own"]
    assert not found.problems


def test_clashing_names_keep_their_suffix() -> None:
    found = parsed({"dose.md": b"text", "dose.txt": TEXT, "dose.html": b"<p>text"})
    assert [a.id for a in found.articles] == ["all/dose.md", "all/dose", "all/dose.html"]


def test_zip_within_a_zip_is_opened_but_not_for_ever() -> None:
    inner = packed({"a.txt": TEXT})
    assert [a.id for a in parsed({"in.zip": inner}).articles] == ["all/in/a"]
    with pytest.raises(SourceError, match="nested more than 2 deep"):
        parsed({"out.zip": packed({"in.zip": inner})})


@pytest.mark.parametrize(
    "name", ["../a.txt", "/etc/a.txt", "a/../../b.txt", "C:/a.txt", "..\\a.txt"]
)
def test_names_that_lead_out_are_refused_and_the_rest_kept(name: str) -> None:
    found = parsed({name: TEXT, "good.txt": TEXT})
    assert [a.id for a in found.articles] == ["all/good"]
    assert [p.reason for p in found.problems] == ["its name leads out of the archive"]


def test_bad_file_is_reported_by_its_place_in_the_archive() -> None:
    found = parsed({"bad.html": b"<script>x</script>", "good.txt": TEXT})
    assert [str(p).split(";")[0] for p in found.problems] == ["all.zip!bad.html: holds no text"]


def test_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = {"bomb.txt": b"0" * 8_000_000, "good.txt": TEXT}
    found = parsed(bomb)
    assert [a.id for a in found.articles] == ["all/good"]
    assert "far more than it is packed in" in str(found.problems[0])
    monkeypatch.setattr(archive, "MAX_BYTES", 1_000_000)
    with pytest.raises(SourceError, match="unpacks to 8,000,059 bytes, 1,000,000 at most"):
        parsed(bomb)


def test_size_that_lies_does_not_help_a_bomb() -> None:
    data = bytearray(packed({"a.txt": b"0" * 100_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(SourceError, match="can't be unpacked"):
        parse(Source("all.zip", "all", "zip", bytes(data)))


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 2)
    with pytest.raises(SourceError, match="holds 3 files, 2 at most"):
        parsed({"a.txt": TEXT, "b.txt": TEXT, "c.txt": TEXT})


def test_file_above_the_limit_of_the_settings_is_refused() -> None:
    found = parsed({"a.txt": TEXT * 20, "b.txt": TEXT}, Settings(max_file_bytes=500))
    assert [a.id for a in found.articles] == ["all/b"]


def test_encrypted_file_is_refused() -> None:
    data = bytearray(packed({"a.txt": TEXT}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    with pytest.raises(SourceError, match="is encrypted"):
        parse(Source("all.zip", "all", "zip", bytes(data)))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip", packed({"a.txt": TEXT})[:-30]])
def test_damaged_archive_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="can't be unpacked"):
        parse(Source("all.zip", "all", "zip", data))


def test_archive_without_articles_is_refused() -> None:
    with pytest.raises(SourceError, match="holds no article"):
        parsed({"picture.png": b"x"})
