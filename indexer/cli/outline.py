"""`pilcrow outline`: what parsing and splitting make of a file, without an index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from indexer import Settings, load_settings
from indexer.cli import options
from indexer.cli.output import Target, warn, width, write, write_lines
from indexer.errors import SourceError, UsageError
from indexer.model import Article, Passage
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.reporting.json import to_json
from indexer.reporting.results import outline_lines
from indexer.sources.files import sources


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@options.target("text", "json", "jsonl", output=False)
def outline(paths: tuple[Path, ...], target: Target) -> None:
    """Show how each PATH is parsed and split.

    A PATH is a file or a folder; nothing is indexed. JSON is for a single article; jsonl has one
    object per line, for any number.

    \b
    Examples:
      pilcrow outline corpus/elavil-for-chronic-pain.txt
      pilcrow outline corpus/ --format jsonl
    """
    problems: list[SourceError] = []
    outlines = _outlines(paths, load_settings(), problems)
    if target.form == "json":
        _write_one(outlines, problems)
    else:
        _write_all(outlines, problems, target.form)


@dataclass(frozen=True, slots=True)
class _Outline:
    """An article with its passages and the path of its file."""

    path: str
    article: Article
    passages: tuple[Passage, ...]

    def as_json(self, *, lines: bool = False) -> str:
        from indexer.reporting.schema import OutlineShape

        shape = OutlineShape.of(self.path, self.article, self.passages)
        return to_json(shape, lines=lines) + "\n"


def _outlines(
    paths: tuple[Path, ...], settings: Settings, problems: list[SourceError]
) -> Iterator[_Outline]:
    """Every article at or below `paths`; what is wrong with files goes to `problems`."""
    for source in sources(paths, settings):
        if isinstance(source, SourceError):
            problems.append(source)
            continue
        try:
            parsed = parse(source, settings)
        except SourceError as error:
            problems.append(error)
            continue
        problems += parsed.problems
        for article in parsed.articles:
            yield _Outline(source.path, article, split(article, settings))


def _write_one(outlines: Iterator[_Outline], problems: list[SourceError]) -> None:
    """One article as JSON; `UsageError` when there is another one."""
    first, second = next(outlines, None), next(outlines, None)
    if first is None:
        raise _nothing(problems)
    if second is not None:
        raise UsageError(f"{second.path}: a second article, and JSON holds one; use --format jsonl")
    write(first.as_json())
    _warn(problems)


def _write_all(outlines: Iterator[_Outline], problems: list[SourceError], form: str) -> None:
    """Articles one after the other, each as soon as it is parsed."""
    number = 0
    for number, found in enumerate(outlines, 1):
        if form == "jsonl":
            write(found.as_json(lines=True))
        else:
            write("\n" if number > 1 else "")
            write_lines(outline_lines(found.article, found.passages, width()))
    if not number:
        raise _nothing(problems)
    _warn(problems)


def _nothing(problems: list[SourceError]) -> Exception:
    """Why there is no article at all: the first problem, after a warning for each other one."""
    if not problems:
        return UsageError("no article there; name files or folders that hold some")
    _warn(problems[:-1])
    return problems[-1]


def _warn(problems: list[SourceError]) -> None:
    for problem in problems:
        warn(str(problem))
