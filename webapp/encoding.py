"""JSON that every reader takes, line by line readers as well.

In: plain values. Out: UTF-8 responses. Refuses `nan` and infinities with a `ValueError`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response

# Line ends to some readers, although not to JSON (U+0085, U+2028, U+2029), other controls, and
# halves of surrogate pairs, which UTF-8 can't hold.
ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def to_json(value: Any, indent: int | None = None) -> str:
    """`value` as JSON."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_response(value: Any, mimetype: str = "application/json") -> Response:
    """`value` as a response."""
    return Response(to_json(value), mimetype=mimetype)
