"""Single modules of NLTK, loaded without the package around them.

`import nltk.stem.snowball` first runs `nltk/__init__.py`, which imports all of NLTK: half a second.
A module loaded here imports from NLTK only the modules that it names, and none of them enters
`sys.modules`, so that code that imports NLTK itself still gets all of it.

In: the dotted name of a module. Out: the module. If the layout of NLTK is not as expected, the
module is imported in the usual way.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# Names that a package's own `__init__` would define and a module needs at import. Snowball needs
# stop words for an option that we don't use.
_PACKAGE_NAMES: dict[str, dict[str, Any]] = {"nltk.corpus": {"stopwords": None}}

_lock = threading.RLock()
_loaded: dict[str, ModuleType] = {}


def nltk_module(name: str) -> ModuleType:
    """The module called `name`, such as "nltk.stem.snowball"."""
    if "nltk" in sys.modules:  # all of it is imported already
        return importlib.import_module(name)
    with _lock:
        try:
            return _load(name)
        except (ImportError, AttributeError):
            return importlib.import_module(name)


def _load(name: str) -> ModuleType:
    """A module, or a package without running its `__init__`."""
    if name in _loaded:
        return _loaded[name]
    parent = name.rpartition(".")[0]
    spec = PathFinder.find_spec(name, _load(parent).__path__) if parent else find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    if spec.submodule_search_locations is not None:
        vars(module).update(_PACKAGE_NAMES.get(name, {}))
    else:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
        spec.loader.exec_module(module)
    _loaded[name] = module
    return module


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Replaces `__import__` in such a module.

    Pretends that SciPy is not installed: it takes a second to import, for a test that is not used.
    """
    if name.partition(".")[0] == "scipy":
        raise ImportError(name)
    if name.partition(".")[0] != "nltk" or level or not fromlist:
        return __import__(name, globals, locals, fromlist or (), level)
    module = _load(name)
    for wanted in fromlist:
        if not hasattr(module, wanted):
            setattr(module, wanted, _load(f"{name}.{wanted}"))
    return module
