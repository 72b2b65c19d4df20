"""Terms that are each within their bound are refused when together they would take far too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import UsageError, build_index, open_index
from indexer.search import limits


def test_many_terms_near_each_other_have_one_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n\n".join(["the dose of the drug was not what the doctor said of the pill"] * 50)
    (tmp_path / "one.txt").write_text(f"One\n\n{text}\n", encoding="utf-8")
    build_index([tmp_path / "one.txt"], tmp_path / "index")
    near = [f"the NEAR/{n} of" for n in range(30, 86)]
    with open_index(tmp_path / "index") as index:
        assert len(index.audit(near).terms) == len(near)
        assert index.audit(["the NEAR/99 of"] * 2).terms
    monkeypatch.setattr(limits, "LEAST_BUDGET", 20_000)
    monkeypatch.setattr(limits, "BUDGET", 0)
    with open_index(tmp_path / "index") as index:  # which knows no answers yet
        assert index.audit(near[:1]).terms
        assert index.audit([f"dose{n}" for n in range(200)]).terms  # words alone are not meant
        with pytest.raises(UsageError, match=r"^the NEAR/\d+ of: .* together.* several lists$"):
            index.audit(near)
        with pytest.raises(UsageError, match="together"):  # whichever marks it is quoted in
            index.audit([f"“the of”~{n}" for n in range(30, 86)])
