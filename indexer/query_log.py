"""Query log: queries of readers that went unanswered, in one SQLite file.

In: queries without a hit, or with hits for only some of their words, and a string that identifies
the reader. Out: the queries with their number of readers, frequency and last day. Several processes
may write at once. No address is written, only a pseudonym: a hash with a key that is lost when the
server ends. Records are deleted after `KEPT_DAYS`. A file beyond `LARGEST` bytes takes no new ones
until old ones are deleted; reports note that. Refuses files that are no query log (`UsageError`).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from indexer.errors import UsageError
from indexer.model import Page

KEPT_DAYS = 90  # days
LARGEST = 64 * 1024 * 1024  # bytes of the file
LONGEST = 200  # code points; longer queries are cut
WAIT = 2.0  # seconds to wait while another process writes
FULL = "the query log is full: nothing is recorded until queries older than 90 days have expired"
Outcome = Literal["nothing", "relaxed"]  # relaxed: passages with some of its words were shown

_TABLE = """
CREATE TABLE IF NOT EXISTS asked (
    day TEXT, query TEXT, outcome TEXT, run TEXT, reader TEXT, times INTEGER NOT NULL,
    PRIMARY KEY (day, query, outcome, run, reader)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO asked VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT (day, query, outcome, run, reader) DO UPDATE SET times = times + 1
"""
# Pseudonyms differ between runs of the server, so readers are counted per run; the maximum is kept.
_GROUPS = """
SELECT query, outcome, MAX(readers) AS readers, SUM(times) AS times, MAX(day) AS last FROM (
    SELECT query, outcome, COUNT(DISTINCT reader) AS readers, SUM(times) AS times, MAX(day) AS day
    FROM asked WHERE day > ? GROUP BY query, outcome, run
) GROUP BY query, outcome HAVING MAX(readers) >= ?
"""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A query that found nothing, or only passages with some of its words."""

    query: str
    outcome: Outcome
    readers: int  # lower bound of the number of readers who asked it
    times: int
    last: str  # day when it was last asked, ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class QueryReport:
    """Unanswered queries, those with most readers first."""

    rows: tuple[Unanswered, ...]
    total: int  # queries in all, not only those shown
    least: int  # minimum number of readers of a listed query
    page: Page
    notes: tuple[str, ...]


def default_path(index: Path) -> Path:
    """Default path of the query log of an index."""
    return index.with_name(f"{index.name}-queries.sqlite")


@dataclass(frozen=True)
class QueryLog:
    """A query log in one file."""

    path: Path
    key: bytes = b""  # for hashing pseudonyms, the same in all processes of a server

    def check(self) -> None:
        """Create the file if it is missing. Raises `UsageError` if it can't be used."""
        with self._open():
            pass

    def record(self, query: str, outcome: Outcome, reader: str, today: str = "") -> None:
        """Record one query. `reader` identifies the reader; only its hash is written."""
        secret = hashlib.blake2b(reader.encode(), key=self.key, digest_size=8).hexdigest()
        run = hashlib.blake2b(b"run", key=self.key, digest_size=8).hexdigest()
        text = " ".join(query.split())[:LONGEST]
        with self._open() as file:
            if not _is_full(file):
                file.execute(_ADD, (today or _day(0), text, outcome, run, secret))

    def report(self, least: int = 1, limit: int | None = None, offset: int = 0) -> QueryReport:
        """Queries that at least `least` readers asked in the last 90 days; deletes older ones."""
        values = (_day(KEPT_DAYS), least)
        with self._open() as file:
            notes = (FULL,) if _is_full(file) else ()
            counted = f"SELECT COUNT(*) FROM ({_GROUPS})"  # nosec B608 # our own words alone
            total = file.execute(counted, values).fetchone()[0]
            order = "ORDER BY readers DESC, times DESC, query, outcome LIMIT ? OFFSET ?"
            part = (-1 if limit is None else limit, offset)
            rows = file.execute(f"{_GROUPS} {order}", values + part).fetchall()
        page = Page(offset, total if limit is None else limit, offset + len(rows) < total)
        return QueryReport(tuple(Unanswered(*row) for row in rows), total, least, page, notes)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction and delete expired records. Raises `UsageError` if the
        file can't be used."""
        try:
            opened = sqlite3.connect(self.path, timeout=WAIT, isolation_level="IMMEDIATE")
            with closing(opened) as file, file:
                file.execute("PRAGMA synchronous = OFF")  # a crash of the machine may lose the log
                file.execute("PRAGMA secure_delete = ON")
                file.execute(_TABLE)
                file.execute("DELETE FROM asked WHERE day <= ?", (_day(KEPT_DAYS),))
                yield file
        except sqlite3.Error as error:
            raise UsageError(f"{self.path}: can't be used as a query log: {error}") from error


def _is_full(file: sqlite3.Connection) -> bool:
    """Whether the pages in use exceed `LARGEST`. (The file doesn't shrink when records go.)"""
    pages, free, size = (
        file.execute(f"PRAGMA {name}").fetchone()[0]  # nosec B608 # our own words alone
        for name in ("page_count", "freelist_count", "page_size")
    )
    return bool((pages - free) * size > LARGEST)


def _day(days_ago: int) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days_ago)).date().isoformat()
