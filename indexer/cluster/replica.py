"""A local replica: an index folder with one commit of a cluster, for commands that read all text.

In: the store of a commit, and a folder (a setting). Out: an index in that folder, brought up to the
commit; unchanged articles are kept. It is an ordinary index folder, which works with every command.
Refuses (`UsageError`) a folder that holds anything but a replica of this index.
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
    """Brings the replica in a folder up to the commit of a store."""
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
