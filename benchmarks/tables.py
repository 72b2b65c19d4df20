"""Measurements as tables: plain for a terminal, Markdown for the README.

A ratio is the other engine's time (or size) divided by Pilcrow's in the same run: above 1 Pilcrow
was faster (or smaller).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.engines import engine
from benchmarks.engines.base import MODES, TASKS, Mode, Task
from benchmarks.measuring import quantile
from benchmarks.running import Measured
from benchmarks.sampling import KINDS

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
    """All tables that have measurements."""
    found = [_making(measured)]
    for mode in MODES:
        found += [_warm(measured, mode, task) for task in TASKS]
        found.append(_cold(measured, mode))
        found.append(_agreement(measured, mode))
    return [table for table in found if table[2]]


def _making(measured: Measured) -> Table:
    """Table of builds, sizes, memory and opening."""
    rows = []
    ours = {mode: measured.built.get(f"{OURS}/{mode}") for mode in MODES}
    for key, built in measured.built.items():
        name, mode = key.split("/")
        mine = ours["stem" if mode == "stem" else "word"] or ours["stem"]
        best, middle, worst = min(built.seconds), median(built.seconds), max(built.seconds)
        spread = f" ({best:.1f} to {worst:.1f})" if len(built.seconds) > 1 else ""
        tidy = NONE if built.tidy_seconds is None else f"{built.tidy_seconds:.1f}"
        ratio = NONE if mine is None else f"{middle / median(mine.seconds):.2f}"
        both = "" if engine(name).index_by_mode else " (both modes)"
        size = built.bytes / max(measured.text_bytes, 1)
        opened = _first_answer(measured, name, mode)
        memory = measured.memory.get(key, 0)
        rows.append(
            [
                f"{built.version}, {mode}{both}",
                f"{middle:.2f}{spread}",
                ratio,
                tidy,
                f"{built.bytes / 1e6:.1f} ({size:.2f}×)",
                f"{built.peak / 1e6:.0f}",
                opened,
                f"{memory / 1e6:.0f}" if memory else NONE,
            ]
        )
    if measured.files:
        of = f"{measured.files['passages']:.0f} passages"
        rows.append(
            [
                f"Pilcrow from files: parse, split, store, invert ({of})",
                f"{measured.files['seconds']:.2f}",
                NONE,
                NONE,
                NONE,
                f"{measured.files['peak'] / 1e6:.0f}",
                NONE,
                NONE,
            ]
        )
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


def _first_answer(measured: Measured, name: str, mode: str) -> str:
    """Median time of opening and first answer in a new process, over all classes."""
    colds = [c for k, c in measured.cold.items() if k.startswith(f"{name}/{mode}/")]
    times = [o + f for c in colds for o, f in zip(c.open_ms, c.first_ms)]
    return f"{median(times):.1f} (max {max(times):.0f})" if times else NONE


def _warm(measured: Measured, mode: Mode, task: Task) -> Table:
    """p50 / p95 of each class and engine, and its ratio to Pilcrow's."""
    rows = []
    for kind in KINDS:
        cells, asked = [], 0
        ours = measured.warm.get(f"{OURS}/{mode}/{task}/{kind}")
        for name in measured.engines:
            theirs = measured.warm.get(f"{name}/{mode}/{task}/{kind}")
            if theirs is None or not theirs.ms:
                cells.append(NONE)
                continue
            asked = max(asked, len(theirs.ms))
            p50, p95 = quantile(theirs.ms, 0.5), quantile(theirs.ms, 0.95)
            ratio = f" = {p50 / quantile(ours.ms, 0.5):.1f}×" if ours and name != OURS else ""
            cells.append(f"{_ms(p50)} / {_ms(p95)}{ratio}")
        if asked:
            rows.append([NAMES.get(kind, kind), str(asked), *cells])
    labels = [engine(name).label for name in measured.engines]
    heads = [f"ms p50 / p95 ({measured.clock})", "queries", *labels]
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
        if any(cell != NONE for cell in cells):
            rows.append([NAMES.get(kind, kind), *cells])
    heads = [
        "ms: first query of a fresh process (with opening)",
        *(engine(n).label for n in measured.engines),
    ]
    return f"{TITLES['top']}: {mode} mode, cold", heads, rows


def _agreement(measured: Measured, mode: Mode) -> Table:
    """Queries with as many passages as Pilcrow, and the total difference of passages."""
    rows = []
    for kind in KINDS:
        ours = measured.warm.get(f"{OURS}/{mode}/count/{kind}")
        if ours is None:
            continue
        cells = []
        for name in measured.engines:
            theirs = measured.warm.get(f"{name}/{mode}/count/{kind}")
            if name == OURS:
                continue
            if theirs is None:
                cells.append(NONE)
                continue
            same = sum(a == b for a, b in zip(ours.sizes, theirs.sizes))
            total = sum(theirs.sizes) / max(sum(ours.sizes), 1)
            cells.append(f"{same}/{len(ours.sizes)} ({total:.3f}×)")
        rows.append([NAMES.get(kind, kind), *cells])
    others = [engine(name).label for name in measured.engines if name != OURS]
    title = f"Queries that find as many passages as in Pilcrow (all passages found ÷ ours): {mode}"
    return title, ["class", *others], rows if others else []


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def plain(table: Table) -> str:
    """Formats tables for a terminal."""
    title, heads, rows = table
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(cells))
        for cells in (list(zip(row, widths)) for row in (heads, *rows))
    ]
    return "\n".join((title, "", *(line.rstrip() for line in lines), ""))


def markdown(table: Table) -> str:
    """Formats tables for a README."""
    title, heads, rows = table
    lines = [_bar(heads), _bar(["---", *["--:"] * (len(heads) - 1)]), *map(_bar, rows)]
    return "\n".join((f"**{title}**", "", *lines, ""))


def _bar(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def for_readme(measured: Measured, mode: Mode = "stem") -> Table:
    """One table: times of a search, a count and an audit, and ratios of the other engines."""
    others = [name for name in measured.engines if name != OURS]
    rows = []
    for task in TASKS:
        for kind in KINDS:
            ours = measured.warm.get(f"{OURS}/{mode}/{task}/{kind}")
            if ours is None:
                continue
            mine = quantile(ours.ms, 0.5)
            cells = []
            for name in others:
                theirs = measured.warm.get(f"{name}/{mode}/{task}/{kind}")
                cells.append(f"{quantile(theirs.ms, 0.5) / mine:.1f}×" if theirs else NONE)
            what = f"{task}: {NAMES.get(kind, kind)}"
            rows.append([what, f"{_ms(mine)} / {_ms(quantile(ours.ms, 0.95))}", *cells])
    heads = [
        f"{measured.passages:,} passages",
        "Pilcrow, ms p50 / p95",
        *(engine(name).label for name in others),
    ]
    return "How many times as long the others take (p50; one run, no result cache)", heads, rows
