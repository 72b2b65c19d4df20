"""Examples of the documented syntax of site generators, with the text that a reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "data" / "generators"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a page."""

    generator: str
    number: int  # from 1, in its file
    format: str  # suffix of a page of that generator
    markup: str
    shown: str  # the lines of its blocks

    def __str__(self) -> str:
        return f"{self.generator}-{self.number}"


def _read() -> list[Piece]:
    pieces = []
    for path in sorted(_FOLDER.glob("*.txt")):
        generator, form, _ = path.name.lower().split(".")
        for number, piece in enumerate(path.read_text(encoding="utf-8").split("\n<<<<\n"), 1):
            markup, shown = piece.rstrip("\n").split("\n>>>>\n")
            pieces.append(Piece(generator, number, form, markup + "\n", shown))
    return pieces


PIECES = _read()
