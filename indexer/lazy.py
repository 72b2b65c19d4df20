"""Names of a module that are imported from other modules when first asked for.

In: a module's name and the names that it passes on, by the module that defines them. Out: a
`__getattr__` for it (PEP 562). Refuses other names with an `AttributeError`, as modules do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def importer(module: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """The `__getattr__` of `module`; `homes` has names by the module or package they stand in."""
    home_of = {name: home for home, names in homes.items() for name in names}

    def __getattr__(name: str) -> object:  # noqa: N807 — it becomes the module's
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        try:
            found = getattr(import_module(home), name)
        except AttributeError:  # a module in a package
            found = import_module(f"{home}.{name}")
        setattr(sys.modules[module], name, found)  # so that it is asked for once
        return found

    return __getattr__
