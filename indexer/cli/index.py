"""`pilcrow index` and `pilcrow verify`: read articles and keep them ready to search; check that."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer import build_index, load_settings
from indexer.cli import options
from indexer.cli.output import progress_bar, warn, write, write_lines
from indexer.reporting.json import to_json
from indexer.reporting.results import report_lines

if TYPE_CHECKING:
    from indexer.ingest.build import IndexReport
from indexer import open_index
from indexer.cli.run import FINDINGS
from indexer.reporting.verification import verification_lines


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@options.index_option
@click.option("--rebuild", is_flag=True, help="Index everything again, changed or not.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def index(paths: tuple[Path, ...], index_dir: Path | None, rebuild: bool, as_json: bool) -> None:
    """Index the articles at each PATH.

    A PATH is a file or a folder, by default $PILCROW_CORPUS or corpus/. What has not changed since
    the last time is not indexed again; articles that are gone from a PATH are removed from the
    index. A file that can't be read is reported and skipped.

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


@click.command()
@options.format_option("text", "json")
@options.index_option
def verify(form: str, index_dir: Path | None) -> None:
    """Check the index for errors.

    Checks all checksums; that the passages of each stored article are slices of its text, in
    order, and hold every word of it once, with ids and anchors that fit; that every id ever issued
    leads to a passage or is known to be lost; and that the arrays which answer queries come out
    the same when all articles are inverted again. Nothing is changed.

    Not checked: whether files have changed since they were indexed, whether they were parsed
    well, and answers to queries.

    Exits with 1 if anything is wrong, and names the first failures. Arrays are made again from the
    stored articles when the folder `arrays` of the index is deleted; `pilcrow index --rebuild`
    reads all articles again and keeps the ledger.

    \b
    Examples:
      pilcrow verify
      pilcrow verify --format json
    """
    settings = load_settings(index=index_dir)
    with open_index(settings.index, settings=settings) as index, progress_bar() as progress:
        done = index.verify(progress)
    if form == "json":
        from indexer.reporting.schema import VerificationShape

        write(to_json(VerificationShape.from_result(done)) + "\n")
    else:
        write_lines(verification_lines(done))
    if not done.is_sound:
        raise click.exceptions.Exit(FINDINGS)
