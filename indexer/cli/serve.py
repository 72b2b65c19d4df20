"""`pilcrow serve`: updates the index and serves the site in several processes.

This process updates the index; the worker processes only read it.

With `--watch`, the corpus is checked every half second, and indexed again when a file is saved. A
change is indexed once two checks in a row see the same files, so that no file is read while it is
being written. A failure is reported once, as long as it stays the same, and watching goes on.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import click

from indexer import Settings, load_settings, open_index
from indexer.cli import options
from indexer.cli.index import at_low_priority, update
from indexer.cli.output import Target, note, warn
from indexer.cluster.opening import query_log_of, served_locally
from indexer.errors import IndexBusy, IndexMissing, PilcrowError, UsageError
from indexer.query_log import QueryLog
from indexer.settings import checked_token, read_token
from indexer.store.storage import load_roots

EVERY = 0.5  # seconds between checks
FileStates = frozenset[tuple[str, int, int]]


class Watch:
    """Calls a function whenever files at or below some paths change."""

    def __init__(self, paths: Iterable[Path], act: Callable[[], object]) -> None:
        self._paths, self._act = tuple(paths), act
        self._handled = self._seen = self._states()
        self._reported = ""

    def look(self, report: Callable[[str], None]) -> bool:
        """Checks once; acts on a change that two checks saw alike. Returns whether it acted."""
        before, self._seen = self._seen, self._states()
        if self._seen == self._handled or self._seen != before:
            return False
        self._handled = self._seen
        try:
            self._act()
            self._reported = ""
        except PilcrowError as error:
            if str(error) != self._reported:
                report(str(error))
            self._reported = str(error)
        return True

    def _states(self) -> FileStates:
        return frozenset().union(*map(file_states, self._paths))

    def run(self, report: Callable[[str], None]) -> None:
        """Checks repeatedly until the process ends."""
        with at_low_priority():
            while True:
                time.sleep(EVERY)
                self.look(report)


def file_states(path: Path) -> FileStates:
    """Paths, sizes and modification times (ns) of the files at or below a path, but hidden ones."""
    found: set[tuple[str, int, int]] = set()
    files = [str(path)] if path.is_file() else []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    for name in files:
        with suppress(OSError):  # gone since it was listed
            stat = os.stat(name)
            found.add((name, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)


@options.command()
@click.option(
    "--host", metavar="H", default="127.0.0.1", show_default=True, help="Address to serve on."
)
@click.option(
    "--port",
    metavar="P",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; 0: any free port.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Worker processes (Windows: always 1).  [default: one per core, at most 4]",
)
@click.option(
    "--corpus",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Articles to serve.  [default: $PILCROW_CORPUS, what was indexed, or corpus/]",
)
@click.option(
    "--trusted-host",
    "trusted_hosts",
    metavar="NAME",
    multiple=True,
    help="Also answer requests for this host name; may be repeated; '.example.org' includes its "
    "subdomains, '*' is any name.  "
    "[default: $PILCROW_TRUSTED_HOSTS (comma-separated), or only this machine's own names]",
)
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Require the token in this file: as the password in a browser, as a bearer token from a "
    "program.  "
    "[default: $PILCROW_TOKEN_FILE or $PILCROW_TOKEN]",
)
@click.option(
    "--token",
    metavar="TOKEN",
    help="Require this token. Other users of this machine can see it in the list of processes; "
    "use --token-file or $PILCROW_TOKEN to hide it.",
)
@click.option(
    "--allow-origin",
    "allowed_origins",
    metavar="ORIGIN",
    multiple=True,
    help="Let pages of this site (https://…, or '*' for any) read the API; may be repeated.  "
    "[default: $PILCROW_ALLOWED_ORIGINS (comma-separated) or none]",
)
@click.option(
    "--proxies",
    metavar="N",
    type=click.IntRange(0, 99),
    help="Number of reverse proxies whose X-Forwarded headers are trusted.  "
    "[default: $PILCROW_PROXIES or 0]",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    help="json: log each request to standard error, as one line of JSON.  "
    "[default: $PILCROW_LOG or text]",
)
@click.option(
    "--log-queries",
    is_flag=True,
    default=None,
    help="Include what was asked for in that log.  [default: $PILCROW_LOG_QUERIES or off]",
)
@click.option(
    "--metrics",
    metavar="[HOST:]PORT",
    help="Also serve /metrics on a port of its own, without token.  "
    "[default: none; default HOST: 127.0.0.1]",
)
@click.option(
    "--query-log",
    "logs_queries",
    is_flag=True,
    help="Record queries that find no passage, or none with all of their words, for 90 days and "
    "without addresses; /queries and `pilcrow queries` show them.  "
    "[file: $PILCROW_QUERY_LOG or INDEX-queries.sqlite]",
)
@click.option("--watch", is_flag=True, help="Index again whenever a file of the corpus is saved.")
@options.with_synonyms
@options.index
def serve(
    host: str,
    port: int,
    workers: int | None,
    watch: bool,
    logs_queries: bool,
    trusted_hosts: tuple[str, ...],
    allowed_origins: tuple[str, ...],
    token: str | None,
    token_file: Path | None,
    metrics: str | None,
    index_dir: Path | None,
    **parameters: Any,
) -> None:
    """Update the index and serve it to browsers.

    An index given with --index is served without an update, unless --corpus, $PILCROW_CORPUS or
    --watch is given too. The address is printed as soon as the site answers. Stop with Ctrl-C.

    \b
    Examples:
      pilcrow serve
      pilcrow serve --corpus ~/articles --port 8080
      pilcrow serve --watch
      pilcrow serve --index /srv/index --host 0.0.0.0
      pilcrow serve --proxies 1 --trusted-host search.example.org
      pilcrow serve --host 0.0.0.0 --token-file ~/pilcrow-token
    """
    import webapp  # here, because no other command needs the site

    settings = load_settings(
        index=index_dir,
        trusted_hosts=trusted_hosts or None,
        allowed_origins=allowed_origins or None,
        token=_token(token, token_file),
        **parameters,
    )
    if watch:
        served_locally(settings.index, "--watch")
    if parameters["log_queries"] and settings.log != "json":
        raise UsageError("--log-queries: give --log json too")
    query_log = query_log_of(settings) if logs_queries else None
    if query_log:
        QueryLog(query_log).check()
    is_named = parameters["corpus"] is not None or bool(os.environ.get("PILCROW_CORPUS"))
    corpus = (settings.corpus,) if is_named else None  # None: what was indexed before
    # Articles of a folder that is gone or empty are kept.
    update_index = partial(update, corpus, settings, may_empty=False)
    as_it_is = index_dir is not None and not corpus and not watch
    with _bound(host, port) as listener:
        if not (as_it_is and _is_there(settings)):
            _bring_up_to_date(update_index, settings)
        address = _address(host, listener.getsockname()[1])
        config = {
            "SETTINGS": settings,
            "QUERY_LOG": query_log,
            "QUERY_LOG_KEY": secrets.token_bytes(16),
            **_guarded(settings, host, address),
        }

        def ready() -> None:
            Target("text").write(f"{address}\n")
            sys.stdout.flush()
            if watch:
                roots = [] if corpus else map(Path, load_roots(settings.index)[0])
                watching = Watch([*roots] or [settings.corpus], update_index)
                Thread(target=watching.run, args=(warn,), daemon=True).start()

        with webapp.shared_by_processes():
            if metrics:
                _serve_metrics(metrics)
            webapp.serve(config, listener, workers or webapp.count_workers(), ready)


def _token(token: str | None, path: Path | None) -> str | None:
    """The token given on the command line; None if there is none."""
    if token is not None and path is not None:
        raise UsageError("--token and --token-file: give one of them")
    if path is not None:
        return read_token(path)
    return None if token is None else checked_token(token, "--token")


def _guarded(settings: Settings, host: str, address: str) -> dict[str, Any]:
    """Configuration of trusted hosts for `create_app`; prints a note if only IP addresses are."""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    by_address = not local and not settings.trusted_hosts
    if by_address:
        note("answering to IP addresses only; give the site its name with --trusted-host NAME")
    return {  # the printed address always works
        "TRUSTED_HOSTS": (*settings.trusted_hosts, urlsplit(address).netloc),
        "ANY_ADDRESS": by_address,
    }


def _serve_metrics(where: str) -> None:
    """Serves `/metrics` at [HOST:]PORT."""
    import webapp

    host, _, port = where.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise UsageError(f"--metrics {where}: not a port; write PORT or HOST:PORT, such as 9100")
    try:
        webapp.serve_metrics(host.strip("[]") or "127.0.0.1", int(port))
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise UsageError(f"--metrics {where}: {cause}; choose another") from None


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket, opened before the index is updated, so that browsers can already wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = "another program uses that port; choose another with --port"
        else:
            cause = (error.strerror or str(error)).split(" (while")[0].lower()
            reason = f"{cause}; choose with --host and --port"
        raise UsageError(f"can't serve on {host}:{port}: {reason}") from None


def _is_there(settings: Settings) -> bool:
    """Whether an index exists; raises `IndexDamaged` if it can't be used."""
    try:
        open_index(settings.index, settings=settings).close()
    except IndexMissing:
        return False
    return True


def _bring_up_to_date(update_index: Callable[[], object], settings: Settings) -> None:
    """Updates the index; if that fails, warns and serves the index as it is."""
    try:
        update_index()
    except PilcrowError as error:
        try:
            is_there = _is_there(settings)
        except PilcrowError:
            raise error from None
        if not is_there and not isinstance(error, IndexBusy):
            raise
        served = "serving the index as it is" if is_there else "until then, the site answers 503"
        warn(f"{error}; {served}")


def _address(host: str, port: int) -> str:
    """Address of the server for a browser on this machine."""
    every = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104 # not bound here
    name = every.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
