"""Term lists: files of terms, whatever their form.

In: the bytes of a list and its name, whose suffix tells the form. Out: a `TermList`. Refuses what
is not text, and whatever the form or a term refuses, with a `UsageError` that names list and line.

    text    one query a line; `#` at the start of a line or after a space begins a comment
    CSV     a column `term`, perhaps `group` and `role` (or, without a head row, in this order)
    YAML    families: a name, and below it queries, or roles (brand, generic, class,
            misspellings, lookalikes) with queries
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from indexer.audits.term_families import terms_of_yaml
from indexer.audits.term_tables import terms_of_csv
from indexer.audits.terms import Term, TermList, collected
from indexer.errors import UsageError

FORMS = (".txt", ".csv", ".yml", ".yaml")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_terms(data: bytes, name: str) -> TermList:
    """The terms of a list, whose form the suffix of its name tells (none: text)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: is not UTF-8; save the list as UTF-8 text") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"{name}:{line}: is not text; give a list of {', '.join(FORMS)}")
    suffix = PurePath(name).suffix.lower()
    if suffix == ".csv":
        return collected(terms_of_csv(text, name), name)
    if suffix in (".yml", ".yaml"):
        return collected(terms_of_yaml(text, name), name)
    return collected(terms_of_text(text), name)


def terms_of_text(text: str) -> Iterator[Term]:
    """One query a line; `#` at the start of a line or after a space begins a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        body = _COMMENT.sub("", line, count=1).strip()
        if body:
            yield Term(body, line=number)
