"""What an article is called when it does not say so: ids from paths, titles from file names,
digests from content, language from words.

In: paths, bytes, text. Out: names and codes. Refuses nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from indexer.settings import Settings
from indexer.text.language import guess_language
from indexer.text.tokenizer import slugify

# Part of every digest. Raise it whenever a parser (any format, plain text too) gives other
# articles for the same bytes, so that an index made by an older one is brought up to date.
PARSER_VERSION = 1


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


def article_ids(paths: Iterable[str]) -> dict[str, str]:
    """Article ids for relative paths: without suffix, slugged folder by folder.

    Where several paths would get one id, `.txt` gets it and the others keep their suffix; what
    still clashes is numbered in order of the path.
    """
    bare = {path: "/".join(map(slugify, _parts(path))) for path in sorted(set(paths))}
    shared = Counter(bare.values())
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for path, name in sorted(bare.items(), key=lambda item: (not _is_text(item[0]), item[0])):
        plain = shared[name] == 1 or _is_text(path)
        ids[path] = unique(name if plain else name + PurePosixPath(path).suffix.lower(), taken)
    return ids


def _is_text(path: str) -> bool:
    return path.lower().endswith(".txt")


def _parts(path: str) -> list[str]:
    """Folders and the file's name without suffix."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return [*parts[:-1], PurePosixPath(parts[-1]).stem] if parts else ["article"]


def unique(name: str, taken: set[str]) -> str:
    """`name`, or with a number from 2 when it is taken; the answer is taken from now on."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found


def language_of(declared: str, text: str, settings: Settings) -> str:
    """ISO 639-1: as declared, else guessed from the text, else the setting's."""
    code = re.split(r"[-_;,\s]", declared.strip().lower(), maxsplit=1)[0]
    if re.fullmatch(r"[a-z]{2}", code):
        return code
    return _THREE_LETTERS.get(code) or guess_language(text) or settings.language


_THREE_LETTERS = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "nld": "nl",
    "dut": "nl",
    "por": "pt",
    "swe": "sv",
    "dan": "da",
    "nor": "no",
    "fin": "fi",
    "rus": "ru",
}
