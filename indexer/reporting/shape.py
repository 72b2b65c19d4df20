"""Base class of the models of JSON answers, their field types and descriptions, and links.

In: what the library returns, and `Addresses` that make the links of an answer. Out: a frozen model,
its plain values, and its JSON Schema. A field is described there by the comment beside it in the
source or, without one, by the text for its name in `_COMMON`. Refuses nothing.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

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
    """Makes the links of answers: full addresses of a site, or only paths on it."""

    site: str = ""  # scheme, host and path that the site is served under; "": unknown

    def of(self, path: str) -> str:
        """Address of a path on the site."""
        return self.site.rstrip("/") + path

    def next_page(self, offset: int) -> str | None:
        """Address of the part of the answer from `offset` on; None if it has none."""
        return None


class Shape(BaseModel):
    """A JSON object, made from the attributes of what the library returns."""

    model_config = ConfigDict(
        from_attributes=True, validate_by_name=True, defer_build=True, frozen=True
    )

    @classmethod
    def from_result(cls, found: object, addresses: Addresses | None = None, **more: object) -> Self:
        """The model of what the library returned, or of a mapping of its fields; `more` has values
        of fields that are no attributes of `found`."""
        if more:
            own = {name: getattr(found, name) for name in cls.model_fields if name not in more}
            found = own | more
        return cls.model_validate(found, context=addresses or Addresses())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """JSON Schema with a description of each field."""
        described = handler(core)
        for name, field in handler.resolve_ref_schema(described).get("properties", {}).items():
            if text := text_of(cls, name):
                field.setdefault("description", text)
        return described

    def as_dict(self) -> dict[str, Any]:
        """Its fields as plain values."""
        return self.model_dump()


def source(*path: str) -> Any:
    """A field that is read from another attribute path than its own name."""
    return Field(validation_alias=AliasPath(path[0], *path[1:]))


def rare() -> Any:
    """A field that is left out when it is None."""

    def never_null(described: dict[str, Any]) -> None:
        described |= next(one for one in described.pop("anyOf") if one != {"type": "null"})
        del described["default"]

    return Field(default=None, exclude_if=lambda value: value is None, json_schema_extra=never_null)


def rounded(digits: int) -> AfterValidator:
    """Validator that rounds to `digits` decimal places."""
    return AfterValidator(lambda value: round(value, digits))


def _link(path: Callable[[str], str]) -> AfterValidator:
    """Validator that turns a value into the address of `path(value)`."""

    return AfterValidator(lambda given, info: _addresses(info).of(path(given)))


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
OrNone = BeforeValidator(lambda value: value or None)  # an empty value becomes null


class PageShape(Shape):
    """The part of a list that is shown."""

    offset: int  # number of items before this part
    limit: int  # number of items asked for
    more: bool  # whether more items follow
    next: Annotated[str | None, BeforeValidator(_next)] = source("more")  # address of next part


# --- descriptions of fields ---------------------------------------------------------------------

_FIELD = re.compile(r"    (\w+): .*?  # (.+)")

_COMMON = {  # of names that mean the same in every answer
    "article": "Id of its article.",
    "end": "Position after its last character, in code points.",
    "id": "Its id.",
    "keywords": "Words, the greatest difference first.",
    "kind": "Kind of block, such as paragraph or list_item.",
    "link": "Its address.",
    "notes": "What was ignored, corrected, relaxed, or might have been meant otherwise.",
    "page": "The part of the list that is shown.",
    "passage": "Id of its passage.",
    "passages": "Number of its passages.",
    "query": "The query, as typed.",
    "section": "Section path: headings from the top down.",
    "start": "Position of its first character, in code points.",
    "text": "Its text.",
    "title": "Its title.",
    "word": "The word.",
    "words": "Number of its words.",
}


def text_of(shape: type, name: str) -> str:
    """Description of a field as a sentence; "" if it has none."""
    return _comments(shape).get(name) or _COMMON.get(name, "")


@cache
def _comments(shape: type) -> dict[str, str]:
    """Comments beside the fields of a class and its bases, as sentences, by field."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        for line in _sources(one.__module__).get(one.__name__, ()):
            if field := _FIELD.match(line):
                text = field[2][0].upper() + field[2][1:]
                found[field[1]] = text if text.endswith((".", "…")) else f"{text}."
    return found


@cache
def _sources(module: str) -> dict[str, list[str]]:
    """Source lines of each class of a module, by name; empty if there is no source."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    lines = source.split("\n")
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return {node.name: lines[node.lineno - 1 : node.end_lineno] for node in classes}
