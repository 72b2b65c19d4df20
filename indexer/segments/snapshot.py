"""The snapshot: segments of one generation of the store, and which of their articles are gone.

A snapshot is a manifest naming immutable segments and, for each, the articles that a later one
replaced or that were removed; `refresh` makes it. Opening reads manifest and headers alone.
Whatever is missing, damaged or of another version is no snapshot, and rebuilt from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from indexer.errors import NotFound
from indexer.segments.container import Container, DamagedError, write_container
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, expanded
from indexer.text.collation import collation_keys
from indexer.text.tokenizer import ANALYSIS_VERSION

VERSION = f"8.{ANALYSIS_VERSION}"

MOST_COUNTED = 10_000  # words of which the count is kept


@dataclass(frozen=True)
class Part:
    """One segment with the articles of it that are gone."""

    segment: Segment
    dead: tuple[int, ...]  # article numbers

    # Kept, for whoever types asks again; the first two up to `MOST_COUNTED`:
    # tokens in the live content of folded words
    counted: dict[str, int] = field(init=False, compare=False, default_factory=dict)
    # hyphenated words that live texts have, by how they are spelt without, and their language
    spelt: dict[tuple[str, str | None], list[tuple[str, ...]]] = field(
        init=False, compare=False, default_factory=dict
    )
    # for some common words, one or several, the forms that follow in the live content, ascending,
    # and how often
    following: dict[tuple[str, ...], tuple[Array, Array]] = field(
        init=False, compare=False, default_factory=dict
    )

    @cached_property
    def live_units(self) -> Array | None:
        """Which passages and, after them, heads are live (bool); None when all are."""
        if not self.dead:
            return None
        alive = np.ones(self.segment.articles, bool)
        alive[list(self.dead)] = False
        owners = [self.segment.column(f"{of}.article") for of in ("passage", "head")]
        live: Array = alive[np.concatenate(owners)]
        return live

    @cached_property
    def live(self) -> Array | None:
        """Which passages are live (bool); None when all are."""
        return None if self.live_units is None else self.live_units[: self.segment.passages]

    @cached_property
    def live_heads(self) -> Array | None:
        """Which heads are live (bool); None when all are."""
        return None if self.live_units is None else self.live_units[self.segment.passages :]

    def are_live(self, tokens: Array) -> Array:
        """Which of these tokens stand in a live text (bool)."""
        if self.live_units is None:
            return np.ones(tokens.size, bool)
        alive: Array = self.live_units[self.segment.unit_of(tokens)]
        return alive

    @cached_property
    def live_articles(self) -> list[int]:
        """Numbers of the articles that are live, ascending."""
        return sorted(set(range(self.segment.articles)) - set(self.dead))

    def tokens_of(self, word: str) -> int:
        """How often a folded word stands in the live content (kept)."""
        found = self.counted.get(word)
        if found is None:
            ranges = self.segment.vocabulary.fold_ranges(word)
            found = sum(self.tokens_between(low, high) for low, high in ranges)
            if len(self.counted) < MOST_COUNTED:
                self.counted[word] = found
        return found

    def tokens_between(self, low: int, high: int) -> int:
        """How often the forms from `low` to `high` (exclusive) of one stem stand in the live
        content."""
        segment = self.segment
        tokens = segment.positions(*segment.whole_stems(low, high))
        beyond = tokens[int(tokens.searchsorted(segment.content_end)) :]
        count = int(segment.form_first[high]) - int(segment.form_first[low])
        count -= int(np.count_nonzero(segment.are_of(beyond, (low, high))))
        first, end = self._dead_forms.searchsorted((low, high)).tolist()
        return count - int(end - first)

    @cached_property
    def _dead_forms(self) -> Array:
        """The form of each token of content that is gone, ascending (uint32)."""
        if self.live is None:
            return np.zeros(0, np.uint32)
        edges = self.segment.unit_tokens.astype(np.int64)
        gone = (~self.live[: self.segment.contents]).nonzero()[0]
        tokens = expanded(edges[gone], edges[gone + 1] - edges[gone])
        return np.sort(self.segment.forms_at(tokens))

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages of the articles that are live, and of their passages."""
        if not self.dead:
            return frozenset(self.segment.vocabulary.languages)
        return frozenset(one for n in self.live_articles for one in self.segment.languages_of(n))

    @cached_property
    def sums(self) -> tuple[int, int, int, int]:
        """Over the live content: passages, words, words of headings above, words of titles."""
        s = self.segment
        n = s.contents
        live = np.ones(n, bool) if self.live is None else self.live[:n]
        return (
            int(np.count_nonzero(live)),
            int(s.words[:n][live].sum()),
            int(s.section_words[:n][live].sum()),
            int(s.title_words[:n][live].sum()),
        )


