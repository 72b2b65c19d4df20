"""A local replica: a folder with the index of a commit of a cluster, for what reads all text.

In: the store of a commit, a folder that a setting names. Out: an index there, brought up to that
commit: articles that have not changed stay. It is an ordinary index folder, of which every command
can be asked. Refuses (`UsageError`) a folder that holds an index of another origin.
"""

from __future__ import annotations

from pathlib import Path

from indexer.cluster.store import ClusterStore
from indexer.errors import UsageError
from indexer.segments.refresh import refresh
from indexer.store.codec import unpack_records
from indexer.store.reader import Store
from indexer.store.writer import writing

ORIGIN = "replica-of"  # a file in the folder that names the cluster's index


def refreshed_replica(store: ClusterStore, folder: Path) -> None:
    """Brings the replica up to what a store shows."""
    origin = folder / ORIGIN
    address = str(store.engine.address)
    is_ours = origin.exists() and origin.read_text(encoding="utf-8") == address
    if folder.exists() and any(folder.iterdir()) and not is_ours:
        raise UsageError(
            f"{folder}: holds something else than a replica of {address}; "
            "name another folder with PILCROW_REPLICA"
        )
    folder.mkdir(parents=True, exist_ok=True)
    origin.write_text(address, encoding="utf-8")
    wanted = store.versions()
    with writing(folder) as writer:
        there = {name: entry.version for name, entry in writer.entries.items()}
        for name in sorted(there.keys() - wanted.keys()):
            writer.delete(name)
        new = sorted(name for name, version in wanted.items() if there.get(name) != version)
        for packed in store.packed(new):
            writer.add(packed)
        for ledger in store.packed_ledgers():
            records = unpack_records(ledger.entry, ledger.payload)
            writer.keep_records(ledger.entry.article_id, records.values())
    with Store.open(folder) as made:
        refresh(made, folder).close()
