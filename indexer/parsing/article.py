"""Builds every parser's result: an `Article` with text, exact block spans, id, language and digest.

In: `Draft`s in order, one per block with its normalised text (plain text is kept as it is and
brings `Block`s instead), and what the source declares about itself: together a `Content`. Out: an
`Article`. Raises `SourceError` if there is no block at all.

A blank line separates the texts of drafts; a newline alone those of items of one list or rows of
one table.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from indexer.errors import SourceError
from indexer.model import Article, Block, Kind, Source, Span
from indexer.settings import Settings
from indexer.text.id_words import slugify
from indexer.text.language import SAMPLE, identify

MAX_METADATA = 2_000  # characters of one value
# Part of every digest. Raise it whenever a parser (any format, plain text too) gives other
# articles for the same bytes, so that an index made by an older one is brought up to date.
PARSER_VERSION = 4


@dataclass(slots=True)
class Draft:
    """A block whose position in the text is not known yet."""

    kind: Kind
    text: str  # stripped, not empty
    level: int = 0
    element: str = ""
    group: int = 0
    header: bool = False
    cells: tuple[tuple[int, int], ...] = ()  # start and end in `text`
    heads: tuple[str, ...] = ()
    unsectioned: bool = False  # in no section, wherever it stands: a note at the end
    linked: int = 0  # characters of `text` inside links
    number: int | None = None  # of an item in a numbered list
    language: str = ""  # declared for the block, ISO 639-1
    is_code: bool = False  # whether the markup marks it as code, whatever the words


def squeeze(text: str) -> str:
    """Collapse and trim white space, line breaks too."""
    return " ".join(text.split())


def compose(drafts: Sequence[Draft]) -> tuple[str, tuple[Block, ...]]:
    """Join drafts into the text and the blocks of an article."""
    parts: list[str] = []
    blocks: list[Block] = []
    headings = OpenHeadings()
    at = 0
    for last, draft in zip([None, *drafts], drafts):
        if last is not None:
            gap = "\n" if draft.group and draft.group == last.group else "\n\n"
            parts.append(gap)
            at += len(gap)
        parts.append(draft.text)
        section = () if draft.unsectioned else headings.enter(draft.kind, draft.level, draft.text)
        span = Span(at, at + len(draft.text))
        cells = tuple([Span(at + start, at + end) for start, end in draft.cells])
        blocks.append(
            Block(draft.kind, draft.level, span, section, draft.element, draft.group,
                  draft.header, cells, draft.heads, draft.number, draft.language)
        )  # fmt: skip
        at = span.end
    return "".join(parts), tuple(blocks)


class OpenHeadings:
    """Stack of the headings that are open while the blocks of an article are read in order."""

    def __init__(self) -> None:
        self._levels: list[int] = []
        self._path: tuple[str, ...] = ()  # their texts, from the top down

    def enter(self, kind: Kind, level: int, text: str) -> tuple[str, ...]:
        """Section path of the next block; a heading opens its section for the blocks after it."""
        if kind in ("title", "boilerplate"):
            return ()
        section = self._path
        if kind == "heading":
            while self._levels and self._levels[-1] >= level:
                self._levels.pop()
            section = section[: len(self._levels)]
            self._levels.append(level)
            self._path = (*section, squeeze(text))
        return section


# --- text and blocks to an article ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declared:
    """Title, URL, language and metadata that a source declares; "" where it declares none."""

    title: str = ""
    url: str = ""
    language: str = ""  # as written, such as "en-GB"
    metadata: Mapping[str, str] = field(default_factory=dict)
    in_front: bool = False  # whether the title is front matter's, which overrides the text's own

    def before(self, other: Declared) -> Declared:
        """Copy in which empty fields and missing metadata are filled from `other`."""
        return Declared(
            title=self.title or other.title,
            url=self.url or other.url,
            language=self.language or other.language,
            metadata={**other.metadata, **self.metadata},
            in_front=bool(self.title) and self.in_front,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """Text and blocks read for one article, before it gets an id, a title and a language."""

    text: str
    blocks: tuple[Block, ...]  # in order, not overlapping, covering all but white space
    declared: Declared = Declared()

    @property
    def title(self) -> str:
        """Text of the title block; "" if no line of the text is the title."""
        return self.first("title")

    def first(self, kind: Kind) -> str:
        """Text of the first block of a kind; "" when there is none."""
        found = (block.span.of(self.text) for block in self.blocks if block.kind == kind)
        return squeeze(next(found, ""))


def assemble(source: Source, content: Content, settings: Settings) -> Article:
    """Build the article, with id and digest from `source`. Raises `SourceError` without blocks.

    Title: that of front matter, else the title block's, else the declared one, else the first
    heading, else the file name made readable. Language: the stated one, else the one identified
    from the prose. See also `retitled`.
    """
    declared = content.declared
    if not content.blocks:
        raise no_text(source.path)
    stated = squeeze(declared.title)
    own = content.title or stated or content.first("heading")
    made = Article(
        id=source.id,
        title=own or readable_name(source.path),
        url=safe_url(declared.url),
        language=language_code(source.language or declared.language)
        or identify(_prose(content), settings.language),
        text=content.text,
        blocks=content.blocks,
        metadata=clean_metadata(declared.metadata),
        digest=digest_of(source.data, settings),
        encoding=source.encoding,
    )
    return retitled(made, stated) if stated and declared.in_front else made


def retitled(article: Article, title: str) -> Article:
    """Copy of an article with another title. A title block with different words becomes a heading
    of level 1 over the blocks that follow, so that no word of the text is lost."""
    blocks = list(article.blocks)
    place = next((n for n, block in enumerate(blocks) if block.kind == "title"), None)
    name = "" if place is None else squeeze(blocks[place].span.of(article.text))
    if place is not None and name != title:
        blocks[place] = replace(blocks[place], kind="heading", level=1)
        below_heading = False
        for number, block in enumerate(blocks[place + 1 :], place + 1):
            is_heading = block.kind == "heading"
            if is_heading and block.level == 1:
                break
            # A block below a heading that has no section is a note at the end.
            is_note = block.kind == "boilerplate" or (below_heading and not block.section)
            below_heading = below_heading or is_heading
            if is_heading or not is_note:
                blocks[number] = replace(block, section=(name, *block.section))
    return replace(article, title=title, blocks=tuple(blocks))


def safe_url(url: str) -> str:
    """The URL, without white space, if it is http, https or relative; else ""."""
    bare = "".join(url.split())
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", bare)
    return bare if scheme is None or scheme[1].lower() in ("http", "https") else ""


def clean_metadata(values: Mapping[str, str]) -> dict[str, str]:
    """Non-empty values by sorted name, white space collapsed, cut to `MAX_METADATA`."""
    squeezed = {name: squeeze(value)[:MAX_METADATA] for name, value in values.items()}
    return {name: squeezed[name] for name in sorted(squeezed) if squeezed[name]}


def no_text(path: str) -> SourceError:
    """The error that every parser raises for a file without text."""
    return SourceError(path, "holds no text", "add text or remove it")


def refuse_above(most: int, text: str, path: str, language: str) -> None:
    """Raise `SourceError` if a text in the markup `language` has more than `most` characters."""
    if len(text) > most:
        reason = f"{len(text):,} characters of {language}, {most:,} at most"
        raise SourceError(path, reason, "split it into several files")


# --- ids, names, digest, language ----------------------------------------------------------------


def digest_of(data: bytes, settings: Settings | None = None) -> str:
    """Digest of an article; changes with its bytes, the parser version and the set language."""
    language = (settings or Settings()).language
    salt = f"{PARSER_VERSION} {language}".encode()
    return hashlib.blake2b(data, digest_size=16, key=salt).hexdigest()


def readable_name(path: str) -> str:
    """A file's name as a title: `notes/2024_dose-limits.md` becomes "2024 dose limits"."""
    stem = PurePosixPath(path.replace("\\", "/").split("!")[-1]).stem
    words = re.sub(r"[-_+\s]+|%20", " ", stem).strip()
    return words[:1].upper() + words[1:] if words else path


