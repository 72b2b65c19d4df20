"""Splits articles into passages: the stage between parsing and the store.

Takes an `Article`. Returns its `Passage`s in text order, with ids and anchors. Pure: the same
article gives the same passages, ids included, whatever was indexed before. (`links/ledger` then
gives back the ids of identical passages that an earlier version had.) Refuses nothing.

Policy:

- Each block except titles and headings becomes one passage, or several if it is long. Nothing
  overlaps: every character of content is in exactly one passage, heading or title.
- A long block is cut at the sentence ends where the word count comes nearest to
  `Settings.passage_words`; a short rest stays with the part before it. Code is cut at line ends.
  A sentence of more than `LONGEST` words is cut at white space.
- Short neighbouring items of one list, or rows of one table, are joined up to the same size.
  `breaks` are the offsets at which each further one begins.
- `context` is the lead-in of a list ("Side effects are:"), or the head row of a table if the
  passage does not contain it.
- No passage crosses a section or mixes kinds. An article of headings alone gives one passage.
- An id is BLAKE2b over the article's id, the passage's words and the number of earlier passages
  with the same words. Section, position and layout are not part of it, so an id survives a renamed
  heading, a moved paragraph and re-indexing from nothing. A text without words is identified by its
  characters.
- A passage has its article's language unless its blocks declare another or its text clearly is in
  another.
- An anchor is readable: the slug of the innermost heading and a number within its section.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain, pairwise
from typing import NamedTuple

from indexer.model import Article, Block, Kind, Passage, Span
from indexer.settings import Settings
from indexer.text.id_words import count_words, most_words, plainly_typed, slugify, word_starts
from indexer.text.language import passage_language
from indexer.text.sentences import punkt_sentences, sentences

LONGEST = 400  # words; a longer sentence "never ends" and is cut at white space
SHORT_ITEM = 30  # words; a shorter list item or row is joined with its neighbours
_DEFAULTS = Settings()
_LINE_END = re.compile(r"\n+")
_NO_PASSAGE = frozenset({"title", "heading"})
_GROUPED = frozenset({"list_item", "table_row"})

# For ids: accents, apostrophes and invisible characters vanish; punctuation and symbols separate.
_ACCENTS = re.compile("[\u0300-\u036f\u00ad\u034f\u200c-\u200f\u2060\ufeff\u2018\u2019\u02bc]")
_SEPARATORS = re.compile(
    "[\x80-\xa9\xab-\xb4\xb6-\xbf\xd7\xf7\u2000-\u206f\u2190-\u2bff\u3000-\u303f]+"
)
_ASCII = bytes(ord(chr(i).lower()) if chr(i).isalnum() else 0x20 for i in range(128))
_WORDS_ONLY = _ASCII + bytes(range(128, 256))  # a table for bytes.translate


class _Piece(NamedTuple):
    """A future passage: its span, and the block that gives its kind and section."""

    block: Block  # its first block
    span: Span
    breaks: tuple[int, ...] = ()  # offsets from the span's start
    context: Span | None = None
    language: str = ""  # declared by all of its blocks


def split(article: Article, settings: Settings = _DEFAULTS) -> tuple[Passage, ...]:
    """The passages of `article` in text order; at least one if it has any text."""
    pieces = list(_pieces(article, settings.passage_words)) or _sole_piece(article)
    identities = Identities(article.id)
    anchors = Anchors(article.title)
    passages = []
    for ordinal, piece in enumerate(pieces, start=1):
        text, block = piece.span.of(article.text), piece.block
        kind: Kind = "paragraph" if block.kind in _NO_PASSAGE else block.kind
        names = (identities.give(text), anchors.give(block.section), article.id, block.section)
        place = (kind, ordinal, piece.span, text)
        further = (piece.context, block.element, piece.breaks)
        language = _language_of(piece, kind, text, article.language)
        passages.append(Passage(*names, *place, *further, language))
    return tuple(passages)


def under_title(article: Article, passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """The passages of `article`, made from those it had under another title: only their sections
    and anchors may differ."""
    starts = [block.span.start for block in article.blocks]
    anchors = Anchors(article.title)
    moved = []
    for passage in passages:
        section = article.blocks[bisect_right(starts, passage.span.start) - 1].section
        moved.append(replace(passage, anchor=anchors.give(section), section=section))
    return tuple(moved)


def _language_of(piece: _Piece, kind: Kind, text: str, language: str) -> str:
    """The language of a passage; "" if it is its article's."""
    if piece.language:
        return piece.language if piece.language != language else ""
    return "" if kind == "code" else passage_language(text, language)


