"""SQLite FTS5, as its documentation advises.

The text is in the FTS5 table itself (`detail=full`, porter over unicode61 or only unicode61,
diacritics removed), titles and sections are in ordinary tables. One transaction on a new file
without a journal (there is nothing to roll back to), synced at the end; a write hash of 64 MB
instead of 1 MB, so that fewer segments are merged; then `optimize`, timed separately. Reading maps
the file. Queries have the form that the planner answers only from the sorted rank, with snippets
only for the ten shown. Occurrences come from `fts5vocab` for single words, else from `highlight`:
Python's sqlite3 can't call FTS5's own extension functions.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from benchmarks.engines import base
from benchmarks.engines.base import CLOSE, OPEN, TOP, Audit, Mode, Shown, marked
from benchmarks.engines.passages import Row
from benchmarks.engines.queries import NEAR, Query

FILE = "index.db"
SNIPPET_WORDS = 55  # about the length of the other engines' snippets
UNICODE = "unicode61 remove_diacritics 2"

TOP_SQL = f"""
SELECT article.title, passage.section, hit.shown
FROM (
    SELECT rowid, snippet(fts, 0, ?, ?, '…', {SNIPPET_WORDS}) AS shown
    FROM fts WHERE fts MATCH ? ORDER BY rank LIMIT {TOP}
) AS hit
JOIN passage ON passage.id = hit.rowid JOIN article ON article.id = passage.article
"""
COUNT_SQL = "SELECT count(*) FROM fts WHERE fts MATCH ?"
INSTANCES_SQL = """
SELECT doc, offset, article, section
FROM instances JOIN passage ON passage.id = doc WHERE term >= ? AND term < ?
"""
HIGHLIGHT_SQL = """
SELECT fts.rowid, highlight(fts, 0, ?, ?), article, section
FROM fts JOIN passage ON passage.id = fts.rowid WHERE fts MATCH ?
"""
NAMES_SQL = "SELECT id, name FROM article WHERE id IN (SELECT value FROM json_each(?))"


class Engine(base.Engine):
    """SQLite's full-text index."""

    label = "SQLite FTS5"
    needs = "sqlite3"
    install = "comes with Python"
    cannot: ClassVar = {task: frozenset({"fuzzy"}) for task in base.TASKS}

    def version(self) -> str:
        """The version of SQLite."""
        return f"SQLite {sqlite3.sqlite_version}"

    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """All rows in one transaction."""
        tokenizer = f"porter {UNICODE}" if mode == "stem" else UNICODE
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
            db.executescript(
                f"""
                PRAGMA journal_mode = OFF; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -200000;
                CREATE VIRTUAL TABLE fts USING fts5(text, detail=full, tokenize='{tokenizer}');
                CREATE TABLE article(id INTEGER PRIMARY KEY, name TEXT, title TEXT);
                CREATE TABLE passage(id INTEGER PRIMARY KEY, article INTEGER, section TEXT);
                INSERT INTO fts(fts, rank) VALUES ('hashsize', 67108864);
                BEGIN;
                """
            )
            article, name = 0, None
            for number, row in enumerate(rows, start=1):
                if row.article != name:
                    article, name = article + 1, row.article
                    db.execute("INSERT INTO article VALUES (?, ?, ?)", (article, name, row.title))
                db.execute("INSERT INTO fts(rowid, text) VALUES (?, ?)", (number, row.text))
                db.execute("INSERT INTO passage VALUES (?, ?, ?)", (number, article, row.section))
            db.execute("COMMIT")
        with open(folder / FILE, "rb") as file:
            os.fsync(file.fileno())

    def tidy(self, folder: Path) -> bool:
        """Merges all segments into one."""
        with closing(sqlite3.connect(folder / FILE)) as db:
            db.execute("INSERT INTO fts(fts) VALUES ('optimize')")
            db.commit()
        return True

    def open(self, folder: Path, mode: Mode) -> Session:
        """A connection for reading."""
        return Session(folder, mode)


class Session(base.Session):
    """An open connection."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self._db = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)
        self._db.executescript(
            f"""
            PRAGMA mmap_size = 4294967296; PRAGMA cache_size = -65536;
            CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, fts, instance);
            CREATE VIRTUAL TABLE temp.scratch USING fts5(w, tokenize='porter {UNICODE}');
            CREATE VIRTUAL TABLE temp.stems USING fts5vocab(temp, scratch, row);
            """
        )
        self._stems = mode == "stem"

    def top(self, query: Query) -> Sequence[Shown]:
        """Ten rows by rank, with FTS5's own snippets."""
        rows = self._db.execute(TOP_SQL, (OPEN, CLOSE, as_match(query))).fetchall()
        return [
            Shown(marked(title), marked(section), marked(text)) for title, section, text in rows
        ]

    def count(self, query: Query) -> int:
        """Rows that match."""
        found = self._db.execute(COUNT_SQL, (as_match(query),)).fetchone()
        return int(found[0])

    def audit(self, query: Query) -> Audit:
        """Instances of single words, else matches in the highlighted texts of all rows."""
        if query.kind in ("and", "phrase", "near"):
            found = list(self._highlighted(as_match(query)))
        else:
            found = [row for low, high in self._ranges(query) for row in self._instances(low, high)]
        cells = Counter((article, section) for _, _, article, section in found)
        articles = json.dumps(sorted({article for article, _ in cells}))
        names = dict(self._db.execute(NAMES_SQL, (articles,)))
        return Audit(found, {(names[a], section): n for (a, section), n in cells.items()})

    def _highlighted(self, match: str) -> Iterator[tuple[int, int, int, str]]:
        for number, text, article, section in self._db.execute(HIGHLIGHT_SQL, (OPEN, CLOSE, match)):
            at = text.find(OPEN)
            marks = 0
            while at >= 0:
                yield number, at - 2 * marks, article, section
                marks += 1
                at = text.find(OPEN, at + 1)

    def _instances(self, low: str, high: str) -> list[tuple[int, int, int, str]]:
        return self._db.execute(INSTANCES_SQL, (low, high)).fetchall()

    def _ranges(self, query: Query) -> Iterator[tuple[str, str]]:
        """Ranges of indexed words that a word of the query expands to."""
        if query.kind == "prefix":
            yield query.words[0], query.words[0] + "\U0010ffff"
            return
        words = [self._stem(w) for w in query.words] if self._stems else query.words
        for word in dict.fromkeys(words):
            yield word, word + "\0"

    def _stem(self, word: str) -> str:
        """The tokenizer's form of a word, found by indexing it."""
        self._db.execute("DELETE FROM scratch")
        self._db.execute("INSERT INTO scratch VALUES (?)", (word,))
        return str(self._db.execute("SELECT term FROM stems").fetchone()[0])

    def close(self) -> None:
        """Closes the connection."""
        self._db.close()


def as_match(query: Query) -> str:
    """The query in the language of FTS5, every word quoted."""
    quoted = [f'"{word}"' for word in query.words]
    return {
        "and": " AND ".join(quoted),
        "or": " OR ".join(quoted),
        "phrase": f'"{" ".join(query.words)}"',
        "prefix": f"{quoted[0]}*",
        "near": f"NEAR({' '.join(quoted)}, {NEAR - 1})",  # NEAR counts the words between
    }.get(query.kind, quoted[0])
