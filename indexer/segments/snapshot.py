"""The snapshot: the segments of one generation of the store, and which of their articles are dead.

A snapshot is a manifest that names immutable segments and, for each, its dead articles (replaced by
a later segment or removed); `refresh` makes it. Opening reads only the manifest and the headers.
Anything missing, damaged or of another version is no snapshot, and is rebuilt from the store.

In: the folder of an index, and the generation of its store. Out: the `Snapshot`, with what is
computed once for all searches; or None. Refuses ids of articles that it lacks (`NotFound`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from indexer.errors import NotFound
from indexer.segments.container import Container, ContainerDamaged, write_container
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, expanded
from indexer.text.folding import collation_keys
from indexer.text.tokenizer import ANALYSIS_VERSION

VERSION = f"8.{ANALYSIS_VERSION}"

MOST_COUNTED = 10_000  # words whose counts are cached


@dataclass(frozen=True)
class Part:
    """One segment and its dead articles."""

    segment: Segment
    dead: tuple[int, ...]  # article numbers

    # Caches, since every key typed asks again; the first two hold up to `MOST_COUNTED` entries:
    # folded word → its tokens in the live content
    counted: dict[str, int] = field(init=False, compare=False, default_factory=dict)
    # (spelling without hyphens, language) → parts of the hyphenated words in live texts
    spelt: dict[tuple[str, str | None], list[tuple[str, ...]]] = field(
        init=False, compare=False, default_factory=dict
    )
    # one or several common words → forms that follow them in the live content, ascending, and how
    # often each does
    following: dict[tuple[str, ...], tuple[Array, Array]] = field(
        init=False, compare=False, default_factory=dict
    )

    @cached_property
    def live_units(self) -> Array | None:
        """Which units (passages, then heads) are live (bool); None when all are."""
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
        """Which of these tokens are in a live unit (bool)."""
        if self.live_units is None:
            return np.ones(tokens.size, bool)
        alive: Array = self.live_units[self.segment.unit_of(tokens)]
        return alive

    @cached_property
    def live_articles(self) -> list[int]:
        """Numbers of the live articles, ascending."""
        return sorted(set(range(self.segment.articles)) - set(self.dead))

    def tokens_of(self, word: str) -> int:
        """How often a folded word occurs in the live content (cached)."""
        found = self.counted.get(word)
        if found is None:
            ranges = self.segment.vocabulary.fold_ranges(word)
            found = sum(self.tokens_between(low, high) for low, high in ranges)
            if len(self.counted) < MOST_COUNTED:
                self.counted[word] = found
        return found

    def tokens_between(self, low: int, high: int) -> int:
        """How often the forms [low, high), all of one stem, occur in the live content."""
        segment = self.segment
        tokens = segment.positions(*segment.whole_stems(low, high))
        beyond = tokens[tokens.searchsorted(np.uint32(segment.content_end)) :]
        count = int(segment.form_first[high]) - int(segment.form_first[low])
        count -= int(np.count_nonzero(segment.are_of(beyond, (low, high))))
        first, end = self._dead_forms.searchsorted(np.array((low, high), np.uint32))
        return count - int(end - first)

    @cached_property
    def _dead_forms(self) -> Array:
        """Form ids of the tokens in dead content, ascending, one per token (uint32)."""
        if self.live is None:
            return np.zeros(0, np.uint32)
        edges = self.segment.unit_tokens.astype(np.int64)
        dead = (~self.live[: self.segment.contents]).nonzero()[0]
        tokens = expanded(edges[dead], edges[dead + 1] - edges[dead])
        return np.sort(self.segment.forms_at(tokens))

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages of the live articles and their passages."""
        if not self.dead:
            return frozenset(self.segment.vocabulary.languages)
        return frozenset(name for n in self.live_articles for name in self.segment.languages_of(n))

    @cached_property
    def sums(self) -> tuple[int, int, int, int]:
        """Totals over the live content: passages, their tokens, and the tokens of the headings and
        of the title above each."""
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
    """The parts of one generation, in the order they were written."""

    def __init__(self, generation: int, parts: Sequence[Part]) -> None:
        self.generation = generation
        self.parts = tuple(parts)

    def close(self) -> None:
        """Release the segments; their files are unmapped once nobody reads them."""
        self.parts = ()

    @cached_property
    def wordlist(self) -> CorpusVocabulary:
        """The words of all parts, numbered in code point order."""
        return CorpusVocabulary([part.segment for part in self.parts])

    @cached_property
    def articles_by_id(self) -> dict[str, tuple[int, int]]:
        """Article id → (part, article number), in order of the ids."""
        pairs = [
            (p.segment.article_ids[n], (i, n))
            for i, p in enumerate(self.parts)
            for n in p.live_articles
        ]
        return dict(sorted(pairs))

    def find_article(self, article_id: str) -> tuple[int, int]:
        """Part and number of an article. Raises `NotFound`."""
        if article_id not in self.articles_by_id:
            raise NotFound(f"no article has the id {article_id!r}")
        return self.articles_by_id[article_id]

    @cached_property
    def article_ranks(self) -> list[Array]:
        """For each part, a rank for each article: ranks sort as the ids of all live articles do."""
        if len(self.parts) == 1:  # a segment holds its articles in order of their ids
            return [np.arange(self.parts[0].segment.articles)]
        ranks = [np.full(p.segment.articles, -1, np.int64) for p in self.parts]
        for rank, (part, number) in enumerate(self.articles_by_id.values()):
            ranks[part][number] = rank
        return ranks

    @cached_property
    def ranked(self) -> list[tuple[int, int]]:
        """Part and number of each article, by rank."""
        if len(self.parts) == 1:
            return [(0, number) for number in range(self.parts[0].segment.articles)]
        return list(self.articles_by_id.values())

    @cached_property
    def facets(self) -> tuple[list[Array], list[tuple[int, int]]]:
        """For each part, a key for each passage (int64): rank of its article (from bit 36 on),
        number of its section path (bits 8 to 35; shared by equal paths of all parts, 0 for none)
        and of its kind; and for each path number, a part and the path's number there."""
        shared = {"": 0}
        homes = [(0, -1)]
        keys = []
        for i, part in enumerate(self.parts):
            numbers = []
            for n, path in enumerate(part.segment.paths[:]):
                number = shared.setdefault(path, len(homes))
                if number == len(homes):
                    homes.append((i, n))
                numbers.append(number)
            key = self.article_ranks[i][part.segment.article_numbers] << 28
            key |= np.array([*numbers, 0], np.int64)[part.segment.path_numbers]
            keys.append((key << 8) | part.segment.column("passage.kind"))
        return keys, homes

    @cached_property
    def headings(self) -> tuple[list[str], list[Array]]:
        """The distinct texts of headings and titles, sorted; and for each part, the index of each
        head's text among them (int64)."""
        parts = [
            [part.segment.unit_text(part.segment.passages + n) for n in range(part.segment.heads)]
            for part in self.parts
        ]
        texts = sorted(set(chain.from_iterable(parts)))
        ranks = {text: rank for rank, text in enumerate(texts)}
        return texts, [np.array([ranks[text] for text in part], np.int64) for part in parts]


