"""Describes the API in OpenAPI 3.1, from its operations, parameters and shapes.

In: `api.OPERATIONS`. Out: the description as a dictionary. Refuses nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic.json_schema import models_json_schema

from indexer import schema
from webapp.api import OPERATIONS, Operation
from webapp.params import Parameter, parameters_of

VERSION = "1"
# Operations with the id of an article as a parameter.
MAY_MISS = ("articles", "audit", "concordance", "duplicates", "keywords", "readability", "words")
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The token as the password of any user.",
    },
}
# Any one of these, if the site requires a token.
SECURITY: list[dict[str, list[str]]] = [{name: []} for name in SCHEMES]
EVERYWHERE = {  # errors of all operations
    "400": "A parameter can’t be used.",
    "401": "The site requires a token, and the request has none or a wrong one.",
    "421": "The site is not served under this host name.",
    "503": "There is no index, or there are too many requests; Retry-After says when to ask again.",
}
REFERENCE = "#/components/schemas/{model}"


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole description, except the address of the server."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pilcrow",
            "version": VERSION,
            "description": "Find passages in articles by keyword, with their section and marks.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {op.path: {"get": described(op)} for op in OPERATIONS},
        "components": {"schemas": schemas(), "securitySchemes": SCHEMES},
    }


def described(operation: Operation) -> dict[str, Any]:
    """The description of an operation."""
    parameters = [query_parameter(parameter) for parameter in parameters_of(operation.form)]
    if operation.id_about:
        rule = {"type": "string", "minLength": 1}
        about = operation.id_about
        in_path = {"name": "id", "in": "path", "required": True, "description": about}
        parameters.append({**in_path, "schema": rule})
    problems = dict(EVERYWHERE)
    if operation.id_about or operation.name in MAY_MISS:
        problems["404"] = "Nothing in the index has that id."
    answer = {"schema": reference(operation.shape)}
    responses: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {"application/json": answer}},
        "304": {"description": "Nothing has changed since the answer with that ETag."},
    }
    if operation.path.startswith("/passages/"):
        about = "The passage is gone; the answer has its last text."
        responses["410"] = {"description": about, "content": problem(schema.GoneShape)}
    for status, about in sorted(problems.items()):
        responses[status] = {"description": about, "content": problem(schema.ProblemShape)}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    }


def query_parameter(parameter: Parameter) -> dict[str, Any]:
    """The description of a parameter of the query string."""
    found = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.spec.needed,
        "allowEmptyValue": not parameter.spec.needed,
        "description": parameter.spec.about,
        "schema": parameter.schema,
    }
    if parameter.schema.get("uniqueItems"):
        found |= {"style": "form", "explode": False}
    return found


def problem(shape: type[schema.Shape]) -> dict[str, Any]:
    """The content of a response with a problem document."""
    return {"application/problem+json": {"schema": reference(shape)}}


def reference(shape: type[schema.Shape]) -> dict[str, str]:
    """A reference to the schema of a shape."""
    return {"$ref": REFERENCE.format(model=shape.__name__)}


def schemas() -> dict[str, Any]:
    """The JSON Schemas of all answers, by name."""
    shapes = [operation.shape for operation in OPERATIONS] + [schema.ProblemShape, schema.GoneShape]
    every: dict[type[schema.Shape], None] = dict.fromkeys(shapes)
    _, made = models_json_schema(
        [(shape, "serialization") for shape in every], ref_template=REFERENCE
    )
    return dict(sorted(made["$defs"].items()))
