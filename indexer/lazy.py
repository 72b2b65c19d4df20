"""Lazy names of a module and lazy values of an object, computed on first use.

In: a module's name and the names that it re-exports, by the module that defines them; or a method.
Out: a `__getattr__` for the module (PEP 562), which raises `AttributeError` for other names as
modules do; or a property.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def importer(module: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """The `__getattr__` of `module`; `homes` lists names by the module or package that has them."""
    home_of = {name: home for home, names in homes.items() for name in names}

    def __getattr__(name: str) -> object:  # noqa: N807 — it becomes the module's
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        try:
            found = getattr(import_module(home), name)
        except AttributeError:  # a module of a package
            found = import_module(f"{home}.{name}")
        setattr(sys.modules[module], name, found)  # so that it is looked up once
        return found

    return __getattr__


class kept_property(Generic[T]):  # noqa: N801 - it is a decorator
    """`functools.cached_property` as it is from Python 3.12 on: without one lock for all objects of
    a class, by which a long search would block all others. Two threads that ask an object for a
    value at the same time may both compute it.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> T:
        found = instance.__dict__[self._name] = self._compute(instance)  # found first from now on
        return found
