"""`pilcrow index`: read articles, split them and keep them ready to search."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer import build_index, load_settings
from indexer.cli import options
from indexer.cli.printing import warn, write, write_lines
from indexer.cli.progress import progress_bar
from indexer.reporting.json import to_json
from indexer.reporting.text import report_lines

if TYPE_CHECKING:
    from indexer.ingest.build import IndexReport


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@options.index_option
@click.option("--rebuild", is_flag=True, help="Read everything again, changed or not.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def index(paths: tuple[Path, ...], index_dir: Path | None, rebuild: bool, as_json: bool) -> None:
    """Index the articles at each PATH.

    A PATH is a file or a folder, by default $PILCROW_CORPUS or corpus/. What has not changed since
    the last time is left alone; articles that are gone from a PATH leave the index. A file that
    can't be read is reported and skipped.

    \b
    Examples:
      pilcrow index
      pilcrow index ~/articles exports/site.xml --index /srv/pilcrow
    """
    settings = load_settings(index=index_dir)
    report = update(paths or (settings.corpus,), settings.index, rebuild=rebuild)
    if as_json:
        from indexer.reporting.schema import IndexingShape

        write(to_json(IndexingShape.from_result(report)) + "\n")
    else:
        write_lines(report_lines(report, str(settings.index)))


def update(paths: tuple[Path, ...], index_dir: Path, *, rebuild: bool = False) -> IndexReport:
    """Bring the index up to date, with a progress bar on a terminal; warns of skipped files."""
    with progress_bar() as show:
        progress = partial(show, "indexing") if show else None
        report = build_index(
            paths, index_dir, rebuild=rebuild, settings=load_settings(), progress=progress
        )
    for problem in report.skipped:
        warn(str(problem))
    return report
