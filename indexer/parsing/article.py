"""What every parser makes: an `Article` of text, blocks with exact spans, id, language and digest.

In: `Draft`s, one a block, each with its own normalised text, in order (plain text is its own text
and brings `Block`s instead), and what the source says of itself: together its `Content`. Out: an
`Article`. Refuses (`SourceError`) what has no block at all.

The blocks of drafts stand a blank line apart; items of one list and rows of one table a line
apart.
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
from indexer.text.language import SAMPLE, identify
from indexer.text.naming import slugify

MAX_METADATA = 2_000  # characters of one value
# Part of every digest. Raise it whenever a parser (any format, plain text too) gives other
# articles for the same bytes, so that an index made by an older one is brought up to date.
PARSER_VERSION = 4


@dataclass(slots=True)
class Draft:
    """A block before its place in the text is known."""

    kind: Kind
    text: str  # without white space around it, not empty
    level: int = 0
    element: str = ""
    group: int = 0
    header: bool = False
    cells: tuple[tuple[int, int], ...] = ()  # start and end in `text`
    heads: tuple[str, ...] = ()
    unsectioned: bool = False  # under no heading, wherever it stands: a note at the end
    linked: int = 0  # characters of the text that are in links
    number: int | None = None  # of an item of a numbered list
    language: str = ""  # that it declares, ISO 639-1
    is_code: bool = False  # whether its markup says so, whatever its words


def squeeze(text: str) -> str:
    """White space collapsed and trimmed, line breaks too."""
    return " ".join(text.split())


def compose(drafts: Sequence[Draft]) -> tuple[str, tuple[Block, ...]]:
    """Text and blocks of an article."""
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
    """The headings that are open at one place of an article after the other."""

    def __init__(self) -> None:
        self._levels: list[int] = []
        self._path: tuple[str, ...] = ()  # their texts, from the top down

    def enter(self, kind: Kind, level: int, text: str) -> tuple[str, ...]:
        """The section of the next block."""
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
    """What a source says of itself; "" where it is silent."""

    title: str = ""
    url: str = ""
    language: str = ""  # as written: "en-GB" will do
    metadata: Mapping[str, str] = field(default_factory=dict)
    in_front: bool = False  # whether its title is front matter's, which goes before the text's own

    def before(self, other: Declared) -> Declared:
        """The same, with what `other` says where this one is silent."""
        return Declared(
            title=self.title or other.title,
            url=self.url or other.url,
            language=self.language or other.language,
            metadata={**other.metadata, **self.metadata},
            in_front=bool(self.title) and self.in_front,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of one article, before it is given an id, a title and a language."""

    text: str
    blocks: tuple[Block, ...]  # in order, not overlapping, covering all but white space
    declared: Declared = Declared()

    @property
    def title(self) -> str:
        """What the title block says; "" when no line of the text is the title."""
        return self.first("title")

    def first(self, kind: Kind) -> str:
        """Text of the first block of a kind; "" when there is none."""
        found = (block.span.of(self.text) for block in self.blocks if block.kind == kind)
        return squeeze(next(found, ""))


def assemble(source: Source, content: Content, settings: Settings) -> Article:
    """The article, its id and digest those of `source`. Refuses what has no blocks.

    Its title is that of its front matter, else that of the title block, else the declared one,
    else the first heading, else the file's name made readable. Its language is the one stated,
    else as its prose tells. See also `retitled`.
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
    """The article under another title. A title block that says something else is then a heading
    above all that follows, for no word of the text may be lost."""
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
            # What stands below a heading and has no section is a note at the end.
            is_note = block.kind == "boilerplate" or (below_heading and not block.section)
            below_heading = below_heading or is_heading
            if is_heading or not is_note:
                blocks[number] = replace(block, section=(name, *block.section))
    return replace(article, title=title, blocks=tuple(blocks))


def safe_url(url: str) -> str:
    """The address if a link may point to it: on the web or relative; else ""."""
    bare = "".join(url.split())
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", bare)
    return bare if scheme is None or scheme[1].lower() in ("http", "https") else ""


def clean_metadata(values: Mapping[str, str]) -> dict[str, str]:
    """The values that say something, white space collapsed, sorted by name."""
    squeezed = {name: squeeze(value)[:MAX_METADATA] for name, value in values.items()}
    return {name: squeezed[name] for name in sorted(squeezed) if squeezed[name]}


def no_text(path: str) -> SourceError:
    """What every parser raises for a file in which there is nothing to read."""
    return SourceError(path, "holds no text", "add text or remove it")


def refuse_above(most: int, text: str, path: str, language: str) -> None:
    """`SourceError` for a text of more than `most` characters, by the name of its markup."""
    if len(text) > most:
        reason = f"{len(text):,} characters of {language}, {most:,} at most"
        raise SourceError(path, reason, "split it into several files")


# --- ids, names, digest, language ----------------------------------------------------------------


def digest_of(data: bytes, settings: Settings | None = None) -> str:
    """What an article is known by until its bytes, the parser or a setting it read change."""
    language = (settings or Settings()).language
    salt = f"{PARSER_VERSION} {language}".encode()
    return hashlib.blake2b(data, digest_size=16, key=salt).hexdigest()


def readable_name(path: str) -> str:
    """A file's name as a title: `notes/2024_dose-limits.md` becomes "2024 dose limits"."""
    stem = PurePosixPath(path.replace("\\", "/").split("!")[-1]).stem
    words = re.sub(r"[-_+\s]+|%20", " ", stem).strip()
    return words[:1].upper() + words[1:] if words else path


def format_of(path: str) -> str:
    """The suffix of a file's name in lower case, without its dot; "rst" for `.rst.txt` too."""
    name, suffix = os.path.splitext(path)
    form = suffix[1:].lower()
    return "rst" if form == "txt" and name.lower().endswith(".rst") else form


_MARKED = frozenset(("adoc", "asciidoc", "mdx", "njk", "qmd", "rmd", "rst"))  # suffixes in ids


def article_ids(paths: Iterable[str]) -> dict[str, str]:
    """Article ids for relative paths: without suffix, slugged folder by folder.

    Where several paths would get one id, `.txt` gets it and the others keep their suffix; what
    still clashes is numbered in order of the path. Some suffixes are always kept, and so take no
    id from others: files of theirs came to be read when others had ids.
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
    """`name`, or with the first free number from 2 when it is taken.

    `taken`: names, and of each the last number that was tried beside it, so that many equal ones
    take no longer each than few; the answer is taken from now on.
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
    """Title and words of an article from all over it, to tell its language by: up to `SAMPLE` code
    points."""
    spans = [block.span for block in content.blocks if block.kind in _PROSE]
    spans = spans or [block.span for block in content.blocks]
    step = max(1, sum(map(len, spans)) // SAMPLE)
    some = [span.of(content.text)[:_OF_A_BLOCK] for span in spans[::step]]
    return " ".join((content.title or content.declared.title, *some))[:SAMPLE]


_PROSE = frozenset(("paragraph", "list_item", "quote", "heading"))
_OF_A_BLOCK = 1_000  # code points
_THREE_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "nld": "nl", "dut": "nl", "por": "pt", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi",
    "rus": "ru",
}  # fmt: skip
