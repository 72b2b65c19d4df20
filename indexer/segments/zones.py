"""A zone in the making: units in, their tokens and texts in chunks out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.segments.tables import ZoneRun, to_offsets
from indexer.sorted_arrays import Array
from indexer.text.bulk_sentences import Scanner

CHUNK = 1 << 20  # code points tokenised in one call: what the caches of a processor hold
_NARROW = 1 << 16


class Scanners(dict[str, Scanner]):
    """By language, made when first asked for."""

    def __missing__(self, language: str) -> Scanner:
        scanner = self[language] = Scanner(language)
        return scanner


@dataclass
class Zone:
    """Collects the units of one zone."""

    scanners: Scanners  # shared by all zones
    run: ZoneRun = field(default_factory=ZoneRun)
    language: str = ""
    texts: list[str] = field(default_factory=list)  # units waiting to be tokenised
    breaks: dict[int, tuple[int, ...]] = field(default_factory=dict)  # of those that have any
    waiting: int = 0  # code points waiting

    def add(
        self, texts: Sequence[str], language: str, breaks: Mapping[int, tuple[int, ...]]
    ) -> None:
        """Queue the units of one article; `breaks` are by number among them."""
        if language != self.language:
            self.flush()
            self.language = language
        for number, text in enumerate(texts):
            if self.waiting > CHUNK:
                self.flush()
            if number in breaks:
                self.breaks[len(self.texts)] = breaks[number]
            self.texts.append(text)
            self.waiting += len(text) + 1
        self.run.units += len(texts)

    def flush(self) -> None:
        """Tokenise the waiting units in one call: no token crosses the newline between two."""
        if not self.texts:
            return
        scanner = self.scanners[self.language]
        scanned = scanner.scan("\n".join(self.texts))
        scanner.hyphens.add(scanned)
        points = np.fromiter(map(len, self.texts), np.int64, len(self.texts))
        offsets = to_offsets(points + 1)
        firsts = np.searchsorted(scanned.starts, offsets)
        sizes = np.diff(firsts)
        inner = [offsets[unit] + b for unit, bs in self.breaks.items() for b in bs]
        blocks = np.sort(np.concatenate((offsets[:-1], np.array(inner, np.int64))))
        begins = np.searchsorted(scanned.starts, blocks)
        begins = begins[(begins < scanned.starts.size) & (np.diff(begins, prepend=-1) > 0)]
        widths = [len(t) if t.isascii() else len(_in_utf8(t)) for t in self.texts]
        run = self.run
        run.languages.append(self.language)
        run.makers.append(0)
        run.ids.append(scanned.ids.astype(np.uint32))
        run.starts.append(_narrowed(scanned.starts - np.repeat(offsets[:-1], sizes)))
        run.sizes.append(sizes)
        run.blocks.append(begins)
        run.sentences.append(scanner.sentence_starts(scanned, blocks))
        run.raw.append(np.frombuffer(_in_utf8("".join(self.texts)), np.uint8))
        run.raw_sizes.append(np.array(widths, np.int64))
        self.texts, self.breaks, self.waiting = [], {}, 0

    def take(self) -> ZoneRun:
        """All that was added since the last time; what is of one language is one chunk."""
        self.flush()
        run, self.run = self.run, ZoneRun()
        if all(a != b for a, b in zip(run.languages, run.languages[1:])):
            return run
        joined = ZoneRun(run.units)
        edges = [n for n, a in enumerate(run.languages) if not n or a != run.languages[n - 1]]
        for low, high in zip(edges, [*edges[1:], len(run.languages)]):
            before = to_offsets(np.array([ids.size for ids in run.ids[low:high]]))[:-1].tolist()
            joined.languages.append(run.languages[low])
            joined.makers.append(0)
            joined.ids.append(np.concatenate(run.ids[low:high]))
            joined.starts.append(np.concatenate(run.starts[low:high]))
            joined.sizes.append(np.concatenate(run.sizes[low:high]))
            joined.blocks.append(_shifted(run.blocks[low:high], before))
            joined.sentences.append(_shifted(run.sentences[low:high], before))
            joined.raw.append(np.concatenate(run.raw[low:high]))
            joined.raw_sizes.append(np.concatenate(run.raw_sizes[low:high]))
        return joined


def _in_utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _shifted(marks: Sequence[Array], before: Sequence[int]) -> Array:
    """Token indices of several chunks as those of one."""
    return np.concatenate([mine + tokens for mine, tokens in zip(marks, before)])


def _narrowed(starts: Array) -> Array:
    """In 16 bits if they fit, else in 32."""
    wide = starts.size and int(starts.max()) >= _NARROW
    return starts.astype(np.uint32 if wide else np.uint16)
