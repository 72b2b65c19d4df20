"""One segment: the arrays of some articles, mapped, with what is read from them.

Passages of a segment number from 0: first the content in corpus order, then the boilerplate.
Heads (headings and titles) number from 0 on their own. See `inverting` for the arrays.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays.container import Array, Container
from indexer.arrays.inverting import PASSAGE_COLUMNS
from indexer.arrays.strings import Strings
from indexer.arrays.vocabulary import Vocabulary
from indexer.model import KINDS, ArticleRef, Passage, Span

KEPT = 1 << 16  # references and section paths that a segment remembers


class Segment:
    """Read-only view of one segment; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.container = c = Container(path)
        self.contents, self.boilerplates, self.heads = c.facts["units"]
        self.passages = self.contents + self.boilerplates
        content, boilerplate, heads = c.facts["tokens"]
        self.content_end = content  # token index at which the content zone ends
        self.heads_start = content + boilerplate  # token index at which the heads begin
        self.tokens = content + boilerplate + heads
        self.vocabulary = Vocabulary(c)
        self.forms = c.unchecked("forms")
        self.positions = c.unchecked("positions")
        self.unit_tokens = c["unit_tokens"]
        self.form_first = c["form_first"]
        self.text_ends = c["text.ends"]
        self.article_ids = Strings(c, "article.id")
        self.articles = len(self.article_ids)
        self._columns: dict[str, Array] = {}
        self._refs: dict[int, ArticleRef] = {}
        self._paths: dict[int, tuple[str, ...]] = {}

    # --- tokens ---------------------------------------------------------------------------------

    def forms_at(self, tokens: Array) -> Array:
        """Form ids of the tokens at these indices."""
        self.container.check_at("forms", tokens)
        return self.forms[tokens]

    def positions_of(self, low: int, high: int) -> Array:
        """Token indices of the forms [low, high): ascending within each form."""
        first, last = int(self.form_first[low]), int(self.form_first[high])
        self.container.check("positions", first, last)
        return self.positions[first:last]

    @cached_property
    def words(self) -> Array:
        """Tokens of each passage (int64)."""
        return np.diff(self.unit_tokens[: self.passages + 1].astype(np.int64))

    @cached_property
    def head_words(self) -> Array:
        """Tokens of each head (int64)."""
        return np.diff(self.unit_tokens[self.passages :].astype(np.int64))

    @cached_property
    def section_words(self) -> Array:
        """Tokens of the headings above each passage (int64)."""
        section = self.container["passage.section"]
        words = self.container["section.words"].astype(np.int64)
        if not words.size:
            return np.zeros(self.passages, np.int64)
        return np.where(section >= 0, words[section], 0)

    @cached_property
    def title_words(self) -> Array:
        """Tokens of the title above each passage (int64)."""
        heads = self.container["article.head"]
        return self.head_words[heads[self.container["passage.article"]]]

    @cached_property
    def _rank(self) -> tuple[Array, Array, Array | None]:
        """Bits at the first tokens of passages, their running count, and which have tokens."""
        starts = self.unit_tokens[: self.passages + 1].astype(np.int64)
        filled = np.flatnonzero(np.diff(starts))
        firsts = starts[filled]
        bits = np.zeros(self.heads_start // 64 + 1, np.uint64)
        np.bitwise_or.at(bits, firsts >> 6, np.uint64(1) << (firsts & 63).astype(np.uint64))
        counts = np.zeros(bits.size, np.int64)
        np.cumsum(np.bitwise_count(bits[:-1]), out=counts[1:])
        return bits, counts - 1, None if filled.size == self.passages else filled

    def passage_of(self, tokens: Array) -> Array:
        """Passage of each token of content or boilerplate (int64).

        The number of passages that begin at or before a token is a rank over a bit array
        (Jacobson 1989): one gather and a population count, whatever the number of passages.
        """
        bits, counts, filled = self._rank
        tokens = tokens.astype(np.int64, copy=False)
        word = tokens >> 6
        upto = np.uint64(0xFFFFFFFFFFFFFFFF) >> (63 - (tokens & 63)).astype(np.uint64)
        rank: Array = counts[word] + np.bitwise_count(bits[word] & upto)
        return rank if filled is None else filled[rank]

    def head_of(self, tokens: Array) -> Array:
        """Head of each token of the heads zone (int64)."""
        found: Array = np.searchsorted(self.unit_tokens[self.passages :], tokens, "right") - 1
        return found

    def block_of(self, tokens: Array) -> Array:
        """Number of the block of each token: equal for two tokens of one block."""
        found: Array = np.searchsorted(self.container["block_starts"], tokens, "right")
        return found

    def sentence_of(self, tokens: Array) -> Array:
        """Number of the sentence of each token: equal for two tokens of one sentence."""
        found: Array = np.searchsorted(self.container["sentence_starts"], tokens, "right")
        return found

    def starts_at(self, tokens: Array) -> Array:
        """Where these tokens begin in the text of their unit (code points, int64)."""
        self.container.check_at("starts", tokens)
        return self.container.unchecked("starts")[tokens].astype(np.int64)

    # --- texts and tables -----------------------------------------------------------------------

    def unit_text(self, unit: int) -> str:
        """Text of a passage (its number) or a head (`passages` + its number)."""
        start, end = int(self.text_ends[unit]), int(self.text_ends[unit + 1])
        self.container.check("text.bytes", start, end)
        raw = self.container.unchecked("text.bytes")[start:end]
        return raw.tobytes().decode("utf-8", "surrogatepass")

    def article_ref(self, number: int) -> ArticleRef:
        """What results show of an article (kept: results name the same ones again and again)."""
        found = self._refs.get(number)
        if found is None:
            url, language, title = self._article_strings
            found = ArticleRef(
                self.article_ids[number], title[number], url[number], language[number]
            )
            if len(self._refs) < KEPT:
                self._refs[number] = found
        return found

    @cached_property
    def _article_strings(self) -> tuple[Strings, Strings, Strings]:
        c = self.container
        return (
            Strings(c, "article.url"),
            Strings(c, "article.language"),
            Strings(c, "article.title"),
        )

    @cached_property
    def _anchors(self) -> Strings:
        return Strings(self.container, "passage.anchor")

    def column(self, name: str) -> Array:
        """A column of the tables, for instance `passage.article`."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self.container[name]
        return found

    def path(self, section: int) -> tuple[str, ...]:
        """Headings of a section from the top down; none for -1."""
        if section < 0:
            return ()
        found = self._paths.get(section)
        if found is None:
            found = tuple(self.paths[int(self.column("section.path")[section])].split("\n"))
            if len(self._paths) < KEPT:
                self._paths[section] = found
        return found

    def chain(self, passage: int) -> list[int]:
        """Heads of the headings above a passage, from the top down."""
        section = int(self.column("passage.section")[passage])
        chain: list[int] = []
        while section >= 0:
            chain.append(int(self.column("section.head")[section]))
            section = int(self.column("section.parent")[section])
        return chain[::-1]

    @cached_property
    def paths(self) -> Strings:
        """Section paths, each once: headings from the top down, a line each."""
        return Strings(self.container, "path")

    def passage(self, number: int) -> Passage:
        """The passage as it was split."""
        row = self._passage_columns
        anchor, _, element = self._anchors[number].partition("\t")
        first, last = row["breaks_first"][number : number + 2].tolist()
        context = int(row["context_start"][number])
        return Passage(
            id=f"{int(row['id'][number]):016x}",
            anchor=anchor,
            article_id=self.article_ref(int(row["article"][number])).id,
            section=self.path(int(row["section"][number])),
            kind=KINDS[int(row["kind"][number])],
            ordinal=int(row["ordinal"][number]),
            span=Span(int(row["start"][number]), int(row["end"][number])),
            text=self.unit_text(number),
            context=Span(context, int(row["context_end"][number])) if context >= 0 else None,
            element=element,
            breaks=tuple(row["breaks"][first:last].tolist()) if last > first else (),
        )

    @cached_property
    def _passage_columns(self) -> dict[str, Array]:
        names = (*PASSAGE_COLUMNS, "breaks_first", "breaks")
        return {name: self.container[f"passage.{name}"] for name in names}

    def find_passage(self, identifier: int) -> int:
        """Number of the passage with this id, or -1."""
        order = self.column("passage.by_id")
        ids = self.column("passage.id")
        at = int(np.searchsorted(ids, np.uint64(identifier), sorter=order))
        if at < order.size and int(ids[order[at]]) == identifier:
            return int(order[at])
        return -1

    def article_passages(self, article: int) -> list[int]:
        """Numbers of an article's passages, in text order."""
        column = self.column
        numbers = [
            *range(int(column("article.first")[article]), int(column("article.last")[article])),
            *range(
                self.contents + int(column("article.boilerplate_first")[article]),
                self.contents + int(column("article.boilerplate_last")[article]),
            ),
        ]
        return sorted(numbers, key=lambda n: int(column("passage.start")[n]))
