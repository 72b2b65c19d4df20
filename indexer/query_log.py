"""Query log: what readers looked for and did not find, in one SQLite file.

In: queries that found nothing, or only passages with some of their words, each with a pseudonym of
who asked. Out: the queries, with how many readers asked them, how often and when last. Several
processes may write at once. No address is written; a pseudonym is a keyed hash whose key dies with
the server. Records older than `KEPT` days go; beyond `LARGEST` bytes nothing more is written until
old ones have gone, and the report says so. Refuses a file that holds no such log (`UsageError`).
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

KEPT = 90  # days
LARGEST = 64 * 1024 * 1024  # bytes of the file
LONGEST = 200  # code points of a query that are kept
WAIT = 2.0  # seconds for another process that is writing
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
# Readers are told apart within one run of the server: of several runs the largest number counts.
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
    readers: int  # at least so many asked it
    times: int
    last: str  # day, ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class QueryReport:
    """What readers looked for in vain, that of the most readers first."""

    rows: tuple[Unanswered, ...]
    total: int  # queries, not only those shown
    least: int  # readers that a query must have to be listed
    page: Page
    notes: tuple[str, ...]


def beside(index: Path) -> Path:
    """Where the log of an index stands unless a setting says otherwise."""
    return index.with_name(f"{index.name}-queries.sqlite")


@dataclass(frozen=True)
class QueryLog:
    """The log in one file."""

    path: Path
    key: bytes = b""  # of pseudonyms, alike in all processes of a server

    def check(self) -> None:
        """Makes the file if there is none. Raises `UsageError` for one that can't be used."""
        with self._open():
            pass

    def record(self, query: str, outcome: Outcome, reader: str, today: str = "") -> None:
        """Writes down one query; `reader` tells people apart and is not written itself."""
        secret = hashlib.blake2b(reader.encode(), key=self.key, digest_size=8).hexdigest()
        run = hashlib.blake2b(b"run", key=self.key, digest_size=8).hexdigest()
        text = " ".join(query.split())[:LONGEST]
        with self._open() as file:
            if not _is_full(file):
                file.execute(_ADD, (today or _day(0), text, outcome, run, secret))

    def report(self, least: int = 1, limit: int | None = None, offset: int = 0) -> QueryReport:
        """Queries that `least` readers asked in the last 90 days; what is older is deleted."""
        asked = (_day(KEPT), least)
        with self._open() as file:
            notes = (FULL,) if _is_full(file) else ()
            counted = f"SELECT COUNT(*) FROM ({_GROUPS})"  # nosec B608 # our own words alone
            total = file.execute(counted, asked).fetchone()[0]
            order = "ORDER BY readers DESC, times DESC, query, outcome LIMIT ? OFFSET ?"
            part = (-1 if limit is None else limit, offset)
            rows = file.execute(f"{_GROUPS} {order}", asked + part).fetchall()
        page = Page(offset, total if limit is None else limit, offset + len(rows) < total)
        return QueryReport(tuple(Unanswered(*row) for row in rows), total, least, page, notes)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file in one transaction, without what is too old. Raises `UsageError` for one that
        can't be used."""
        try:
            opened = sqlite3.connect(self.path, timeout=WAIT, isolation_level="IMMEDIATE")
            with closing(opened) as file, file:
                file.execute("PRAGMA synchronous = OFF")  # a crash of the machine may cost the log
                file.execute("PRAGMA secure_delete = ON")
                file.execute(_TABLE)
                file.execute("DELETE FROM asked WHERE day <= ?", (_day(KEPT),))
                yield file
        except sqlite3.Error as error:
            raise UsageError(f"{self.path}: can't be used as a query log: {error}") from error


def _is_full(file: sqlite3.Connection) -> bool:
    """Whether too many pages are in use; the file keeps the size that it once had."""
    pages, free, size = (
        file.execute(f"PRAGMA {name}").fetchone()[0]  # nosec B608 # our own words alone
        for name in ("page_count", "freelist_count", "page_size")
    )
    return bool((pages - free) * size > LARGEST)


def _day(before: int) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=before)).date().isoformat()
