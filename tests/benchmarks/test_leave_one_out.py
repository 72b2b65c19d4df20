"""Weights chosen on other judged sets."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.leave_one_out import CANDIDATES, chosen_without, main


def _write_set(folder: Path, relevant: str) -> Path:
    """A set of two documents, one with the word in its title, of which one is meant."""
    folder.mkdir(parents=True)
    documents = [
        {"id": "title", "title": "Pain", "text": "Nothing else is said, but at some length."},
        {"id": "text", "title": "Other", "text": "Pain, pain, pain and more pain."},
    ]
    lines = {
        "docs.jsonl": [json.dumps(one) for one in documents],
        "queries.jsonl": [json.dumps({"id": "1", "text": "pain"})],
        "qrels.tsv": [f"1\t{relevant}\t1"],
    }
    for name, rows in lines.items():
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_a_set_has_no_say_in_its_own_weights() -> None:
    rows = [[0.1, 0.9, 0.5], [0.4, 0.3, 0.2], [0.6, 0.3, 0.7]]
    assert [chosen_without(rows, left_out) for left_out in range(3)] == [0, 1, 1]
    assert chosen_without([[0.5, 0.5], [0.5, 0.5]], 0) == 0  # the first of equals


def test_sets_are_read_from_folders_and_archives(tmp_path: Path) -> None:
    folders = [_write_set(tmp_path / "ir" / f"set{n}", "title") for n in range(3)]
    with tarfile.open(tmp_path / "ir.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "ir", "ir")
    told = []
    for paths in (folders, [tmp_path / "ir.tar.gz"]):
        result = CliRunner().invoke(main, list(map(str, paths)))
        assert result.exit_code == 0, result.output
        told.append(result.output)
    assert told[0] == told[1]
    lines = told[0].splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["set0", "set1", "set2", "mean"]
    assert len(lines) == 4 + len(CANDIDATES)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_sets_are_refused(tmp_path: Path, count: int) -> None:
    folders = [str(_write_set(tmp_path / f"set{n}", "text")) for n in range(count)]
    result = CliRunner().invoke(main, folders)
    assert result.exit_code == 2
    assert "name three sets or more" in result.output
