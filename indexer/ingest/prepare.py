"""From a file's bytes to articles ready to be stored: parse, split, pack.

In: a `Source` with the settings. Out: `Prepared`, its articles packed and what of it was skipped.
Pure, so that several processes may do it for several files at once. Refuses nothing: a file that
gives no article gives a problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.settings import Settings
from indexer.sources.files import File
from indexer.store.codec import Packed, pack

# What decides how bytes become passages: with any of it changed, every file is prepared again.
_STAGES = ("model.py", "parsing", "naming.py", "passages.py", "store", "text")
_LIBRARIES = ("nltk", "lxml", "markdown-it-py", "mdit-py-plugins", "mammoth")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one file gave."""

    articles: tuple[Packed, ...]
    problems: tuple[SourceError, ...]


def prepare(file: File, data: bytes, settings: Settings) -> Prepared:
    """The articles in the bytes of `file`, packed, and what could not be used."""
    source = Source(file.path, file.id, file.format, data)
    try:
        parsed = parse(source, settings)
        packed = tuple(
            pack(article, split(article, settings), source=file.source, root=file.root)
            for article in parsed.articles
        )
    except SourceError as error:
        return Prepared((), (error,))
    except Exception as error:  # one odd file must not keep ten thousand others out of the index
        reason = f"can't be parsed ({type(error).__name__}: {error})".replace("\n", " ")
        return Prepared((), (SourceError(file.path, reason, "simplify it or leave it out"),))
    return Prepared(packed, parsed.problems)


def digest(file: File, data: bytes, settings: Settings) -> str:
    """What the articles of a file depend on: its bytes, its id, the settings, the program."""
    marks = f"{recipe()} {settings.language} {settings.passage_words} {file.format} {file.id}\0"
    hasher = blake2b(marks.encode("utf-8", "surrogatepass"), digest_size=16)
    hasher.update(data)
    return hasher.hexdigest()


@cache
def recipe() -> str:
    """A digest of all code and libraries that take part in preparing."""
    hasher = blake2b(digest_size=16)
    for path in _files_of_stages(Path(__file__).parent.parent):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in _LIBRARIES:
        try:
            version = metadata.version(library)
        except metadata.PackageNotFoundError:
            version = ""
        hasher.update(f"{library} {version}\0".encode())
    return hasher.hexdigest()


def _files_of_stages(package: Path) -> Iterator[Path]:
    """The files of code in these places. Raises `FileNotFoundError` for a place that is missing."""
    for name in _STAGES:
        place = package / name
        if place.is_file():
            yield place
        elif place.is_dir():
            yield from sorted(file for file in place.rglob("*") if file.suffix in (".py", ".tsv"))
        else:
            raise FileNotFoundError(place)
