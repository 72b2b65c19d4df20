"""Runs in, the arrays of one segment out: vocabulary, positions and tables.

The zones of all runs follow one another (content, boilerplate, heads), so that each zone is one
range of any sorted list of token indices; units number through all zones in that order. The same
articles give the same arrays, in however many runs they come.

    forms[T] uint32        form id of token i
    starts[T] uint16/32    where token i begins in its unit's text (code points)
    unit_tokens[U + 1]     token index at which each unit begins
    positions[T] uint32    token indices grouped by form id, ascending: argsort of forms
    form_first[F + 1]      where each form's indices begin in positions
    block_starts, sentence_starts uint32   token indices that begin a block or a sentence

Form ids number the vocabulary sorted by (language, stem, fold, form).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, chain

import numpy as np

from indexer.arrays.container import Array
from indexer.arrays.inverting import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    ZONES,
    Run,
    ZoneRun,
    to_offsets,
)
from indexer.arrays.numbering import number_vocabulary
from indexer.arrays.strings import pack_strings


def assemble(runs: Sequence[Run]) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment that holds the articles of `runs`, one run after another."""
    arrays, renumber = number_vocabulary([run.entries for run in runs])
    arrays |= pack_strings("compound", sorted(set().union(*(run.compounds for run in runs))))
    arrays |= pack_strings("root", sorted(set().union(*(run.roots for run in runs))))
    zones = [_joined([run.zones[name] for run in runs]) for name in ZONES]
    finals = [
        renumber[number][language][ids]
        for name in ZONES
        for number, run in enumerate(runs)
        for language, ids in zip(run.zones[name].languages, run.zones[name].ids, strict=True)
    ]
    forms = _concatenate(finals, np.uint32)
    sizes = [_concatenate(z.sizes, np.int64) for z in zones]
    arrays["forms"] = forms
    arrays |= _invert(forms, arrays["form_folds"].size)
    starts = _concatenate([s for z in zones for s in z.starts], np.uint32)
    narrow = np.uint16 if not starts.size or starts.max() < 1 << 16 else np.uint32
    arrays["starts"] = starts.astype(narrow)
    arrays["unit_tokens"] = to_offsets(np.concatenate(sizes)).astype(np.uint32)
    arrays["block_starts"] = _shifted(zones, "blocks")
    arrays["sentence_starts"] = _shifted(zones, "sentences")
    arrays["text.bytes"] = np.frombuffer(b"".join(b for z in zones for b in z.raw), np.uint8)
    arrays["text.ends"] = to_offsets(
        _concatenate([s for z in zones for s in z.raw_sizes], np.int64)
    ).astype(np.uint64)
    arrays |= _articles(runs) | _passages(runs) | _sections(runs, sizes[2])
    facts: dict[str, object] = {
        "languages": sorted({language for run in runs for language in run.entries}),
        "units": [z.units for z in zones],
        "tokens": [int(s.sum()) for s in sizes],
    }
    return arrays, facts


def _joined(parts: Sequence[ZoneRun]) -> ZoneRun:
    """One zone of all runs."""

    def all_of(name: str) -> list[Array]:
        return [item for part in parts for item in getattr(part, name)]

    return ZoneRun(
        units=sum(part.units for part in parts),
        ids=all_of("ids"),
        starts=all_of("starts"),
        sizes=all_of("sizes"),
        blocks=all_of("blocks"),
        sentences=all_of("sentences"),
        raw=[piece for part in parts for piece in part.raw],
        raw_sizes=all_of("raw_sizes"),
    )


# --- tables ------------------------------------------------------------------------------------


def _before(sizes: Iterable[int]) -> list[int]:
    """How much stands before each run."""
    return [0, *accumulate(sizes)][:-1]


def _units_before(runs: Sequence[Run], zone: str) -> list[int]:
    return _before(run.zones[zone].units for run in runs)


def _articles_before(runs: Sequence[Run]) -> list[int]:
    return _before(len(run.articles) for run in runs)


def _articles(runs: Sequence[Run]) -> dict[str, Array]:
    """Columns of the articles."""
    out: dict[str, Array] = {}
    for name in ARTICLE_TEXTS:
        out |= pack_strings(f"article.{name}", [text for run in runs for text in run.texts[name]])
    content, boilerplate, heads = (_units_before(runs, zone) for zone in ZONES)
    bases = zip(content, content, boilerplate, boilerplate, heads)
    rows = [run.articles + np.array(base, np.int64) for run, base in zip(runs, bases)]
    for name, column in zip(ARTICLE_COLUMNS, np.concatenate(rows).T, strict=True):
        out[f"article.{name}"] = column.astype(np.uint32)
    return out


