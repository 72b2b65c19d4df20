"""What tests share: settings of hypothesis, and one index of the corpus that comes with Pilcrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from indexer import Index, build_index, open_index

# A machine under load must not fail a test; a failure prints how to repeat it.
settings.register_profile("pilcrow", deadline=None, print_blob=True)
settings.load_profile("pilcrow")

CORPUS = Path(__file__).resolve().parent.parent / "corpus"


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an index of `corpus/` is; tests only read it."""
    directory = tmp_path_factory.mktemp("corpus") / "index"
    build_index([CORPUS], directory)
    return directory


@pytest.fixture(scope="session")
def index(corpus_index: Path) -> Iterator[Index]:
    """The index of `corpus/`, open; tests only read it."""
    with open_index(corpus_index) as opened:
        yield opened
