"""All that can be configured, in one frozen object, loaded in one place.

In: environment variables and explicit overrides. Out: `Settings`. Refuses values that make no
sense with a `UsageError` naming the setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Access:
    """How a cluster lets us in: PILCROW_OPENSEARCH_USER and so on, or the lines `user=…` of a file
    that PILCROW_OPENSEARCH_FILE names."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca: str = ""  # file of certificates that are trusted beside the system's
    shards: str = "6"  # of a new generation
    replicas: str = "1"  # further copies of each shard


AUTO = "auto"  # no encoding that is named


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how passages are cut and ranked."""

    corpus: Path = Path("corpus")  # PILCROW_CORPUS: what is indexed when no PATH is given
    index: Path = Path(".pilcrow")  # PILCROW_INDEX: where the index lives
    synonyms: Path | None = None  # PILCROW_SYNONYMS: file of synonyms
    synonyms_in_phrases: bool = False  # whether quotes are expanded too
    language: str = "en"  # PILCROW_LANGUAGE: of articles too short to tell theirs
    encoding: str = ""  # of files that declare none; "": as remembered, AUTO: as detected
    passage_words: int = 120  # target length of a passage, in words
    snippet_chars: int = 320  # length of a snippet, in code points
    title_from: str = "document"  # PILCROW_TITLE_FROM: document, or name for the file's name
    follow_links: bool = False  # whether symbolic links that leave the corpus are followed
    max_file_bytes: int = 256 * 1024 * 1024  # larger files are reported and skipped
    opensearch: Access = Access()
    replica: Path | None = None  # PILCROW_REPLICA: local copy of a cluster's index, for audits
    trusted_hosts: tuple[str, ...] = ()  # PILCROW_TRUSTED_HOSTS: names of the site; "*": any
    proxies: int = 0  # PILCROW_PROXIES: reverse proxies in front whose headers are believed
    token: str = field(default="", repr=False)  # PILCROW_TOKEN, PILCROW_TOKEN_FILE: "": none asked
    allowed_origins: tuple[str, ...] = ()  # PILCROW_ALLOWED_ORIGINS: sites that may read the API
    log: str = "text"  # PILCROW_LOG: text, or json for a line a request
    query_log: Path | None = None  # PILCROW_QUERY_LOG: file of queries that found nothing
    log_queries: bool = False  # PILCROW_LOG_QUERIES: whether those lines tell what was asked for


CHOICES: Mapping[str, Mapping[str, object]] = {  # what the environment may say of these settings
    "title_from": {"document": "document", "name": "name"},
    "log": {"text": "text", "json": "json"},
    "log_queries": {"0": False, "1": True},
}
_HOST = re.compile(r"(?:[.]?\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, then from `overrides` that are not None.

    Raises `UsageError` for a value of the wrong form.
    """
    env = os.environ if environ is None else environ
    found: dict[str, object] = {}
    for name in ("corpus", "index", "synonyms", "replica", "query_log"):
        if value := env.get(f"PILCROW_{name.upper()}"):
            found[name] = Path(value)
    if value := env.get("PILCROW_LANGUAGE"):
        if not (value.isalpha() and len(value) == 2):
            raise UsageError(f"PILCROW_LANGUAGE: {value!r} is not a two-letter code such as en")
        found["language"] = value.lower()
    for name, either in CHOICES.items():
        if value := env.get(f"PILCROW_{name.upper()}"):
            if value not in either:
                told = " nor ".join(either)
                raise UsageError(f"PILCROW_{name.upper()}: {value!r} is neither {told}")
            found[name] = either[value]
    for name in ("trusted_hosts", "allowed_origins"):
        if value := env.get(f"PILCROW_{name.upper()}"):
            found[name] = tuple(one.strip() for one in value.split(",") if one.strip())
    if "PILCROW_TOKEN_FILE" in env:  # empty: a site that was to be locked must not be open
        found["token"] = read_token(Path(env["PILCROW_TOKEN_FILE"]))
    elif "PILCROW_TOKEN" in env:
        found["token"] = checked_token(env["PILCROW_TOKEN"], "PILCROW_TOKEN")
    if value := env.get("PILCROW_PROXIES"):
        if not (value.isascii() and value.isdigit() and len(value) < 3):
            raise UsageError(f"PILCROW_PROXIES: {value!r} is not a number of proxies such as 1")
        found["proxies"] = int(value)
    found["opensearch"] = _access(env)
    known = {f.name for f in fields(Settings)}
    for name, given in overrides.items():
        if name not in known:
            raise UsageError(f"unknown setting {name!r}; known are {', '.join(sorted(known))}")
        if given is not None:
            found[name] = given
    settings = replace(Settings(), **found)  # type: ignore[arg-type]
    for host in settings.trusted_hosts:
        if host != "*" and not _HOST.fullmatch(host):
            raise UsageError(f"{host!r} is no host name; write search.example.org or .example.org")
    return settings


def _access(env: Mapping[str, str]) -> Access:
    """What lets us into a cluster; the environment goes before the file."""
    given: dict[str, str] = {}
    names = [f.name for f in fields(Access)]
    if path := env.get("PILCROW_OPENSEARCH_FILE"):
        try:
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"PILCROW_OPENSEARCH_FILE: {path} can't be read") from None
        pairs = [line.partition("=") for line in lines if line.strip()[:1] not in ("", "#")]
        given = {name.strip(): value.strip() for name, _, value in pairs}
        if given.keys() - set(names):  # not repeated: it may be a password
            raise UsageError(f"{path}: write lines NAME=VALUE; the names are {', '.join(names)}")
    given |= {n: value for n in names if (value := env.get(f"PILCROW_OPENSEARCH_{n.upper()}"))}
    for name, least in (("shards", 1), ("replicas", 0)):
        value = given.get(name, "1")
        if not (value.isascii() and value.isdigit() and least <= int(value) <= 1000):
            raise UsageError(
                f"PILCROW_OPENSEARCH_{name.upper()}: {value!r} is not a number such as 2"
            )
    return Access(**given)


def read_token(path: Path) -> str:
    """The token that stands in a file, white space around it left out.

    Raises `UsageError` for a file that can't be read or holds none.
    """
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: {said}; name a file that holds the token") from error
    return checked_token(text.strip(), str(path))


def checked_token(token: str, origin: str) -> str:
    """The token, if a browser and a header can carry it; `UsageError` naming `origin` if not."""
    if not token or not all("!" <= sign <= "~" for sign in token):
        raise UsageError(f"{origin}: a token is one or more ASCII letters, digits and signs")
    return token


def read_synonyms_file(settings: Settings) -> bytes:
    """What the file of synonyms holds, nothing where none is set.

    Raises `UsageError` for a file that can't be read.
    """
    if settings.synonyms is None:
        return b""
    try:
        return settings.synonyms.read_bytes()
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"{settings.synonyms}: {said}; name a file of synonyms") from error
