"""`pilcrow verify`: checks the index for errors."""

from __future__ import annotations

from pathlib import Path

import click

from indexer import load_settings, open_index
from indexer.cli import options
from indexer.cli.printing import write, write_lines
from indexer.cli.progress import progress_bar
from indexer.cli.running import FINDINGS
from indexer.reporting.json import to_json
from indexer.reporting.proofs import verification_lines


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
