"""The line model: its weights, its training, and the benchmark that scores it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click import Command
from click.testing import CliRunner

from benchmarks import structure, train_lines
from benchmarks.line_model.crf import Chain, Labelled
from benchmarks.line_model.judged_articles import held_back, read_ids
from indexer.parsing.plain_text.line_model import LABELS, label_units, load_model
from indexer.parsing.plain_text.lines import cut_units
from tests.helpers.flattenings import flatten, read_articles

_STYLES = {
    "blank": "blank",
    "inner": "inner",
    "fx": "copied",
    "tight": "tight",
    "wrap": "wrapped",
}
_KINDS = {"title": "heading", "paragraph": "p", "list_item": "li", "table_row": "row"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judged articles in the format that training and benchmark read."""
    root = tmp_path_factory.mktemp("judged")
    (root / "truth").mkdir()
    index = []
    for name, article in read_articles().items():
        flats = {variant: flatten(article, style) for variant, style in _STYLES.items()}
        blocks = [
            {
                "t": _KINDS.get(block.kind, block.kind),
                "text": block.text,
                "level": block.level,
                "span": {variant: flat.spans[place] for variant, flat in flats.items()},
            }
            for place, block in enumerate(article)
        ]
        (root / "truth" / f"{name}.json").write_text(json.dumps({"blocks": blocks}), "utf-8")
        for variant, flat in flats.items():
            (root / "flat" / variant).mkdir(parents=True, exist_ok=True)
            (root / "flat" / variant / f"{name}.txt").write_text(flat.text, encoding="utf-8")
        index.append(json.dumps({"id": name, "source": "long" if len(name) > 6 else "short"}))
    (root / "index.jsonl").write_text("\n".join(index), encoding="utf-8")
    return root


def run(command: Command, *arguments: object) -> list[str]:
    """The lines that a command prints."""
    result = CliRunner().invoke(command, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_the_weights_are_whole() -> None:
    model = load_model()
    assert all(len(weights) == len(LABELS) for weights in model.weights.values())
    assert all(len(table) == len(LABELS) for table in model.steps.values())
    numbers = (one for weights in model.weights.values() for one in weights)
    assert {type(one) for one in numbers} == {int}  # their sums are the same in any order


def test_a_text_of_another_layout_than_any_seen_is_labelled() -> None:
    text = "One.\n\nTwo"
    model = load_model()
    blind = type(model)(model.weights, {})
    assert len(label_units(text, cut_units(text).units, blind)) == 2


def test_training_is_repeatable_and_learns(folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.tsv", tmp_path / "two.tsv"]
    for file in files:
        run(train_lines.main, folder, "--output", file, "--all")
    assert files[0].read_bytes() == files[1].read_bytes()
    model = load_model(files[0])
    flat = flatten(read_articles()["bicycle"], "blank")
    labels = label_units(flat.text, cut_units(flat.text).units, model)
    wanted = ["heading" if b.kind == "title" else b.kind for b in flat.blocks]
    assert sum(a == b for a, b in zip(labels, wanted)) >= len(wanted) - 1


def test_the_benchmark_tells_f1_and_speed(folder: Path) -> None:
    lines = run(structure.main, folder)
    assert lines[0] == "10 articles (all)"
    blank = next(line.split("|")[2:-1] for line in lines if line.startswith("| blank |"))
    assert len(blank) == 5
    assert all(float(figure) > 0.97 for figure in blank)
    assert lines[-1].endswith("MB/s")


def test_each_source_is_held_back_in_the_same_share(folder: Path) -> None:
    ids = read_ids(folder)
    held = held_back(ids)
    assert held == held_back(reversed(ids))
    for source in ("long", "short"):
        names = [name for name, of in ids if of == source]
        assert sum(name in held for name in names) == -(-len(names) // 5)


def test_the_gradient_is_that_of_the_loss() -> None:
    dice = np.random.default_rng(7)
    sequences = [
        Labelled(
            [[int(name) for name in dice.integers(0, 6, 3)] for _ in range(length)],
            [int(step) for step in dice.integers(0, 2, length)],
            [int(label) for label in dice.integers(-1, 3, length)],
        )
        for length in (4, 1, 3)
    ]
    chain = Chain(sequences, 6, 2, 3)
    weights = dice.normal(size=6 * 3 + 2 * 9)
    _, gradient = chain.loss(weights, 0.5)
    for place in range(len(weights)):
        step = np.zeros_like(weights)
        step[place] = 1e-5
        slope = (chain.loss(weights + step, 0.5)[0] - chain.loss(weights - step, 0.5)[0]) / 2e-5
        assert slope == pytest.approx(gradient[place], abs=1e-5)
