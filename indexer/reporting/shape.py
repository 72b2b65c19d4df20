"""What all JSON answers have in common: how a model is made, what its fields mean, and its links.

In: what the library returns, and `Addresses` that make the links of an answer. Out: a frozen model,
its plain values, its JSON Schema, in which the comment beside a field in the source says what the
field means, else what its name means wherever it stands. Refuses nothing.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Annotated, Any, get_args, get_origin

from pydantic import (
    AfterValidator,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
)
from typing_extensions import Self

from indexer.links.permalinks import permalink, query_link, search_link


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the links of answers: below the address of a site, or as paths of whichever site."""

    site: str = ""  # scheme, host and path that the site is served under; "": unknown

    def of(self, path: str) -> str:
        """The address of a path of the site."""
        return self.site.rstrip("/") + path

    def next_page(self, offset: int) -> str | None:
        """Where the part of the answer from `offset` on is; None: it has no address."""
        return None


class Shape(BaseModel):
    """A JSON object. Made from what the library returns, attribute by attribute."""

    model_config = ConfigDict(
        from_attributes=True, validate_by_name=True, defer_build=True, frozen=True
    )

    @classmethod
    def from_result(cls, found: object, addresses: Addresses | None = None) -> Self:
        """The shape of what the library returned, or of a mapping of its fields."""
        return cls.model_validate(found, context=addresses or Addresses())

    @classmethod
    def plain(
        cls, found: object, addresses: Addresses | None = None, **more: object
    ) -> dict[str, Any]:
        """The plain values of an answer, whose lists of objects are made row by row: the shapes of
        all rows at once would take three times their memory. `more` are values of fields that
        `found` has no attributes for."""
        known: dict[str, object] = {}
        rows: dict[str, type[Shape]] = {}
        for name, field in cls.model_fields.items():
            path = field.validation_alias
            names = map(str, path.path) if isinstance(path, AliasPath) else (name,)
            known[name] = more[name] if name in more else reduce(getattr, names, found)
            items = get_args(field.annotation) if get_origin(field.annotation) is list else ()
            if items and isinstance(items[0], type) and issubclass(items[0], Shape):
                rows[name] = items[0]
        whole = cls.from_result(known | dict.fromkeys(rows, ()), addresses).as_dict()
        for name, shape in rows.items():
            every: Any = known[name]
            whole[name] = [shape.from_result(row, addresses).as_dict() for row in every]
        return whole

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Its JSON Schema, in which each field says what it means."""
        described = handler(core)
        for name, field in handler.resolve_ref_schema(described).get("properties", {}).items():
            if text := text_of(cls, name):
                field.setdefault("description", text)
        return described

    def as_dict(self) -> dict[str, Any]:
        """Its keys with plain values."""
        return self.model_dump()


def source(*path: str) -> Any:
    """A field that is found elsewhere in what the library returns than at its own name."""
    return Field(validation_alias=AliasPath(path[0], *path[1:]))


def rare() -> Any:
    """A field that is left out where there is nothing to say."""

    def never_null(described: dict[str, Any]) -> None:
        described |= next(one for one in described.pop("anyOf") if one != {"type": "null"})
        del described["default"]

    return Field(default=None, exclude_if=lambda value: value is None, json_schema_extra=never_null)


def rounded(digits: int) -> AfterValidator:
    """Digits that mean nothing are left out."""
    return AfterValidator(lambda value: round(value, digits))


def _link(path: Callable[[str], str]) -> AfterValidator:
    """A field that is the address of the path made of what it is given."""

    def address(given: str, info: ValidationInfo) -> str:
        return _addresses(info).of(path(given))

    return AfterValidator(address)


def _next(more: object, info: ValidationInfo) -> str | None:
    return _addresses(info).next_page(info.data["offset"] + info.data["limit"]) if more else None


def _addresses(info: ValidationInfo) -> Addresses:
    assert isinstance(info.context, Addresses)
    return info.context


SearchLink = Annotated[str, _link(search_link)]  # given as the words
QueryLink = Annotated[str, _link(query_link)]  # given as the query
Permalink = Annotated[str, _link(permalink)]  # given as the id of a passage
Score = Annotated[float, rounded(6)]
Sure = Annotated[float, rounded(3)]
Seconds = Annotated[float, rounded(3)]


class PageShape(Shape):
    """Which part of the answer this is."""

    offset: int  # how many precede this part
    limit: int  # how many were asked for
    more: bool  # whether something follows
    next: Annotated[str | None, BeforeValidator(_next)] = source("more")  # address of what follows


# --- what a field means -------------------------------------------------------------------------

_FIELD = re.compile(r"    (\w+): .*?  # (.+)")

_WHEREVER = {  # names that mean the same in every answer, and need no comment at each place
    "article": "The article that it is in.",
    "articles": "The articles, or how many there are.",
    "end": "Where it ends, in code points, not included; or its last words.",
    "id": "Its id.",
    "keywords": "Words that are more, or less, frequent than elsewhere.",
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


@cache
def _comments(shape: type) -> dict[str, str]:
    """The comments beside the fields of a class, those it inherits too, as sentences."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        for line in _sources(one.__module__).get(one.__name__, ()):
            if field := _FIELD.match(line):
                text = field[2][0].upper() + field[2][1:]
                found[field[1]] = text if text.endswith((".", "…")) else f"{text}."
    return found


@cache
def _sources(module: str) -> dict[str, list[str]]:
    """The lines of each class of a module, by name; none where there is no source."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    lines = source.split("\n")
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return {node.name: lines[node.lineno - 1 : node.end_lineno] for node in classes}
