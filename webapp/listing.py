"""The articles of an index in the order in which people look for them.

In: an open index. Out: its articles by title. Refuses nothing.
"""

from __future__ import annotations

import re

from indexer import ArticleRef, Index
from webapp.library import once_per_index


@once_per_index
def by_title(index: Index) -> tuple[ArticleRef, ...]:
    """All articles, by title and then by id; numbers in titles count as numbers."""
    return tuple(sorted(index.articles(), key=lambda ref: (natural(ref.title), ref.id)))


def natural(title: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts "Part 10" after "Part 2"."""
    parts = re.split(r"(\d+)", title.casefold())
    # A number has as many digits as it is long; that orders numbers of any length as texts.
    return tuple((len(part) if n % 2 else 0, part) for n, part in enumerate(parts))
