"""What each field of an answer means, in words, for OpenAPI.

In: a class of `schema.Shape` and the name of a field. Out: a sentence: the comment beside the field
in the source, else what its name means wherever it stands; "" for a field that has neither.
"""

from __future__ import annotations

import inspect
import re
from functools import lru_cache

_FIELD = re.compile(r"    (\w+): .*?  # (.+)")

_WHEREVER = {  # names that mean the same in every answer, and need no comment at each place
    "article": "The article that it is in.",
    "articles": "The articles, or how many there are.",
    "end": "Where it ends, in code points, not included; or its last words.",
    "id": "Its id.",
    "keywords": "Words that are commoner, or rarer, than elsewhere.",
    "kind": "What it is, such as paragraph or list_item.",
    "link": "Its address.",
    "match": "The words themselves, or how words match: stem, word or case.",
    "notes": "What was left out, or read otherwise than it might have been meant.",
    "page": "Which part of the answer this is.",
    "passages": "The passages, or how many there are.",
    "query": "What was asked, as it was typed.",
    "section": "Headings above it, from the top down.",
    "sections": "The sections, or how many there are.",
    "status": "What became of it; of a problem, the status of HTTP.",
    "text": "Its words.",
    "title": "Its title.",
    "was": "What it said before.",
    "words": "The words, or how many there are.",
}


def text_of(shape: type, name: str) -> str:
    """What the field of this name means, as a sentence; "" where that is not told."""
    return _comments(shape).get(name) or _WHEREVER.get(name, "")


@lru_cache(maxsize=256)
def _comments(shape: type) -> dict[str, str]:
    """The comments beside the fields of a class, those it inherits too, as sentences."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        try:
            lines = inspect.getsource(one).splitlines() if one.__module__ != "builtins" else ()
        except (OSError, TypeError):  # there is no source
            continue
        for line in lines:
            if field := _FIELD.match(line):
                text = field[2][0].upper() + field[2][1:]
                found[field[1]] = text if text.endswith((".", "…")) else f"{text}."
    return found
