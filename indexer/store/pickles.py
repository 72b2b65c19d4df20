"""Safe unpickling: pickles in an index may only name the classes that Whoosh writes there.

Whoosh keeps its table of contents, and facts about its terms and postings, as pickles. Reading a
pickle can call anything it names, so whoever can write into an index could run a program in the
process that searches it. Within `restricted`, Whoosh reads pickles with an unpickler that knows
only the few classes it needs; any other is refused (`StoreDamaged`) before it is looked up.
"""

from __future__ import annotations

import io
import pickle  # nosec B403 # subclassed below to refuse unknown classes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from whoosh import index
from whoosh.codec import whoosh3
from whoosh.filedb import structfile

from indexer.store.codec import StoreDamaged

_KNOWN = {
    "builtins": {"object", "set", "frozenset", "int", "list"},
    "collections": {"defaultdict"},
    "copyreg": {"_reconstructor"},
    "whoosh.analysis.tokenizers": {"IDTokenizer"},
    "whoosh.codec.whoosh3": {"W3Segment", "W3Codec"},
    "whoosh.columns": {"VarBytesColumn"},
    "whoosh.fields": {"Schema", "ID", "COLUMN"},
    "whoosh.formats": {"Existence"},
}
_OF_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}  # old names used in pickles


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class that Whoosh's files name. `StoreDamaged` for any other."""
        if name not in _KNOWN.get(_OF_PYTHON_2.get(module, module), ()):
            raise StoreDamaged(f"a pickle in it names {module}.{name}, which no index does")
        return super().find_class(module, name)


_reading = threading.local()


@contextmanager
def restricted() -> Iterator[None]:
    """Restricts unpickling in this thread within `with`; other Whoosh indexes are unaffected."""
    before = getattr(_reading, "ours", False)
    _reading.ours = True
    try:
        yield
    finally:
        _reading.ours = before


def load(stream: Any) -> Any:
    """As `pickle.load`."""
    ours = getattr(_reading, "ours", False)
    return (_Unpickler if ours else pickle.Unpickler)(stream).load()


def loads(data: bytes) -> Any:
    """As `pickle.loads`."""
    return load(io.BytesIO(data))


# From here on Whoosh calls these.
index.pickle = SimpleNamespace(**{**vars(pickle), "load": load, "loads": loads})
whoosh3.loads = loads
structfile.StructFile.read_pickle = lambda self: load(self.file)
