"""Imports run one way, and the façade is what it says it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import indexer

ROOT = Path(__file__).resolve().parent.parent

# From the bottom up. A module stands for itself and, if it is a package, for all in it; it may
# import from rows below its own, and from its own package.
ROWS: tuple[tuple[str, ...], ...] = (
    (
        "indexer.model",
        "indexer.errors",
        "indexer.lexicon",
        "indexer.closing",
        "indexer.simplifying",
    ),
    ("indexer.segmenting", "indexer.settings", "indexer.packing", "indexer.processes"),
    ("indexer.analysis",),
    ("indexer.naming", "indexer.scanning", "indexer.synonyms"),
    ("indexer.parsing", "indexer.splitting", "indexer.inverting"),
    ("indexer.anchoring", "indexer.querying"),
    ("indexer.reading", "indexer.store"),
    ("indexer.arrays",),
    ("indexer.matching",),
    ("indexer.highlighting",),
    ("indexer.searching",),
    ("indexer.suggesting", "indexer.spreading", "indexer.proving", "indexer.audits"),
    ("indexer.verifying", "indexer.resolving", "indexer.auditing"),
    ("indexer.index",),
    ("indexer.preparing", "indexer.digests", "indexer.evidence"),
    ("indexer.working", "indexer.tracking"),
    ("indexer.committing", "indexer.updating", "indexer.restoring"),
    ("indexer.building",),
    ("indexer.reporting",),
    ("indexer",),
    ("indexer.cli",),
    ("indexer.__main__",),
    ("webapp",),
)
RANKS = {name: rank for rank, row in enumerate(ROWS) for name in row}

# An import against the stream needs its reason here.
EXEMPT = {
    ("indexer.cli.serving", "webapp"): "the command that starts the site must reach the site",
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


def imports(name: str) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it the import stands."""
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


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_from_rows_below(name: str) -> None:
    here = home(name)
    for imported in imports(name):
        if imported not in MODULES or (name, imported) in EXEMPT:
            continue
        there = home(imported)
        assert there == here or RANKS[there] < RANKS[here], f"{name} imports {imported}"


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {found for found in imports(name) if found in MODULES and (name, found) not in EXEMPT}
        for name in MODULES
    }
    TopologicalSorter(graph).prepare()


def test_each_exemption_is_needed() -> None:
    for name, imported in EXEMPT:
        assert imported in set(imports(name))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("webapp")])
def test_site_sees_the_library_through_its_facade(name: str) -> None:
    within = {found for found in imports(name) if found.startswith("indexer.")}
    assert not within


@pytest.mark.parametrize("name", MODULES)
def test_whoosh_and_flask_stay_where_they_belong(name: str) -> None:
    packages = {found.split(".")[0] for found in imports(name)}
    if not name.startswith("webapp"):
        assert not packages & {"flask", "werkzeug"}
    if home(name).split(".")[-1] not in WHOOSH_MODULES:
        assert "whoosh" not in packages


WHOOSH_MODULES = {"store", "querying", "arrays", "matching", "searching", "index", "proving"}


def test_facade_lists_exactly_what_it_exports() -> None:
    tree = ast.parse(MODULES["indexer"].read_text(encoding="utf-8"))
    exported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("indexer")
        for alias in node.names
    }
    assert sorted(indexer.__all__) == sorted(exported)
    assert len(indexer.__all__) <= 20
    assert all(hasattr(indexer, name) for name in indexer.__all__)
