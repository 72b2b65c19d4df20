"""What a request may ask: each query parameter declared once, then read and documented from that.

In: the query string of a request. Out: checked values of the right type. Refuses a value that
is too long, out of range, not one of the choices or given twice with `ParameterError`, which names
the parameter. The OpenAPI description is made from the same declarations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from werkzeug.datastructures import MultiDict

Query = MultiDict[str, str]

LONGEST_QUERY = 2_000  # characters; longer ones are refused rather than half understood
WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,18})(?:\.0{1,18})?")
TRUE, FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


class ParameterError(ValueError):
    """A parameter that can't be used: `parameter` is its name, `reason` what is wrong with it."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter, self.reason = parameter, reason
        super().__init__(f"{parameter}: {reason}")


class Parameter(Protocol):
    """What all kinds of parameters have in common."""

    @property
    def name(self) -> str:
        """As it stands in the query string."""

    @property
    def about(self) -> str:
        """One sentence for the documentation."""

    @property
    def required(self) -> bool:
        """Whether a request without it is refused."""

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of bounded length."""

    name: str
    about: str
    required: bool = False
    longest: int = LONGEST_QUERY  # characters
    bare: bool = True  # whether white space around it means nothing

    def read(self, query: Query) -> str:
        """The value, stripped of white space around it if that means nothing; "" when absent."""
        given = single(query, self.name)
        if given is None and self.required:
            raise ParameterError(self.name, "it is missing")
        if given is not None and len(given) > self.longest:
            reason = f"it has {len(given):,} characters; {self.longest:,} are allowed"
            raise ParameterError(self.name, reason)
        return (given or "").strip() if self.bare else given or ""

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; the first one is meant when none is given."""

    name: str
    about: str
    choices: tuple[str, ...]
    required: bool = False

    def read(self, query: Query) -> str:
        """The value; the first choice when absent or empty."""
        given = (single(query, self.name) or "").strip() or self.choices[0]
        if given not in self.choices:
            raise ParameterError(self.name, f"{shown(given)} is not one of {listed(self.choices)}")
        return given

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        choices = dict.fromkeys((*self.choices, ""))  # empty counts as not given
        return {"type": "string", "enum": list(choices), "default": self.choices[0]}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    name: str
    about: str
    default: int
    least: int
    most: int
    required: bool = False

    def read(self, query: Query) -> int:
        """The value; the default when absent or empty."""
        given = (single(query, self.name) or "").strip()
        if not given:
            return self.default
        # int() would take "1_0", " 1", "+1" and digits of other scripts, and be slow on long ones.
        # That 10.0 is a whole number is what JSON Schema says.
        written = WHOLE_NUMBER.fullmatch(given)
        if not written:
            raise ParameterError(self.name, f"{shown(given)} is not a whole number")
        given = written[1]
        if not self.least <= int(given) <= self.most:
            reason = f"{given} is not between {self.least:,} and {self.most:,}"
            raise ParameterError(self.name, reason)
        return int(given)

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", "default": self.default, **bounds}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no; no when absent."""

    name: str
    about: str
    required: bool = False

    def read(self, query: Query) -> bool:
        """The value."""
        given = (single(query, self.name) or "").strip().lower()
        if given not in TRUE + FALSE:
            raise ParameterError(self.name, f"{shown(given)} is neither true nor false")
        return given in TRUE

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "boolean", "default": False}


@dataclass(frozen=True, slots=True)
class Several:
    """A list of different words, written with commas between them."""

    name: str
    about: str
    choices: tuple[str, ...]
    most: int  # how many may be given
    required: bool = False

    def read(self, query: Query) -> tuple[str, ...]:
        """The values in the order given; none when absent."""
        given = (single(query, self.name) or "").strip()
        words = tuple(word.strip() for word in given.split(",")) if given else ()
        for word in words:
            if word not in self.choices:
                raise ParameterError(
                    self.name, f"{shown(word)} is not one of {listed(self.choices)}"
                )
        if len(words) > self.most or len(set(words)) < len(words):
            raise ParameterError(self.name, f"it takes at most {self.most} different words")
        return words

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        items = {"type": "string", "enum": list(self.choices)}
        return {"type": "array", "items": items, "maxItems": self.most, "uniqueItems": True}


def single(query: Query, name: str) -> str | None:
    """The one value of `name`, or None; refuses a parameter given twice."""
    values = query.getlist(name)
    if len(values) > 1:
        raise ParameterError(name, f"it is given {len(values)} times; once is enough")
    return values[0] if values else None


def shown(value: str, longest: int = 40) -> str:
    """`value` in quotes and shortened, for a message."""
    return f"“{value[:longest]}{'…' if len(value) > longest else ''}”"


def listed(words: tuple[str, ...]) -> str:
    """The words with commas between them."""
    return ", ".join(words)
