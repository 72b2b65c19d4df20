"""`pilcrow verify`: the index proves its own promises."""

from __future__ import annotations

from pathlib import Path

import click

from indexer import UsageError, load_settings, open_index
from indexer.cli import options
from indexer.cli.printing import write, write_lines
from indexer.cli.progress import progress_bar
from indexer.cli.running import FINDINGS
from indexer.reporting.json import to_json
from indexer.reporting.proofs import verification_lines, verification_shape
from indexer.verifying.running import Plan


@click.command()
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Queries to prove answers with, one a line.  [default: made of the corpus's words]",
)
@click.option("--seed", default=0, show_default=True, metavar="N", help="Of all that is drawn.")
@click.option(
    "--count",
    type=click.IntRange(min=0),
    default=Plan().count,
    show_default=True,
    metavar="N",
    help="Make N queries.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=Plan().sample,
    show_default=True,
    metavar="N",
    help="Evaluate queries a second time on N passages.",
)
@options.format_option("text", "json")
@options.index_option
def verify(
    queries: Path | None, seed: int, count: int, sample: int, form: str, index_dir: Path | None
) -> None:
    """Prove that the index is what it promises.

    The arrays must equal the store, every passage must be the slice of its article that it says,
    and each query must have the answer that a second, plain evaluation gives: the same passages,
    marks, scores and counts. Exits with 1 if anything is wrong, and names the first failures.

    \b
    Examples:
      pilcrow verify
      pilcrow verify --queries yesterday.log --sample 2000
    """
    settings = load_settings(index=index_dir)
    plan = Plan(_read(queries) if queries else None, seed, count, sample)
    with open_index(settings.index, settings=settings) as index, progress_bar() as progress:
        done = index.verify(plan, progress)
    if form == "json":
        write(to_json(verification_shape(done)) + "\n")
    else:
        write_lines(verification_lines(done))
    if not done.proven:
        raise click.exceptions.Exit(FINDINGS)


def _read(path: Path) -> list[str]:
    """The lines of a log of queries. Raises `UsageError` if they can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8; save it as UTF-8") from None
