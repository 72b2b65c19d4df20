"""The durable side of an index in a cluster: its state, and reading and writing articles and ledger
in the manner of `store.reader.Store` and `store.writer.Writer`.

A state names a generation (a set of four indexes, behind aliases) and a commit in it. One write of
the state makes a commit: until then no reader sees the documents written for it. Documents of a
writer that died belong to a commit that was never made, and readers ignore them for ever.
"""

from __future__ import annotations

import json
import math
import time
import uuid
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from indexer.cluster.documents import (
    FORMAT,
    INDEXES,
    Document,
    Stamp,
    articles_of,
    ledger_of,
    mapping,
    packed_ledger_of,
    packed_of,
)
from indexer.cluster.engine import Engine, Json, RefusedQuery, Sender
from indexer.cluster.tokens import keyword
from indexer.cluster.words import WordCounts
from indexer.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnavailable, NotFound
from indexer.model import Article, Passage, Record
from indexer.segments.inverter import Inverter
from indexer.store.codec import (
    Entry,
    LedgerEntry,
    Packed,
    PackedLedger,
    Stored,
    StoreDamaged,
    decode,
    pack,
    pack_records,
    unpack,
    unpack_records,
)

CHUNK = 4 << 20  # characters of base64 in one document of `meta`
KEPT_SECONDS = 3600.0  # seconds for which the documents of an older commit remain for its readers
CHECKED = 600.0  # seconds after which readers check again whether their documents remain
STALE = 90.0  # seconds without a beat after which a writer counts as dead
BUNCH = 400_000  # packed bytes of the articles that are inverted together


@dataclass(frozen=True)
class State:
    """The generation and commit that readers see."""

    generation: int
    commit: int
    attempt: int  # the last commit that was begun
    failed: tuple[int, ...] = ()  # commits that were begun and never made
    articles: int = 0
    format: str = FORMAT
    modified: float = 0.0  # when it was committed (seconds since 1970)
    times: tuple[tuple[int, float], ...] = ()  # earlier commits and when each was made

    def shown(self, *queries: Json, hidden: Sequence[Json] = (), **more: Any) -> Json:
        """A query for the documents of this commit that match all `queries` and have the values in
        `more`, without those `hidden`. (They are few: excluding them is quickest.)"""
        gone: Json = {"range": {"ended": {"lte": self.commit}}}
        hidden = [*hidden, {"range": {"made": {"gt": self.commit}}}]
        if self.failed:  # ignore the documents these made, keep those they ended
            failed = list(self.failed)
            gone = {"bool": {"filter": [gone], "must_not": [{"terms": {"ended": failed}}]}}
            hidden.append({"terms": {"made": failed}})
        terms = [{"term": {name: value}} for name, value in more.items()]
        return {"bool": {"filter": [*queries, *terms], "must_not": [*hidden, gone]}}


def published(engine: Engine) -> State | None:
    """The state that readers see; None where there is no index."""
    found = engine.get(f"{engine.name}-meta", "state")
    return _state(found) if found else None


def read_state(engine: Engine) -> State:
    """The published state. Raises `IndexMissing`, or `IndexDamaged` for another version."""
    state = published(engine)
    if state is None:
        raise IndexMissing(f"{engine.address}: no index here; make one with: pilcrow index")
    if state.format != FORMAT:
        raise IndexDamaged(
            f"{engine.address}: the index is of another version; "
            "make it anew with: pilcrow index --rebuild"
        )
    return state


def _state(found: Json) -> State:
    data = json.loads(found["_source"]["data"]["json"])
    times = tuple((number, when) for number, when in data["times"])
    return State(**{**data, "failed": tuple(data["failed"]), "times": times})


class CommitWatch:
    """Raises `IndexUnavailable` for readers of a commit once later commits may have deleted its
    documents: answers would then be incomplete."""

    def __init__(self, engine: Engine, state: State) -> None:
        self._engine, self._state, self._looked = engine, state, time.monotonic()

    def __call__(self) -> None:
        """Checks the published state, at most every `CHECKED` seconds."""
        if time.monotonic() - self._looked < CHECKED:
            return
        now = published(self._engine)
        if now and now.generation == self._state.generation:  # other generations are deleted whole
            times = (*now.times, (now.commit, now.modified))
            later = [when for number, when in times if number > self._state.commit]
            if min(later, default=math.inf) < time.time() - KEPT_SECONDS + 2 * CHECKED:
                raise IndexUnavailable(
                    f"{self._engine.address}: the index has changed long since; open it anew"
                )
        self._looked = time.monotonic()


def create_generation(engine: Engine, generation: int, shards: int, replicas: int) -> None:
    """Creates those indexes of a generation that do not exist yet."""
    for kind in INDEXES:
        path = f"/{engine.index(kind, generation)}"
        try:
            engine.ask("PUT", path, mapping(kind, shards, replicas))
        except RefusedQuery as error:
            if "already exists" not in str(error):
                raise


