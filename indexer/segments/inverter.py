"""Inverts articles into runs: their tokens, forms and tables, as arrays.

In: decoded articles (`Inverter`), or ids of stored ones (`invert`). `invert` hands many articles to
a pool of workers in bunches, as they are stored; only a few bunches wait at a time, so memory does
not grow with the corpus. The segment is the same whatever the number of workers and the order of
the articles. If a worker is lost, its articles are inverted in this process. Raises `StoreDamaged`
for an article that differs from what was packed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from typing import Any

import numpy as np

from indexer.model import KINDS
from indexer.segments.runs import (
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    TOKEN_MARKS,
    Run,
    to_offsets,
    versions_of,
)
from indexer.segments.strings import encode_all
from indexer.sorted_arrays import Array, compacted, expanded
from indexer.store.codec import Packed, Rows, decode
from indexer.store.reader import Store
from indexer.text.bulk_tokenizer import BulkTokenizer
from indexer.text.folding import fold
from indexer.text.stemming import stem
from indexer.worker_pool import WorkerLost, WorkerPool

BUNCH = 330_000  # packed bytes (about 1 MB of text) after which a bunch is handed to a worker
ALONE = 10  # bunches; fewer than that are done before workers would have started
_KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}


class Inverter:
    """Turns articles into runs. It remembers the words it has met, so later runs take less time."""

    def __init__(self) -> None:
        self._tokenizers: dict[str, BulkTokenizer] = {}  # by language
        self._entries: defaultdict[str, list[str]] = defaultdict(list)  # by language, see entry_of

    def invert(self, articles: Iterable[Rows]) -> Run:
        """The run of these articles."""
        rows = _Rows(articles)
        passages, count = rows.passages, len(rows.head_counts)
        articles_of = np.array(passages["article"], np.int64)
        zones = (np.array(passages["kind"]) == _KIND_CODE["boilerplate"]).astype(np.int64)
        order = np.argsort(zones, kind="stable")
        counts = {
            "passage": np.bincount(zones * count + articles_of, minlength=2 * count),
            "head": np.array(rows.head_counts, np.int64),
        }
        columns = {
            f"passage.{name}": np.array(passages[name], dtype)[order]
            for name, dtype in PASSAGE_COLUMNS.items()
        }
        heads = np.array(rows.heads, np.int64).reshape(-1, len(HEAD_COLUMNS))
        for (name, dtype), column in zip(HEAD_COLUMNS.items(), heads.T):
            columns[f"head.{name}"] = column.astype(dtype)
        told, texts, breaks, languages = (
            [passages[name][n] for n in order.tolist()]
            for name in ("told", "text", "breaks", "language")
        )
        for language, size in zip(rows.languages, rows.head_counts):
            languages += [language] * size
        breaks += [()] * len(rows.heads)
        tokens, forms = self.scanned(texts + rows.head_texts, breaks, languages)
        run = Run(counts, columns | tokens, rows.texts | {"passage.told": told}, forms)
        run.count_rest()
        return run

    def scanned(
        self, units: Sequence[str], breaks: Sequence[Sequence[int]], languages: Sequence[str]
    ) -> tuple[dict[str, Array], list[str]]:
        """Columns of units, tokens and bytes, and the forms that `token.form` refers to.

        `breaks`: offsets in each unit at which further blocks begin; `languages`: one per unit.
        """
        homes = defaultdict[str, list[int]](list, {} if units else {"": []})  # units by language
        for unit, language in enumerate(languages):
            homes[language].append(unit)
        found = {}
        for language, chosen in homes.items():
            if language not in self._tokenizers:
                self._tokenizers[language] = BulkTokenizer(language)
            texts, inner = [units[n] for n in chosen], [breaks[n] for n in chosen]
            found[language] = _scan(self._tokenizers[language], texts, inner)
        entries: list[str] = []
        bases = {}
        for language, tokenizer in self._tokenizers.items():
            own = self._entries[language]
            own += [entry_of(form, language) for form in tokenizer.forms[len(own) :]]
            bases[language] = len(entries)
            entries += own
            if language in found:
                found[language]["token.form"] += bases[language]
        scans = list(found.values())
        columns = {name: np.concatenate([scan[name] for scan in scans]) for name in scans[0]}
        places = np.argsort([unit for chosen in homes.values() for unit in chosen])
        counts = columns["unit.tokens"]
        rows = expanded(to_offsets(counts)[places], counts[places])
        columns = {n: c.take(places if n == "unit.tokens" else rows) for n, c in columns.items()}
        used, columns["token.form"] = compacted(columns["token.form"], len(entries))
        raw, columns["unit.bytes"] = encode_all(units)
        columns["byte.text"] = np.frombuffer(raw, np.uint8)
        return columns, [entries[form] for form in used.tolist()]


def entry_of(form: str, language: str) -> str:
    """The entry of a form in `Run.forms`: language, stem, fold and form, parted by NUL."""
    folded = fold(form)
    return f"{language}\0{stem(folded, language)}\0{folded}\0{form}"


class _Rows:
    """Table rows of several articles; passages in text order within each article."""

    def __init__(self, articles: Iterable[Rows]) -> None:
        names = (*(f"article.{name}" for name in ARTICLE_TEXTS), "head.path")
        self.texts: dict[str, list[str]] = {name: [] for name in names}
        self.passages: defaultdict[str, list[Any]] = defaultdict(list)
        self.heads: list[list[int]] = []  # HEAD_COLUMNS
        self.head_texts: list[str] = []
        self.head_counts: list[int] = []  # heads of each article
        self.languages: list[str] = []  # language of each article
        for number, rows in enumerate(articles):
            self.languages.append(rows.language)
            languages = " ".join(dict.fromkeys((rows.language, *sorted(set(rows.languages)))))
            texts = (rows.id, rows.version, rows.url, languages, rows.title)
            for name, text in zip(ARTICLE_TEXTS, texts, strict=True):
                self.texts[f"article.{name}"].append(text)
            outline = Outline(rows)
            self.texts["head.path"] += outline.paths
            self.heads += outline.heads
            self.head_texts += outline.texts
            self.head_counts.append(len(outline.heads))
            told = [f"{anchor}\t\t" for anchor in rows.anchors]
            breaks: list[Sequence[int]] = [()] * len(rows.ids)
            for n, more in rows.more.items():
                numbers = map(str, (*(more.context or (-1, -1)), *more.breaks))
                where = " ".join(numbers) + (f":{more.language}" if more.language else "")
                told[n] = f"{rows.anchors[n]}\t{where}\t{more.element}"
                breaks[n] = more.breaks
            for name, column in {
                "id": [int(name, 16) for name in rows.ids],
                "article": [number] * len(rows.ids),
                "heading": outline.homes,
                "kind": [_KIND_CODE[kind] for kind in rows.kinds],
                "ordinal": rows.ordinals,
                "start": rows.starts,
                "end": rows.ends,
                "told": told,
                "breaks": breaks,
                "language": rows.languages,
                "text": [rows.text[a:b] for a, b in zip(rows.starts, rows.ends)],
            }.items():
                self.passages[name] += column


class Outline:
    """The title and headings of an article in text order, with the passages below each."""

    def __init__(self, rows: Rows) -> None:
        self.heads = [[0, 0, 0, 0, -1, -1, 0]]  # HEAD_COLUMNS
        self.texts = [rows.title]
        self.paths = [""]
        self.homes: list[int] = []  # head number of each passage's innermost heading, -1 for none
        self._open: list[int] = []  # headings open at this place, from the top down
        self._met = [0, 0]  # passages so far: content, boilerplate
        coming = deque(rows.headings)
        for start, depth, kind in zip(rows.starts, rows.depths, rows.kinds):
            while coming and coming[0][0] < start:
                self._begin(rows, *coming.popleft())
            if coming and coming[0][0] == start:  # the heading is the passage: no other text
                coming.popleft()
            is_boilerplate = kind == "boilerplate"
            if not is_boilerplate:
                self._close(depth)  # notes at the end belong to no section
            is_below = not is_boilerplate and 0 < depth <= len(self._open)
            self.homes.append(self._open[depth - 1] if is_below else -1)
            self._met[is_boilerplate] += 1
        for heading in coming:
            self._begin(rows, *heading)
        self._close(0)
        self.heads[0][1:4:2] = self._met
        for head in self.heads:
            if head[0] == head[1] and self._met[0]:
                head[4] = min(head[0], self._met[0] - 1)

    def _begin(self, rows: Rows, start: int, end: int, depth: int) -> None:
        """Open the section of a heading, within the sections still open above `depth`."""
        self._close(depth)
        # A heading may span several lines; in a path it is one line.
        heading = " ".join(rows.text[start:end].split())
        parent = self._open[-1] if self._open else -1
        self.paths.append(f"{self.paths[parent]}\n{heading}" if parent >= 0 else heading)
        self.texts.append(heading)
        self._open.append(len(self.heads))
        self.heads.append([self._met[0], 0, self._met[1], 0, -1, parent, len(self._open)])

    def _close(self, depth: int) -> None:
        """Close the headings deeper than `depth`: their sections end here."""
        while len(self._open) > depth:
            self.heads[self._open.pop()][1:4:2] = self._met


def _scan(
    tokenizer: BulkTokenizer, texts: Sequence[str], breaks: Sequence[Sequence[int]]
) -> dict[str, Array]:
    """Columns of units and tokens for some texts; no token crosses the newline between two."""
    offsets = to_offsets(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    inner = [offsets[unit] + at for unit, found in enumerate(breaks) for at in found]
    blocks = np.sort(np.append(offsets[:-1], np.array(inner, np.int64)))
    tokens = tokenizer.scan("\n".join(texts), blocks)
    counts = np.diff(tokens.starts.searchsorted(offsets))
    marks = np.zeros(tokens.starts.size + 1, np.uint8)
    marks[tokens.starts.searchsorted(blocks)] = TOKEN_MARKS["block_starts"]
    marks[:-1] |= tokens.sentences * np.uint8(TOKEN_MARKS["sentence_starts"])
    marks[:-1] |= tokens.hyphens * np.uint8(TOKEN_MARKS["hyphens"])
    return {
        "unit.tokens": counts,
        "token.form": tokens.ids,
        "token.start": (tokens.starts - np.repeat(offsets[:-1], counts)).astype(np.uint32),
        "token.marks": marks[:-1],
    }


# --- stored articles, by several processes --------------------------------------------------------


def invert(store: Store, ids: Sequence[str], pool: WorkerPool | None = None) -> list[Run]:
    """Runs of these articles, made by `pool` (None: by a pool of their own). `StoreDamaged`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(store, ids, pool)
    bunches = _bunches(store.packed(ids))
    first = list(islice(bunches, ALONE))
    if len(first) < ALONE or not pool.workers:
        inverter = Inverter()
        return [_invert(bunch, inverter) for bunch in chain(first, bunches)]
    runs = []
    for task in [pool.submit(_invert, bunch) for bunch in chain(first, bunches)]:
        with suppress(WorkerLost):
            runs.append(task.result())
    lost = sorted(set(ids) - versions_of(runs).keys())
    return runs + (invert(store, lost, WorkerPool(0)) if lost else [])


def _bunches(articles: Iterable[Packed]) -> Iterator[list[Packed]]:
    """The articles in bunches of about `BUNCH` bytes; the last bunch may be empty."""
    bunch: list[Packed] = []
    size = 0
    for packed in articles:
        bunch.append(packed)
        size += len(packed.payload)
        if size >= BUNCH:
            yield bunch
            bunch, size = [], 0
    yield bunch


def _invert(bunch: Sequence[Packed], inverter: Inverter | None = None) -> Run:
    """The run of a bunch; a worker has one inverter, which remembers the words of earlier ones."""
    rows = (decode(packed.entry, packed.payload) for packed in bunch)
    return (inverter or _own_inverter()).invert(rows)


@cache
def _own_inverter() -> Inverter:
    return Inverter()
