"""Labels each unit of a plain text: heading, paragraph, list item, table row or code.

In: the text and its units. Out: one `Label` per unit. Refuses nothing.

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): each feature that
`features.line_features` names adds its weights to the labels, each pair of neighbouring labels adds
a transition weight for the gap between them, and Viterbi's algorithm finds the best sequence. The
weights are in `lines.tsv`, one feature per line, and are learned by `benchmarks/train_lines.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import add
from pathlib import Path
from typing import Literal, get_args

from indexer.parsing.plain_text.features import Names, line_features, names_of
from indexer.parsing.plain_text.lines import TextUnit

Label = Literal["heading", "paragraph", "list_item", "table_row", "code"]
LABELS: tuple[Label, ...] = get_args(Label)
WEIGHTS = Path(__file__).with_name("lines.tsv")
Weights = tuple[int, ...]  # one per label, in hundredths: sums are exact
_NONE: Weights = (0,) * len(LABELS)
_MOST_SUMS = 1 << 17  # groups whose sums are cached
STEP = "step="  # prefix of the rows of transition weights: "step=t0|heading"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights of features and of transitions from label to label."""

    weights: dict[str, Weights]  # name of a feature → one weight per label
    steps: dict[str, tuple[Weights, ...]]  # class of a gap → [label after][label before]

    @lru_cache(_MOST_SUMS)  # noqa: B019 # the one model lives as long as the program
    def fill(self, names: str, *values: object) -> Weights:
        """Sum of the weights of one of the feature groups of `features`, filled with values."""
        return tuple(map(sum, zip(_NONE, *self.take(names_of(names, *values)))))

    def take(self, names: Names) -> Iterator[Weights]:
        """Weights of those of the features that have any."""
        return filter(None, map(self.weights.get, names))


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """Read the weights; a row is a name and one number per label, separated by tabs."""
    weights: dict[str, Weights] = {}
    steps: dict[str, dict[str, Weights]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# "):
                continue
            name, *numbers = line.rstrip("\n").split("\t")
            values = tuple(round(100 * float(number)) for number in numbers)
            if name.startswith(STEP):
                gap, label = name.removeprefix(STEP).split("|")
                steps.setdefault(gap, {})[label] = values
            else:
                weights[name] = values
    tables = {gap: tuple(zip(*(rows[label] for label in LABELS))) for gap, rows in steps.items()}
    return Model(weights, tables)


def label_units(text: str, units: Sequence[TextUnit], model: Model | None = None) -> list[Label]:
    """The most probable sequence of labels for the units of a text."""
    if not units:
        return []
    model = model or load_model()
    rows, gaps = line_features(text, units, model.fill, model.take)
    scores = [list(map(sum, zip(*groups))) for groups in rows]
    return [LABELS[best] for best in _best_path(scores, gaps, model.steps)]


def _best_path(
    scores: Sequence[Sequence[int]], gaps: Sequence[str], steps: dict[str, tuple[Weights, ...]]
) -> list[int]:
    """Viterbi's algorithm: the label indices with the highest sum of scores and transitions."""
    level = (_NONE,) * len(LABELS)  # a gap not seen in training favours no transition
    tables = [steps.get(gap, level) for gap in gaps]
    totals = [list(scores[0])]  # of the best path to each label of each unit
    for score, table in zip(scores[1:], tables[1:], strict=True):
        reached = [max(map(add, totals[-1], before)) for before in table]
        totals.append(list(map(add, reached, score)))
    path = [_index_of_best(totals.pop())]
    for table in tables[:0:-1]:
        path.append(_index_of_best(list(map(add, totals.pop(), table[path[-1]]))))
    return path[::-1]


def _index_of_best(totals: Sequence[int]) -> int:
    """Index of the highest total, the last one of equals."""
    return len(totals) - 1 - totals[::-1].index(max(totals))
