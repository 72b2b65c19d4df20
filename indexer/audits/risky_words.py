"""Risky words: loads the word lists that decide which differences between two copies are risky.

In: `risky_words.txt`, which comes with the program: sections of names with words. Out: a mapping or
set per section, explained by its comment there; languages are codes such as en. Refuses nothing.
"""

from __future__ import annotations

from configparser import ConfigParser
from importlib.resources import files


def _read() -> ConfigParser:
    parser = ConfigParser(delimiters="=", comment_prefixes="#", interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are written
    text = files("indexer.audits").joinpath("risky_words.txt").read_text(encoding="utf-8")
    parser.read_string(text)
    return parser


_LISTS = _read()


def _by_language(kind: str) -> dict[str, dict[str, str]]:
    """Language → name → its words, separated by commas."""
    sections = [name for name in _LISTS.sections() if name.startswith(f"{kind} ")]
    return {name.removeprefix(f"{kind} "): dict(_LISTS[name]) for name in sections}


def _sides(name: str) -> dict[str, tuple[str, ...]]:
    """Name → its lines of words with the same meaning; the lines exclude each other."""
    return {key: tuple(text.strip().split("\n")) for key, text in _LISTS[name].items()}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n", " ").strip().split(", "))


def _names(name: str) -> dict[str, str]:
    """Word → name of its line."""
    return {word: key for key, text in _LISTS[name].items() for word in _words(text)}


NEGATIONS = _by_language("negations")
for _language, _text in _LISTS["auxiliaries"].items():
    _expressions = [f"{word} {no}" for word in _words(_text) for no in ("not", "never")]
    NEGATIONS[_language]["not"] = ", ".join((*_expressions, NEGATIONS[_language]["not"]))
QUALIFIERS = _by_language("qualifiers")
OPPOSITES = _sides("opposites")
FREQUENCIES = _sides("frequencies")
FREQUENCIES[""] = FREQUENCIES.pop("no risk")  # group "": expressions that are not risky
STRONG = frozenset(_words(_LISTS["strong"]["words"]))
NUMBERS = dict(_LISTS["numbers"])
UNITS, FORMS, LETTERS = map(_names, ("units", "forms", "letters"))
WITH_NUMBERS = frozenset(_words(_LISTS["with numbers"]["words"]))
REFERENCES = frozenset(_words(_LISTS["references"]["words"]))
PREFIXES_OF_NEGATION = _words(_LISTS["prefixes"]["of negation"])
OPPOSITE_PREFIXES = tuple(
    (one, other)
    for one, other in map(_words, _sides("prefixes")["opposite"])  # in either order
)
