"""Measurements as tables in Markdown.

A ratio is the other engine's time (or size) divided by Pilcrow's in the same run: above 1 Pilcrow
was faster (or smaller).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.engines import engine
from benchmarks.engines.base import MODES, TASKS, Mode, Task
from benchmarks.engines.queries import KINDS
from benchmarks.engines.runner import Asked, Measured
from benchmarks.engines.usage import quantile

OURS = "pilcrow"
NONE = "–"
TITLES: dict[Task, str] = {
    "top": "Ten best with marks and section paths, ready to render",
    "count": "Count of all matches",
    "audit": "Every occurrence with its position, counted by article and section",
}
NAMES = {"and": "AND", "or": "OR of three", "near": "NEAR/5"}
Table = tuple[str, list[str], list[list[str]]]  # title, heads, rows


def tables(measured: Measured) -> list[Table]:
    """All tables that have measurements; the first has the medians of all tasks."""
    found = [_summary(measured), _making(measured)]
    for mode in MODES:
        found += [_warm(measured, mode, task) for task in TASKS]
        found += [_cold(measured, mode), _agreement(measured, mode)]
    return [table for table in found if table[2]]


def markdown(table: Table) -> str:
    """The table with its title, numbers on the right."""
    title, heads, rows = table
    lines = [row(heads), row(["---", *["--:"] * (len(heads) - 1)]), *map(row, rows)]
    return "\n".join((f"**{title}**", "", *lines, ""))


def row(cells: Sequence[object]) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(map(str, cells))} |"


def _summary(measured: Measured) -> Table:
    """Times of a search, a count and an audit in stem mode, and ratios of the other engines."""
    others = [name for name in measured.engines if name != OURS]
    rows = []
    for task in TASKS:
        for kind, asked in _classes(measured, "stem", task):
            if (ours := asked[OURS]) is None:
                continue
            ratios = [_ratio(asked[name], ours) for name in others]
            rows.append([f"{task}: {NAMES.get(kind, kind)}", _percentiles(ours), *ratios])
    heads = [f"{measured.passages:,} passages", "Pilcrow, ms p50 / p95", *_labels(others)]
    return "How many times as long the others take (p50; one run, no result cache)", heads, rows


def _classes(
    measured: Measured, mode: Mode, task: Task
) -> Iterator[tuple[str, dict[str, Asked | None]]]:
    """Each class of query with the measurements of each engine."""
    for kind in KINDS:
        found = {n: measured.warm.get(f"{n}/{mode}/{task}/{kind}") for n in measured.engines}
        yield kind, {OURS: None, **found}


def _labels(names: Sequence[str]) -> list[str]:
    return [engine(name).label for name in names]


def _percentiles(asked: Asked) -> str:
    return f"{_ms(quantile(asked.ms, 0.5))} / {_ms(quantile(asked.ms, 0.95))}"


def _ratio(theirs: Asked | None, ours: Asked) -> str:
    return f"{quantile(theirs.ms, 0.5) / quantile(ours.ms, 0.5):.1f}×" if theirs else NONE


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _making(measured: Measured) -> Table:
    """Builds, sizes, memory and opening."""
    rows = []
    for key, built in measured.built.items():
        name, _, mode = key.partition("/")
        ours = measured.built.get(f"{OURS}/{mode}")
        best, middle, worst = min(built.seconds), median(built.seconds), max(built.seconds)
        spread = f" ({best:.1f} to {worst:.1f})" if len(built.seconds) > 1 else ""
        both = "" if engine(name).index_by_mode else " (both modes)"
        colds = [c for k, c in measured.cold.items() if k.startswith(f"{key}/")]
        times = [o + f for c in colds for o, f in zip(c.open_ms, c.first_ms)]
        memory = measured.memory.get(key, 0)
        rows.append(
            [
                f"{built.version}, {mode}{both}",
                f"{middle:.2f}{spread}",
                f"{middle / median(ours.seconds):.2f}" if ours else NONE,
                NONE if built.tidy_seconds is None else f"{built.tidy_seconds:.1f}",
                f"{built.bytes / 1e6:.1f} ({built.bytes / max(measured.text_bytes, 1):.2f}×)",
                f"{built.peak / 1e6:.0f}",
                f"{median(times):.1f} (max {max(times):.0f})" if times else NONE,
                f"{memory / 1e6:.0f}" if memory else NONE,
            ]
        )
    if files := measured.files:
        what = f"Pilcrow from files: parse, split, store, invert ({files['passages']} passages)"
        peak = f"{files['peak'] / 1e6:.0f}"
        rows.append([what, f"{files['seconds']:.2f}", NONE, NONE, NONE, peak, NONE, NONE])
    heads = [
        f"{measured.passages:,} passages, {measured.text_bytes / 1e6:.1f} MB of text",
        "build s",
        "÷ Pilcrow",
        "optimise s",
        "index MB (× text)",
        "build peak MB",
        "open → first answer ms",
        "own memory MB",
    ]
    return "Making and opening", heads, rows


def _warm(measured: Measured, mode: Mode, task: Task) -> Table:
    """p50 / p95 of each class and engine, and its ratio to Pilcrow's."""
    rows = []
    for kind, asked in _classes(measured, mode, task):
        cells, count = [], 0
        for name in measured.engines:
            if (theirs := asked[name]) is None:
                cells.append(NONE)
                continue
            count = max(count, len(theirs.ms))
            ours = asked[OURS] if name != OURS else None
            ratio = f" = {_ratio(theirs, ours)}" if ours else ""
            cells.append(_percentiles(theirs) + ratio)
        if count:
            rows.append([NAMES.get(kind, kind), str(count), *cells])
    heads = ["ms p50 / p95 (wall)", "queries", *_labels(measured.engines)]
    return f"{TITLES[task]}: {mode} mode, warm", heads, rows


def _cold(measured: Measured, mode: Mode) -> Table:
    """The first answer of a new process, with opening, without importing."""
    rows = []
    for kind in KINDS:
        cells = []
        for name in measured.engines:
            cold = measured.cold.get(f"{name}/{mode}/{kind}")
            if cold is None:
                cells.append(NONE)
            else:
                both = [o + f for o, f in zip(cold.open_ms, cold.first_ms)]
                cells.append(f"{_ms(median(cold.first_ms))} ({_ms(median(both))})")
        if set(cells) != {NONE}:
            rows.append([NAMES.get(kind, kind), *cells])
    what = "ms: first query of a fresh process (with opening)"
    return f"{TITLES['top']}: {mode} mode, cold", [what, *_labels(measured.engines)], rows


def _agreement(measured: Measured, mode: Mode) -> Table:
    """Queries with as many passages as Pilcrow, and the total difference of passages."""
    others = [name for name in measured.engines if name != OURS]
    rows = []
    for kind, asked in _classes(measured, mode, "count"):
        if (ours := asked[OURS]) is None or not others:
            continue
        cells = []
        for name in others:
            if (theirs := asked[name]) is None:
                cells.append(NONE)
                continue
            same = sum(a == b for a, b in zip(ours.sizes, theirs.sizes))
            total = sum(theirs.sizes) / max(sum(ours.sizes), 1)
            cells.append(f"{same}/{len(ours.sizes)} ({total:.3f}×)")
        rows.append([NAMES.get(kind, kind), *cells])
    title = f"Queries that find as many passages as in Pilcrow (all passages found ÷ ours): {mode}"
    return title, ["class", *_labels(others)], rows
