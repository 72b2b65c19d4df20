"""Indexes of a few texts, built from files as users have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from indexer import Index, build_index, open_index


@contextmanager
def apart() -> Iterator[None]:
    """Within the block, changes to an index go into segments of their own, of any size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("indexer.segments.refresh.SMALL", 1.0)
        yield


@contextmanager
def indexed(articles: Mapping[str, str], suffix: str = ".md") -> Iterator[Index]:
    """An index of texts (Markdown, unless the suffix says otherwise), each named by its id."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, text in articles.items():
            path = folder / "corpus" / f"{name}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        build_index(folder / "corpus", folder / "index")
        with open_index(folder / "index") as index:
            yield index


@contextmanager
def said(*paragraphs: str) -> Iterator[Index]:
    """An index of one article with these paragraphs."""
    with indexed({"a": "# Title of it\n\n" + "\n\n".join(paragraphs) + "\n"}) as index:
        yield index
