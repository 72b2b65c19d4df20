"""`pilcrow index`, `remove`, `backup`, `restore` and `verify`: index articles, remove some, back up
the index to one file, restore it, check it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indexer import Settings, build_index, load_settings, open_index
from indexer.cli import options
from indexer.cli.output import Target, progress_bar, warn
from indexer.cli.run import FINDINGS
from indexer.cluster.address import shown_path
from indexer.cluster.opening import served_locally
from indexer.reporting import results
from indexer.reporting.wording import count_of

if TYPE_CHECKING:
    from indexer import Index
    from indexer.backup import BackupReport
    from indexer.ingest.build import IndexReport

FILE = click.Path(dir_okay=False, path_type=Path)
NICENESS = 5  # of the process that updates the index


@options.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@options.index
@click.option("--rebuild", is_flag=True, help="Index everything again, changed or not.")
@click.option(
    "--semantic",
    is_flag=True,
    help="Also make embedding vectors, for related passages; later runs keep them up to date.",
)
@click.option(
    "--shard",
    metavar="N/OF",
    default="",
    help="Index part N of OF parts of the articles, into a new generation of an index in a "
    "cluster.",
)
@click.option("--finish", is_flag=True, help="Publish the generation that all shards have written.")
@options.follow_links
@options.encoding
@click.option(
    "--title-from",
    type=click.Choice(("document", "name")),
    help="Take titles from the document, or from the file's name.  "
    "[default: $PILCROW_TITLE_FROM or document]",
)
@options.target("text", "json")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def index(
    paths: tuple[Path, ...],
    index_dir: Path | None,
    rebuild: bool,
    semantic: bool,
    shard: str,
    finish: bool,
    target: Target,
    as_json: bool,
    **parameters: Any,
) -> None:
    """Index the articles at each PATH.

    A PATH is a file or a folder. Without one, the paths that were indexed before are updated or, if
    there are none, $PILCROW_CORPUS or corpus/ is indexed. Files that have not changed are not
    indexed again; articles that are gone from a PATH are removed from the index. If a PATH itself
    is gone or empty, its articles are removed only when it is named; otherwise they are kept, and
    the command exits with 1, because a disk may not be mounted. A file that can't be read is
    reported and skipped.

    A file `titles.csv` in a PATH (column path, and any of title, encoding and language) supplies
    what articles lack. --encoding is remembered with each PATH until another, or auto, is given.

    \b
    Examples:
      pilcrow index
      pilcrow index ~/articles exports/site.xml --index /srv/pilcrow
      pilcrow index texts/ --index opensearch://localhost:9200/name --shard 3/16
      pilcrow index --index opensearch://localhost:9200/articles --finish
    """
    settings = load_settings(index=index_dir, **parameters)
    if semantic:
        served_locally(settings.index, "--semantic")
    with at_low_priority() if Path(settings.index).exists() else nullcontext():
        report = update(paths or None, settings, rebuild=rebuild, shard=shard, finish=finish)
    if semantic:
        follow_vectors(settings, make=True)
    target = replace(target, format="json") if as_json else target
    lines = partial(results.report_lines, index=shown_path(settings.index))
    target.write_answer(report, "IndexingShape", lines)
    if report.kept or report.losses:
        raise click.exceptions.Exit(FINDINGS)


@contextmanager
def at_low_priority() -> Iterator[None]:
    """Lowers the priority of this thread and of the processes it starts, so that readers of the
    index are not slowed down by its update; only on Linux."""
    if sys.platform != "linux":  # elsewhere, the whole process would be affected
        yield
        return
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, before))
    try:
        yield
    finally:
        with suppress(OSError):  # most users may not raise a priority
            os.setpriority(os.PRIO_PROCESS, 0, before)


def update(paths: tuple[Path, ...] | None, settings: Settings, **more: Any) -> IndexReport:
    """Updates the index, with a progress bar on a terminal, and warns of skipped files. `more` are
    further arguments of `build_index`."""
    with progress_bar() as show:
        progress = partial(show, "indexing") if show else None
        report = build_index(paths, settings.index, settings=settings, progress=progress, **more)
    for line in results.gathered((*report.skipped, *report.warnings)):
        warn(line)
    for loss in report.losses:
        warn(loss)
    for path, number in report.kept.items():
        articles = count_of(number, "article")
        warn(f"{path} is gone or empty; {articles} kept (to remove: pilcrow index {path})")
    follow_vectors(settings)
    return report


def follow_vectors(settings: Settings, *, make: bool = False) -> None:
    """Updates the embedding vectors of an index if it has some, or makes them if `make`."""
    from indexer import semantic

    if not make and not semantic.has_vectors(settings.index):
        return
    if not make and not semantic.is_installed():
        warn(f"embedding vectors not updated: {semantic.MISSING}")
        return
    with progress_bar() as show, open_index(settings.index, settings=settings) as opened:
        opened.update_vectors(partial(show, "vectors") if show else None)


@options.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH|ARTICLE...")
@options.target("text", "json")
@options.index
def remove(targets: tuple[str, ...], target: Target, index_dir: Path | None) -> None:
    """Take articles out of the index.

    Name each by its id, or by the file or folder that it comes from. Links to its passages are
    lost from then on. A folder named here is no longer indexed by `pilcrow index` without a PATH.

    \b
    Examples:
      pilcrow remove elavil-for-chronic-pain
      pilcrow remove ~/articles/old
    """
    from indexer.cluster.opening import remove as take_out

    settings = load_settings(index=index_dir)
    done = take_out(targets, settings.index, settings)
    lines = partial(results.removal_lines, index=shown_path(settings.index))
    target.write_answer(done, "RemovalShape", lines)


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
    _show_backup(write_backup(settings.index, file), str(file), str(settings.index), target)


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
    _show_backup(done, str(settings.index), "the index that was there", target)


def _show_backup(done: BackupReport, here: str, there: str, target: Target) -> None:
    """Writes the report on a backup or restored index; exits with 1 if ids are missing."""
    target.write_answer(done, "BackupShape", partial(results.backup_lines, here=here, there=there))
    if done.ids_only_there or done.is_unread:
        raise click.exceptions.Exit(FINDINGS)


@options.command()
@options.target("text", "json")
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
    target.write_answer(done, "VerificationShape", results.verification_lines)
    if not done.is_sound:
        raise click.exceptions.Exit(FINDINGS)
