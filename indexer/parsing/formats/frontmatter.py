"""Front matter: the YAML between two lines of `---` that a Markdown file may begin with.

In: decoded text. Out: its values as strings, and the text after it. Refuses (`SourceError` with
the line) front matter that is meant as such but can't be read.
"""

from __future__ import annotations

import datetime
import re

import yaml

from indexer.errors import SourceError

_FENCED = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MEANT = re.compile(r"^[A-Za-z_][\w -]*:(?:\s|$)", re.MULTILINE)
_LONGEST = 100_000  # characters; what is longer is no front matter
_REMEDY = "correct the YAML between the two lines of ---"


def split_front_matter(text: str, path: str) -> tuple[dict[str, str], str]:
    """Values by name in lower case, and the Markdown; without front matter {} and all of it.

    Two rules with prose between them are no front matter.
    """
    fenced = _FENCED.match(text[:_LONGEST]) if text.startswith("---") else None
    if fenced is None or (fenced["yaml"].strip() and not _MEANT.search(fenced["yaml"])):
        return {}, text
    try:
        values = yaml.safe_load(fenced["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        what = getattr(error, "problem", None) or "not YAML"
        raise SourceError(path, f"front matter can't be read ({what})", _REMEDY, line) from error
    if not isinstance(values, dict):
        return {}, text[fenced.end() :]
    named = {str(name).strip().lower(): _as_text(value) for name, value in values.items()}
    return named, text[fenced.end() :]


def _as_text(value: object) -> str:
    """A value as a person would write it; "" for what has parts within parts."""
    if isinstance(value, list):  # not deeper: aliases could multiply without bound
        return ", ".join(filter(None, (_as_text(v) for v in value if not isinstance(v, list))))
    if isinstance(value, dict):
        return _as_text(value["name"]) if isinstance(value.get("name"), str) else ""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return "" if value is None else str(value)