class Snapshot:
    """The parts of one generation, in the order in which they were written."""

    def __init__(self, generation: int, parts: Sequence[Part]) -> None:
        self.generation = generation
        self.parts = tuple(parts)

    def close(self) -> None:
        """Let go of the segments; their files are unmapped once nobody reads them."""
        self.parts = ()

    @cached_property
    def wordlist(self) -> Wordlist:
        """The words of all parts, numbered in the order of code points."""
        return Wordlist([part.segment for part in self.parts])

    @cached_property
    def homes(self) -> dict[str, tuple[int, int]]:
        """Article id → (part, article number), in order of the ids."""
        pairs = [
            (p.segment.article_ids[n], (i, n))
            for i, p in enumerate(self.parts)
            for n in p.live_articles
        ]
        return dict(sorted(pairs))

    def home(self, article_id: str) -> tuple[int, int]:
        """Part and number of an article. Raises `NotFound`."""
        if article_id not in self.homes:
            raise NotFound(f"no article has the id {article_id!r}")
        return self.homes[article_id]

    @cached_property
    def article_ranks(self) -> list[Array]:
        """For each part numbers of its articles that sort as the ids of all live ones do."""
        if len(self.parts) == 1:  # a segment holds its articles in that order
            return [np.arange(self.parts[0].segment.articles)]
        ranks = [np.full(p.segment.articles, -1, np.int64) for p in self.parts]
        for rank, (part, number) in enumerate(self.homes.values()):
            ranks[part][number] = rank
        return ranks

    @cached_property
    def ranked(self) -> list[tuple[int, int]]:
        """Part and number of each article, by rank."""
        if len(self.parts) == 1:
            return [(0, number) for number in range(self.parts[0].segment.articles)]
        return list(self.homes.values())

    @cached_property
    def facets(self) -> tuple[list[Array], list[tuple[int, int]]]:
        """For each part, of each passage the rank of its article (from bit 36 on), the number of
        its section path, which equal paths of all parts share, 0 for none (bits 8 to 35), and that
        of its kind (int64); and for each number of a path a part and its number there."""
        shared = {"": 0}
        homes = [(0, -1)]
        keys = []
        for i, part in enumerate(self.parts):
            mine = []
            for n, path in enumerate(part.segment.paths[:]):
                number = shared.setdefault(path, len(homes))
                if number == len(homes):
                    homes.append((i, n))
                mine.append(number)
            key = self.article_ranks[i][part.segment.article_numbers] << 28
            key |= np.array([*mine, 0], np.int64)[part.segment.path_numbers]
            keys.append((key << 8) | part.segment.column("passage.kind"))
        return keys, homes

    @cached_property
    def headings(self) -> tuple[list[str], list[Array]]:
        """The distinct texts of headings and titles, in order; and for each part, of each of its
        heads which text it has (int64)."""
        parts = [
            [part.segment.unit_text(part.segment.passages + n) for n in range(part.segment.heads)]
            for part in self.parts
        ]
        texts = sorted(set(chain.from_iterable(parts)))
        ranks = {text: rank for rank, text in enumerate(texts)}
        return texts, [np.array([ranks[text] for text in part], np.int64) for part in parts]


class Wordlist:
    """The words of a whole snapshot by code points: one number a word, whatever its segment.

    A word is a folded form (without case and accents); languages are not told apart. What no live
    text has any more keeps its number.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        lists = [segment.vocabulary.folds[:] for segment in segments]
        self._texts: list[str] = sorted(set(chain.from_iterable(lists)))
        ranks = {text: rank for rank, text in enumerate(self._texts)}
        self._numbers = []
        for segment, words in zip(segments, lists):
            numbers = np.array([ranks[word] for word in words], np.int64)
            self._numbers.append(segment.vocabulary.by_form(numbers))

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, part: int) -> Array:
        """The word of each form of a part (int64)."""
        return self._numbers[part]

    @cached_property
    def collation(self) -> Array:
        """The place of each word in Unicode collation order (int64), of equals by code points."""
        keys = collation_keys(self._texts)
        places = np.empty(len(keys), np.int64)
        places[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return places

    def text(self, number: int) -> str:
        """The word with this number."""
        return self._texts[number]


# --- on disk ----------------------------------------------------------------------------------


def open_snapshot(
    index_dir: Path, generation: int, commit: str | None, opened: Iterable[Segment] = ()
) -> Snapshot | None:
    """The snapshot of this generation, mapped; None when there is none that can be used.

    `commit` is the identity of what it must have been made from (None: of whatever), since another
    store, or the same one restored, may have a commit of that number too. Its segments are those
    that it was made of, byte for byte: their headers, which hold all checksums, have its digests.
    It takes those that are `opened` already, where they are of that file.
    """
    known = {segment.container.path: segment for segment in opened}
    try:
        facts = Container(manifest_path(index_dir, generation)).facts
        if facts["version"] != VERSION or commit not in (None, facts["commit"]):
            return None
        folder, parts = index_dir / "arrays", []
        for name, dead, digest in facts["segments"]:
            segment = known.get(folder / name)
            if segment is None or segment.container.digest != digest:
                segment = Segment(folder / name)
            if segment.container.digest != digest:
                return None
            parts.append(Part(segment, tuple(dead)))
    except (OSError, ValueError, KeyError, TypeError, DamagedError):
        return None
    return Snapshot(generation, parts)


def latest_snapshot(index_dir: Path, commit: str | None = None) -> Snapshot | None:
    """The newest snapshot on disk that can be opened, of this commit or of whatever."""
    numbers = sorted(map(generation_of, (index_dir / "arrays").glob("snapshot-*")), reverse=True)
    opened = (open_snapshot(index_dir, number, commit) for number in numbers)
    return next((one for one in opened if one is not None), None)


def write_manifest(index_dir: Path, generation: int, commit: str, parts: Sequence[Part]) -> None:
    """Write down what a snapshot was made from, of which segments, and what of them is gone."""
    segments = [
        [part.segment.container.path.name, list(part.dead), part.segment.container.digest]
        for part in parts
    ]
    facts = {"version": VERSION, "commit": commit, "segments": segments}
    write_container(manifest_path(index_dir, generation), {}, facts)


def manifest_path(index_dir: Path, generation: int) -> Path:
    """Where the manifest of a generation stands."""
    return index_dir / "arrays" / f"snapshot-{generation}"


def generation_of(manifest: Path) -> int:
    """The generation of a manifest, whole or a part, by its name; -1 for what is none."""
    number = manifest.name.removeprefix("snapshot-").partition(".")[0]
    return int(number) if number.isdecimal() else -1