# --- data of a commit as a whole ----------------------------------------------------------------


def write_meta(engine: Engine, generation: int, name: str, value: Any) -> None:
    """Writes plain values under a name in the `meta` index of a generation."""
    index = engine.index("meta", generation)
    raw = json.dumps(value, separators=(",", ":")).encode()
    text = b64encode(zlib.compress(raw, 3)).decode()
    pieces = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    for number, piece in enumerate(pieces):
        body = {"key": f"{name}.{number}", "data": {"of": len(pieces), "bytes": piece}}
        engine.ask("PUT", f"/{index}/_doc/{name}.{number}", body)


def read_meta(engine: Engine, generation: int, name: str) -> Any:
    """The value written under a name in the `meta` index; None if there is none."""
    index = engine.index("meta", generation)
    pieces: list[str] = []
    size = 1
    while len(pieces) < size:
        found = engine.get(index, f"{name}.{len(pieces)}")
        if found is None:
            return None
        data = found["_source"]["data"]
        pieces.append(data["bytes"])
        size = data["of"]
    return json.loads(zlib.decompress(b64decode("".join(pieces))))


def word_counts_of(engine: Engine, state: State) -> WordCounts:
    """The word counts of a commit. Raises `IndexDamaged` if they are missing."""
    counts = read_meta(engine, state.generation, f"words.{state.commit}")
    if counts is None:
        raise IndexDamaged(
            f"{engine.address}: the words of commit {state.commit} are missing; "
            "make the index anew with: pilcrow index --rebuild"
        )
    return WordCounts.of(counts)


# --- reading ------------------------------------------------------------------------------------


class ClusterStore:
    """The articles and the ledger of one commit, for reading: see `store.reader.Store`."""

    def __init__(self, engine: Engine, state: State | None) -> None:
        """`state` None: there is no index, and the store is empty."""
        self.engine, self.state = engine, state
        self.generation = state.commit if state else 0
        self.unread = 0

    def entries(self) -> tuple[Entry, ...]:
        """The entry of each article, sorted by article id."""
        return tuple(self.made[name][0] for name in sorted(self.made))

    @cached_property
    def made(self) -> dict[str, tuple[Entry, int]]:
        """Article id → its entry, and the commit that made it."""
        return self._entries("articles", packed_of)

    @cached_property
    def ledgers(self) -> dict[str, tuple[LedgerEntry, int]]:
        """Article id → the entry of its records, and the commit that made them."""
        return self._entries("ledger", packed_ledger_of)

    def _entries(self, kind: str, read: Callable[[Json], Any]) -> dict[str, tuple[Any, int]]:
        found = {}
        for hit in self._walk(kind, ("data.entry", "made")):
            entry = read(hit["data"]).entry
            found[entry.article_id] = entry, int(hit["made"])
        return found

    def versions(self) -> dict[str, str]:
        """Article id → version."""
        return {entry.article_id: entry.version for entry in self.entries()}

    def load(self, article_id: str) -> Stored:
        """An article with its passages. Raises `NotFound`, `IndexDamaged`."""
        with self._guarded():
            packed = next(self.packed([article_id]))
            return unpack(packed.entry, packed.payload)

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order of `article_ids`. Raises `NotFound`."""
        left = list(article_ids)
        while left:
            ids, left = left[:50], left[50:]
            query = {"terms": {"article": [*map(keyword, ids)]}}
            hits = self._found("articles", query, len(ids))
            found = {one.entry.article_id: one for one in map(packed_of, hits)}
            for name in ids:
                if name not in found:
                    raise NotFound(f"no article {name!r} in {self.engine.address}")
                yield found[name]

    def every(self, *fields: str) -> Iterator[Json]:
        """The named data fields of every article's document."""
        source = [f"data.{name}" for name in fields]
        return (hit["data"] for hit in self._walk("articles", source))

    def record(self, passage_id: str) -> Record | None:
        """The ledger's record of a passage id; None if it never changed, or is unknown."""
        for data in self._found("ledger", {"term": {"ids": passage_id}}):
            found = self._records(packed_ledger_of(data))
            if passage_id in found:
                return found[passage_id]
        return None

    def records(self, article_id: str) -> dict[str, Record]:
        """Passage id → record, for the ids issued for an article that have one."""
        found = self._found("ledger", {"term": {"article": keyword(article_id)}})
        return self._records(packed_ledger_of(found[0])) if found else {}

    def recorded_articles(self) -> tuple[str, ...]:
        """Ids of the articles, present or gone, that have records, sorted."""
        return tuple(sorted(self.ledgers))

    def packed_ledgers(self) -> Iterator[PackedLedger]:
        """The records of all articles."""
        return (packed_ledger_of(hit["data"]) for hit in self._walk("ledger", ("data",)))

    def _records(self, packed: PackedLedger) -> dict[str, Record]:
        with self._guarded():
            return unpack_records(packed.entry, packed.payload)

    def _found(self, kind: str, query: Json, size: int = 10) -> list[Json]:
        """Entry and payload of the documents that a query finds."""
        if self.state is None:
            return []
        source = ["data.entry", "data.payload"]
        body = {"query": self.state.shown(query), "size": size, "_source": source}
        index = self.engine.index(kind, self.state.generation)
        return [hit["_source"]["data"] for hit in self.engine.search(index, body)["hits"]["hits"]]

    def _walk(self, kind: str, source: Sequence[str]) -> Iterator[Json]:
        if self.state is not None:
            index = self.engine.index(kind, self.state.generation)
            for hit in self.engine.walk(index, self.state.shown(), {"_source": list(source)}):
                yield hit["_source"]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except StoreDamaged as error:
            raise IndexDamaged(
                f"{self.engine.address}: the index is damaged ({error}); "
                "make it anew with: pilcrow index --rebuild"
            ) from error


