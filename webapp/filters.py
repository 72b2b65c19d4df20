"""Words and numbers as templates write them.

In: plain values. Out: strings. Refuses nothing.
"""

from __future__ import annotations

from flask import Flask

from webapp import links

KINDS = {
    "paragraph": "Paragraphs",
    "list_item": "Lists",
    "table_row": "Tables",
    "quote": "Quotations",
    "code": "Code",
    "caption": "Captions",
    "boilerplate": "Boilerplate",
}
MATCHES = {"stem": "Any form", "word": "This word", "case": "Exact case"}


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


def add_filters(app: Flask) -> None:
    """Makes them, and the builders of links, known to templates."""
    app.jinja_env.filters.update(counted=counted, thousands=thousands, sentence=sentence)
    app.jinja_env.globals.update(links=links, KINDS=KINDS, MATCHES=MATCHES)
