"""Words and numbers as templates write them.

In: plain values. Out: strings. Refuses nothing.
"""

from __future__ import annotations

import re

from flask import Flask

from webapp import links
from webapp.changes import difference, runs, sureness
from webapp.render import leaning

KINDS = {
    "paragraph": "Paragraphs",
    "list_item": "Lists",
    "table_row": "Tables",
    "quote": "Quotations",
    "code": "Code",
    "caption": "Captions",
    "boilerplate": "Boilerplate",
}
WHITE = re.compile(r"\s")
MATCHES = {"stem": "Any form", "word": "This word", "case": "Exact case"}

FATES = {  # of links: what is said of one, and what that means
    "lost": ("Lost", "what it said is nowhere now"),
    "edited": ("Edited", "its words have changed; it leads to what they are now"),
    "moved": ("Moved", "the same words, in another place"),
    "intact": ("Intact", "where it always was"),
}


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 passage, 2 passages."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def thousands(number: int) -> str:
    """A number with commas."""
    return f"{number:,}"


def sentence(note: str) -> str:
    """A note as a sentence: with a capital and a full stop."""
    ended = note if note.endswith((".", "!", "?", "…")) else note + "."
    return ended[:1].upper() + ended[1:]


def one_line(text: str) -> str:
    """A text without line breaks and tabs; each becomes a space, so that none is lost."""
    return WHITE.sub(" ", text)


def add_filters(app: Flask) -> None:
    """Makes them, and the builders of links, known to templates."""
    app.jinja_env.filters.update(counted=counted, leaning=leaning, sentence=sentence)
    app.jinja_env.filters.update(
        thousands=thousands, difference=difference, runs=runs, one_line=one_line, sureness=sureness
    )
    app.jinja_env.globals.update(links=links, KINDS=KINDS, MATCHES=MATCHES, FATES=FATES)