def _passages(runs: Sequence[Run]) -> dict[str, Array]:
    """Columns of the passages, those of boilerplate after all others."""
    zones = ("content", "boilerplate")
    out: dict[str, Array] = {}
    bases = {
        "article": _articles_before(runs),
        "section": _before(len(run.sections) for run in runs),
    }
    for name, dtype in PASSAGE_COLUMNS.items():
        columns = []
        for zone in zones:
            for run, base in zip(runs, bases.get(name, [0] * len(runs))):
                column = run.passages[zone][name]
                columns.append(np.where(column >= 0, column + dtype(base), column))  # -1: none
        out[f"passage.{name}"] = np.concatenate(columns).astype(dtype)
    out["passage.by_id"] = np.argsort(out["passage.id"], kind="stable").astype(np.uint32)
    anchors = [run.anchors[zone] for zone in zones for run in runs]
    out |= pack_strings("passage.anchor", list(chain.from_iterable(anchors)))
    sizes = np.concatenate([run.break_sizes[zone] for zone in zones for run in runs])
    out["passage.breaks_first"] = to_offsets(sizes).astype(np.uint32)
    out["passage.breaks"] = np.concatenate([run.breaks[zone] for zone in zones for run in runs])
    return out


def _sections(runs: Sequence[Run], head_words: Array) -> dict[str, Array]:
    """Columns of heads and sections; `head_words` is the number of words of each head."""
    articles, content = _articles_before(runs), _units_before(runs, "content")
    heads = np.concatenate(
        [run.heads + np.array((a, c, c, 0)) for run, a, c in zip(runs, articles, content)]
    )
    out: dict[str, Array] = {}
    for name, column in zip(HEAD_COLUMNS, heads.T, strict=True):
        out[f"head.{name}"] = column.astype(np.uint8 if name == "title" else np.uint32)
    rows = []
    sections_before = _before(len(run.sections) for run in runs)
    heads_before = _units_before(runs, "heads")
    for run, article, section, head in zip(runs, articles, sections_before, heads_before):
        moved = run.sections + np.array((article, section, head))
        moved[run.sections[:, 1] < 0, 1] = -1  # no section above
        rows.append(moved)
    sections = np.concatenate(rows)
    for name, column in zip(("article", "parent", "head"), sections.T, strict=True):
        out[f"section.{name}"] = column.astype(np.int32)
    paths: dict[tuple[str, ...], int] = {}
    out["section.path"] = np.array(
        [paths.setdefault(path, len(paths)) for run in runs for path in run.paths], np.uint32
    )
    out |= pack_strings("path", ["\n".join(path) for path in paths])
    out["section.words"] = _chain_words(sections[:, 1], head_words[sections[:, 2]])
    return out


def _chain_words(parents: Array, own: Array) -> Array:
    """Words of each section's headings from the top down; a parent comes before its children."""
    total = own.astype(np.int64).tolist()
    for i, parent in enumerate(parents.tolist()):
        if parent >= 0:
            total[i] += total[parent]
    return np.array(total, np.uint32)


# --- tokens ------------------------------------------------------------------------------------


def _concatenate(arrays: list[Array], dtype: type) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _shifted(zones: list[ZoneRun], name: str) -> Array:
    """Token indices of all chunks, moved from their chunk to the segment."""
    out, base = [], 0
    for zone in zones:
        for ids, marks in zip(zone.ids, getattr(zone, name), strict=True):
            out.append(marks + base)
            base += ids.size
    return _concatenate(out, np.int64).astype(np.uint32)


def _invert(forms: Array, count: int) -> dict[str, Array]:
    """positions and form_first: a stable counting sort, of which two threads do half each."""
    middle = forms.size // 2
    halves = ((0, forms[:middle]), (middle, forms[middle:]))
    counts = [np.bincount(half, minlength=count) for _, half in halves]
    first = to_offsets(counts[0] + counts[1])
    positions = np.empty(forms.size, np.uint32)

    def place(half: Array, base: int, sizes: Array, begins: Array) -> None:
        """Writes the token indices of one half, which begin at `begins` for each form."""
        shift = np.repeat(begins - to_offsets(sizes)[:-1], sizes)
        positions[shift + np.arange(half.size)] = _argsort(half) + np.uint32(base)

    begins = (first[:-1], first[:-1] + counts[0])
    with ThreadPoolExecutor(2) as threads:  # NumPy lets go of the interpreter while it sorts
        done = [
            threads.submit(place, half, base, sizes, at)
            for (base, half), sizes, at in zip(halves, counts, begins)
        ]
        for each in done:
            each.result()
    return {"positions": positions, "form_first": first.astype(np.uint32)}


def _argsort(forms: Array) -> Array:
    """Stable argsort (uint32). Sorting (form, index) as one 64-bit key is faster: it needs no
    second array, and NumPy sorts plain integers with vector instructions."""
    keys = forms.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(forms.size, dtype=np.uint64)
    keys.sort()
    return keys.astype(np.uint32)
