"""The embedding model itself; `make semantic` installs it and asks for these."""

from __future__ import annotations

import pytest

from indexer import semantic
from tests.helpers.indexed import indexed

pytestmark = pytest.mark.semantic


def test_what_is_meant_is_found_without_its_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    with indexed(
        {
            "a": "# A\n\nWomen who are expecting should ask a midwife before use.\n",
            "b": "# B\n\nStore the bottle in the refrigerator.\n",
            "c": "# C\n\nVomiting was seen in one patient of ten.\n",
        }
    ) as index:
        assert index.update_vectors() == 3
        for asked, article in (
            ("can I take it in pregnancy", "a"),
            ("keep it cold", "b"),
            ("being sick", "c"),
        ):
            assert index.related(asked, 1)[0].article.id == article
    (vector,) = semantic.encode(["a text"])
    assert vector.shape == (semantic.DIMENSIONS,)
    assert float(vector @ vector) == pytest.approx(1.0, abs=1e-3)
