"""`pilcrow index` and `pilcrow verify`: read articles and keep them ready to search; check that."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer import Index, build_index, load_settings
from indexer.cli import options
from indexer.cli.output import Target, progress_bar, warn
from indexer.cli.run import FINDINGS
from indexer.reporting.results import report_lines, verification_lines

if TYPE_CHECKING:
    from indexer.ingest.build import IndexReport


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@options.index
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
    target = Target("json" if as_json else "text")
    if as_json:
        from indexer.reporting.schema import IndexingShape

        target.write_json(IndexingShape.from_result(report))
    else:
        target.write_lines(report_lines(report, str(settings.index)))


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
@options.target("text", "json", output=False)
@options.with_index
def verify(index: Index, target: Target) -> None:
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
    with progress_bar() as progress:
        done = index.verify(progress)
    if target.form == "json":
        from indexer.reporting.schema import VerificationShape

        target.write_json(VerificationShape.from_result(done))
    else:
        target.write_lines(verification_lines(done))
    if not done.is_sound:
        raise click.exceptions.Exit(FINDINGS)
