"""`pilcrow outline`: what parsing and splitting make of a file, without an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from indexer import Settings, load_settings
from indexer.cli import options
from indexer.cli.output import Target, warn
from indexer.errors import SourceError, UsageError
from indexer.model import Article, Passage
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.reporting.json import to_json
from indexer.reporting.results import gathered, outline_lines
from indexer.sources.files import sources


@options.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@options.encoding
@options.target("text", "json", "jsonl")
def outline(paths: tuple[Path, ...], encoding: str | None, target: Target) -> None:
    """Show how each PATH is parsed and split.

    A PATH is a file or a folder; nothing is indexed. json holds a single article, jsonl any
    number, one object per line.

    \b
    Examples:
      pilcrow outline corpus/elavil-for-chronic-pain.txt
      pilcrow outline corpus/ --format jsonl
    """
    problems: list[SourceError] = []
    number, form = 0, target.form
    for_file: list[str] = []  # what goes to a file, which is written whole
    write = for_file.append if target.output else target.write
    for path, article, passages in _outlines(paths, load_settings(encoding=encoding), problems):
        number += 1
        if form == "text":
            write("\n" if number > 1 else "")
            lines = outline_lines(article, passages, target.width)
            if target.output:
                write("".join(f"{line.plain}\n" for line in lines))
            else:
                target.write_lines(lines)
            continue
        from indexer.reporting.schema import OutlineShape

        made = to_json(OutlineShape.of(path, article, passages), lines=form == "jsonl") + "\n"
        if form == "jsonl":
            write(made)
        elif number == 1:
            single = made
        else:
            raise UsageError(
                f"{path}: a second article, and json holds only one; use --format jsonl"
            )
    if number and form == "json":
        write(single)
    if number and target.output:
        target.write("".join(for_file))
    for line in gathered(problems if number else problems[:-1]):
        warn(line)
    if not number:
        nothing = UsageError("no article found; name files or folders that hold some")
        raise problems[-1] if problems else nothing


def _outlines(
    paths: tuple[Path, ...], settings: Settings, problems: list[SourceError]
) -> Iterator[tuple[str, Article, tuple[Passage, ...]]]:
    """The file of each article at or below `paths`, the article and its passages.

    What is wrong with files goes to `problems`.
    """
    for source in sources(paths, settings):
        try:
            if isinstance(source, SourceError):
                raise source
            parsed = parse(source, settings)
        except SourceError as error:
            problems.append(error)
            continue
        problems += (*parsed.problems, *parsed.warnings)
        for article in parsed.articles:
            yield source.path, article, split(article, settings)
