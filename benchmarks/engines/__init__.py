"""One module per engine, each set up as its documentation advises for a corpus in memory.

Every module has a class `Engine`. It imports its library only when used, so that all engines can be
listed even if none is installed.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.engines.base import Engine

NAMES = ("pilcrow", "fts5", "xapian", "tantivy", "whoosh")


def engine(name: str) -> Engine:
    """The engine of that name. `KeyError` if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    made: Engine = import_module(f"benchmarks.engines.{name}").Engine()
    return made
