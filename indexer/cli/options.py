"""Options that several commands share, and queries that begin with a dash.

In: what was typed. Out: checked values, each option described in one place. Refuses unknown
options and values with click's `UsageError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, get_args
from urllib.parse import urlsplit

import click

from indexer.model import Kind, Match

Command = TypeVar("Command", bound=Callable[..., Any])

KINDS = tuple(kind for kind in get_args(Kind) if kind not in ("title", "heading"))
SORT_KEYS = (
    *(f"{side}{place}" for side in ("left", "right") for place in (1, 2, 3)),
    "node",
    "article",
    "position",
)
NO_SHORT_HELP = {"help_option_names": ["--help"]}  # `-h` is a query: all that lacks an h


class QueryCommand(click.Command):
    """A command whose words may begin with a dash: `pilcrow search pain -chronic --limit 3`.

    A word with one dash belongs to the query; options have two. After `--`, all is the query.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Sorts options before the words, which is how click is told that they are words."""
        options: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for given in rest:
            if given == "--":
                words += rest
            elif given.startswith("--"):
                options += [given, *self._value(ctx, given, rest)]
            else:
                words.append(given)
        return super().parse_args(ctx, [*options, "--", *words])

    def _value(self, ctx: click.Context, given: str, rest: Iterator[str]) -> list[str]:
        """The value that follows the option `given`, unless it takes none or holds it."""
        for parameter in self.get_params(ctx):
            if given in parameter.opts and isinstance(parameter, click.Option):
                return [] if parameter.is_flag else list(islice(rest, 1))
        return []


def query_argument(command: Command) -> Command:
    """QUERY; several words need no quotes around them all."""
    return click.argument("query", nargs=-1, required=True, callback=_joined)(command)


def match_option(command: Command) -> Command:
    """--match."""
    return click.option(
        "--match",
        type=click.Choice(get_args(Match)),
        default="stem",
        show_default=True,
        help="Match any form of a word, the word as written, or its exact case.",
    )(command)


def page_options(default: int | None) -> Callable[[Command], Command]:
    """--limit, of which `default` None means all, and --offset."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--offset",
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            metavar="N",
            help="Skip the first N.",
        )(command)
        return click.option(
            "--limit",
            type=click.IntRange(min=0),
            default=default,
            show_default=True if default else "all",
            metavar="N",
            help="Show at most N.",
        )(command)

    return decorate


def format_option(*formats: str) -> Callable[[Command], Command]:
    """--format, the first of `formats` by default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )


def output_option(command: Command) -> Command:
    """--output."""
    return click.option(
        "--output",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        metavar="FILE",
        help="Write to FILE instead of standard output.",
    )(command)


def index_option(command: Command) -> Command:
    """--index."""
    return click.option(
        "--index",
        "index_dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the index.  [default: $PILCROW_INDEX or .pilcrow]",
    )(command)


def site_option(command: Command) -> Command:
    """--site."""
    return click.option(
        "--site",
        default="",
        callback=_address,
        metavar="URL",
        help="Address of the site, for permalinks in the output.",
    )(command)


def synonym_options(command: Command) -> Command:
    """--synonyms and --synonyms-in-phrases."""
    command = click.option(
        "--synonyms-in-phrases",
        is_flag=True,
        default=None,
        help="Expand synonyms within quotes too.",
    )(command)
    return click.option(
        "--synonyms",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Synonyms, one set per line: `elavil, amitriptyline` or `mi => heart attack`.",
    )(command)


def sort_keys(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """`left1,node` as a tuple of known keys."""
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    for key in keys:
        if key not in SORT_KEYS:
            raise click.BadParameter(f"{key!r} is not one of {', '.join(SORT_KEYS)}")
    return keys


def _address(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """An address of a site, without a slash at its end."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise click.BadParameter(f"{value!r} is not an address such as https://example.org")
    return value.rstrip("/")


def _joined(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> str:
    return " ".join(value)
