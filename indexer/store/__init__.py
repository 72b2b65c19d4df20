"""The durable index on disk: one Whoosh document an article, in transactions.

`writing` opens a transaction: what is put and deleted in it becomes visible at once, as a new
generation, or not at all; one process writes at a time. A `Store` reads one generation for as
long as it is open, whatever is written meanwhile, and may be shared by threads. Whoosh gives
transactions, lock, generations, deletion and look-up by id; `packing` says what an article is in
bytes, `ledger` the same of the records of ids, `durable` that they are on the disk.

Refuses: no index (`IndexMissing`), bytes that are not what was written (`IndexDamaged`), a second
writer (`IndexBusy`), a disk that is full or may not be written to (`PilcrowError`). After each of
these the index is as it was.
"""

from indexer.packing import Entry, Packed, Stored, pack, unpack
from indexer.store.generations import Store, damaged
from indexer.store.ledger import LedgerEntry
from indexer.store.transactions import Writer, writing

__all__ = [
    "Entry",
    "LedgerEntry",
    "Packed",
    "Store",
    "Stored",
    "Writer",
    "damaged",
    "pack",
    "unpack",
    "writing",
]
