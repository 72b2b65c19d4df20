"""Describes the API in OpenAPI 3.1, from the operations, parameters and shapes that it runs on.

In: `api.OPERATIONS`. Out: the description as a dictionary. Refuses nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import NotRequired, TypedDict

from webapp.api import OPERATIONS, Operation
from webapp.parameters import Parameter, Several
from webapp.shapes import HitShape, WasShape

VERSION = "1"
# Operations that take the id of an article as a parameter.
MAY_MISS = ("articles", "audit", "duplicates", "readability")
REFERENCE = "#/components/schemas/{model}"


class ProblemShape(TypedDict):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    parameter: NotRequired[str]  # the one at fault


class GoneShape(ProblemShape):
    """A passage that is gone."""

    id: str
    article: str  # id of the article that it was last in
    title: str  # of that article
    was: WasShape
    nearest: list[HitShape]  # passages with the rarest of its words


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole description, but for the address that it holds for."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pilcrow",
            "version": VERSION,
            "description": "Find passages in articles by keyword, with their section and marks.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {op.path: {"get": described(op)} for op in OPERATIONS},
        "components": {"schemas": schemas()},
    }


def described(operation: Operation) -> dict[str, Any]:
    """One operation."""
    parameters = [query_parameter(parameter) for parameter in operation.parameters]
    if operation.id_about:
        parameters.append(path_parameter(operation.id_about))
    problems = {"400": "A parameter can’t be used.", "503": "There is no index."}
    if operation.id_about or operation.name in MAY_MISS:
        problems["404"] = "Nothing has that id."
    answer = (
        {"anyOf": [reference("ArticlesShape"), reference("WholeArticleShape")]}
        if operation.name == "articles"
        else reference(operation.shape.__name__)
    )
    responses: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
        "304": {"description": "Nothing has changed since the answer with that ETag."},
    }
    if operation.may_be_gone:
        content = {"application/problem+json": {"schema": reference("GoneShape")}}
        about = "The passage is gone; this is what it said last."
        responses["410"] = {"description": about, "content": content}
    for status, about in sorted(problems.items()):
        content = {"application/problem+json": {"schema": reference("ProblemShape")}}
        responses[status] = {"description": about, "content": content}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    }


def query_parameter(parameter: Parameter) -> dict[str, Any]:
    """A parameter of the query string."""
    found = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "allowEmptyValue": not parameter.required,
        "description": parameter.about,
        "schema": parameter.schema(),
    }
    if isinstance(parameter, Several):
        found |= {"style": "form", "explode": False}
    return found


def path_parameter(about: str) -> dict[str, Any]:
    """The id in a path."""
    schema = {"type": "string", "minLength": 1}
    return {"name": "id", "in": "path", "required": True, "description": about, "schema": schema}


def reference(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": REFERENCE.format(model=name)}


def schemas() -> dict[str, Any]:
    """The JSON Schemas of all answers, by name."""
    shapes = [operation.shape for operation in OPERATIONS] + [ProblemShape, GoneShape]
    inputs: list[Any] = [(shape.__name__, "serialization", TypeAdapter(shape)) for shape in shapes]
    _, made = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
    found: dict[str, Any] = made.get("$defs", {})
    return dict(sorted(found.items()))
