"""`pilcrow outline`: shows how files are parsed and split into passages, without an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.text import Text

from indexer import Settings, load_settings
from indexer.cli import options
from indexer.cli.output import Target, warn
from indexer.errors import SourceError, UsageError
from indexer.model import Article, Passage
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.reporting.formats import to_json
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

    A PATH is a file or a folder; nothing is indexed. Ids are those that `pilcrow index PATH` would
    give. json holds a single article, jsonl any number, one object per line.

    \b
    Examples:
      pilcrow outline corpus/elavil-for-chronic-pain.txt
      pilcrow outline corpus/ --format jsonl
    """
    problems: list[SourceError] = []
    found = _outlines(paths, load_settings(encoding=encoding), problems)
    if target.format == "text":
        target.write_lines(_lines(found, target.width))
    else:
        target.write_parts(_documents(found, single=target.format == "json"))
    for line in gathered(problems):
        warn(line)


Outlines = Iterator[tuple[str, Article, tuple[Passage, ...]]]


def _lines(found: Outlines, width: int | None) -> Iterator[Text]:
    """Each article as text for people."""
    for number, (_, article, passages) in enumerate(found):
        if number:
            yield Text()
        yield from outline_lines(article, passages, width)


def _documents(found: Outlines, *, single: bool) -> Iterator[str]:
    """Each article as JSON. `UsageError` for a second article if `single`."""
    from indexer.reporting.schema import OutlineShape

    for outline in found:
        if single and (second := next(found, None)):
            raise UsageError(
                f"{second[0]}: a second article, and json holds only one; use --format jsonl"
            )
        yield to_json(OutlineShape.of(*outline), lines=not single) + "\n"


def _outlines(paths: tuple[Path, ...], settings: Settings, problems: list[SourceError]) -> Outlines:
    """Path, article and passages of each article at or below `paths`.

    Problems with files are added to `problems`; the last one is raised if there is no article.
    """
    is_empty = True
    for source in sources(paths, settings):
        try:
            if isinstance(source, SourceError):
                raise source
            parsed = parse(source, settings)
        except SourceError as error:
            problems.append(error)
            continue
        problems += (*parsed.problems, *parsed.warnings)
        is_empty = is_empty and not parsed.articles
        for article in parsed.articles:
            yield source.path, article, split(article, settings)
    if is_empty:
        for line in gathered(problems[:-1]):
            warn(line)
        nothing = UsageError("no article found; name files or folders with articles")
        raise problems[-1] if problems else nothing
