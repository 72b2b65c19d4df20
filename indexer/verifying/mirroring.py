"""The snapshot is the store in other words: every article, passage and token of it.

In: the snapshot, and articles as the store has them. Out: failures in the ledger. Tokens,
sentences and blocks are made anew from the stored text and compared with the arrays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from indexer.model import Article, Block, Passage
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.segments.strings import Strings
from indexer.text import tokenizer as analysis
from indexer.verifying.ledger import Ledger


class Mirror:
    """A snapshot that is held against the store, article by article."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger) -> None:
        self.snapshot, self.ledger = snapshot, ledger
        self._sides = [_Side(part.segment) for part in snapshot.parts]

    def check_names(self, versions: Mapping[str, str]) -> None:
        """The snapshot has the store's articles in the store's versions, each once."""
        found: dict[str, str] = {}
        for part in self.snapshot.parts:
            written = Strings(part.segment.container, "article.version")
            for number in part.live_articles:
                name = part.segment.article_ids[number]
                if name in found:
                    self.ledger.fail(f"article {name!r}", "is twice in the arrays")
                found[name] = written[number]
        for name in sorted(versions.keys() | found.keys()):
            if versions.get(name) != found.get(name):
                what = "another version" if name in found and name in versions else "not both"
                self.ledger.fail(f"article {name!r}", f"store and arrays have {what} of it")

    def check_article(self, article: Article, passages: Sequence[Passage]) -> list[list[str]]:
        """Compare one article; the tokens of each passage's text, made anew."""
        tokens = [analysis.tokenize(passage.text) for passage in passages]
        home = self.snapshot.homes.get(article.id)
        if home is None:
            self.ledger.fail(f"article {article.id!r}", "is not in the arrays")
            return [found.forms for found in tokens]
        part, number = home
        side, place = self._sides[part], f"article {article.id!r}"
        segment = side.segment
        ref = segment.article_ref(number)
        self.ledger.expect(
            place,
            "id, title, address and language in the arrays",
            (article.id, article.title, article.url, article.language),
            (ref.id, ref.title, ref.url, ref.language),
        )
        units = segment.article_passages(number)
        self._check_passages(segment, units, passages, place)
        for unit, passage, found in zip(units, passages, tokens):
            here = f"{place}, passage {passage.id}"
            self._check_unit(side, unit, passage, found, article.language, here)
        self._check_heads(side, number, article, dict(zip(units, passages)))
        return [found.forms for found in tokens]

    def _check_passages(
        self, segment: Segment, units: Sequence[int], passages: Sequence[Passage], place: str
    ) -> None:
        """Passages as the arrays give them back are the stored ones."""
        ids = [f"{int(n):016x}" for n in segment.column("passage.id")[np.array(units, np.int64)]]
        if not self.ledger.expect(place, "passages", [p.id for p in passages], ids):
            return
        for unit, passage in zip(units, passages):
            here, found = f"{place}, passage {passage.id}", segment.passage(unit)
            if found != passage:
                wrong = [n for n in passage.__slots__ if getattr(passage, n) != getattr(found, n)]
                self.ledger.fail(here, f"{', '.join(wrong)} in the arrays is not as stored")
            if segment.find_passage(int(passage.id, 16)) != unit:
                self.ledger.fail(here, "is not found by its id in the arrays")

    def _check_unit(
        self,
        side: _Side,
        unit: int,
        passage: Passage | str,
        tokens: analysis.Tokens,
        language: str,
        place: str,
    ) -> None:
        """Forms, offsets, blocks and sentences of one text."""
        text, breaks = (passage, ()) if isinstance(passage, str) else (passage.text, passage.breaks)
        first, end = side.bounds[unit], side.bounds[unit + 1]
        same = self.ledger.expect(place, "tokens", tokens.forms, side.forms_of(first, end))
        starts = side.starts_of(unit, first, end)
        same = self.ledger.expect(place, "offsets of tokens", tokens.starts, starts) and same
        self.ledger.count("tokens", end - first)
        if same and end > first:
            blocks, sentences = boundaries(text, breaks, tokens.starts, language)
            found = side.between("block_starts", first, end)
            self.ledger.expect(place, "beginnings of blocks", blocks, found)
            found = side.between("sentence_starts", first, end)
            self.ledger.expect(place, "beginnings of sentences", sentences, found)
            self.ledger.count("sentences", len(sentences))

    def _check_heads(
        self, side: _Side, number: int, article: Article, passages: Mapping[int, Passage]
    ) -> None:
        """Title and headings: their tokens, and the passages below each."""
        segment = side.segment
        title = int(segment.column("article.head")[number])
        above = {n: segment.chain(n) for n in passages}
        headings = [heading_of(b, article) for b in article.blocks if b.kind == "heading"]
        for head, text in enumerate([article.title, *headings], title):
            place = f"article {article.id!r}, heading {text!r}"
            if head >= segment.heads or int(segment.column("head.article")[head]) != number:
                self.ledger.fail(place, "is not in the arrays")
                return
            unit = segment.passages + head
            self.ledger.expect(place, "text in the arrays", text, segment.unit_text(unit))
            tokens = analysis.tokenize(text)
            self._check_unit(side, unit, text, tokens, article.language, place)
            first, last = (int(segment.column(f"head.{name}")[head]) for name in ("first", "last"))
            content = [n for n in passages if n < segment.contents]
            below = [n for n in content if head == title or head in above[n]]
            found = [n for n in content if first <= n < last]
            if below != found or last - first != len(found):
                self.ledger.fail(place, f"passages {first} to {last} are not those below it")
        for n, chain in above.items():
            words = sum(side.bounds[segment.passages + h + 1] - side.bounds[segment.passages + h]
                        for h in chain)  # fmt: skip
            here = f"article {article.id!r}, passage {passages[n].id}"
            self.ledger.expect(here, "words of headings", words, int(segment.section_words[n]))


