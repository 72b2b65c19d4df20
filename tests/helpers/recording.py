"""Golden files in `tests/golden`: compared with the answers of today, or recorded anew.

    RECORD=1 python -m pytest tests/test_contracts.py tests/test_digests.py

records everything again; without `RECORD` a difference fails with a diff. In: a name and a text.
Out: nothing, or the text as it was recorded. Raises `AssertionError` for a text that differs or
was never recorded.
"""

from __future__ import annotations

import os
from difflib import unified_diff

from tests import ROOT

GOLDEN = ROOT / "tests" / "golden"
RECORDING = bool(os.environ.get("RECORD"))
AGAIN = "RECORD=1 python -m pytest tests/test_contracts.py tests/test_digests.py records it"


def recorded(name: str, now: str) -> str:
    """The text recorded under `name`; `now` itself when recording."""
    path = GOLDEN / name
    if RECORDING:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(now.encode())
    assert path.is_file(), f"nothing is recorded as tests/golden/{name}; {AGAIN}"
    return path.read_bytes().decode()


def check(name: str, now: str) -> None:
    """Compares `now` with the text recorded under `name`."""
    before = recorded(name, now)
    if before != now:
        lines = unified_diff(
            before.splitlines(), now.splitlines(), f"recorded {name}", "now", lineterm="", n=2
        )
        raise AssertionError("\n".join((f"tests/golden/{name} differs; {AGAIN}", *lines)))


def check_names(folder: str, names: set[str]) -> None:
    """Compares the files in a folder of `tests/golden` with the expected names."""
    there = {path.relative_to(GOLDEN).as_posix() for path in (GOLDEN / folder).rglob("*.*")}
    if RECORDING:
        for name in there - names:
            (GOLDEN / name).unlink()
        there &= names
    assert there == names, f"missing: {sorted(names - there)}; left over: {sorted(there - names)}"
