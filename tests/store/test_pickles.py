"""Nothing from an index runs: a pickle that names a function is refused in one line."""

from __future__ import annotations

import os
import pickle
from hashlib import blake2b
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.errors import IndexDamaged
from indexer.store.codec import DamageError
from indexer.store.pickles import loads, restricted
from tests.helpers.command_line import failure


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


def test_only_what_whoosh_writes_is_known(tmp_path: Path) -> None:
    with pytest.raises(DamageError, match=r"names (?:posix|nt)\.mkdir"), restricted():
        loads(pickle.dumps(Planted(tmp_path / "ran")))
    with restricted():
        assert loads(pickle.dumps({"a": [1, {2}]})) == {"a": [1, {2}]}
    assert not (tmp_path / "ran").exists()
    loads(pickle.dumps(Planted(tmp_path / "ran")))  # of other indexes nothing is known
    assert (tmp_path / "ran").exists()
