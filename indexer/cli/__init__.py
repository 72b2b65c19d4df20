"""The command `pilcrow`: reads arguments, asks the library, prints the answer.

In: arguments and, through `Settings`, the environment. Out: text, JSON, CSV or HTML on standard
output; notes, warnings and errors on standard error. Exit 0 when all went well (no hits
included), 1 when a check found something, 2 for wrong usage or when nothing was usable; an error is
one line with a remedy.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

import click

from indexer.cli.options import HELP, Command
from indexer.cli.output import Target
from indexer.cli.run import run
from indexer.reporting.wording import installed_version

__all__ = ["main"]

_COMPLETE = "_PILCROW_COMPLETE"  # environment variable with which a shell requests completions

_MODULES = {  # module → commands in it that have another name
    "index": ("remove", "backup", "restore", "verify"),
    "listings": ("concordance", "collocates", "clusters", "keywords", "words", "queries"),
    "audit": ("duplicates", "readability"),
}
COMMANDS = {  # command → first sentence of its help
    "index": "Index the articles at each PATH.",
    "outline": "Show how each PATH is parsed and split.",
    "search": "Find the passages that match QUERY and mark what matched.",
    "concordance": "Show every occurrence of QUERY in its context.",
    "audit": "Count each TERM: how often, in which forms, where, and where it is missing.",
    "collocates": "Show the words that occur with QUERY more often than by chance.",
    "clusters": "Show recurring word sequences (n-grams) around QUERY, or all of them.",
    "keywords": "Show the words that are unusually frequent, or rare, in some articles.",
    "words": "Show how often each word occurs.",
    "queries": "Show the queries that found nothing, or only part of what was asked.",
    "duplicates": "Show duplicate and near-duplicate passages and sentences.",
    "readability": "Show the length and readability of articles and their sections.",
    "eval": "Measure the ranking of articles with relevance judgements.",
    "links": "Check where links to passages lead now.",
    "cite": "Cite passages by their IDs or permalinks.",
    "remove": "Take articles out of the index.",
    "backup": "Back up the index to FILE.",
    "restore": "Restore the index from a backup.",
    "verify": "Check the index for errors.",
    "serve": "Update the index and serve it to browsers.",
    "completion": "Print a shell completion script.",
}


class Commands(click.Group):
    """The commands, each imported when it is needed: a search doesn't import the parsers."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            home = next((name for name, held in _MODULES.items() if cmd_name in held), cmd_name)
            self.add_command(getattr(import_module(f"indexer.cli.{home}"), cmd_name))
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The named command; the `click.UsageError` for an unknown one suggests a similar name."""
        if args[0] not in COMMANDS and not ctx.resilient_parsing and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = "".join(get_close_matches(args[0].lower(), COMMANDS, 1))
            meant = f" (did you mean {near}?)" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All commands with their first sentences, uncut; none is imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Prints the installed version and exits."""
    if asked:
        click.echo(f"pilcrow {installed_version()}")
        context.exit()


@click.group(cls=Commands, context_settings=HELP, invoke_without_command=True)
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


@pilcrow.command(cls=Command, context_settings=HELP)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print a shell completion script.

    With it, the Tab key completes commands, options and their values.

    \b
    Examples:
      pilcrow completion bash > ~/.local/share/bash-completion/completions/pilcrow
      pilcrow completion zsh > ~/.zfunc/_pilcrow
      pilcrow completion fish > ~/.config/fish/completions/pilcrow.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    Target("text").write(made(pilcrow, {}, "pilcrow", _COMPLETE).source(), "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    if instruction := os.environ.get(_COMPLETE):  # set by the script of `pilcrow completion`
        from click.shell_completion import shell_complete

        raise SystemExit(shell_complete(pilcrow, {}, "pilcrow", _COMPLETE, instruction))
    raise SystemExit(run(pilcrow, arguments))
