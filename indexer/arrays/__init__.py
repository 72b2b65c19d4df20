"""Arrays: the memory-mapped snapshot of one generation of the store (build, save, map, look up)."""

from indexer.arrays.checking import Checker
from indexer.arrays.container import Array, DamagedError
from indexer.arrays.ranges import expanded
from indexer.arrays.segment import Segment
from indexer.arrays.snapshot import Part, Snapshot, open_snapshot, refresh, snapshot_versions

__all__ = [
    "Array",
    "Checker",
    "DamagedError",
    "Part",
    "Segment",
    "Snapshot",
    "expanded",
    "open_snapshot",
    "refresh",
    "snapshot_versions",
]