class CorpusVocabulary:
    """The words of a whole snapshot in code point order: one number per word, across segments.

    A word is a folded form (without case and accents), whatever its language. Words that no live
    text has any more keep their numbers.
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
        """The word number of each form of a part (int64)."""
        return self._numbers[part]

    @cached_property
    def collation(self) -> Array:
        """The place of each word in Unicode collation order, equals by code points (int64)."""
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
    """The snapshot of this generation, mapped; None when no usable one is on disk.

    `commit`: identity of the commit that it must have been made from (None: any), since another
    store, or the same one restored, may have a commit of that number too. A segment's header, which
    holds all its checksums, must have the digest in the manifest. Segments in `opened` are reused
    if they are of the same file.
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
    except (OSError, ValueError, KeyError, TypeError, ContainerDamaged):
        return None
    return Snapshot(generation, parts)


def latest_snapshot(index_dir: Path, commit: str | None = None) -> Snapshot | None:
    """The newest snapshot on disk that can be opened, of this commit (None: of any)."""
    numbers = sorted(map(generation_of, (index_dir / "arrays").glob("snapshot-*")), reverse=True)
    opened = (open_snapshot(index_dir, number, commit) for number in numbers)
    return next((snapshot for snapshot in opened if snapshot is not None), None)


def write_manifest(index_dir: Path, generation: int, commit: str, parts: Sequence[Part]) -> None:
    """Write the manifest of a snapshot: its commit, its segments and their dead articles."""
    segments = [
        [part.segment.container.path.name, list(part.dead), part.segment.container.digest]
        for part in parts
    ]
    facts = {"version": VERSION, "commit": commit, "segments": segments}
    write_container(manifest_path(index_dir, generation), {}, facts)


def manifest_path(index_dir: Path, generation: int) -> Path:
    """Path of the manifest of a generation."""
    return index_dir / "arrays" / f"snapshot-{generation}"


def generation_of(manifest: Path) -> int:
    """The generation in the name of a manifest, whole or partly written; -1 for other files."""
    number = manifest.name.removeprefix("snapshot-").partition(".")[0]
    return int(number) if number.isdecimal() else -1
