"""Values of a few tokens, where an array of all has no room for them: token → value.

NAME.far_tokens uint32   the tokens, ascending
NAME.far                 the value of each
"""

from __future__ import annotations

import numpy as np

from indexer.segments.container import Container, DamagedError
from indexer.sorted_arrays import Array


def pack_sparse(name: str, tokens: Array, values: Array) -> dict[str, Array]:
    """The arrays above, of tokens that ascend and the value of each."""
    return {f"{name}.far_tokens": tokens.astype(np.uint32), f"{name}.far": values}


class Sparse:
    """Reads what `pack_sparse` made; checked as a whole when it is first asked."""

    def __init__(self, container: Container, name: str) -> None:
        self._container, self._name = container, name
        self.empty = not container.unchecked(f"{name}.far").size

    def of(self, tokens: Array) -> Array:
        """The value of each token; `DamagedError` if one has none."""
        listed, values = self._arrays()
        at = listed.searchsorted(tokens.astype(listed.dtype))
        if tokens.size and (int(at.max()) >= listed.size or (listed[at] != tokens).any()):
            raise DamagedError(f"{self._container.path}: array {self._name}: a token is not listed")
        return values[at]

    def between(self, start: int, end: int) -> tuple[Array, Array]:
        """The tokens of [start, end) that have a value, and their values."""
        listed, values = self._arrays()
        low, high = listed.searchsorted(np.array((start, end), listed.dtype)).tolist()
        return listed[low:high], values[low:high]

    def _arrays(self) -> tuple[Array, Array]:
        return (
            self._container[f"{self._name}.far_tokens"],
            self._container[f"{self._name}.far"],
        )
