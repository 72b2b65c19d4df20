"""Who is answered: hosts, tokens, other sites."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer import Settings, UsageError, load_settings
from tests.helpers.sites import serving

TOKEN = "correct-horse-battery"
HEALTH = ("/healthz", "/readyz")
ADDRESSES = ("/", "/?q=dose", "/articles/glance", "/p/nowhere", "/audit?q=dose", "/help", "/nope",
             "/api/v1/search?q=dose", "/api/v1/articles", "/openapi.json", "/opensearch.xml",
             "/metrics", "/static/style.css", "/robots.txt", "/favicon.ico")  # fmt: skip


@pytest.fixture
def index(client: FlaskClient) -> Path:
    """The index of the small site."""
    return Path(client.application.config["INDEX"])


@pytest.fixture
def locked(index: Path) -> Iterator[FlaskClient]:
    """The small site, which asks for a token."""
    with serving(index, TOKEN=TOKEN) as locked:
        yield locked


def basic(password: str, user: str = "anyone") -> dict[str, str]:
    """The header of a browser that was given a password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a program."""
    return {"Authorization": f"Bearer {token}"}


# --- hosts --------------------------------------------------------------------------------------


def status(client: FlaskClient, host: str, address: str = "/") -> int:
    return client.get(address, headers={"Host": host}).status_code


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "localhost.", "app.localhost", "127.0.0.1", "127.8.0.1:80",
     "[::1]:8000", "[::1]"],
)  # fmt: skip
def test_this_machine_is_always_answered(client: FlaskClient, index: Path, host: str) -> None:
    assert status(client, host) == 200
    with serving(index, TRUSTED_HOSTS=["pilcrow.example"]) as named:
        assert status(named, host) == 200


@pytest.mark.parametrize(
    "host",
    ["pilcrow.example", "192.168.1.5", "192.168.1.5:8000", "[2001:db8::1]", "0.0.0.0",
     "localhost.example", "localhost.evil.example:8000", "127.0.0.1.evil.example", "evil-localhost",
     "127.0.0.1@evil.example", "2130706433", "evil.example:127"],
)  # fmt: skip
def test_no_other_name_is_answered_unless_it_is_named(client: FlaskClient, host: str) -> None:
    for address in ADDRESSES:
        response = client.get(address, headers={"Host": host})
        assert response.status_code == 421 or (response.status_code == 400 and "@" in host)
        assert host not in response.text
        assert "glance" not in response.text


def test_named_hosts_are_answered_whatever_their_port_and_case(index: Path) -> None:
    names = ["Pilcrow.example", ".wards.example", "bücher.example", "192.0.2.1", "[2001:db8::1]"]
    with serving(index, TRUSTED_HOSTS=names) as named:
        for host in ("pilcrow.example", "PILCROW.EXAMPLE:8443", "pilcrow.example.",
                     "wards.example:80",
                     "a.wards.example", "a.b.wards.example", "xn--bcher-kva.example", "192.0.2.1",
                     "[2001:db8::1]:8000"):  # fmt: skip
            assert status(named, host) == 200, host
        for host in ("evil.example", "pilcrow.example.evil.example", "notwards.example",
                     "wards.example.evil.example", "a.pilcrow.example", "192.0.2.2",
                     "[2001:db8::2]"):  # fmt: skip
            assert status(named, host) == 421, host


def test_addresses_and_all_names_are_answered_where_that_is_set(index: Path) -> None:
    with serving(index, ANY_ADDRESS=True) as open_to_addresses:
        for host in ("192.168.1.5", "192.168.1.5:8000", "[2001:db8::1]"):
            assert status(open_to_addresses, host) == 200
        for host in ("evil.example", "1.2.3.4.evil.example", "999.1.1.1"):
            assert status(open_to_addresses, host) == 421
    with serving(index, TRUSTED_HOSTS=["*"]) as open_to_all:
        assert status(open_to_all, "whatever.example") == 200


def test_a_refusal_of_a_host_is_a_problem_document_of_the_api(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?q=dose", headers={"Host": "evil.example"})
    assert (response.status_code, response.mimetype) == (421, "application/problem+json")
    assert response.json is not None
    assert response.json["status"] == 421
    assert "--trusted-host" in response.json["detail"]
    page = client.get("/", headers={"Host": "evil.example"})
    assert page.mimetype == "text/plain"
    assert page.headers["Cache-Control"] == "no-store"


def test_the_name_that_a_believed_proxy_tells_counts(index: Path) -> None:
    said = {"X-Forwarded-Host": "pilcrow.example"}
    with serving(index, PROXY_FIX=1) as behind:
        assert behind.get("/", headers=said).status_code == 421
    with serving(index, PROXY_FIX=1, TRUSTED_HOSTS=["pilcrow.example"]) as named:
        assert named.get("/", headers=said).status_code == 200
        assert named.get("/", headers={"X-Forwarded-Host": "evil.example"}).status_code == 421
    with serving(index, TRUSTED_HOSTS=["pilcrow.example"]) as alone:
        said["Host"] = "evil.example"
        assert alone.get("/", headers=said).status_code == 421


# --- token --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_answered_without_the_token(locked: FlaskClient, address: str) -> None:
    wrong = [{}, basic("wrong"), basic(""), basic(TOKEN[:-1]), basic(f"{TOKEN}x"), bearer("wrong"),
             bearer(""), bearer(TOKEN.upper()), {"Authorization": TOKEN},
             {"Authorization": f"Digest {TOKEN}"}, {"Authorization": "Basic ?"},
             {"Authorization": "Basic /////w=="}, bearer("é")]  # fmt: skip
    for headers in wrong:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            response = locked.open(address, method=method, headers=headers)
            assert response.status_code == 401, (method, headers)
            challenges = response.headers.getlist("WWW-Authenticate")
            assert [one.split()[0] for one in challenges] == ["Basic", "Bearer"]
            assert "dose" not in response.text
            assert TOKEN not in response.text


def test_browsers_and_programs_show_the_token(locked: FlaskClient) -> None:
    for headers in (basic(TOKEN), basic(TOKEN, ""), bearer(TOKEN), bearer(f" {TOKEN} ")):
        assert locked.get("/?q=dose", headers=headers).status_code == 200
        found = locked.get("/api/v1/search?q=dose", headers=headers)
        assert found.status_code == 200
        assert "private" in found.headers["Cache-Control"]
    assert "invalid_token" in locked.get("/", headers=bearer("x")).headers.getlist(
        "WWW-Authenticate"
    )[1]  # fmt: skip


def test_a_site_without_token_takes_whatever_is_shown(client: FlaskClient) -> None:
    assert client.get("/?q=dose", headers=basic("x")).status_code == 200


def test_the_description_tells_of_the_token(client: FlaskClient, locked: FlaskClient) -> None:
    free = client.get("/openapi.json").json
    asked = locked.get("/openapi.json", headers=bearer(TOKEN)).json
    assert free is not None
    assert asked is not None
    assert "security" not in free
    assert asked["security"] == [{"bearer": []}, {"basic": []}]
    assert set(asked["components"]["securitySchemes"]) == {"bearer", "basic"}
    for path in asked["paths"].values():
        assert {"401", "421", "503"} <= set(path["get"]["responses"])


def test_health_needs_neither_host_nor_token_and_tells_nothing(
    locked: FlaskClient, tmp_path: Path
) -> None:
    for address in HEALTH:
        response = locked.get(address, headers={"Host": "10.0.0.7:8000"})
        assert response.status_code == 200
        assert response.json == {"status": "ok"}
        assert response.headers["Cache-Control"] == "no-store"
    with serving(tmp_path / "none", TOKEN=TOKEN) as empty:
        assert empty.get("/healthz").status_code == 200  # it lives, and waits for its index
        response = empty.get("/readyz")
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert str(tmp_path) not in response.text


def test_a_token_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n", encoding="ascii")
    assert load_settings({"PILCROW_TOKEN": TOKEN}).token == TOKEN
    assert load_settings({"PILCROW_TOKEN_FILE": str(path)}).token == TOKEN
    assert load_settings({}).token == ""
    assert TOKEN not in repr(load_settings({"PILCROW_TOKEN": TOKEN}))


@pytest.mark.parametrize("token", ["", " ", "two words", "übel", "a\nb", "\x00"])
def test_a_token_that_no_header_can_carry_is_refused(token: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(token.encode())
    with pytest.raises(UsageError, match="PILCROW_TOKEN: a token is"):
        load_settings({"PILCROW_TOKEN": token})
    with pytest.raises(UsageError, match="a token is"):
        load_settings({"PILCROW_TOKEN_FILE": str(path)})
    with pytest.raises(UsageError, match="name a file that holds the token"):
        load_settings({"PILCROW_TOKEN_FILE": str(tmp_path / "none")})


# --- other sites and caches ---------------------------------------------------------------------

OTHER = {"Origin": "https://other.example"}


def test_other_sites_may_not_read_the_api(client: FlaskClient) -> None:
    for address in (*ADDRESSES, *HEALTH):
        for method in ("GET", "OPTIONS"):
            with client.open(address, method=method, headers=OTHER) as response:
                headers = response.headers
            assert not [name for name, _ in headers if name.startswith("Access-Control")]
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_named_sites_may_read_the_api_and_nothing_else(index: Path) -> None:
    allowed = {"ALLOWED_ORIGINS": ("https://other.example",)}
    with serving(index, **allowed) as opened:
        found = opened.get("/api/v1/search?q=dose", headers=OTHER)
        assert found.headers["Access-Control-Allow-Origin"] == "https://other.example"
        assert "ETag" in found.headers["Access-Control-Expose-Headers"]
        stranger = opened.get("/api/v1/search?q=dose", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in stranger.headers
        assert "Origin" in found.headers["Vary"]
        assert "Origin" in stranger.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in opened.get("/", headers=OTHER).headers
    with serving(index, ALLOWED_ORIGINS=("*",)) as opened:
        assert opened.get("/api/v1/articles").headers["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_shows_no_token_but_the_request_does(index: Path) -> None:
    with serving(index, TOKEN=TOKEN, ALLOWED_ORIGINS=("https://other.example",)) as opened:
        asked = opened.options("/api/v1/search", headers=OTHER)
        assert asked.status_code == 200
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
        assert opened.options("/api/v1/search").status_code == 401
        refused = opened.get("/api/v1/search?q=dose", headers=OTHER)
        assert refused.status_code == 401
        assert refused.headers["Access-Control-Allow-Origin"] == "https://other.example"
        assert opened.get("/api/v1/search?q=dose", headers=OTHER | bearer(TOKEN)).status_code == 200


def test_no_shared_cache_keeps_what_is_of_the_articles(client: FlaskClient) -> None:
    for address in ADDRESSES:
        with client.get(address) as response:
            kept = response.headers.get("Cache-Control", "")
        if not address.startswith(("/static", "/robots", "/favicon")):
            assert "private" in kept or "no-store" in kept, address
            assert "public" not in kept


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PILCROW_ALLOWED_ORIGINS": "https://a.example, *"}, ("https://a.example", "*")),
        ({}, ()),
    ],
)
def test_origins_come_from_the_environment(
    environ: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert load_settings(environ).allowed_origins == expected
    assert Settings().allowed_origins == ()


@pytest.mark.parametrize(
    "host", ["*.example.org", "https://example.org", "example.org/find", "a b"]
)
def test_what_is_no_host_name_is_refused_and_not_passed_over(host: str) -> None:
    with pytest.raises(UsageError, match="no host name"):
        load_settings({}, trusted_hosts=(host,))
    for known in ("*", ".example.org", "bücher.example:80", "192.0.2.1", "[2001:db8::1]:80"):
        assert load_settings({"PILCROW_TRUSTED_HOSTS": known}).trusted_hosts == (known,)


def test_an_empty_name_of_the_tokens_file_opens_no_site() -> None:
    with pytest.raises(UsageError, match="name a file that holds the token"):
        load_settings({"PILCROW_TOKEN_FILE": ""})
