"""Imports run one way, and the façade is what it says it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import indexer
from tests import ROOT

# From the bottom up. A module stands for itself and, if it is a package, for all in it; it may
# import from rows below its own, and from its own package.
ROWS: tuple[tuple[str, ...], ...] = (
    ("indexer.model", "indexer.errors", "indexer.lazy"),
    ("indexer.worker_pool", "indexer.sorted_arrays", "indexer.query_log"),
    ("indexer.settings", "indexer.text", "indexer.store"),
    ("indexer.query", "indexer.parsing", "indexer.passages", "indexer.segments"),
    ("indexer.sources", "indexer.links", "indexer.search"),
    ("indexer.audits", "indexer.ingest", "indexer.verify"),
    ("indexer.semantic",),
    ("indexer.index", "indexer.backup"),
    ("indexer.cluster", "indexer.evaluation"),
    ("indexer.reporting",),
    ("indexer",),
    ("indexer.cli",),
    ("indexer.__main__",),
    ("webapp",),
)
RANKS = {name: rank for rank, row in enumerate(ROWS) for name in row}

# An import against the stream needs its reason here.
EXEMPT = {
    ("indexer.cli.serve", "webapp"): "the command that starts the site must reach the site",
}


def modules() -> dict[str, Path]:
    """Every module of the two packages, by its dotted name."""
    found = {}
    for package in ("indexer", "webapp"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def imports(name: str) -> tuple[str, ...]:
    """Dotted names that a module imports, wherever in it the import stands."""
    return tuple(imported(name))


def imported(name: str) -> Iterator[str]:
    """The same, one by one."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relative to itself, line {node.lineno}"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)


def home(name: str) -> str:
    """The row entry that a module belongs to: the longest one that holds it."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        entry = ".".join(parts[:size])
        if entry in RANKS and (entry != "indexer" or size == len(parts)):
            return entry
    raise AssertionError(f"{name} has no row in the table of layers")


def climbs() -> list[str]:
    """Imports that go up, or between two rooms of one row."""
    return [
        f"{name} imports {imported}"
        for name in MODULES
        for imported in imports(name)
        if imported in MODULES
        and (name, imported) not in EXEMPT
        and home(imported) != home(name)
        and RANKS[home(imported)] >= RANKS[home(name)]
    ]


def test_modules_import_only_from_rows_below() -> None:
    assert climbs() == []


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {found for found in imports(name) if found in MODULES and (name, found) not in EXEMPT}
        for name in MODULES
    }
    TopologicalSorter(graph).prepare()


def test_each_exemption_is_needed() -> None:
    for name, imported in EXEMPT:
        assert imported in set(imports(name))


def test_the_site_sees_the_library_through_its_facade() -> None:
    strays = [
        f"{name} imports {found}"
        for name in MODULES
        if name.startswith("webapp")
        for found in imports(name)
        if found.startswith("indexer.")
    ]
    assert strays == []


def test_whoosh_and_flask_stay_where_they_belong() -> None:
    strays = []
    for name in MODULES:
        packages = {found.split(".")[0] for found in imports(name)}
        if not name.startswith("webapp") and packages & {"flask", "werkzeug"}:
            strays.append(f"{name} imports Flask")
        if "whoosh" in packages and home(name).split(".")[-1] not in WHOOSH_ROOMS:
            strays.append(f"{name} imports Whoosh")
    assert strays == []


WHOOSH_ROOMS = {"store", "query", "segments", "search", "index"}


def test_no_class_name_means_two_things() -> None:
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_the_product_knows_nothing_of_its_tests() -> None:
    beside = {"tests", "benchmarks"}
    strays = [n for n in MODULES if {found.split(".")[0] for found in imports(n)} & beside]
    assert strays == []


def test_facade_lists_exactly_what_it_exports() -> None:
    tree = ast.parse(MODULES["indexer"].read_text(encoding="utf-8"))
    exported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("indexer")
        if node.module != "indexer.lazy"
        for alias in node.names
    }
    assert sorted(indexer.__all__) == sorted(exported)
    assert all(hasattr(indexer, name) for name in indexer.__all__)