# --- from blocks to pieces ---------------------------------------------------------------------


def _pieces(article: Article, target: int) -> Iterator[_Piece]:
    """Pieces of all content blocks: short neighbours joined, long blocks cut."""
    contexts = _Contexts(article)
    for run in _runs(article, target):
        first, last = run[0], run[-1]
        context = contexts.of(run)
        if len(run) > 1:
            start = first.span.start
            breaks = tuple(block.span.start - start for block in run[1:])
            language = first.language if len({block.language for block in run}) == 1 else ""
            yield _Piece(first, Span(start, last.span.end), breaks, context, language)
        else:
            for span in _cut(article, first, target):
                yield _Piece(first, span, (), context, first.language)


def _runs(article: Article, target: int) -> Iterator[list[Block]]:
    """Content blocks; short neighbouring items or rows are joined while they fit `target` words."""
    run: list[Block] = []
    words = 0
    for block in article.blocks:
        size = _short_item_words(article.text, block)
        fits = size and words and words + size <= target
        last = run[-1] if run else block
        akin = (last.group, last.kind, last.section) == (block.group, block.kind, block.section)
        if run and not (fits and akin):
            yield run
            run = []
        if block.kind in _NO_PASSAGE:
            continue
        words = words + size if run else size
        run.append(block)
    if run:
        yield run


def _short_item_words(text: str, block: Block) -> int:
    """Number of words of a list item or row that may be joined with others; 0 for other blocks."""
    if not block.group or block.kind not in _GROUPED or len(block.span) > SHORT_ITEM * 20:
        return 0
    words = max(1, count_words(block.span.of(text)))
    return words if words < SHORT_ITEM else 0


def _sole_piece(article: Article) -> list[_Piece]:
    """The only piece of an article without content: its last heading, else its title or text."""
    headings = [block for block in article.blocks if block.kind == "heading"]
    if article.blocks:
        block = headings[-1] if headings else article.blocks[-1]
        return [_Piece(block, block.span)]
    text = article.text.strip()
    if not text:
        return []
    start = article.text.index(text)
    span = Span(start, start + len(text))
    return [_Piece(Block("paragraph", 0, span, ()), span)]


