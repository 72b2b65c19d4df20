"""The single entry point to an index, whether in a folder or at an address in a cluster.

In: a path or an address. Out: an open index, or one that was brought up to date. The modules for a
cluster are imported only if an address names one. Refuses what `address` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cluster.address import AnyPath, is_address, parse_address
from indexer.errors import UsageError
from indexer.query_log import default_path
from indexer.settings import Settings, load_settings

if TYPE_CHECKING:
    from indexer.index import Index
    from indexer.ingest.build import IndexReport, Removal


def open_index(
    index_dir: Path | str | None = None,
    *,
    settings: Settings | None = None,
    before: Index | None = None,
) -> Index:
    """Open the newest generation of an index.

    For a folder, `before` is an index of it opened earlier, with which unchanged data is shared;
    missing or damaged arrays are rebuilt from the store: in place, or in a temporary folder if the
    index can't be written to. Raises `IndexMissing`, `IndexDamaged` or, for a cluster,
    `IndexUnavailable`.
    """
    settings = settings or load_settings()
    path = index_dir if index_dir is not None else settings.index
    if not is_address(path):
        from indexer.index import open_index as open_local

        return open_local(path, settings=settings, before=before)
    from indexer.cluster.engine import Engine
    from indexer.cluster.index import ClusterIndex

    return ClusterIndex(Engine(parse_address(path), settings), settings)


def build_index(
    paths: AnyPath | Iterable[AnyPath] | None,
    index_dir: AnyPath,
    *,
    rebuild: bool = False,
    may_empty: bool = True,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
    shard: str = "",
    finish: bool = False,
) -> IndexReport:
    """Brings an index up to date with the files at or below `paths`: see
    `indexer.ingest.build.build_index` for the other arguments.

    `shard` (such as 3/16) writes that share of the articles into a new generation of an index in a
    cluster; `finish` publishes what all shares have written.
    """
    options: dict[str, Any] = {"rebuild": rebuild, "may_empty": may_empty}
    options |= {"settings": settings, "progress": progress}
    if not is_address(index_dir):
        if shard or finish:
            raise UsageError("--shard and --finish are for an index in a cluster: opensearch://…")
        from indexer.ingest.build import build_index as build_local

        return build_local(paths, index_dir, **options)
    from indexer.cluster.build import WriterShard, build_cluster

    if shard and finish:
        raise UsageError("--shard and --finish: first all shards, then --finish alone")
    if rebuild and (shard or finish):
        raise UsageError("--rebuild: leave it out; shards write a new generation in any case")
    if finish and paths:
        raise UsageError("--finish: name no PATH; it publishes what the shards have written")
    share = WriterShard.parse(shard) if shard else None
    return build_cluster(paths, str(index_dir), share=share, finish=finish, **options)


def remove(targets: Iterable[AnyPath], index_dir: AnyPath, settings: Settings) -> Removal:
    """Removes articles from an index: see `indexer.ingest.build.remove`."""
    if is_address(index_dir):
        from indexer.cluster.build import remove_from_cluster

        return remove_from_cluster(targets, str(index_dir), settings)
    from indexer.ingest.build import remove as remove_local

    return remove_local(targets, index_dir)


def served_locally(index_dir: Path, what: str) -> None:
    """Raises `UsageError` for a cluster: `what` works only with an index in a folder."""
    if is_address(index_dir):
        raise UsageError(
            f"{what} is for an index in a folder: name a local copy of the index with --index "
            "(PILCROW_REPLICA makes one)"
        )


def query_log_of(settings: Settings) -> Path:
    """The path of an index's query log: the file in the settings, else one beside the folder.

    `UsageError` for an index in a cluster if the settings name none.
    """
    if settings.query_log is None and is_address(settings.index):
        raise UsageError("an index in a cluster has no query log beside it: set PILCROW_QUERY_LOG")
    return settings.query_log or default_path(settings.index)


def cluster_signature(index_dir: Path, settings: Settings) -> tuple[str, int, int] | None:
    """Name, commit and commit time (ns) that an index in a cluster shows; None for a folder."""
    if not is_address(index_dir):
        return None
    from contextlib import closing

    from indexer.cluster.engine import Engine
    from indexer.cluster.store import read_state

    with closing(Engine(parse_address(index_dir), settings)) as engine:
        state = read_state(engine)
    return f"{engine.name}.{state.generation}", state.commit, int(state.modified * 1e9)
