"""Titles, encodings and languages from outside the document: a list beside the articles.

Precedence: first `titles.csv` in the root of the corpus (columns `path` and any of `title`,
`encoding`, `language`; paths relative to the root), then the document itself (which comes first for
encodings), then, for titles, the file's name. The title of a plain text is only a guess, and gives
way to the file's name if it is generic or another text has the same. A list that can't be read
gives a `SourceError`, and so does each row with an unknown file, encoding or language.
"""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass

from indexer.errors import SourceError
from indexer.parsing.article import language_code
from indexer.parsing.encoding import known_encoding
from indexer.sources.files import SIDECAR

# First lines of many leaflets that are no title.
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
    """Whether the title of an English text is no real title: a notice, a word such as *Contents*,
    or a line that breaks off (*What is in*)."""
    bare = title.strip(" .:;!?-–—*#")
    asks = title.rstrip().endswith("?")  # What is it used for?
    breaks_off = not asks and bool(_UNFINISHED.search(bare))
    return breaks_off or not any(map(str.isalpha, bare)) or bool(_NOTICE.fullmatch(bare))


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """The values of a file in `titles.csv`; "" where there is none."""

    title: str = ""
    encoding: str = ""
    language: str = ""  # ISO 639-1


def read_sidecar(root: str) -> tuple[dict[str, SidecarRow], list[SourceError]]:
    """Absolute path → values in the root's list, and the problems of the list."""
    path = os.path.join(root, SIDECAR)
    try:
        with open(path, "rb") as stream:
            text = stream.read().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError):
        return {}, [SourceError(path, "can't be read as UTF-8", "save it as CSV in UTF-8")]
    rows = csv.DictReader(io.StringIO(text, newline=""))
    columns = set(rows.fieldnames or ())
    if "path" not in columns or not columns & {"title", "encoding", "language"}:
        reason = "has no column path, or none of title, encoding and language"
        return {}, [SourceError(path, reason, "name them in its head row")]
    found: dict[str, SidecarRow] = {}
    problems: list[SourceError] = []
    try:
        for row in rows:
            name, title, encoding, language = (
                " ".join((row.get(column) or "").split())
                for column in ("path", "title", "encoding", "language")
            )
            source = os.path.normpath(os.path.join(root, name))
            reason = remedy = ""
            if not name or not os.path.isfile(source):
                reason, remedy = f"no file {name!r}", "correct the path, which is below this folder"
            elif encoding and not known_encoding(encoding):
                reason, remedy = f"no encoding {encoding!r}", "name one such as windows-1250"
            elif language and not language_code(language):
                reason, remedy = f"no language {language!r}", "name it by its code, such as cs"
            if reason:
                problems.append(SourceError(path, reason, remedy, rows.line_num))
            else:
                found[source] = SidecarRow(title, encoding, language_code(language))
    except csv.Error as error:
        problems.append(SourceError(path, f"is no CSV ({error})", "save it anew", rows.line_num))
    return found, problems
