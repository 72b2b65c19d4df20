"""The command `pilcrow`: reads arguments, asks the library, prints the answer.

In: arguments and, through `Settings`, the environment. Out: text, JSON, CSV or HTML on standard
output; notes, warnings and errors on standard error. Exit 0 when all went well (no hits
included), 1 when a check found something, 2 for wrong usage or when nothing was usable; an error is
one line with a remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from indexer.cli.run import run

__all__ = ["main"]

_MODULES = {  # command → the module that holds it, where that is not named as the command
    "verify": "index",
    "remove": "index",
    "clusters": "collocates",
    "keywords": "collocates",
    "duplicates": "audit",
    "readability": "audit",
}
COMMANDS = {  # command → what it does: the first sentence of its help
    "index": "Index the articles at each PATH.",
    "outline": "Show how each PATH is parsed and split.",
    "search": "Find the passages that match QUERY and mark what matched.",
    "concordance": "Show every occurrence of QUERY in its context.",
    "audit": "Count each TERM: how often, in which forms, where, and where it is missing.",
    "collocates": "Show the words that occur with QUERY more often than by chance.",
    "clusters": "Show recurring word sequences around QUERY, or anywhere (n-grams).",
    "keywords": "Show the words that are unusually frequent, or rare, in some articles.",
    "duplicates": "Show duplicate and near-duplicate passages and sentences.",
    "readability": "Show the length and readability of articles and their sections.",
    "links": "Check where links to passages lead now.",
    "cite": "Cite passages by their IDs or permalinks.",
    "remove": "Take articles out of the index.",
    "verify": "Check the index for errors.",
    "serve": "Update the index and serve it to browsers.",
}


class Commands(click.Group):
    """The commands, each imported when it is asked for: a search waits for no parser."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module = import_module(f"indexer.cli.{_MODULES.get(cmd_name, cmd_name)}")
            self.add_command(getattr(module, cmd_name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All commands, a line each, as click writes them; none is imported for it."""
        most = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=COMMANDS[name]).get_short_help_str(most))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Prints the version that is installed and leaves."""
    if not asked:
        return
    from importlib import metadata  # takes long to import

    try:
        version = metadata.version("pilcrow-search")
    except metadata.PackageNotFoundError:  # run from its folder
        version = "(not installed)"
    click.echo(f"pilcrow {version}")
    context.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
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
      pilcrow audit pain elavil         counts, forms, and where they are missing
      pilcrow links                     where every link leads now
      pilcrow verify                    check the index for errors
      pilcrow serve                     the same in a browser
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    raise SystemExit(run(pilcrow, arguments))
