"""The API: shapes, errors, caching, and its own description."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from indexer import Index, open_index
from indexer.reporting.audit_schema import ConcordanceShape
from indexer.reporting.schema import SearchShape
from webapp.api import OPERATIONS
from webapp.openapi import description
from webapp.params import parameters_of


def get(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/json"
    body = response.json
    assert isinstance(body, dict)
    return body


def without_next(given: dict[str, Any]) -> dict[str, Any]:
    """An answer without the address of its next page, which a command line has none of."""
    return given | {"page": given["page"] | {"next": None}}


def test_search_is_what_the_command_line_prints(elavil: FlaskClient, index: Index) -> None:
    given = get(elavil, "/api/v1/search?q=chronic+pain&limit=7&offset=3&sort=position")
    found = index.search("chronic pain", limit=7, offset=3, sort="position", why=True)
    assert without_next(given) == SearchShape.from_result(found).as_dict()


def test_concordance_is_what_the_command_line_prints(elavil: FlaskClient, index: Index) -> None:
    given = get(elavil, "/api/v1/concordance?q=pain&window=3&sort=right1,left1&limit=9&offset=2")
    found = index.concordance("pain", window=3, sort=("right1", "left1"), limit=9, offset=2)
    assert without_next(given) == ConcordanceShape.from_result(found).as_dict()


def test_a_concordance_keeps_to_an_article(client: FlaskClient) -> None:
    whole = get(client, "/api/v1/concordance?q=the&limit=1000")["lines"]
    home = whole[0]["article"]
    found = get(client, f"/api/v1/concordance?q=the&limit=1000&article={home}")
    assert found["lines"] == [line for line in whole if line["article"] == home] != whole
    assert client.get("/api/v1/concordance?q=the&article=nowhere").status_code == 404


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("/search?q=pain&limit=4", "hits"),
        ("/concordance?q=pain&limit=9&sort=right1,left1&offset=2", "lines"),
        ("/collocates?q=pain&limit=20&least=2", "collocates"),
        ("/clusters?q=pain&limit=5", "clusters"),
        ("/clusters?size=4&limit=20", "clusters"),
        ("/links?limit=7&status=intact", "links"),
    ],
)
def test_next_leads_through_all_pages(elavil: FlaskClient, address: str, rows: str) -> None:
    found = get(elavil, f"/api/v1{address}")
    total, seen = found["total"], found["page"]["offset"] + len(found[rows])
    while found["page"]["more"]:
        found = get(elavil, found["page"]["next"])
        seen += len(found[rows])
    assert seen == total
    assert found["page"]["next"] is None


def test_clusters_and_keywords_are_those_of_the_library(client: FlaskClient) -> None:
    with open_index(client.application.config["INDEX"]) as library:
        runs = library.clusters("dose", size=2, node="first", limit=50)
        words = library.keywords(["glance"], least=1, positive=True, limit=50)
    told = get(client, "/api/v1/clusters?q=dose&size=2&at=first")
    assert [(c["text"], c["count"]) for c in told["clusters"]] == [
        (run.text, run.count) for run in runs.rows
    ]
    told = get(client, "/api/v1/keywords?article=glance&least=1&positive=1")
    assert [(k["word"], k["count"]) for k in told["keywords"]] == [
        (row.word, row.keyness.count) for row in words.rows
    ]
    assert told["keywords"]


def test_an_article_asked_for_by_id_is_the_only_one_of_the_list(client: FlaskClient) -> None:
    found = get(client, "/api/v1/articles?id=glance")
    assert (found["total"], found["page"]["more"]) == (1, False)
    assert found["articles"] == [get(client, "/api/v1/articles/glance")]


def test_the_guide_to_the_api_of_one_article(elavil: FlaskClient) -> None:
    """It has no keywords: there is nothing to compare it with."""
    page = elavil.get("/api")
    assert page.status_code == 200
    assert "/api/v1/keywords?article=elavil-for-chronic-pain" in page.text
    assert elavil.get("/api/v1/keywords?article=elavil-for-chronic-pain").status_code == 400


def test_the_guide_waits_for_no_answer_that_reads_a_large_corpus(
    elavil: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = elavil.get("/api").text.count("Current answer")
    monkeypatch.setattr("webapp.site.SAMPLED", 15)
    slow = ("duplicates", "readability", "words", "related")
    page = elavil.get("/api?not=cached").text
    assert page.count("Current answer") == samples - len(slow)
    assert all(f"/api/v1/{name}" in page for name in slow)


def test_marks_cover_what_matched(elavil: FlaskClient) -> None:
    (hit,) = get(elavil, "/api/v1/search?q=tapering")["hits"]
    assert [hit["text"][m["start"] : m["end"]] for m in hit["marks"]] == ["tapering"]
    passage = get(elavil, f"/api/v1/passages/{hit['id']}")
    assert passage["text"] == hit["text"]
    article = get(elavil, f"/api/v1/articles/{passage['article']['id']}")
    assert article["text"][passage["start"] : passage["end"]] == hit["text"]
    assert hit["id"] in [p["id"] for p in article["passages"]]
    assert elavil.get(hit["link"]).status_code == 302


def test_suggestions_lead_to_results(client: FlaskClient) -> None:
    found = get(client, "/api/v1/suggest?q=sproc")
    assert found["suggestions"][0]["text"] == "sprocket"
    headings = [
        s for s in get(client, "/api/v1/suggest?q=dos")["suggestions"] if s["kind"] == "heading"
    ]
    assert headings
    for suggestion in [*found["suggestions"], *headings]:
        assert "No passage found" not in client.get(suggestion["link"]).text, suggestion


def test_articles_are_listed_in_parts(client: FlaskClient) -> None:
    whole = get(client, "/api/v1/articles")
    assert whole["total"] == len(whole["articles"]) == 11
    part = get(client, "/api/v1/articles?limit=2&offset=9")
    assert part["articles"] == whole["articles"][9:]
    assert not part["page"]["more"]
    assert get(client, "/api/v1/articles?limit=2")["page"]["more"]


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [
        ("/search", 400, "q"),
        ("/search?q=x&limit=0", 400, "limit"),
        ("/search?q=x&limit=101", 400, "limit"),
        ("/search?q=x&limit=1_0", 400, "limit"),
        ("/search?q=x&limit=1.5", 400, "limit"),
        ("/search?q=x&limit=%D9%A1", 400, "limit"),
        ("/search?q=x&offset=-1", 400, "offset"),
        ("/search?q=x&any=perhaps", 400, "any"),
        ("/search?q=x&match=x", 400, "match"),
        ("/search?q=x&q=y", 400, "q"),
        ("/search?q=" + "x" * 2001, 400, "q"),
        ("/suggest", 400, "q"),
        ("/suggest?q=x&limit=51", 400, "limit"),
        ("/concordance?q=x&sort=left9", 400, "sort"),
        ("/concordance?q=x&sort=left1,left1", 400, "sort"),
        ("/concordance?q=x&sort=left1,left2,left3,node", 400, "sort"),
        ("/concordance?q=x&unit=page", 400, "unit"),
        ("/concordance?q=x&window=101", 400, "window"),
        ("/articles?limit=1001", 400, "limit"),
        ("/articles/nope", 404, None),
        ("/articles?id=nope", 404, None),
        ("/passages/nope", 404, None),
        ("/nope", 404, None),
        ("", 404, None),
    ],
)
def test_errors_are_problem_documents(
    client: FlaskClient, address: str, status: int, parameter: str | None
) -> None:
    response = client.get(f"/api/v1{address}")
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    problem = response.json
    assert problem is not None
    assert problem["status"] == status
    assert problem.get("parameter") == parameter
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"] == "about:blank" or client.get(problem["type"]).status_code == 200


def test_a_wrong_choice_is_answered_with_the_right_ones(client: FlaskClient) -> None:
    problem = client.get("/api/v1/search?q=x&kind=picture").json
    assert problem is not None
    choices = "paragraph, list_item, table_row, quote, code, caption, boilerplate"
    assert problem["detail"] == f"kind: “picture” is not one of {choices}"


def test_a_whole_number_may_have_a_point(client: FlaskClient) -> None:
    """JSON Schema takes 2.0 for an integer, and so does who goes by the description."""
    whole = get(client, "/api/v1/search?q=sprocket&limit=2")
    assert get(client, "/api/v1/search?q=sprocket&limit=2.0")["hits"] == whole["hits"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed(client: FlaskClient, method: str) -> None:
    for address in ("/api/v1/search?q=x", "/", "/articles/glance", "/healthz"):
        response = getattr(client, method)(address, data="x")
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/api/v1/search?q=sprocket")
    while "Last-Modified" not in first.headers:  # the index was made within the last second
        time.sleep(0.1)
        first = client.get("/api/v1/search?q=sprocket")
    again = client.get(
        "/api/v1/search?q=sprocket", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert not again.data
    assert again.headers["ETag"] == first.headers["ETag"]
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/api/v1/search?q=sprocket", headers=since).status_code == 304
    other = client.get("/api/v1/search?q=grommet", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_answers_are_compressed_where_wanted(client: FlaskClient) -> None:
    plain = client.get("/api/v1/articles/waiting")
    packed = client.get("/api/v1/articles/waiting", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    refused = client.get("/api/v1/articles/waiting", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_line_ends_of_other_readers_are_escaped(tmp_path: Path) -> None:
    from indexer import to_json

    assert to_json("a\u2028\u2029\x85\ud800é") == '"a\\u2028\\u2029\\u0085\\ud800é"'
    with pytest.raises(ValueError, match="Out of range float"):
        to_json(float("nan"))


def example(client: FlaskClient, operation_name: str) -> str:
    """An address of the operation that has an answer."""
    asked = {"search": "?q=dose", "suggest": "?q=do", "concordance": "?q=dose"}
    asked |= {"audit": "?q=dose&q=waiting", "collocates": "?q=dose"}
    asked |= {"keywords": "?article=glance", "clusters": "?q=dose&least=1"}
    path = next(op.path for op in OPERATIONS if op.name == operation_name)
    found = client.get("/api/v1/articles/glance").json
    assert found is not None
    name = "glance" if operation_name == "article" else found["passages"][0]["id"]
    return path.replace("{id}", name) + asked.get(operation_name, "")


@pytest.mark.parametrize("name", [op.name for op in OPERATIONS if op.name != "passage"])
def test_answers_have_the_shape_that_is_described(client: FlaskClient, name: str) -> None:
    document = get(client, "/openapi.json")
    operation = next(op for op in OPERATIONS if op.name == name)
    described = document["paths"][operation.path]["get"]["responses"]["200"]
    schema = {
        **described["content"]["application/json"]["schema"],
        "components": document["components"],
    }
    jsonschema.validate(get(client, f"/api/v1{example(client, name)}"), schema)


def test_the_description_names_every_parameter_that_is_read() -> None:
    for operation in OPERATIONS:
        described = description()["paths"][operation.path]["get"]
        names = {p["name"] for p in described["parameters"] if p["in"] == "query"}
        assert names == {parameter.name for parameter in parameters_of(operation.form)}


def test_the_guide_has_live_examples(client: FlaskClient) -> None:
    html = client.get("/api/").text
    for operation in OPERATIONS:
        assert f"/api/v1{operation.path}" in html
    examples = [part.split('"')[0] for part in html.split('href="')[1:]]
    live = [address for address in examples if address.startswith("/api/v1/")]
    assert len(live) == len(OPERATIONS)
    for address in live:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address
