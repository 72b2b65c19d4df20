"""`pilcrow serve`: the site, on waitress, over an index that is up to date."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import click
from waitress import create_server

from indexer import PilcrowError, Settings, load_settings, open_index
from indexer.cli import options
from indexer.cli.indexing import update
from indexer.cli.printing import warn, write
from indexer.errors import UsageError

THREADS = 8  # answers at a time


@click.command()
@click.option(
    "--host", metavar="H", default="127.0.0.1", show_default=True, help="Address to serve on."
)
@click.option(
    "--port",
    metavar="P",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; 0 takes a free one.",
)
@click.option(
    "--corpus",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Articles to serve.  [default: those of the index, else $PILCROW_CORPUS or corpus/]",
)
@options.index_option
def serve(host: str, port: int, corpus: Path | None, index_dir: Path | None) -> None:
    """Bring the index up to date and serve it to browsers.

    \b
    Examples:
      pilcrow serve
      pilcrow serve --corpus ~/articles --port 8080
    """
    from webapp import create_app  # here, for no other command needs the site

    settings = load_settings(corpus=corpus, index=index_dir)
    app = create_app({"INDEX": settings.index, "SETTINGS": settings})
    server = _bound(app, host, port)
    _bring_up_to_date(settings)
    write(f"{_address(server, host)}\n")
    click.get_text_stream("stdout").flush()
    server.run()


def _bound(app: Any, host: str, port: int) -> Any:
    """A server that has its port, so that a taken one is reported before any work is done."""
    try:
        return create_server(app, host=host, port=port, threads=THREADS, ident="pilcrow")
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            reason = "another program is using that port; choose one with --port"
        else:
            reason = f"{getattr(error, 'strerror', None) or error}; choose with --host and --port"
        raise UsageError(f"can't serve on {host}:{port}: {reason}") from None


def _bring_up_to_date(settings: Settings) -> None:
    """Indexes what has changed; an index that can't be updated is served as it is."""
    try:
        update((settings.corpus,), settings.index)
    except PilcrowError as error:
        try:
            open_index(settings.index).close()
        except PilcrowError:
            raise error from None
        warn(f"{error}; serving the index as it is")


def _address(server: Any, host: str) -> str:
    """Where a browser on this machine finds the server."""
    sockets = getattr(server, "effective_listen", None)  # several for a name such as localhost
    port = sockets[0][1] if sockets else server.effective_port
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