# --- writing ------------------------------------------------------------------------------------


class ClusterWriter:
    """Writes articles and ledger for a commit: see `store.writer.Writer`. Readers see none of it
    until the state names that commit."""

    is_anew = False

    def __init__(
        self,
        engine: Engine,
        generation: int,
        before: ClusterStore,
        stamp: Stamp,
        *,
        wanted: Any = None,
    ) -> None:
        """`before`: the commit before; `wanted`: whether to write an article, by id (all)."""
        self.engine, self.generation, self.before, self.stamp = engine, generation, before, stamp
        self.losses: list[str] = []
        self.counts = WordCounts()  # of added articles, less those removed
        self.sent = Counter[str]()  # documents, by index
        self._wanted = wanted or (lambda _: True)
        self._sender = Sender(engine)
        self._inverter = Inverter()
        self._held: dict[str, Packed] = {}
        self._size = 0
        self._touched: set[str] = set()
        self._records: dict[str, PackedLedger] = {}

    @property
    def entries(self) -> dict[str, Entry]:
        """Article id → entry, as of the commit before."""
        return {name: entry for name, (entry, _) in self.before.made.items()}

    @property
    def ledgers(self) -> dict[str, LedgerEntry]:
        """Article id → the entry of its records, as of the commit before."""
        return {name: entry for name, (entry, _) in self.before.ledgers.items()}

    def put(self, article: Article, passages: Sequence[Passage], *, source: str, root: str) -> None:
        """Stores an article; replaces the one with the same id, if there is one."""
        self.add(pack(article, passages, source=source, root=root))

    def add(self, packed: Packed) -> None:
        """Stores a packed article; replaces the one with the same id, if there is one."""
        name = packed.entry.article_id
        if not self._wanted(name):
            return
        if name in self._touched:
            raise ValueError(f"article {name!r} is written twice in one transaction")
        self._end(name)
        self._held[name] = packed
        self._size += len(packed.payload)
        if self._size > BUNCH:
            self._write()

    def delete(self, article_id: str) -> None:
        """Removes an article."""
        self._end(article_id)

    def packed(self, article_id: str) -> Packed:
        """An article as of the commit before. Raises `NotFound`, `IndexDamaged`."""
        return next(self.before.packed([article_id]))

    def records(self, article_id: str) -> dict[str, Record]:
        """The current records of an article's ids, replaced ones included."""
        packed = self._records.get(article_id)
        if packed is not None:
            return unpack_records(packed.entry, packed.payload)
        return self.before.records(article_id)

    def keep_records(self, article_id: str, records: Iterable[Record]) -> None:
        """Replaces the records of an article's ids."""
        self._records[article_id] = pack_records(article_id, records)

    def keep_ledger(self, packed: PackedLedger) -> None:
        """Copies records into this generation unchanged, unless they were replaced."""
        if packed.entry.article_id not in self._records:
            self._put(ledger_of(packed, self.stamp))

    def replace(self, packed: Packed, other: Packed) -> None:
        """Replaces an article of this generation. `IndexDamaged` if it was split otherwise."""
        if packed.entry.passages != other.entry.passages:
            raise IndexDamaged(f"{packed.entry.source}: was split in another way; index it again")
        name = packed.entry.article_id
        self._send({name: packed}, replace(self.stamp, shard=-1), -1, send=False)
        self._send({name: other}, self.stamp, 1)

    def finish(self, *, moved: bool = False) -> None:
        """Sends the rest and returns when everything is acknowledged. `moved`: the records go into
        another generation, so all are written and none are ended."""
        self._write()
        for name, packed in self._records.items():
            old = None if moved else self.before.ledgers.get(name)
            if old and old[0].version == packed.entry.version:
                continue
            if old:
                former = pack_records(name, self.before.records(name).values())
                ended = replace(self.stamp, made=old[1], ended=self.stamp.made)
                self._put(ledger_of(former, ended))
            if packed.entry.ids:
                self._put(ledger_of(packed, self.stamp))
        self._sender.finish()

    def close(self) -> None:
        """Stops the sending threads."""
        self._sender.__exit__()

    def _put(self, document: Document) -> None:
        self.sent[document.kind] += 1
        index = self.engine.index(document.kind, self.generation)
        version = self.stamp.made
        self._sender.put(index, document.id, document.body, version)

    def _end(self, name: str) -> None:
        """Marks the documents of a committed article as ended by this commit."""
        self._touched.add(name)
        old = self.before.made.get(name)
        if old is not None:
            packed = {name: self.packed(name)}
            self._send(packed, replace(self.stamp, made=old[1], ended=self.stamp.made), -1)

    def _write(self) -> None:
        if self._held:
            self._send(self._held, self.stamp, 1)
        self._held, self._size = {}, 0

    def _send(
        self, packed: dict[str, Packed], stamp: Stamp, sign: int, *, send: bool = True
    ) -> None:
        """Counts articles in (sign 1) or out, and sends their documents."""
        run = self._inverter.invert(decode(one.entry, one.payload) for one in packed.values())
        self.counts.add(run, sign)
        for document in articles_of(run, packed, stamp):
            if document.body.get("outer"):
                self.counts.sums["outer"] += sign
            if send:
                self._put(document)


