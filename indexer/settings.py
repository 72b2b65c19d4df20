"""All settings, in one frozen object, loaded in one place.

In: environment variables and explicit overrides. Out: `Settings`. Refuses invalid values with a
`UsageError` that names the setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Credentials and layout of a cluster, from PILCROW_OPENSEARCH_USER and so on, or from lines
    `user=…` in the file that PILCROW_OPENSEARCH_FILE names."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca: str = ""  # file of certificates that are trusted in addition to the system's
    shards: str = "6"  # shards of a new generation
    replicas: str = "1"  # further copies of each shard


AUTO = "auto"  # the encoding is detected


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths, options of indexing and options of the site."""

    corpus: Path = Path("corpus")  # PILCROW_CORPUS: file or folder to index when no PATH is given
    index: Path = Path(".pilcrow")  # PILCROW_INDEX: folder of the index
    synonyms: Path | None = None  # PILCROW_SYNONYMS: file of synonyms
    synonyms_in_phrases: bool = False  # whether quoted phrases are expanded too
    language: str = "en"  # PILCROW_LANGUAGE: of articles too short for language detection
    encoding: str = ""  # of files that declare none; "": as remembered, AUTO: detected
    passage_words: int = 120  # target length of a passage, in words
    snippet_chars: int = 320  # length of a snippet, in code points
    title_from: str = "document"  # PILCROW_TITLE_FROM: document, or name for the file's name
    follow_links: bool = False  # whether symbolic links that leave the corpus are followed
    max_file_bytes: int = 256 * 1024 * 1024  # larger files are reported and skipped
    opensearch: ClusterAccess = ClusterAccess()
    replica: Path | None = None  # PILCROW_REPLICA: local copy of a cluster's index, for audits
    trusted_hosts: tuple[str, ...] = ()  # PILCROW_TRUSTED_HOSTS: names of the site; "*": any
    proxies: int = 0  # PILCROW_PROXIES: number of reverse proxies in front with trusted headers
    token: str = field(default="", repr=False)  # PILCROW_TOKEN, PILCROW_TOKEN_FILE; "": not needed
    allowed_origins: tuple[str, ...] = ()  # PILCROW_ALLOWED_ORIGINS: sites that may read the API
    log: str = "text"  # PILCROW_LOG: text, or json for one JSON line per request
    query_log: Path | None = None  # PILCROW_QUERY_LOG: file of queries that found nothing
    log_queries: bool = False  # PILCROW_LOG_QUERIES: whether JSON lines of the log hold the query


CHOICES: Mapping[str, Mapping[str, object]] = {  # setting → value of its variable → its own value
    "title_from": {"document": "document", "name": "name"},
    "log": {"text": "text", "json": "json"},
    "log_queries": {"0": False, "1": True},
}
_HOST = re.compile(r"(?:[.]?\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, overridden by those `overrides` that are not None.

    Raises `UsageError` for an unknown name or an invalid value.
    """
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for name in ("corpus", "index", "synonyms", "replica", "query_log"):
        if value := env.get(f"PILCROW_{name.upper()}"):
            values[name] = Path(value)
    if value := env.get("PILCROW_LANGUAGE"):
        if not (value.isalpha() and len(value) == 2):
            raise UsageError(f"PILCROW_LANGUAGE: {value!r} is not a two-letter code such as en")
        values["language"] = value.lower()
    for name, choices in CHOICES.items():
        if value := env.get(f"PILCROW_{name.upper()}"):
            if value not in choices:
                known = " nor ".join(choices)
                raise UsageError(f"PILCROW_{name.upper()}: {value!r} is neither {known}")
            values[name] = choices[value]
    for name in ("trusted_hosts", "allowed_origins"):
        if value := env.get(f"PILCROW_{name.upper()}"):
            values[name] = tuple(item.strip() for item in value.split(",") if item.strip())
    if "PILCROW_TOKEN_FILE" in env:  # even if empty: a site meant to be locked must not be open
        values["token"] = read_token(Path(env["PILCROW_TOKEN_FILE"]))
    elif "PILCROW_TOKEN" in env:
        values["token"] = checked_token(env["PILCROW_TOKEN"], "PILCROW_TOKEN")
    if value := env.get("PILCROW_PROXIES"):
        if not (value.isascii() and value.isdigit() and len(value) < 3):
            raise UsageError(f"PILCROW_PROXIES: {value!r} is not a number of proxies such as 1")
        values["proxies"] = int(value)
    values["opensearch"] = _access(env)
    names = {f.name for f in fields(Settings)}
    for name, override in overrides.items():
        if name not in names:
            raise UsageError(f"unknown setting {name!r}; known are {', '.join(sorted(names))}")
        if override is not None:
            values[name] = override
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    for host in settings.trusted_hosts:
        if host != "*" and not _HOST.fullmatch(host):
            raise UsageError(f"{host!r} is no host name; write search.example.org or .example.org")
    return settings


def _access(env: Mapping[str, str]) -> ClusterAccess:
    """Credentials and layout of a cluster; the environment takes precedence over the file."""
    given: dict[str, str] = {}
    names = [f.name for f in fields(ClusterAccess)]
    if path := env.get("PILCROW_OPENSEARCH_FILE"):
        try:
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"PILCROW_OPENSEARCH_FILE: {path} can't be read") from None
        pairs = [line.partition("=") for line in lines if line.strip()[:1] not in ("", "#")]
        given = {name.strip(): value.strip() for name, _, value in pairs}
        if given.keys() - set(names):  # not quoted in the message: it may be a password
            raise UsageError(f"{path}: write lines NAME=VALUE; the names are {', '.join(names)}")
    given |= {n: value for n in names if (value := env.get(f"PILCROW_OPENSEARCH_{n.upper()}"))}
    for name, least in (("shards", 1), ("replicas", 0)):
        value = given.get(name, "1")
        if not (value.isascii() and value.isdigit() and least <= int(value) <= 1000):
            raise UsageError(
                f"PILCROW_OPENSEARCH_{name.upper()}: {value!r} is not a number such as 2"
            )
    return ClusterAccess(**given)


def read_token(path: Path) -> str:
    """Read a token from a file, without surrounding white space.

    Raises `UsageError` for a file that can't be read or holds no valid token.
    """
    text = read_file(path, "a file that holds the token").decode("utf-8", "replace")
    return checked_token(text.strip(), str(path))


def checked_token(token: str, origin: str) -> str:
    """Return the token. Raises `UsageError`, naming `origin`, if a header can't carry it."""
    if not token or not all("!" <= character <= "~" for character in token):
        raise UsageError(f"{origin}: a token is one or more ASCII letters, digits and signs")
    return token


def read_file(path: Path | None, wanted: str) -> bytes:
    """Bytes of a file; empty if `path` is None. Raises `UsageError` if it can't be read."""
    try:
        return read_whole(path) if path else b""
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: {reason}; name {wanted}") from error


def read_whole(path: Path) -> bytes:
    """Bytes of a file. `UsageError` for a device or pipe without end, such as /dev/zero."""
    with open(path, "rb") as stream:
        most = max(os.fstat(stream.fileno()).st_size, Settings().max_file_bytes)
        data = stream.read(most + 1)
    if len(data) > most:
        raise UsageError(f"{path}: more than {most:,} bytes; name a file that ends")
    return data