class _Side:
    """What is asked again and again of one segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.bounds: list[int] = segment.unit_tokens.tolist()
        self._names: list[str] = segment.vocabulary.forms[:]

    def forms_of(self, first: int, end: int) -> list[str]:
        """Forms of the tokens in a range."""
        names = self._names
        numbers = self.segment.forms_between(first, end).tolist()
        return [names[n] if n < len(names) else "" for n in numbers]

    def starts_of(self, unit: int, first: int, end: int) -> list[int]:
        """Where the tokens in a range begin in the text of their unit."""
        starts = self.segment.starts_at(np.arange(first, end))
        found: list[int] = starts.tolist()
        return found

    def between(self, name: str, first: int, end: int) -> list[int]:
        """The boundaries in a range of tokens, counted from its first."""
        column = self.segment.column(name)
        # Wider numbers would have NumPy widen the whole column.
        low, high = column.searchsorted(np.array((first, end), column.dtype))
        found: list[int] = (column[low:high].astype(np.int64) - first).tolist()
        return found


def heading_of(block: Block, article: Article) -> str:
    """A heading as sections name it: on one line."""
    return " ".join(block.span.of(article.text).split())


def boundaries(
    text: str, breaks: Sequence[int], starts: Sequence[int], language: str
) -> tuple[list[int], list[int]]:
    """The tokens that begin a block, and those that begin a sentence, by number in the text."""
    blocks: set[int] = set()
    sentences: set[int] = set()
    for begin, end in pairwise([0, *breaks, len(text)]):
        first, last = bisect_left(starts, begin), bisect_left(starts, end)
        if first == last:
            continue
        blocks.add(first)
        ends = _sentence_ends(text[begin:end], language)
        sentences |= {first, *(bisect_left(starts, begin + at, first, last) for at in ends)}
        sentences.discard(last)
    return sorted(blocks), sorted(sentences)


def _sentence_ends(text: str, language: str) -> Iterator[int]:
    return (span.end for span in analysis.sentences(text, language))
