"""Three nodes of OpenSearch for the tests that are marked `cluster`; they run for these alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.cluster.nodes import VERSION, CannotStart, Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of three nodes, stopped at the end."""
    started = Cluster(tmp_path_factory.mktemp("nodes"))
    if "PILCROW_TEST_RUNNING" in os.environ:  # somebody has started them already
        yield started
        return
    try:
        try:
            started.start()
        except CannotStart as error:
            if "CI" in os.environ and not VERSION:  # another is tried where there is a newer JDK
                raise
            pytest.skip(str(error))
        yield started
    finally:
        started.stop()