def format_of(path: str) -> str:
    """Suffix of a file name in lower case, without the dot; "rst" for `.rst.txt` too."""
    name, suffix = os.path.splitext(path)
    form = suffix[1:].lower()
    return "rst" if form == "txt" and name.lower().endswith(".rst") else form


_MARKED = frozenset(("adoc", "asciidoc", "mdx", "njk", "qmd", "rmd", "rst"))  # kept in ids


def article_ids(paths: Iterable[str]) -> dict[str, str]:
    """Article ids for relative paths: without suffix, slugged folder by folder.

    Where several paths would get the same id, `.txt` gets it and the others keep their suffix; ids
    that still clash are numbered in path order. The suffixes in `_MARKED` are always kept: these
    formats were added later, and their files must not take an id that another file had.
    """
    suffixes = {path: PurePosixPath(path).suffix.lower() for path in paths}
    marked = {path for path, suffix in suffixes.items() if suffix[1:] in _MARKED}
    bare = {path: _id_of(path) for path in sorted(suffixes)}
    shared = Counter(name for path, name in bare.items() if path not in marked)
    ids: dict[str, str] = {}
    taken: dict[str, int] = {}
    for path, name in sorted(bare.items(), key=lambda one: (suffixes[one[0]] != ".txt", one[0])):
        plain = suffixes[path] == ".txt" or (shared[name] == 1 and path not in marked)
        ids[path] = unique(name if plain else name + suffixes[path], taken)
    return ids


def _id_of(path: str) -> str:
    """Folders and the file's name without suffix, slugged."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    parts = [*parts[:-1], PurePosixPath(parts[-1]).stem] if parts else ["article"]
    return "/".join(map(slugify, parts))


def unique(name: str, taken: dict[str, int]) -> str:
    """`name` if it is free, else `name-N` with the first free N from 2. Marks the result as taken.

    `taken` maps each name to the last number tried for it, so that the thousandth equal name is
    found as fast as the second.
    """
    found, number = name, taken.get(name, 1)
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken[name] = number
    taken.setdefault(found, 1)
    return found


def language_code(stated: str) -> str:
    """The ISO 639-1 code of a language as files write it ("en-GB", "eng"); "" for none."""
    code = re.split(r"[-_;,\s]", stated.strip().lower(), maxsplit=1)[0]
    return code if re.fullmatch(r"[a-z]{2}", code) else _THREE_LETTERS.get(code, "")


def _prose(content: Content) -> str:
    """Sample for language identification: the title and text from blocks all over the article, up
    to `SAMPLE` code points."""
    spans = [block.span for block in content.blocks if block.kind in _PROSE]
    spans = spans or [block.span for block in content.blocks]
    step = max(1, sum(map(len, spans)) // SAMPLE)
    samples = [span.of(content.text)[:_OF_A_BLOCK] for span in spans[::step]]
    return " ".join((content.title or content.declared.title, *samples))[:SAMPLE]


_PROSE = frozenset(("paragraph", "list_item", "quote", "heading"))
_OF_A_BLOCK = 1_000  # code points sampled from one block
_THREE_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "nld": "nl", "dut": "nl", "por": "pt", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi",
    "rus": "ru",
}  # fmt: skip
