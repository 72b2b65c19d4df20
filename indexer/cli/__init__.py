"""The command `pilcrow`: reads arguments, asks the library, prints the answer.

In: arguments and, through `Settings`, the environment. Out: text, JSON, CSV or HTML on standard
output; notes, warnings and errors on standard error. Exit 0 when all went well (no hits
included), 1 when a check found something, 2 for wrong usage or when nothing was usable; an error is
one line with a remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module, metadata

import click

from indexer.cli.running import run

__all__ = ["main"]

COMMANDS = {  # command → the module that holds it
    "index": "indexing",
    "outline": "outlining",
    "search": "searching",
    "concordance": "concordancing",
    "audit": "auditing",
    "collocates": "company",
    "clusters": "company",
    "keywords": "company",
    "duplicates": "describing",
    "readability": "describing",
    "links": "linking",
    "cite": "citing",
    "verify": "verifying",
    "serve": "serving",
}


class Commands(click.Group):
    """The commands, each imported when it is asked for: a search waits for no parser."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module = import_module(f"indexer.cli.{COMMANDS[cmd_name]}")
            self.add_command(getattr(module, cmd_name))
        return super().get_command(ctx, cmd_name)


def version() -> str:
    """The version that is installed."""
    try:
        return metadata.version("pilcrow-search")
    except metadata.PackageNotFoundError:  # run from its folder
        return "(not installed)"


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(version(), prog_name="pilcrow", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="Show where an unexpected error came from.")
@click.pass_context
def pilcrow(context: click.Context, traceback: bool) -> None:
    """Find passages, not pages.

    Pilcrow splits articles into passages, searches them by keyword, marks what matched and links
    to the very passage.

    \b
    Examples:
      pilcrow index corpus/             index all articles below corpus/
      pilcrow search tapering           passages with that word in any form
      pilcrow search '"dry mouth"'      passages with that phrase
      pilcrow concordance pain          every occurrence in its context
      pilcrow audit pain elavil         counts, forms, and where they are lacking
      pilcrow links                     what became of every link
      pilcrow verify                    check the index for errors
      pilcrow serve                     the same in a browser
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    raise SystemExit(run(pilcrow, arguments))
