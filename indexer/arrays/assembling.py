"""Runs in, the arrays of one segment out: vocabulary, positions and tables.

The zones of all runs follow one another (content, boilerplate, heads), so that each zone is one
range of any sorted list of token indices; units number through all zones in that order. The same
articles give the same arrays, in however many runs they come.

    forms, forms.*           form id of each token (see `codes`)
    positions, positions.*   the tokens of each form (see `grouping`)
    holders.*                the passages that hold the commonest stems (see `holders`)
    form_first[F + 1] uint32     tokens of all forms before each form
    starts, starts.*         where each token begins in the texts (see `offsets`)
    unit_starts[U + 1] uint32/64 where each unit begins in the texts (code points)
    unit_tokens[U + 1] uint32    token index at which each unit begins
    block_starts, sentence_starts uint32   token indices that begin a block or a sentence
    text.bytes, text.ends    the texts in UTF-8, and where each begins (bytes)

Form ids number the vocabulary sorted by (language, stem, fold, form).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, chain

import numpy as np

from indexer.arrays.codes import pack_forms
from indexer.arrays.container import Array
from indexer.arrays.grouping import pack_positions
from indexer.arrays.holders import pack_holders
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
from indexer.arrays.offsets import pack_starts
from indexer.arrays.strings import narrowed, pack_strings

_PIECE = 1 << 20  # tokens counted at a time


def assemble(runs: Sequence[Run]) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and facts of the segment that holds the articles of `runs`, one run after another."""
    zones = [_joined([run.zones[name] for run in runs]) for name in ZONES]
    with ThreadPoolExecutor(1) as thread:  # NumPy needs the interpreter less than a vocabulary does
        texts = thread.submit(_texts, zones)
        arrays, renumber = number_vocabulary([run.entries for run in runs])
        arrays |= pack_strings("compound", sorted(set().union(*(run.compounds for run in runs))))
        arrays |= pack_strings("root", sorted(set().union(*(run.roots for run in runs))))
        arrays |= _tokens(_forms(runs, renumber), arrays)
        arrays |= texts.result()
    arrays |= pack_holders(arrays, arrays["unit_tokens"], zones[0].units)
    head_words = _concatenate(zones[2].sizes, np.int64)
    arrays |= _articles(runs) | _passages(runs) | _sections(runs, head_words)
    facts: dict[str, object] = {
        "languages": sorted({language for run in runs for language in run.entries}),
        "units": [z.units for z in zones],
        "tokens": [sum(int(s.sum()) for s in z.sizes) for z in zones],
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


# --- tokens and texts --------------------------------------------------------------------------


def _forms(runs: Sequence[Run], renumber: Sequence[Mapping[str, Array]]) -> Array:
    """The form id of each token (uint32)."""
    every = [
        (renumber[number][language], ids)
        for name in ZONES
        for number, run in enumerate(runs)
        for language, ids in zip(run.zones[name].languages, run.zones[name].ids, strict=True)
    ]
    forms = np.empty(sum(ids.size for _, ids in every), np.uint32)
    at = 0
    for table, ids in every:
        table.take(ids, mode="clip", out=forms[at : at + ids.size])
        at += ids.size
    return forms


def _tokens(forms: Array, vocabulary: Mapping[str, Array]) -> dict[str, Array]:
    """The form of each token, and the tokens of each form."""
    counts = np.zeros(vocabulary["form_folds"].size, np.int64)
    for at in range(0, forms.size, _PIECE):  # for NumPy counts in 64 bits
        counts += np.bincount(forms[at : at + _PIECE], minlength=counts.size)
    first = to_offsets(counts)
    stem_forms = vocabulary["fold_first"][vocabulary["stem_first"]]
    arrays = {"form_first": first.astype(np.uint32)}
    return arrays | pack_forms(forms, counts) | pack_positions(forms, first, stem_forms)


def _texts(zones: Sequence[ZoneRun]) -> dict[str, Array]:
    """The texts of all units, and where tokens, sentences and blocks begin in them."""
    sizes = _concatenate([s for z in zones for s in z.sizes], np.int64)
    raw = [piece for z in zones for piece in z.raw]
    raw_sizes = [s for z in zones for s in z.raw_sizes]
    points = [_code_points(piece, each) for piece, each in zip(raw, raw_sizes, strict=True)]
    firsts = to_offsets(_concatenate(points, np.int64))
    return {
        "unit_tokens": to_offsets(sizes).astype(np.uint32),
        "unit_starts": narrowed(firsts),
        **pack_starts(_places(zones, firsts), int(sizes.sum()), int(firsts[-1])),
        "block_starts": _shifted(zones, "blocks"),
        "sentence_starts": _shifted(zones, "sentences"),
        "text.bytes": np.frombuffer(b"".join(raw), np.uint8),
        "text.ends": narrowed(to_offsets(_concatenate(raw_sizes, np.int64))),
    }


def _places(zones: Sequence[ZoneRun], firsts: Array) -> Iterator[Array]:
    """Where the tokens of each chunk begin in the texts, given where each unit does."""
    at = 0
    for zone in zones:
        for starts, sizes in zip(zone.starts, zone.sizes, strict=True):
            yield np.repeat(firsts[at : at + sizes.size], sizes) + starts
            at += sizes.size


def _code_points(raw: bytes, sizes: Array) -> Array:
    """Code points of units, of their text in UTF-8, one after the other, and its sizes in bytes."""
    if raw.isascii():
        return sizes
    inner = np.flatnonzero(np.frombuffer(raw, np.int8) < -64)  # bytes that go on with one
    return sizes - np.diff(inner.searchsorted(np.cumsum(sizes)), prepend=0)


def _concatenate(arrays: list[Array], dtype: type) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _shifted(zones: Sequence[ZoneRun], name: str) -> Array:
    """Token indices of all chunks, moved from their chunk to the segment."""
    out, base = [], 0
    for zone in zones:
        for ids, marks in zip(zone.ids, getattr(zone, name), strict=True):
            out.append(marks + base)
            base += ids.size
    return _concatenate(out, np.int64).astype(np.uint32)
