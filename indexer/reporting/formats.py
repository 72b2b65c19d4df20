"""Formats in which answers are written: the suffixes of their files, their media types; and JSON.

A new format is a row here, the names of the commands that offer it (`--format`, in `cli`), and the
code that writes it: tables of all commands in `csv.table_file`, audits and concordances in
`export`, what is read as lines or JSON in `cli/output`.

JSON is such as any parser accepts, also one that reads line by line, and can be encoded as UTF-8.
Values that it can't hold (`nan`, infinities) are refused with a `ValueError`.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple


class Format(NamedTuple):
    """One format."""

    suffixes: tuple[str, ...]  # a suffix that several have means the first that a command offers
    media_type: str = ""  # empty: the site makes no files of it


FORMATS = {
    "html": Format((".html", ".htm"), "text/html"),
    "xlsx": Format((".xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "text": Format((".txt",)),
    "csv": Format((".csv", ".txt"), "text/csv"),
    "json": Format((".json", ".txt"), "application/json"),
    "jsonl": Format((".jsonl", ".txt")),
    "bibtex": Format((".bib", ".txt")),
    "ris": Format((".ris", ".txt")),
    "csl": Format((".json", ".txt")),
    "jsonld": Format((".jsonld", ".json", ".txt")),
}
FILE_TYPES = {name: kind.media_type for name, kind in FORMATS.items() if kind.media_type}

# Characters that some readers take for line ends although JSON doesn't (U+0085, U+2028, U+2029),
# and lone surrogates, which UTF-8 can't hold.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


# Bytes, in UTF-8, of a text that may contain such characters, or `nan` and infinities.
_HINTS = (b"\x7f", b"\xc2", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"NaN", b"Infinity")


def to_json_line(value: Any) -> bytes:
    """`value` as one line of JSON in UTF-8: like `to_json`, in a third of its time."""
    import pydantic_core  # here, because most commands don't need it

    try:
        line: bytes = pydantic_core.to_json(value, fallback=lambda shape: shape.as_dict())
    except ValueError:  # lone surrogates
        return to_json(value, lines=True).encode()
    doubtful = any(hint in line for hint in _HINTS)
    return to_json(value, lines=True).encode() if doubtful else line


def to_json(value: Any, *, lines: bool = False) -> str:
    """`value` as JSON without a final newline: one line with `lines`, else indented."""
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        indent=None if lines else 2,
        separators=(",", ":") if lines else None,
        default=lambda shape: shape.as_dict(),
    )
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
