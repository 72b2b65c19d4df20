"""Formats in which answers are written: the suffixes of their files, and their media types.

A new format is a row here, the names of the commands that offer it (`--format`, in `cli`), and the
code that writes it: tables of all commands in `csv.table_file`, audits and concordances in
`export`, what is read as lines or JSON in `cli/output`.
"""

from __future__ import annotations

from typing import NamedTuple


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
