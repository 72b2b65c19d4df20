"""One module an engine, each set up as its documentation advises for a corpus that fits in memory.

Every module has a class `Engine`. None imports its library before it is used, so that all can be
listed where none is installed.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.engines.base import Engine

NAMES = ("pilcrow", "fts5", "xapian", "tantivy", "whoosh", "bm25s")


def engine(name: str) -> Engine:
    """The engine of that name. `KeyError` if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    made: Engine = import_module(f"benchmarks.engines.{name}").Engine()
    return made
