"""What tests share: settings of hypothesis, the corpus that comes with Pilcrow as index and site,
and a small site as clients and browsers see it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import settings

from indexer import Index, build_index, open_index
from tests import ROOT
from tests.helpers.chromium import Browser, browsing, idle, served
from tests.helpers.effort import tries
from tests.helpers.sites import make_index, serving

# A machine under load must not fail a test; a failure prints how to repeat it.
settings.register_profile("pilcrow", deadline=None, print_blob=True, max_examples=tries(25, 400))
settings.load_profile("pilcrow")

# Thousands of tests are kept in memory; looking for cycles among them took a tenth of the time.
gc.set_threshold(20_000, 25, 25)

CORPUS = ROOT / "corpus"


def pytest_sessionfinish() -> None:
    for browser in idle:
        browser.quit()


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


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The small site, asked without a network."""
    with serving(make_index(tmp_path_factory.mktemp("site"))) as client:
        yield client


@pytest.fixture(scope="module")
def elavil(corpus_index: Path) -> Iterator[FlaskClient]:
    """The site of `corpus/`, asked without a network."""
    with serving(corpus_index) as client:
        yield client


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the small site is served."""
    with served(make_index(tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(scope="module")
def wide(address: str) -> Iterator[Browser]:
    """A browser on the small site."""
    with browsing(address) as browser:
        yield browser


@pytest.fixture(scope="module")
def narrow(address: str) -> Iterator[Browser]:
    """The same, as narrow as a telephone."""
    with browsing(address, width=375) as browser:
        yield browser
