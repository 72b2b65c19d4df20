"""Prints the name of each benchmark and the first line of its docstring."""

from __future__ import annotations

import ast
from pathlib import Path

FOLDER = Path(__file__).parent


def commands() -> dict[str, str]:
    """What each benchmark measures, by name: modules here, and packages that can be run."""
    paths = [path for path in FOLDER.glob("*.py") if not path.name.startswith("__")]
    paths += FOLDER.glob("*/__main__.py")
    names = {path.parent.name if path.stem == "__main__" else path.stem: path for path in paths}
    told = {name: ast.get_docstring(ast.parse(names[name].read_text("utf-8"))) for name in names}
    return {name: (told[name] or "").partition("\n")[0] for name in sorted(told)}


if __name__ == "__main__":
    for name, line in commands().items():
        print(f"{name:14} {line}")
