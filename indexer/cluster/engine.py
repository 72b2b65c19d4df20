"""The engine: one OpenSearch cluster, asked and written to over HTTP.

In: an address. Out: answers that are whole. A search that some shard did not answer is never taken
for an answer: it is `IndexUnavailable`, unless it was asked for what there is (`asked_for_some`).
Credentials come from the settings; an address that holds a password is refused without being
repeated.
"""

from __future__ import annotations

import json
import logging
import random
import time
from binascii import a2b_base64
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from copy import copy
from functools import cached_property
from typing import Any

from indexer.cluster.address import Address
from indexer.errors import IndexBusy, IndexMissing, IndexUnavailable, UsageError
from indexer.settings import Settings

Json = dict[str, Any]

NO_ROOM = 429  # status of a cluster that can't take a request just now
PAGE = 1_000  # documents that are read at a time
BULK = 4 << 20  # bytes that are sent at a time, or a little more
WAITING = 2  # such bunches that may be under way
PATIENCE = 120.0  # seconds after which a bunch that is not taken is an error


class Engine:
    """One cluster, and the indexes of one name in it; safe to share between threads."""

    # by index: how many of how many shards did not answer, each time; None: all have to
    unanswered: dict[str, set[tuple[int, int]]] | None = None
    watch: Callable[[], None] = staticmethod(lambda: None)  # called before anything is searched

    def __init__(self, address: Address, settings: Settings) -> None:
        try:
            from opensearchpy import OpenSearch
        except ImportError:
            raise UsageError(
                "an index in a cluster needs opensearch-py: pip install 'pilcrow-search[cluster]'"
            ) from None
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # errors are told by us
        self.address, self.name = address, address.name
        access = settings.opensearch
        options: Json = {}
        if access.token:
            options["headers"] = {"Authorization": f"Bearer {access.token}"}
        elif access.user:
            options["http_auth"] = (access.user, access.password)
        if address.tls and access.ca:
            options["ca_certs"] = str(access.ca)
        self._client = OpenSearch(
            hosts=[{"host": host, "port": port} for host, port in address.hosts],
            use_ssl=address.tls,
            verify_certs=address.tls,
            pool_maxsize=16,
            timeout=60,
            max_retries=2,
            retry_on_timeout=True,
            **options,
        )

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def asked_for_some(self) -> Engine:
        """The same cluster, asked for what there is: `unanswered` tells what there is not."""
        other = copy(self)
        other.unanswered = defaultdict(set)
        return other

    def index(self, kind: str, generation: int) -> str:
        """The name of an index of a generation."""
        return f"{self.name}-{kind}-{generation:06}"

    # --- asking -----------------------------------------------------------------------------

    def ask(
        self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """What the engine answers. `IndexUnavailable`, `IndexMissing`, `IndexBusy`, `UsageError`
        for credentials that are refused."""
        from opensearchpy.exceptions import OpenSearchException

        reads = method == "GET" or "_search" in path
        pauses = [0.2, 0.5] if reads else [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
        while True:
            try:
                return self._ask(method, path, body, params)
            except OpenSearchException as error:
                if _status(error) != NO_ROOM or not pauses:
                    raise self._told(error) from error
            time.sleep(pauses.pop(0))

    def _ask(self, method: str, path: str, body: Any, params: Mapping[str, Any] | None) -> Any:
        return self._client.transport.perform_request(
            method, path, params=dict(params or {}), body=body
        )

    def _told(self, error: Exception) -> Exception:
        status, reason = _status(error), _reason(error)
        if status in (401, 403):
            remedy = "set PILCROW_OPENSEARCH_USER and …_PASSWORD, or …_TOKEN"
            return UsageError(f"{self.address}: the cluster refuses the credentials; {remedy}")
        if status == 404:
            return IndexMissing(f"{self.address}: {reason}; make an index with: pilcrow index")
        if status == 409:
            return IndexBusy(f"{self.address}: another process has written since; try again")
        if status == 400:
            return RefusedQuery(f"{self.address}: the cluster refuses the request: {reason}")
        return IndexUnavailable(f"{self.address}: no whole answer ({reason}); try again later")

    @cached_property
    def legacy(self) -> bool:
        """Whether scores have k1 + 1 as a factor: before version 3, or where that is not told."""
        try:
            return int(self.ask("GET", "/")["version"]["number"].split(".")[0]) < 3
        except UsageError:
            return True

    def search(self, index: str, body: Json) -> Json:
        """One search, whole. (One at a point in time, which names no index, is that of as many
        shards as the point in time is.)"""
        self.watch()
        some = bool(index) and self.unanswered is not None
        options = {"allow_partial_search_results": json.dumps(some)}
        path = f"/{index}/_search" if index else "/_search"
        return self._whole(self.ask("POST", path, body, options), index)

    def search_all(self, asked: Sequence[tuple[str, Json, Json]]) -> list[Json]:
        """Several searches, each whole, in one request: index, body and what else is said of
        each."""
        if not asked:
            return []
        self.watch()
        some = self.unanswered is not None
        lines: list[str] = []
        for index, body, more in asked:
            head = {"index": index, "allow_partial_search_results": some, **more}
            lines += (json.dumps(head), json.dumps(body))
        answers = self.ask("POST", "/_msearch", "\n".join(lines) + "\n")["responses"]
        for answer in answers:
            if "error" in answer:
                raise self._told(_Failed(answer.get("status", 500), answer["error"]))
        return [self._whole(answer, index) for answer, (index, _, _) in zip(answers, asked)]

    def _whole(self, answer: Json, index: str = "") -> Json:
        shards = answer["_shards"]
        # a shard of which there is no copy left is not among those that failed
        lost, of = shards["total"] - shards["successful"], shards["total"]
        if index and self.unanswered is not None and not answer.get("timed_out"):
            self.unanswered[index].add((lost, of))
        elif lost or answer.get("timed_out"):
            said = f"{lost} of {of} shards did not answer"
            raise IndexUnavailable(f"{self.address}: {said}; try again later")
        return answer

    def count_each(self, index: str, queries: Sequence[Json]) -> list[int]:
        """How many documents each query finds."""
        more = {"size": 0, "track_total_hits": True}
        answers = self.search_all([(index, {"query": query, **more}, {}) for query in queries])
        return [answer["hits"]["total"]["value"] for answer in answers]

    def get(self, index: str, identifier: str) -> Json | None:
        """A document by its id, as last written; None if there is none."""
        try:
            found: Json = self.ask("GET", f"/{index}/_doc/{identifier}")
        except IndexMissing:
            return None
        return found

    @contextmanager
    def at_one_time(self, index: str) -> Iterator[Json]:
        """A point in time of an index, to be asked in place of its name."""
        # what is missing from it now, no search of it would tell
        some = json.dumps(self.unanswered is not None)
        params = {"keep_alive": "5m", "allow_partial_pit_creation": some}
        path = f"/{index}/_search/point_in_time"
        pit = self._whole(self.ask("POST", path, params=params), index)["pit_id"]
        try:
            yield {"id": pit, "keep_alive": "5m"}
        finally:
            with suppress(IndexUnavailable, IndexMissing):
                self.ask("DELETE", "/_search/point_in_time", {"pit_id": [pit]})

    def walk(self, index: str, query: Json, wanted: Json, *, few: bool = False) -> Iterator[Json]:
        """All hits of a query at one point in time, in order of `key`. `wanted`: what is asked of
        each; `few`: whether one page is likely to hold them."""
        body: Json = {
            "query": query,
            "size": PAGE,
            "sort": [{"key": "asc"}],
            **wanted,
            "track_total_hits": False,
        }
        if few and len(hits := self.search(index, body)["hits"]["hits"]) < PAGE:
            yield from hits
            return
        with self.at_one_time(index) as pit, ThreadPoolExecutor(1) as pool:
            body["pit"] = pit
            coming = pool.submit(self.search, "", body)
            while True:
                hits = coming.result()["hits"]["hits"]
                if len(hits) < PAGE:
                    yield from hits
                    return
                # comes while these are looked at
                body = {**body, "search_after": hits[-1]["sort"]}
                coming = pool.submit(self.search, "", body)
                yield from hits

    # --- writing ----------------------------------------------------------------------------

    def refresh(self, index: str) -> None:
        """Makes what was written visible to searches, on all shards."""
        shards = self.ask("POST", f"/{index}/_refresh")["_shards"]  # copies that are not there too
        if shards["failed"]:
            said = f"{shards['failed']} of {shards['total']} shards were not refreshed"
            raise IndexUnavailable(f"{self.address}: {said}; try again later")

    def bulk(self, lines: Sequence[str]) -> None:
        """Sends actions, those again that the cluster had no room for.

        `IndexBusy` if another process has written the same documents later; `IndexUnavailable` if
        the cluster does not take them in time: nothing is lost, for they may be sent again.
        """
        began, pause = time.monotonic(), 0.2
        left = list(lines)
        while left:
            answer = None
            try:
                # among the parameters the client would take `timeout` for its own
                answer = self.ask("POST", "/_bulk?timeout=60s", "\n".join(left) + "\n")
            except IndexUnavailable:
                if time.monotonic() - began > PATIENCE:
                    raise
            if answer is not None:
                left = self._again(left, answer) if answer["errors"] else []
            if left:
                if time.monotonic() - began > PATIENCE:
                    number = sum('"_id"' in line for line in left)
                    raise IndexUnavailable(
                        f"{self.address}: {number} documents were not acknowledged within "
                        f"{PATIENCE:.0f} s; run the same command again"
                    )
                time.sleep(pause * (0.5 + random.random()))
                pause = min(pause * 2, 10.0)

    def _again(self, lines: Sequence[str], answer: Json) -> list[str]:
        """The lines of the actions that failed for want of room."""
        again: list[str] = []
        at = 0
        for item in answer["items"]:
            kind, told = next(iter(item.items()))
            size = 1 if kind == "delete" else 2
            if "error" in told and not (kind == "delete" and told["status"] == 404):
                if told["status"] not in (429, 503):
                    raise self._told(_Failed(told["status"], told["error"]))
                again += lines[at : at + size]
            at += size
        return again


def columns(*names: str) -> Json:
    """What is asked of each hit, so that the engine need not read the documents."""
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": list(names)}


def column_of(hit: Json, name: str) -> bytes:
    """A column of bytes of a hit; the engine writes the other alphabet of base64."""
    return a2b_base64(f"{hit['fields'][name][0]}==".encode().translate(_PLAIN))


_PLAIN = bytes.maketrans(b"-_", b"+/")


class RefusedQuery(UsageError):
    """A query that the engine does not take: too many clauses or terms."""


class _Failed(Exception):
    def __init__(self, status: int, error: Any) -> None:
        self.status_code, self.info = status, {"error": error}
        super().__init__(str(error))


def _status(error: Exception) -> object:
    """The status of HTTP that an error came with."""
    return getattr(error, "status_code", None)


def _reason(error: Exception) -> str:
    """What went wrong, in a few words."""
    info = getattr(error, "info", None)
    told = info.get("error", info) if isinstance(info, dict) else info
    if isinstance(told, dict):
        causes = [*(told.get("root_cause") or ()), told]
        told = next((c["reason"] for c in causes if c.get("reason")), told.get("type", ""))
    said = str(told or error) if not isinstance(told, Exception) else type(error).__name__
    return " ".join(said.split())[:200]


class Sender:
    """Sends documents in bunches, a few at a time; whoever gives them waits where the cluster can't
    keep pace. Used by one thread, as a context; it ends when all are acknowledged."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(WAITING)
        self._sent: list[Future[None]] = []
        self._lines: list[str] = []
        self._size = 0

    def put(self, index: str, identifier: str, document: Json, version: int) -> None:
        """Writes a document under an id, unless a later version of it is there."""
        more = {"version": version, "version_type": "external_gte"}
        self._add({"index": {**_named(index, identifier), **more}}, document)

    def delete(self, index: str, identifier: str) -> None:
        """Removes a document."""
        self._add({"delete": _named(index, identifier)})

    def _add(self, *parts: Json) -> None:
        lines = [json.dumps(part, separators=(",", ":")) for part in parts]
        self._lines += lines
        self._size += sum(map(len, lines))
        if self._size > BULK:
            self._send()

    def _send(self) -> None:
        while len(self._sent) >= WAITING:
            self._sent.pop(0).result()
        if self._lines:
            self._sent.append(self._pool.submit(self._engine.bulk, self._lines))
            self._lines, self._size = [], 0

    def finish(self) -> None:
        """Returns when all is acknowledged."""
        self._send()
        while self._sent:
            self._sent.pop(0).result()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _named(index: str, identifier: str) -> Json:
    """Where a document is: all that are named by the same up to a dot are on one shard."""
    return {"_index": index, "_id": identifier, "routing": identifier.partition(".")[0]}
