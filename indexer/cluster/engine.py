"""The engine: one OpenSearch cluster, read and written over HTTP.

In: an address. Out: complete answers. A search that some shard did not answer raises
`IndexUnavailable`, unless partial answers were allowed (`asked_for_some`). Credentials come from
the settings; an address that holds a password is refused, and the message does not repeat it.
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
PAGE_SIZE = 1_000  # documents read per request
BULK = 4 << 20  # bytes sent per request, or a little more
WAITING = 2  # bulk requests that may be under way
PATIENCE = 120.0  # seconds after which a bulk request that the cluster does not take is an error


class Engine:
    """One cluster, and the indexes of one name in it; safe to share between threads."""

    # index → (shards that did not answer, all shards), for each answer; None: all must answer
    unanswered: dict[str, set[tuple[int, int]]] | None = None
    watch: Callable[[], None] = staticmethod(lambda: None)  # called before each search

    def __init__(self, address: Address, settings: Settings) -> None:
        try:
            from opensearchpy import OpenSearch
        except ImportError:
            raise UsageError(
                "an index in a cluster needs opensearch-py: pip install 'pilcrow-search[cluster]'"
            ) from None
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # we report errors ourselves
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
        """Closes the connections."""
        self._client.close()

    def asked_for_some(self) -> Engine:
        """The same cluster, with partial answers allowed: `unanswered` counts missing shards."""
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
        """The engine's answer to a request. Raises `IndexUnavailable`, `IndexMissing`, `IndexBusy`
        or, for refused credentials or a refused request, `UsageError`."""
        from opensearchpy.exceptions import OpenSearchException

        reads = method == "GET" or "_search" in path
        pauses = [0.2, 0.5] if reads else [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
        while True:
            try:
                return self._ask(method, path, body, params)
            except OpenSearchException as error:
                if _status(error) != NO_ROOM or not pauses:
                    raise self._as_error(error) from error
            time.sleep(pauses.pop(0))

    def _ask(self, method: str, path: str, body: Any, params: Mapping[str, Any] | None) -> Any:
        return self._client.transport.perform_request(
            method, path, params=dict(params or {}), body=body
        )

    def _as_error(self, error: Exception) -> Exception:
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
        """Whether scores have the factor k1 + 1: before version 3, or if the version is refused."""
        try:
            return int(self.ask("GET", "/")["version"]["number"].split(".")[0]) < 3
        except UsageError:
            return True

    def search(self, index: str, body: Json) -> Json:
        """Run one search; raises if a shard that must answer failed. (A search at a point in time
        names no index and covers the shards that the point in time covers.)"""
        self.watch()
        partial = bool(index) and self.unanswered is not None
        options = {"allow_partial_search_results": json.dumps(partial)}
        path = f"/{index}/_search" if index else "/_search"
        return self._whole(self.ask("POST", path, body, options), index)

    def search_all(self, searches: Sequence[tuple[str, Json, Json]]) -> list[Json]:
        """Run several searches in one request. Each is (index, body, parameters); raises if a
        shard that must answer failed."""
        if not searches:
            return []
        self.watch()
        partial = self.unanswered is not None
        lines: list[str] = []
        for index, body, parameters in searches:
            head = {"index": index, "allow_partial_search_results": partial, **parameters}
            lines += (json.dumps(head), json.dumps(body))
        answers = self.ask("POST", "/_msearch", "\n".join(lines) + "\n")["responses"]
        for answer in answers:
            if "error" in answer:
                raise self._as_error(_Failed(answer.get("status", 500), answer["error"]))
        return [self._whole(answer, index) for answer, (index, _, _) in zip(answers, searches)]

    def _whole(self, answer: Json, index: str = "") -> Json:
        shards = answer["_shards"]
        # a shard without any copy left is not counted as failed
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
        """The document with an id, as last written; None if there is none."""
        try:
            found: Json = self.ask("GET", f"/{index}/_doc/{identifier}")
        except IndexMissing:
            return None
        return found

    @contextmanager
    def at_one_time(self, index: str) -> Iterator[Json]:
        """A point in time of an index, to search instead of naming the index."""
        # later searches of it would not report the shards that are missing now
        partial = json.dumps(self.unanswered is not None)
        params = {"keep_alive": "5m", "allow_partial_pit_creation": partial}
        path = f"/{index}/_search/point_in_time"
        pit = self._whole(self.ask("POST", path, params=params), index)["pit_id"]
        try:
            yield {"id": pit, "keep_alive": "5m"}
        finally:
            with suppress(IndexUnavailable, IndexMissing):
                self.ask("DELETE", "/_search/point_in_time", {"pit_id": [pit]})

    def walk(self, index: str, query: Json, wanted: Json, *, few: bool = False) -> Iterator[Json]:
        """All hits of a query at one point in time, in order of `key`. `wanted`: what to return of
        each hit; `few`: whether they are likely to fit on one page."""
        body: Json = {
            "query": query,
            "size": PAGE_SIZE,
            "sort": [{"key": "asc"}],
            **wanted,
            "track_total_hits": False,
        }
        if few and len(hits := self.search(index, body)["hits"]["hits"]) < PAGE_SIZE:
            yield from hits
            return
        with self.at_one_time(index) as pit, ThreadPoolExecutor(1) as pool:
            body["pit"] = pit
            coming = pool.submit(self.search, "", body)
            while True:
                hits = coming.result()["hits"]["hits"]
                if len(hits) < PAGE_SIZE:
                    yield from hits
                    return
                # fetched while the caller processes these
                body = {**body, "search_after": hits[-1]["sort"]}
                coming = pool.submit(self.search, "", body)
                yield from hits

    # --- writing ----------------------------------------------------------------------------

    def refresh(self, index: str) -> None:
        """Makes all writes visible to searches, on all shards."""
        shards = self.ask("POST", f"/{index}/_refresh")["_shards"]  # counts missing copies too
        if shards["failed"]:
            said = f"{shards['failed']} of {shards['total']} shards were not refreshed"
            raise IndexUnavailable(f"{self.address}: {said}; try again later")

    def bulk(self, lines: Sequence[str]) -> None:
        """Sends actions, and resends those that the cluster had no room for.

        `IndexBusy` if another process has written the same documents later; `IndexUnavailable` if
        the cluster does not take them in time: nothing is lost, for they can be sent again.
        """
        began, pause = time.monotonic(), 0.2
        left = list(lines)
        while left:
            answer = None
            try:
                # as a parameter, the client would take `timeout` as its own
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
        """The lines of the actions that failed because the cluster had no room."""
        again: list[str] = []
        at = 0
        for item in answer["items"]:
            kind, result = next(iter(item.items()))
            size = 1 if kind == "delete" else 2
            if "error" in result and not (kind == "delete" and result["status"] == 404):
                if result["status"] not in (429, 503):
                    raise self._as_error(_Failed(result["status"], result["error"]))
                again += lines[at : at + size]
            at += size
        return again


def columns(*names: str) -> Json:
    """Request options that return these columns of each hit without reading the documents."""
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": list(names)}


def column_of(hit: Json, name: str) -> bytes:
    """The bytes of one column of a hit; the engine uses the URL-safe alphabet of base64."""
    return a2b_base64(f"{hit['fields'][name][0]}==".encode().translate(_PLAIN))


_PLAIN = bytes.maketrans(b"-_", b"+/")


class RefusedQuery(UsageError):
    """A query that the engine refuses: too many clauses or terms, for example."""


class _Failed(Exception):
    def __init__(self, status: int, error: Any) -> None:
        self.status_code, self.info = status, {"error": error}
        super().__init__(str(error))


def _status(error: Exception) -> object:
    """The HTTP status of an error; None if it has none."""
    return getattr(error, "status_code", None)


def _reason(error: Exception) -> str:
    """The reason for an error, in at most 200 characters."""
    info = getattr(error, "info", None)
    told = info.get("error", info) if isinstance(info, dict) else info
    if isinstance(told, dict):
        causes = [*(told.get("root_cause") or ()), told]
        told = next((c["reason"] for c in causes if c.get("reason")), told.get("type", ""))
    said = str(told or error) if not isinstance(told, Exception) else type(error).__name__
    return " ".join(said.split())[:200]


class Sender:
    """Sends documents in bulk requests, `WAITING` at a time; `put` and `delete` block while the
    cluster can't keep pace. For one thread, as a context; call `finish` before it ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(WAITING)
        self._sent: list[Future[None]] = []
        self._lines: list[str] = []
        self._size = 0

    def put(self, index: str, identifier: str, document: Json, version: int) -> None:
        """Writes a document under an id; sending raises `IndexBusy` for an older version."""
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
        """Sends the rest and returns when everything is acknowledged."""
        self._send()
        while self._sent:
            self._sent.pop(0).result()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _named(index: str, identifier: str) -> Json:
    """A document's address: ids that are the same up to the dot are on one shard."""
    return {"_index": index, "_id": identifier, "routing": identifier.partition(".")[0]}
