"""What is used in a `with` block and closed at its end, however that ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

Closed = TypeVar("Closed", bound="Closing")


class Closing(ABC):
    """Gives itself to a `with` block, and closes itself behind it."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of what is held; it can't be used any more."""

    def __enter__(self: Closed) -> Closed:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
