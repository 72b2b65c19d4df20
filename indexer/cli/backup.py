"""`pilcrow backup` and `restore`: the index as one file, and back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer import load_settings
from indexer.cli import options
from indexer.cli.output import Target
from indexer.cli.run import FINDINGS
from indexer.cluster.opening import served_locally
from indexer.reporting.results import kept_lines

if TYPE_CHECKING:
    from indexer.backup import Kept

FILE = click.Path(dir_okay=False, path_type=Path)


@options.command()
@click.argument("file", type=FILE)
@options.target("text", "json")
@options.index
def backup(file: Path, target: Target, index_dir: Path | None) -> None:
    """Back up the index to FILE.

    The backup holds one complete commit, even while `pilcrow index` runs: the articles, and every
    id ever issued with its history. It is read back and checked before it is put in place. If FILE
    is an older backup with ids that the index does not have, they are listed, the older backup is
    kept under another name, and the command exits with 1.

    \b
    Examples:
      pilcrow backup /backups/pilcrow
      pilcrow backup monday.pilcrow --index /srv/pilcrow
    """
    from indexer.backup import backup as write_backup

    settings = load_settings(index=index_dir)
    served_locally(settings.index, "backup")
    _tell(write_backup(settings.index, file), str(file), str(settings.index), target)


@options.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Replace an existing index, which is renamed.")
@options.target("text", "json")
@options.index
def restore(file: Path, replace: bool, target: Target, index_dir: Path | None) -> None:
    """Restore the index from a backup.

    Both the backup and the restored index are checked. With --replace, an existing index is
    renamed; ids that only it has are listed, and if there are any, the command exits with 1. A
    running site switches to the restored index by itself.

    \b
    Examples:
      pilcrow restore /backups/pilcrow
      pilcrow restore monday.pilcrow --replace --index /srv/pilcrow
    """
    from indexer.backup import restore as make_index

    settings = load_settings(index=index_dir)
    served_locally(settings.index, "restore")
    done = make_index(file, settings.index, replace=replace)
    _tell(done, str(settings.index), "the index that was there", target)


def _tell(done: Kept, here: str, there: str, target: Target) -> None:
    """What was kept, and what one has and the other not."""
    target.write_answer(done, "KeptShape", partial(kept_lines, here=here, there=there))
    if done.ids_only_there or done.is_unread:
        raise click.exceptions.Exit(FINDINGS)
