"""Titles that do not come from the document: a list beside the articles, or the file's name.

In: the root of a corpus, or a title that was found in a plain text. Out: titles by path; whether a
title says nothing. What goes before what: `titles.csv` in the root (columns `path` and `title`,
paths below that root); then what the document says itself; then the file's name. The title of a
plain text is but a guess, and gives way to the file's name where it says nothing (`is_generic`) or
where another text has the same. A list that can't be read, and a path in it that is not there, are
a `SourceError` each.
"""

from __future__ import annotations

import csv
import io
import os
import re

from indexer.errors import SourceError
from indexer.sources.files import SIDECAR

# What stands at the head of many a leaflet and names none.
_NOTICE = re.compile(
    r"(?:keep|store) (?:all |this |out |medicines? )?.*\b(?:children|place)\b"
    r"|(?:please )?(?:read|keep) (?:all |this )?.*\b(?:carefully|leaflet)\b.*"
    r"|(?:package|patient(?: information)?|product)[ -]+(?:leaflet|insert|information)\b.*"
    r"|(?:important )?information for (?:the )?(?:user|patient)s?"
    r"|for (?:external|oral|internal) use(?: only)?"
    r"|(?:table of )?contents|(?:introduction|overview|untitled|document|page \d+)",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"\b(?:a|an|and|are|as|at|by|for|from|in|is|of|on|or|that|the|this|to|what|with|your)$",
    re.IGNORECASE,
)


def is_generic(title: str) -> bool:
    """Whether a title, of an English text, names no text: a notice, a word such as *Contents*, or
    a line that breaks off (*What is in*)."""
    bare = title.strip(" .:;!?-–—*#")
    asks = title.rstrip().endswith("?")  # What is it used for?
    breaks_off = not asks and bool(_UNFINISHED.search(bare))
    return breaks_off or not any(map(str.isalpha, bare)) or bool(_NOTICE.fullmatch(bare))


def read_sidecar(root: str) -> tuple[dict[str, str], list[SourceError]]:
    """Titles by path (absolute), and what of the list can't be used."""
    path = os.path.join(root, SIDECAR)
    try:
        with open(path, "rb") as stream:
            text = stream.read().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError):
        return {}, [SourceError(path, "can't be read as UTF-8", "save it as CSV in UTF-8")]
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not {"path", "title"} <= set(rows.fieldnames or ()):
        return {}, [SourceError(path, "has no columns path and title", "name them in its head row")]
    titles: dict[str, str] = {}
    problems: list[SourceError] = []
    try:
        for row in rows:
            name, title = ((row[column] or "").strip() for column in ("path", "title"))
            source = os.path.normpath(os.path.join(root, name))
            if not name or not os.path.isfile(source):
                remedy = "correct the path, which is below this folder"
                problems.append(SourceError(path, f"no file {name!r}", remedy, rows.line_num))
            elif title:
                titles[source] = " ".join(title.split())
    except csv.Error as error:
        problems.append(SourceError(path, f"is no CSV ({error})", "save it anew", rows.line_num))
    return titles, problems
