"""Labels each unit of a plain text: heading, paragraph, list item, table row or code.

In: the text and its units. Out: one `Label` per unit. Refuses nothing.

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): each feature that
`features.line_features` names adds its weights to the labels, each pair of neighbouring labels adds
a transition weight for the gap between them, and Viterbi's algorithm finds the best sequence. The
weights are in `lines.tsv`, one feature per line, and are learned by `benchmarks/train_lines.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, get_args

from indexer.parsing.plain_text.features import Names, line_features, names_of
from indexer.parsing.plain_text.lines import TextUnit

Label = Literal["heading", "paragraph", "list_item", "table_row", "code"]
LABELS: tuple[Label, ...] = get_args(Label)
WEIGHTS = Path(__file__).with_name("lines.tsv")
Weights = tuple[float, ...]  # one per label
_NONE: Weights = (0.0,) * len(LABELS)
_MOST_SUMS = 1 << 17  # groups whose sums are cached
_BEHIND = 12.0  # a label whose score is further behind the best is pruned
STEP = "step="  # prefix of the rows of transition weights: "step=t0|heading"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights of features and of transitions from label to label."""

    weights: dict[str, Weights]  # name of a feature → one weight per label
    steps: dict[str, tuple[Weights, ...]]  # class of a gap → [label before][label after]

    @lru_cache(_MOST_SUMS)  # noqa: B019 # the one model lives as long as the program
    def fill(self, names: str, *values: object) -> Weights:
        """Cached `take` for one of the feature groups of `features`, filled with these values."""
        return self.take(names_of(names, *values))

    def take(self, names: Names) -> Weights:
        """Sum of the weights of a group's features, one number per label."""
        known = list(filter(None, map(self.weights.get, names)))
        if len(known) < 2:
            return known[0] if known else _NONE
        return tuple(map(sum, zip(*known)))


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
            values = tuple(map(float, numbers))
            if name.startswith(STEP):
                gap, label = name.removeprefix(STEP).split("|")
                steps.setdefault(gap, {})[label] = values
            else:
                weights[name] = values
    tables = {gap: tuple(rows[label] for label in LABELS) for gap, rows in steps.items()}
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
    scores: Sequence[Sequence[float]], gaps: Sequence[str], steps: dict[str, tuple[Weights, ...]]
) -> list[int]:
    """Viterbi's algorithm: the label indices with the highest sum of scores and transitions."""
    level = (_NONE,) * len(LABELS)  # a gap not seen in training favours no transition
    best = dict(enumerate(scores[0]))
    origins: list[dict[int, int]] = []
    for score, gap in zip(scores[1:], gaps[1:], strict=True):
        table = steps.get(gap, level)
        floor = max(score) - _BEHIND
        origin: dict[int, int] = {}
        reached: dict[int, float] = {}
        for label, own in enumerate(score):
            if own >= floor:
                top, origin[label] = max(
                    [(total + table[previous][label], previous) for previous, total in best.items()]
                )
                reached[label] = top + own
        best = reached
        origins.append(origin)
    path = [max(best, key=best.__getitem__)]
    for origin in reversed(origins):
        path.append(origin[path[-1]])
    return path[::-1]
