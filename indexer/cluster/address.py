"""Addresses of indexes in a cluster: `opensearch://HOST[:PORT][,HOST…]/NAME`.

In: an address given in place of a folder. Out: hosts, name, and whether to use HTTPS, with verified
certificates (`opensearch+https://`). Refuses (`UsageError`) anything else, and an address with a
user or password, without repeating it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from indexer.errors import UsageError

AnyPath = str | os.PathLike[str]
_ADDRESS = re.compile(r"opensearch(?P<tls>\+https)?:/{1,2}(?P<hosts>[^/]*)/(?P<name>.*)")
_SCHEME = re.compile(r"opensearch(\+\w+)?:")
_HOST = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:(?P<port>\d{1,5}))?")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_EXAMPLE = "opensearch://localhost:9200/pilcrow"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index in a cluster is."""

    hosts: tuple[tuple[str, int], ...]
    name: str
    tls: bool

    def __str__(self) -> str:
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"opensearch{'+https' * self.tls}://{hosts}/{self.name}"


def is_address(path: AnyPath) -> bool:
    """Whether a path names an index in a cluster rather than a folder."""
    return bool(_SCHEME.match(str(path)))


def parse_address(path: AnyPath) -> Address:
    """Parses an address. Raises `UsageError` as described above."""
    text = str(path)
    if "@" in text:
        raise UsageError(
            "an opensearch:// address must hold no user or password: set "
            "PILCROW_OPENSEARCH_USER and PILCROW_OPENSEARCH_PASSWORD"
        )
    found = _ADDRESS.fullmatch(text)
    hosts = [_HOST.fullmatch(host) for host in found["hosts"].split(",")] if found else []
    if not found or not all(hosts) or not _NAME.fullmatch(found["name"].rstrip("/")):
        raise UsageError(
            f"{text!r} is no address such as {_EXAMPLE}; a name has small letters, digits, _ and -"
        )
    places = tuple((h["host"].strip("[]"), int(h["port"] or 9200)) for h in hosts if h)
    return Address(places, found["name"].rstrip("/"), bool(found["tls"]))


def shown_path(path: AnyPath) -> str:
    """A path or address for display (a `Path` turns the two slashes of an address into one)."""
    return str(parse_address(path)) if is_address(path) else str(path)
