"""What each file was when it was last indexed, so that files that are the same are not parsed.

In and out: digests by source, in one file beside the store. A cache and nothing more: it counts
for the one generation that it was written for, and if it is missing, damaged or of another
generation, files are parsed again and their articles compared. Refuses nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_NAME = "digests.json"


def load(index_dir: Path, generation: int) -> dict[str, str]:
    """Digests by source as they were at this generation of the store; empty when unknown."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        content = json.loads((index_dir / _NAME).read_text("utf-8", "surrogatepass"))
        if content["generation"] == generation:
            return dict(content["digests"])
    return {}


def save(index_dir: Path, generation: int, digests: Mapping[str, str]) -> None:
    """Remembers `digests` for this generation. A full disk is no error: it costs time, later."""
    content = {"generation": generation, "digests": dict(digests)}
    unfinished = index_dir / f"{_NAME}.{os.getpid()}"
    try:
        text = json.dumps(content, ensure_ascii=False)
        unfinished.write_text(text, "utf-8", "surrogatepass")
        unfinished.replace(index_dir / _NAME)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
