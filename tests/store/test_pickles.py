"""Nothing from an index runs: a pickle that names a function is refused in one line."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from hashlib import blake2b
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from indexer import build_index, cli, open_index
from indexer.cli.run import run
from indexer.errors import IndexDamaged, PilcrowError
from indexer.store.codec import StoreDamaged
from indexer.store.pickles import loads, restricted
from indexer.store.storage import digest_of_stream, seal, unseal
from tests.helpers.command_line import failure, pilcrow


class Planted:
    """Makes a folder when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("command", [("search", "pain"), ("verify",), ("links",), ("index",)])
def test_a_planted_pickle_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.md").write_text("# A\n\nPain.\n")
    index = tmp_path / "index"
    build_index([tmp_path / "a.md"], index)
    ran = tmp_path / "ran"
    (toc,) = (index / "store").glob("*.toc")
    content = toc.read_bytes()[:-16]
    with open_index(index):
        pass
    start = content.index(b"\x80\x02")  # the schema
    planted = content[:start] + pickle.dumps(Planted(ran), 2) + content[start:]
    for place in (toc, index / "copies" / toc.name):
        place.write_bytes(planted + blake2b(planted, digest_size=16).digest())
    assert "damaged" in failure(*command, "--index", index)
    with pytest.raises(IndexDamaged):
        open_index(index)
    assert not ran.exists()


@pytest.mark.parametrize("suffix", ["trm", "pst", "entry.col", "payload.col", "_stored.col"])
def test_a_pickle_planted_in_any_file_runs_nothing(tmp_path: Path, suffix: str) -> None:
    """In place of those that are there, or of all that the file holds; the manifest fits it."""
    (tmp_path / "a.md").write_text("# A\n\nPain.\n")
    index, ran = tmp_path / "index", tmp_path / "ran"
    build_index([tmp_path / "a.md"], index)
    (path,) = (index / "store").glob(f"*.{suffix}")
    shutil.copytree(index, tmp_path / "whole")
    data, evil = path.read_bytes(), pickle.dumps(Planted(ran), 2)
    places = [found.start() for found in re.finditer(rb"\x80[\x02-\x05]", data)]
    assert places or suffix != "trm"
    for at in (0, *places):
        path.write_bytes(data[:at] + evil + data[at + len(evil) :])
        reseal(index, path)
        for command in ("links", "verify", f"index {tmp_path / 'a.md'}", "index --rebuild"):
            with suppress(PilcrowError), open_index(index) as opened:
                opened.article("a")
            with redirect_stdout(StringIO()), redirect_stderr(TextIOWrapper(BytesIO())):
                run(cli.pilcrow, [*command.split(), "--index", str(index)])
            assert not ran.exists()
        for name in ("store", "copies"):
            shutil.rmtree(index / name)
            shutil.copytree(tmp_path / "whole" / name, index / name)
    pilcrow("verify", "--index", index)


def reseal(index: Path, path: Path) -> None:
    """Has a table of contents say that a file is as it was written."""
    for toc in (*(index / "store").glob("*.toc"), *(index / "copies").glob("*.toc")):
        contents = unseal(toc.read_bytes())
        assert contents.manifest is not None
        with path.open("rb") as stream:
            files = {**contents.manifest.files, path.name: digest_of_stream(stream)}
        toc.write_bytes(seal(contents.toc, replace(contents.manifest, files=files)))


def test_only_what_whoosh_writes_is_known(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match=r"names (?:posix|nt)\.mkdir"), restricted():
        loads(pickle.dumps(Planted(tmp_path / "ran")))
    with restricted():
        assert loads(pickle.dumps({"a": [1, {2}]})) == {"a": [1, {2}]}
    assert not (tmp_path / "ran").exists()
    loads(pickle.dumps(Planted(tmp_path / "ran")))  # of other indexes nothing is known
    assert (tmp_path / "ran").exists()
