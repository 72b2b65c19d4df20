"""JSON that any reader accepts, line by line readers as well.

In: plain values, or a `Shape`. Out: JSON text, readable, in UTF-8 once encoded. Refuses what
JSON can't hold (`nan`, infinities) with a `ValueError`.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Line ends to some readers, although not to JSON (U+0085, U+2028, U+2029), and halves of surrogate
# pairs, which UTF-8 can't hold.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


# What hints, in UTF-8, that some of these stand in a text; and what may be no number.
_HINTS = (b"\x7f", b"\xc2", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"NaN", b"Infinity")


def to_json_line(value: Any) -> bytes:
    """`value` as JSON on one line, in UTF-8: `to_json` for long answers, in a third of the time."""
    import pydantic_core  # here, for most commands do without

    try:
        line: bytes = pydantic_core.to_json(value, fallback=lambda shape: shape.as_dict())
    except ValueError:  # halves of surrogate pairs
        return to_json(value, lines=True).encode()
    doubtful = any(hint in line for hint in _HINTS)
    return to_json(value, lines=True).encode() if doubtful else line


def to_json(value: Any, *, lines: bool = False) -> str:
    """`value` as JSON without a final newline, on one line with `lines`, else indented."""
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        indent=None if lines else 2,
        separators=(",", ":") if lines else None,
        default=lambda shape: shape.as_dict(),
    )
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
