"""The index, opened: what the command line, the web and scripts call.

    with open_index(".pilcrow") as index:
        for hit in index.search("tapering").hits:
            print(hit.passage.section, hit.passage.text)

An `Index` is a view of one generation: it keeps answering from it while others write, and may be
shared between threads. Refuses a path without an index (`IndexMissing`).
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from indexer.arrays import DamagedError, Snapshot, open_snapshot, refresh
from indexer.audits.concordance import Unit, in_heads, lines, occurrences, ordered_rows
from indexer.errors import NotFound, UsageError
from indexer.highlighting import merge_marks
from indexer.model import (
    Article,
    ArticleRef,
    Concordance,
    Mark,
    Match,
    Page,
    Passage,
    Results,
    Suggestion,
    Totals,
)
from indexer.searching import Request, Searcher, Sort
from indexer.settings import Settings, load_settings
from indexer.store import Store
from indexer.suggesting import suggest
from indexer.synonyms import Synonyms, read_synonyms
from indexer.verifying import Plan, Progress, Verification, verify

Query = Any  # str, or a whoosh.query.Query (Whoosh has no types)


Answer = TypeVar("Answer")


def _repairing(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """A method that, when it meets a damaged array, has it rebuilt and starts again."""

    @wraps(method)
    def answered(self: Index, *args: Any, **named: Any) -> Answer:
        try:
            return method(self, *args, **named)
        except DamagedError as error:
            self._repair(error)
        return method(self, *args, **named)

    return answered


class Index:
    """One generation of an index, for reading."""

    def __init__(self, store: Store, snapshot: Snapshot, settings: Settings, path: Path) -> None:
        self.settings = settings
        self._store, self._path = store, path
        self._synonyms = read_synonyms(settings.synonyms) if settings.synonyms else Synonyms()
        self._repairs = threading.Lock()
        self._mended: set[str] = set()
        self._use(snapshot)

    def _use(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._searcher = Searcher(snapshot, self._synonyms, self.settings.synonyms_in_phrases)

    def _repair(self, error: DamagedError) -> None:
        """Rebuild the arrays from the store, once however many threads met the damage."""
        with self._repairs:
            if str(error) not in self._mended:
                self._use(rebuilt(self._store, self._path))
                self._mended.add(str(error))

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; the index can't be used any more."""
        self._snapshot.close()
        self._store.close()

    @property
    def generation(self) -> int:
        """Number of the commit that this index shows."""
        return self._snapshot.generation

    @property
    def totals(self) -> Totals:
        """Articles, content passages and their words."""
        sums = [part.sums for part in self._snapshot.parts]
        return Totals(len(self._snapshot.homes), sum(s[0] for s in sums), sum(s[1] for s in sums))

    # --- searching ------------------------------------------------------------------------------

    @_repairing
    def search(
        self,
        query: Query,
        *,
        match: Match = "stem",
        any: bool = False,
        limit: int = 10,
        offset: int = 0,
        article: str | None = None,
        section: str | None = None,
        kind: str | None = None,
        sort: Sort = "relevance",
    ) -> Results:
        """One page of the passages that match, best first (or in corpus order).

        `any`: one of the bare words is enough. `article`, `section` (a phrase of one heading, or
        an exact path of headings joined by " > ") and `kind` restrict what is searched. Raises
        `UsageError` for an argument out of range, never for a query.
        """
        return self._searcher.search(
            query, Request(match, any, limit, offset, article, section, kind, sort)
        )

    @_repairing
    def count(self, query: Query, *, match: Match = "stem") -> int:
        """How many passages have the query in their text."""
        tree = self._searcher.understand(query).tree
        return sum(f.ids.size for f in self._searcher.evaluate(tree, match, text_only=True).run())

    @_repairing
    def concordance(
        self,
        query: Query,
        *,
        match: Match = "stem",
        window: int = 8,
        unit: Unit = "words",
        sort: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> Concordance:
        """Every occurrence in the text of passages, with its context.

        `window` counts words on either side (unit "words"). `sort` takes up to three of left1 to
        left3, right1 to right3, node, article, position. `limit` None: all lines.
        """
        if offset < 0 or (limit is not None and limit < 0):
            raise UsageError("limit and offset must not be negative")
        parsed = self._searcher.understand(query)
        evaluation = self._searcher.evaluate(parsed.tree, match, text_only=True)
        found = occurrences(evaluation, self._searcher.places)
        rows = ordered_rows(evaluation, found, sort)
        total = int(rows.size)
        end = total if limit is None else min(offset + limit, total)
        shown = lines(evaluation, found, rows[offset:end], window, unit)
        return Concordance(
            query=query if isinstance(query, str) else repr(query),
            lines=shown,
            total=total,
            headings=in_heads(evaluation),
            notes=(*parsed.notes, *evaluation.notes()),
            page=Page(offset, total if limit is None else limit, end < total),
        )

    @_repairing
    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Words and headings that complete what was typed, the commonest first."""
        return suggest(self._searcher, prefix, limit)

    # --- articles and passages ------------------------------------------------------------------

    @_repairing
    def articles(self) -> tuple[ArticleRef, ...]:
        """All articles, in order of their ids."""
        return tuple(
            self._snapshot.parts[part].segment.article_ref(number)
            for part, number in self._snapshot.homes.values()
        )

    def article(self, id: str) -> Article:
        """The whole article. Raises `NotFound`."""
        return self._store.load(id).article

    @_repairing
    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """The article's passages in text order, boilerplate included. Raises `NotFound`."""
        part, number = self._home(article_id)
        segment = self._snapshot.parts[part].segment
        return tuple(map(segment.passage, segment.article_passages(number)))

    @_repairing
    def passage(self, id: str) -> Passage:
        """The passage with this id. Raises `NotFound`."""
        if len(id) == 16 and set(id) <= set("0123456789abcdef"):
            for part in reversed(self._snapshot.parts):
                number = part.segment.find_passage(int(id, 16))
                if number >= 0 and (part.live is None or part.live[number]):
                    return part.segment.passage(number)
        raise NotFound(f"no passage has the id {id!r}")

    def article_marks(
        self, article_id: str, query: Query, *, match: Match = "stem", any: bool = False
    ) -> Mapping[str, tuple[Mark, ...]]:
        """Marks of a query in one article: passage id → marks, for the passages that match."""
        return self.marks_by_article((article_id,), query, match=match, any=any)[article_id]

    @_repairing
    def marks_by_article(
        self, article_ids: Sequence[str], query: Query, *, match: Match = "stem", any: bool = False
    ) -> Mapping[str, Mapping[str, tuple[Mark, ...]]]:
        """`article_marks` of several articles, for the price of one evaluation of the query."""
        homes = [self._home(article_id) for article_id in article_ids]
        evaluation = self._searcher.evaluate(self._searcher.understand(query, any).tree, match)
        found = evaluation.run()
        marks: dict[str, Mapping[str, tuple[Mark, ...]]] = {}
        for article_id, (part, number) in zip(article_ids, homes, strict=True):
            segment, ids = self._snapshot.parts[part].segment, found[part].ids
            ids = ids[segment.column("passage.article")[ids] == number]
            marks[article_id] = {
                f"{int(segment.column('passage.id')[n]):016x}": merge_marks(m.text, 1 << 62)
                for n, m in self._searcher.marks(evaluation, part, ids).items()
            }
        return marks

    # --- proof ----------------------------------------------------------------------------------

    def verify(self, plan: Plan | None = None, progress: Progress | None = None) -> Verification:
        """Proof that the index is what it promises; what is wrong is reported, never mended."""
        return verify(self._store, self._searcher, self, plan or Plan(), progress)

    def _home(self, article_id: str) -> tuple[int, int]:
        try:
            return self._snapshot.homes[article_id]
        except KeyError:
            raise NotFound(f"no article has the id {article_id!r}") from None


def open_index(index_dir: Path | str | None = None, *, settings: Settings | None = None) -> Index:
    """Open the newest generation of an index.

    Arrays that are missing or damaged are rebuilt from the store: in place, or in a temporary
    folder when the index can't be written to. Raises `IndexMissing` or `IndexDamaged`.
    """
    settings = settings or load_settings()
    path = Path(index_dir) if index_dir is not None else settings.index
    store = Store.open(path)
    snapshot = open_snapshot(path, store.generation)
    return Index(store, snapshot or refreshed(store, path), settings, path)


def refreshed(store: Store, path: Path) -> Snapshot:
    """Arrays of the store's generation, made of what is there as far as that can be used."""
    try:
        # Whoever commits makes them too; a server that sees the commit first waits for that.
        return refresh(store, path)
    except (DamagedError, OSError):
        return rebuilt(store, path)


def rebuilt(store: Store, path: Path) -> Snapshot:
    """Arrays made anew from the store; in a temporary folder when `path` can't be written to."""
    try:
        return refresh(store, path, fresh=True)
    except OSError:
        return refresh(store, Path(tempfile.mkdtemp(prefix="pilcrow-")), fresh=True)
