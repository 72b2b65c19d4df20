"""A linear-chain conditional random field, trained on sequences with some unknown labels.

In: sequences of feature ids, classes of steps and labels (-1: unknown). Out: weights. They maximise
the likelihood of the known labels, summed over the unknown ones (Lafferty, McCallum and Pereira
2001; Sutton and McCallum 2012, section 5), less `penalty`/2 times the squared weights, by L-BFGS
(Nocedal and Wright 2006, algorithm 7.5). Only NumPy; the same data give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NEVER = -1e9  # score of an impossible label


@dataclass(frozen=True, slots=True)
class Labelled:
    """One article: for each unit its features, its step from the unit before, its label."""

    features: Sequence[Sequence[int]]
    steps: Sequence[int]
    labels: Sequence[int]  # -1: unknown


class Chain:
    """The data of a conditional random field, flat, longest sequences first."""

    def __init__(
        self, sequences: Sequence[Labelled], features: int, steps: int, labels: int
    ) -> None:
        """`features`, `steps` and `labels` are the numbers of each."""
        ordered = sorted(sequences, key=lambda sequence: -len(sequence.labels))
        self.sizes = (features, steps, labels)
        self.lengths = np.array([len(sequence.labels) for sequence in ordered])
        self.first = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        rows = [row for sequence in ordered for row in sequence.features]
        widths = np.array([len(row) for row in rows])
        self.ids = np.array([name for row in rows for name in row])
        self.begins = np.concatenate([[0], np.cumsum(widths)[:-1]])
        self.unit_of_id = np.repeat(np.arange(len(rows)), widths)
        self.steps = np.array([step for sequence in ordered for step in sequence.steps])
        self.labels = np.array([label for sequence in ordered for label in sequence.labels])
        # for each position after the first, the units at it
        self.fronts = [
            self.first[: np.searchsorted(-self.lengths, -place)] + place
            for place in range(1, int(self.lengths[0]))
        ]

    def unpack(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights of features (features, labels) and of steps (steps, labels, labels)."""
        features, steps, labels = self.sizes
        split = features * labels
        return (
            weights[:split].reshape(features, labels),
            weights[split:].reshape(steps, labels, labels),
        )

    def loss(self, weights: Floats, penalty: float) -> tuple[float, Floats]:
        """Negative log likelihood with the penalty, and its gradient."""
        by_feature, by_step = self.unpack(weights)
        scores = np.add.reduceat(by_feature[self.ids], self.begins, axis=0)
        total, units, steps = self._expect(scores, by_step)
        known = self.labels >= 0
        clamped = np.full_like(scores, _NEVER)
        clamped[np.arange(len(scores)), np.maximum(self.labels, 0)] = 0
        clamped[~known] = 0
        right, true_units, true_steps = self._expect(scores + clamped, by_step)
        excess = units - true_units
        features, _, labels = self.sizes
        slope = np.empty((features, labels))
        for label in range(labels):
            slope[:, label] = np.bincount(self.ids, excess[self.unit_of_id, label], features)
        gradient = np.concatenate([slope.ravel(), (steps - true_steps).ravel()])
        loss = float(total - right + 0.5 * penalty * (weights @ weights))
        return loss, gradient + penalty * weights

    def _expect(self, scores: Floats, by_step: Floats) -> tuple[float, Floats, Floats]:
        """Sum of log partition functions, and expected counts by unit and by step."""
        forward, backward = scores.copy(), np.zeros_like(scores)
        for here in self.fronts:
            paths = forward[here - 1][:, :, None] + by_step[self.steps[here]]
            forward[here] = _log_sum(paths, 1) + scores[here]
        for here in reversed(self.fronts):
            paths = by_step[self.steps[here]] + (scores[here] + backward[here])[:, None, :]
            backward[here - 1] = _log_sum(paths, 2)
        partition = _log_sum(forward[self.first + self.lengths - 1], 1)
        of_unit = np.repeat(partition, self.lengths)
        units = np.exp(forward + backward - of_unit[:, None])
        _, count, labels = self.sizes
        steps = np.zeros((count, labels, labels))
        later = np.concatenate(self.fronts) if self.fronts else np.zeros(0, dtype=np.int64)
        pairs = np.exp(
            forward[later - 1][:, :, None]
            + by_step[self.steps[later]]
            + (scores[later] + backward[later])[:, None, :]
            - of_unit[later][:, None, None]
        )
        np.add.at(steps, self.steps[later], pairs)
        return float(partition.sum()), units, steps


def _log_sum(values: Floats, axis: int) -> Floats:
    top = values.max(axis)
    summed: Floats = top + np.log(np.exp(values - np.expand_dims(top, axis)).sum(axis))
    return summed


def minimise(
    loss: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    rounds: int,
) -> Floats:
    """L-BFGS with a memory of eight steps and a backtracking line search."""
    point = start
    value, slope = loss(point)
    memory: list[tuple[Floats, Floats]] = []
    for _ in range(rounds):
        direction = -_two_loops(slope, memory)
        descent = float(slope @ direction)
        length = 1.0
        while True:
            reached = point + length * direction
            new_value, new_slope = loss(reached)
            if new_value <= value + 1e-4 * length * descent:
                break
            length /= 2
            if length < 1e-8:
                return point
        moved, bent = reached - point, new_slope - slope
        if moved @ bent > 1e-10:
            memory = [*memory[-7:], (moved, bent)]
        done = value - new_value < 1e-5 * abs(new_value)
        point, value, slope = reached, new_value, new_slope
        if done:
            break
    return point


def _two_loops(slope: Floats, memory: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The slope times an approximate inverse of the Hessian."""
    result = slope.copy()
    factors = []
    for moved, bent in reversed(memory):
        factor = (moved @ result) / (moved @ bent)
        factors.append(factor)
        result -= factor * bent
    if memory:
        moved, bent = memory[-1]
        result *= (moved @ bent) / (bent @ bent)
    else:
        result /= np.abs(slope).sum()
    for (moved, bent), factor in zip(memory, reversed(factors)):
        result += moved * (factor - (bent @ result) / (moved @ bent))
    return result
