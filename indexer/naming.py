"""Names of passages: ids that outlive edits elsewhere, and anchors that a person can read.

In: the texts and section paths of one article's passages, in order. Out: an id and an anchor for
each, unique in the article. Refuses nothing: a text without words is named by its characters.

An id is BLAKE2b over the article's id, the passage's words and the number of passages with the
same words before it. Neither its section nor its place nor its layout is in it, so that renaming
a heading, moving a paragraph and re-indexing from nothing all keep it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from hashlib import blake2b

from indexer.text.tokenizer import slugify

# For ids: accents, apostrophes and invisible characters vanish; punctuation and symbols separate.
_ACCENTS = re.compile("[\u0300-\u036f\u00ad\u034f\u200c-\u200f\u2060\ufeff\u2018\u2019\u02bc]")
_SEPARATORS = re.compile(
    "[\x80-\xa9\xab-\xb4\xb6-\xbf\xd7\xf7\u2000-\u206f\u2190-\u2bff\u3000-\u303f]+"
)
_ASCII = bytes(ord(chr(i).lower()) if chr(i).isalnum() else 0x20 for i in range(128))
_WORDS_ONLY = _ASCII + bytes(range(128, 256))  # a table for bytes.translate


def normal_words(text: str) -> bytes:
    """What a passage id is made from: the words alone, without case, accents and punctuation.

    Coarser than `analysis.normalise` and twelve times as fast, which counts at a million passages.
    """
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
        text = _SEPARATORS.sub(" ", text)
    raw = text.encode("utf-8", "surrogatepass")
    return b" ".join(raw.translate(_WORDS_ONLY, b"'").split())


class Identities:
    """Gives ids to the passages of one article: equal words are told apart by their number."""

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
        """The id of a passage of these words (`normal_words`) with `number` equal ones before."""
        return blake2b(b"%b%b\0%d" % (self._prefix, words, number), digest_size=8).hexdigest()


class Anchors:
    """Gives anchors: the slug of the innermost heading and a number within its section."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._slugs: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def give(self, section: tuple[str, ...]) -> str:
        """The anchor of the next passage in `section`, unique in the article."""
        slug = self._slugs.get(section)
        if slug is None:
            slug = self._slugs[section] = self._new_slug(section)
        self._numbers[slug] += 1
        return f"{slug}-{self._numbers[slug]}"

    def _new_slug(self, section: tuple[str, ...]) -> str:
        """A slug that no other section has: with as many headings above as that takes."""
        slug = slugify(section[-1] if section else self._title)
        for heading in section[-2::-1]:
            if slug not in self._taken:
                break
            slug = f"{slugify(heading)}-{slug}"
        bare, number = slug, 1
        while slug in self._taken:
            number += 1
            slug = f"{bare}.{number}"
        self._taken.add(slug)
        return slug
