"""Importing Whoosh without what it imports for nothing.

`whoosh.compat` imports `urllib.request` for a name that nothing uses, and `whoosh.reading` a
package for one decorator, which imports asyncio: together a tenth of the time of a first search.
In: a with block that imports. While it runs, stand-ins with just those names are in their places;
after it, whoever imports these modules gets the real ones. For one thread only. Where Whoosh or one
of these modules has been imported, nothing stands in for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType

_NAMES: dict[str, dict[str, object]] = {
    "urllib.request": {"urlretrieve": None},
    "cached_property": {"cached_property": cached_property},
}


@contextmanager
def light_imports() -> Iterator[None]:
    """Stand-ins for the length of a block that imports what imports Whoosh."""
    names = [] if "whoosh" in sys.modules else [name for name in _NAMES if name not in sys.modules]
    for name in names:
        module = ModuleType(name)
        vars(module).update(_NAMES[name])
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
