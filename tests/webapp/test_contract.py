"""The API against its own description: requests made up from it, good and bad ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.helpers.effort import tries
from tests.helpers.sites import make_index, serving
from webapp.api import OPERATIONS
from webapp.openapi import description
from webapp.params import LINE_END, parameters_of

EXAMPLES = tries(8, 200)  # requests for each operation, in each mode


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import schemathesis  # half a second, which other tests need not wait for

    with serving(make_index(tmp_path_factory.mktemp("site"))) as client:
        yield schemathesis.openapi.from_wsgi("/openapi.json", client.application)


CASES = [
    (operation.path, mode)
    for operation in OPERATIONS
    for mode in ("positive", "negative")
    if parameters_of(operation.form) or mode == "positive"
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "mode"), CASES, ids=str)
def test_every_answer_keeps_to_the_description(described: Any, path: str, mode: str) -> None:
    from schemathesis import GenerationMode

    requests = described[path]["GET"].as_strategy(generation_mode=GenerationMode(mode))
    cases: st.SearchStrategy[Any] = requests

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(cases)
    def ask(case: Any) -> None:
        headings = [str((case.query or {}).get(name, "")) for name in ("section", "heading")]
        # No schema can ask for a word.
        assume(all(not heading or any(map(str.isalnum, heading)) for heading in headings))
        asked = dict(case.query or {})
        terms = asked.get("q", []) if path == "/audit" else []
        assume(isinstance(terms, list))  # a URL has no types: q=null is a list of one word
        lines = [line for term in terms for line in LINE_END.split(str(term)) if line.strip()]
        assume(not terms or lines)
        assume(all(any(map(str.isalnum, line)) for line in lines))  # nor can one here
        company = [str(asked.get(side)) for side in ("left", "right")]
        assume(path != "/collocates" or company != ["0", "0"])  # one side is enough, none is not
        # A test client leaves a compressed body as it is.
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    ask()


def test_every_field_of_an_answer_is_described() -> None:
    schemas = description()["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, shape in schemas.items()
        for field, about in shape.get("properties", {}).items()
        if re.match("$|(By|From|In|Of|That|To|Where|Which|With) ", about.get("description", ""))
    ]
    assert not bare, "give these a noun phrase in the schema, or a text in reporting/shape.py"
    text = schemas["SearchShape"]["properties"]["relaxed"]["description"]
    assert text == "Whether passages with any of the words are shown because none has all."
