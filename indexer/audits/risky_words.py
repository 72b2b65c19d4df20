"""The words of `risky_words.txt`, which make a difference between two copies a risk.

In: that file, which comes with the program: sections of names with words. Out: for each list a
mapping or a set, as its comment there has it; languages are codes such as en. Refuses nothing.
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


def _by_language(what: str) -> dict[str, dict[str, str]]:
    """Language → name → its words, with commas between them."""
    sections = [name for name in _LISTS.sections() if name.startswith(f"{what} ")]
    return {name.removeprefix(f"{what} "): dict(_LISTS[name]) for name in sections}


def _sides(name: str) -> dict[str, tuple[str, ...]]:
    """Name → lines that exclude each other, each the words that say it."""
    return {key: tuple(said.strip().split("\n")) for key, said in _LISTS[name].items()}


def _words(said: str) -> tuple[str, ...]:
    return tuple(said.replace("\n", " ").strip().split(", "))


def _names(name: str) -> dict[str, str]:
    """Word → the name of what it says."""
    return {word: key for key, said in _LISTS[name].items() for word in _words(said)}


NEGATIONS = _by_language("negations")
for _language, _said in _LISTS["auxiliaries"].items():
    _expressions = [f"{word} {no}" for word in _words(_said) for no in ("not", "never")]
    NEGATIONS[_language]["not"] = ", ".join((*_expressions, NEGATIONS[_language]["not"]))
QUALIFIERS = _by_language("qualifiers")
OPPOSITES = _sides("opposites")
FREQUENCIES = _sides("frequencies")
FREQUENCIES[""] = FREQUENCIES.pop("no risk")  # group "": expressions that are no risk
STRONG = frozenset(_words(_LISTS["strong"]["words"]))
NUMBERS = dict(_LISTS["numbers"])
UNITS, FORMS, LETTERS = map(_names, ("units", "forms", "letters"))
WITH_NUMBERS = frozenset(_words(_LISTS["with numbers"]["words"]))
REFERENCES = frozenset(_words(_LISTS["references"]["words"]))
PREFIXES_OF_NEGATION = _words(_LISTS["prefixes"]["of negation"])
OPPOSITE_PREFIXES = tuple(
    (one, other)
    for one, other in map(_words, _sides("prefixes")["opposite"])  # either way
)