# --- commits ------------------------------------------------------------------------------------


@dataclass
class ClusterCommit:
    """One commit into the generation that readers see; one writer at a time."""

    engine: Engine
    state: State  # as published when the commit began
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    _lock: Json = field(default_factory=dict)
    _beaten: float = 0.0

    def __enter__(self) -> ClusterCommit:
        """Takes the lock, if need be from a dead writer. `IndexBusy` while another one lives."""
        meta = self._meta
        found = self.engine.get(meta, "lock")
        if found and found["_source"]["data"]["owner"] and _is_alive(found):
            raise IndexBusy(
                f"{self.engine.address}: another process is writing to the index; "
                "wait until it has finished and try again"
            )
        self._hold(found)
        state = published(self.engine)
        assert state is not None
        last = self._lock["attempt"]
        failed = sorted({*state.failed, *range(state.commit + 1, last + 1)})
        self.state = replace(state, failed=tuple(failed), attempt=last + 1)
        self._hold(self._found, attempt=last + 1)
        return self

    @property
    def number(self) -> int:
        """The number of this commit."""
        return self.state.attempt

    def beat(self) -> None:
        """Shows others that this writer is alive; `IndexBusy` if another took its lock."""
        if time.monotonic() - self._beaten > STALE / 6:
            self._hold(self._found)

    def publish(self, state: State) -> None:
        """Publishes this commit to readers. `IndexBusy` if another writer took the lock."""
        self._hold(self._found)  # fails unless this writer still holds the lock
        write_state(self.engine, state)

    def __exit__(self, *raised: object) -> None:
        self._hold(self._found, owner="")

    def _hold(
        self, found: Json | None, owner: str | None = None, attempt: int | None = None
    ) -> None:
        last = found["_source"]["data"]["attempt"] if found else self.state.attempt
        data = {
            "owner": self.owner if owner is None else owner,
            "attempt": last if attempt is None else attempt,
            "beat": time.time(),
        }
        params: Json = {"refresh": "false"}
        if found:
            params |= {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        else:
            params["op_type"] = "create"
        body = {"key": "lock", "data": data}
        made = self.engine.ask("PUT", f"/{self._meta}/_doc/lock", body, params)
        self._found: Json = {**made, "_source": body}
        self._lock, self._beaten = data, time.monotonic()

    @property
    def _meta(self) -> str:
        return self.engine.index("meta", self.state.generation)


def _is_alive(found: Json) -> bool:
    return bool(time.time() - found["_source"]["data"]["beat"] < STALE)


def write_state(engine: Engine, state: State) -> None:
    """Writes the state of a generation."""
    text = json.dumps(asdict(replace(state, modified=time.time())))
    body = {"key": "state", "data": {"json": text}}
    meta = engine.index("meta", state.generation)
    engine.ask("PUT", f"/{meta}/_doc/state", body)


def make_visible(engine: Engine, generation: int) -> None:
    """Makes all documents written to a generation visible to searches."""
    for kind in INDEXES[:3]:
        engine.refresh(engine.index(kind, generation))
