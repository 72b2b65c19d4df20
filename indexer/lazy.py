"""Names of a module, and values of an object, that are made when first asked for.

In: a module's name and the names that it passes on, by the module that defines them; or a method.
Out: a `__getattr__` for the module (PEP 562), which refuses other names with an `AttributeError`,
as modules do; or a property.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, TypeVar

T = TypeVar("T")


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


class kept_property(Generic[T]):  # noqa: N801 - it is a decorator
    """As `functools.cached_property` is from Python 3.12 on: without a lock.

    Before, one lock for all objects of a class is held while a value is worked out, so that a long
    search has all others of its process wait. Two threads that ask one object for a value at the
    same time may both work it out.
    """

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out, self.__doc__ = work_out, work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, one: object, owner: type | None = None) -> T:
        found = one.__dict__[self._name] = self._work_out(one)  # which is asked first from now on
        return found