class _Contexts:
    """Finds the context shown above a list or table passage: its lead-in or head row."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._before: dict[int, Block | None] = {}  # group → block right before its first one
        self._heads: dict[int, Span] = {}  # group → its head row
        self._leads: dict[int, Span | None] = {}  # group → its lead-in
        previous: Block | None = None
        for block in article.blocks:
            if block.group:
                self._before.setdefault(block.group, previous)
                if block.header:
                    self._heads.setdefault(block.group, block.span)
            previous = block

    def of(self, run: Sequence[Block]) -> Span | None:
        """Span of the context of the passage made from `run`; None if it has none."""
        first = run[0]
        if first.kind not in _GROUPED or not first.group:
            return None
        head = self._heads.get(first.group)
        if head is not None:
            return None if first.span.start <= head.start <= run[-1].span.start else head
        before = self._before[first.group]
        if before is None or before.section != first.section:
            return None
        if first.group not in self._leads:
            self._leads[first.group] = self._lead_in(before)
        return self._leads[first.group]

    def _lead_in(self, before: Block) -> Span | None:
        """The last sentence of the block before a list, if it ends with a colon."""
        text = before.span.of(self._article.text)
        if before.kind not in ("paragraph", "list_item") or not text.endswith((":", "\uff1a")):
            return None
        parts = sentences(text, self._article.language)
        offset = before.span.start + (parts[-1].start if parts else 0)
        return Span(offset, before.span.end)


# --- cutting long blocks -----------------------------------------------------------------------


def _cut(article: Article, block: Block, target: int) -> Iterator[Span]:
    """`block` as one span, or as several if it is long."""
    text = block.span.of(article.text)
    if _is_short(text, target):
        yield block.span
        return
    if block.kind == "code":
        starts = [m.end() for m in _LINE_END.finditer(text)]
    else:
        starts = [span.start for span in punkt_sentences(text, article.language)[1:]]
    units = pairwise([0, *starts, len(text)])
    atoms = chain.from_iterable(_atoms(text, start, end, target) for start, end in units)
    for start, end in pairwise([*_cuts(atoms, target), len(text)]):
        offset = block.span.start
        yield Span(offset + start, offset + start + len(text[start:end].rstrip()))


def _is_short(text: str, target: int) -> bool:
    """Whether `text` is one passage. Counts words only if the length does not decide it."""
    longest = target + target // 3  # a rest of less than a third makes no passage of its own
    if len(text) <= longest * 4 and text.isascii() and text.count(" ") < longest:
        return True
    if most_words(text) <= longest:
        return True
    return len(text) < longest * 60 and count_words(text) <= longest


def _cuts(atoms: Iterable[tuple[int, int]], target: int) -> list[int]:
    """Offsets at which parts begin, each part as near to `target` words as the atoms allow.

    `atoms`: (offset, words) of the smallest parts, in order; the first begins at 0.
    """
    cuts = [0]
    held = 0
    for start, words in atoms:
        if held and held + words - target > target - held:
            cuts.append(start)
            held = 0
        held += words
    if len(cuts) > 1 and held < target // 3:
        cuts.pop()
    return cuts


def _atoms(text: str, start: int, end: int, target: int) -> Iterator[tuple[int, int]]:
    """The unit `text[start:end]` as one (offset, words), or several if it exceeds `LONGEST`."""
    unit = text[start:end]
    words = count_words(unit)
    if words <= max(LONGEST, target):
        yield start, words
        return
    begin = 0
    places = word_starts(unit)
    for number in range(target, words, target):
        yield start + begin, target
        begin = _after_space(unit, begin, places[number])
    yield start + begin, words % target or target


def _after_space(unit: str, begin: int, place: int) -> int:
    """The end of the last white space in `unit[begin:place]`; `place` if there is none."""
    pair = unit[begin:place].rsplit(None, 1)
    glued = len(pair[1]) if len(pair) == 2 and not unit[place - 1].isspace() else 0
    return place - glued


# --- ids and anchors ---------------------------------------------------------------------------


def normal_words(text: str) -> bytes:
    """The words that a passage id is made from, without case, accents and punctuation.

    Coarser than `tokenizer.normalise` but twelve times as fast: it matters for a million passages.
    """
    text = plainly_typed(text)
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
        text = _SEPARATORS.sub(" ", text)
    raw = text.encode("utf-8", "surrogatepass")
    return b" ".join(raw.translate(_WORDS_ONLY, b"'").split())


class Identities:
    """Gives ids to the passages of one article: a number distinguishes passages of equal words."""

    def __init__(self, article_id: str) -> None:
        self._prefix = article_id.encode("utf-8", "surrogatepass") + b"\0"
        self._seen: dict[bytes, int] = {}

    def give(self, text: str) -> str:
        """The id of the next passage with this text: 16 lower-case hex digits."""
        words = normal_words(text) or text.encode("utf-8", "surrogatepass")
        number = self._seen.get(words, 0)
        self._seen[words] = number + 1
        return self.numbered(words, number)

    def numbered(self, words: bytes, number: int) -> str:
        """The id of a passage with these words (`normal_words`) after `number` equal ones."""
        return blake2b(b"%b%b\0%d" % (self._prefix, words, number), digest_size=8).hexdigest()


class Anchors:
    """Gives anchors: the slug of the innermost heading and a number within its section."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._slugs: dict[tuple[str, ...], str] = {}
        self._taken: dict[str, int] = {}  # slug → the last number that was tried with it
        self._numbers: Counter[str] = Counter()

    def give(self, section: tuple[str, ...]) -> str:
        """The anchor of the next passage in `section`, unique in the article."""
        slug = self._slugs.get(section)
        if slug is None:
            slug = self._slugs[section] = self._new_slug(section)
        self._numbers[slug] += 1
        return f"{slug}-{self._numbers[slug]}"

    def _new_slug(self, section: tuple[str, ...]) -> str:
        """A slug that no other section has: with as many parent headings as needed, or a number."""
        slug = slugify(section[-1] if section else self._title)
        for heading in section[-2::-1]:
            if slug not in self._taken:
                break
            slug = f"{slugify(heading)}-{slug}"
        bare, number = slug, self._taken.get(slug, 1)
        while slug in self._taken:
            number += 1
            slug = f"{bare}.{number}"
        self._taken[bare] = number
        self._taken.setdefault(slug, 1)
        return slug
