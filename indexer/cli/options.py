"""Options shared by commands, words that begin with a dash, and opening the index.

In: arguments. Out: checked values, with each option described in one place; the open index, and
the target of the answer. Refuses unknown options and values (click's `UsageError`), and an output
file whose suffix contradicts the format (`UsageError`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial, wraps
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from indexer.cli.output import Target
from indexer.errors import UsageError
from indexer.reporting.formats import FORMATS
from indexer.reporting.questions import Parameter, Question, declared_in

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

# Names of options that differ from those of their parameters, and metavars.
NAMES = {
    "article": ("--article", "articles"),
    "at": ("--at", "node"),
    "outliers": ("-n", "--limit", "outliers"),
    "heading": ("--section", "section"),
    "limit": ("-n", "--limit"),
    "section": ("--section-path", "section_path"),
}
METAVARS = {
    "against": "DIR",
    "article": "ID",
    "cutoff": "Z",
    "heading": "TEXT",
    "only": "STATUSES",
    "section": "PATH",
    "threshold": "SHARE",
}
HELP = {"help_option_names": ["-h", "--help"]}
_SHORT = re.compile(r"-[hno]|-n[0-9]+")  # short options: -h, -n 3, -n3, -o FILE and no others
# Suffixes of other programs' files, which no format here is written to.
FOREIGN = frozenset({".xls", ".ods", ".tsv", ".pdf", ".doc", ".docx", ".odt", ".xml", ".yaml"})


class Command(click.Command):
    """A command whose short options are separate words (`-n 3`, `-o FILE`, `-h`) or `-n3`. Any
    other word with one dash is refused. After `--`, no word is an option."""

    takes_dashes = False  # whether a word may begin with a dash

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Moves the options before `--` and the words after it, and lets click parse these."""
        options: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for given in rest:
            if given == "--":
                words += rest
            elif given.startswith("--") or _SHORT.fullmatch(given):
                options += self._option(ctx, given, rest)
            elif given.startswith("-") and given != "-" and not self.takes_dashes:
                raise self._unknown(ctx, given)
            else:
                words.append(given)
        return super().parse_args(ctx, [*options, "--", *words])

    def _option(self, ctx: click.Context, given: str, rest: Iterator[str]) -> list[str]:
        """An option with its value, which is in the same word or the next, if it takes one."""
        name, *values = [given[:2], given[2:]] if re.match("-n[0-9]", given) else [given]
        name, equals, _ = name.partition("=")
        for parameter in self.get_params(ctx):
            if name in parameter.opts and isinstance(parameter, click.Option):
                if parameter.is_flag or equals:
                    return [given]
                values = values or list(islice(rest, 1))
                if not values and not ctx.resilient_parsing:
                    raise click.BadOptionUsage(name, f"Option {name!r} requires an argument", ctx)
                return [name, *values]
        raise self._unknown(ctx, name)

    def _unknown(self, ctx: click.Context, given: str) -> click.UsageError:
        """The error for an unknown option: a similar one, and how to write a word with a dash."""
        from difflib import get_close_matches

        word = given.lstrip("-")
        names = [name for parameter in self.get_params(ctx) for name in parameter.opts]
        near = get_close_matches(given, names, 1) if given.startswith("--") else []
        meant = f"did you mean {near[0]}? " if near else ""
        if self.takes_dashes and word:
            how = f"{meant}to exclude a word, write -{word}"
            if _SHORT.fullmatch(f"-{word}"):
                how = f"to exclude a word, write it after --: -- -{word}"
        else:
            how = f"{meant}words that begin with a dash go after --"
        return click.UsageError(f"No such option: {given}; {how}", ctx)


class QueryCommand(Command):
    """A command whose words may begin with a dash: `pilcrow search pain -chronic --limit 3`."""

    takes_dashes = True


def _address(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """The address of a site, without a trailing slash."""
    if value and not re.fullmatch(r"(?i)https?://(\[[\da-f:.]+\]|[^]\[/?#\s]+)[^]\[?#\s]*", value):
        raise click.BadParameter(f"{value!r} is not an address such as https://example.org")
    return value.rstrip("/")


def command(cls: type[Command] = Command) -> Callable[[Function], Command]:
    """Like `click.command`, but makes a `Command`."""
    return click.command(cls=cls, context_settings=HELP)


def file(*names: str, help: str, **path: bool) -> Decorator:
    """An option that takes a file; `path` are arguments of `click.Path`."""
    kind = click.Path(dir_okay=False, path_type=Path, **path)
    return click.option(*names, type=kind, metavar="FILE", help=help)


def group(*decorators: Decorator) -> Decorator:
    """Several options as one decorator, in the order of the help text."""

    def decorate(command: Function) -> Function:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def parameters(question: type[Question], *names: str, **defaults: None) -> Decorator:
    """The parameters of a question as options: all, or those in `names`, in this order. With
    `name=None` an option has no default; its help still shows one, for `limit` "all"."""
    declared = {one.name: one for one in declared_in(question)}
    if not names:
        last = [name for name in declared if name in ("limit", "offset")]
        names = tuple([name for name in declared if name not in ("q", *last)] + last)
    return group(*(_option(declared[name], name in defaults) for name in names))


def _option(parameter: Parameter, is_open: bool) -> Decorator:
    """A parameter as an option; with `is_open` it has no default."""
    spec, choices = parameter.spec, tuple(filter(None, parameter.choices))
    names = NAMES.get(parameter.name, (f"--{parameter.name.replace('_', '-')}",))
    kind: Any = click.Choice(choices) if choices else str
    about = spec.help or spec.about.replace("the query", "QUERY")
    made: dict[str, Any] = {"metavar": METAVARS.get(parameter.name), "help": about}
    made |= {"default": parameter.default or None, "show_default": bool(parameter.default)}
    if parameter.kind is bool:
        return click.option(*names, is_flag=True, help=about)
    if parameter.kind is int:
        least = spec.least if spec.typed is None else spec.typed
        kind = click.IntRange(least, spec.most if spec.capped else None)
        made |= {"metavar": "N", "default": parameter.default, "show_default": True}
    elif parameter.kind is float:
        kind = click.FloatRange(0.0, float(spec.most) or None, min_open=True)
    elif parameter.name == "article":
        made |= {"multiple": True, "help": f"{about.removesuffix('.')}; may be repeated."}
        made["callback"] = lambda _context, _option, given: given or None
    elif parameter.kind is tuple:
        kind = str
        made |= {"default": "", "metavar": METAVARS.get(parameter.name, "KEYS")}
        made["callback"] = partial(_words, choices)
    if is_open:
        shown = "all" if parameter.name == "limit" else parameter.default
        made |= {"default": None, "help": f"{about}  [default: {shown}]", "show_default": False}
    return click.option(*names, type=kind, **made)


def _words(
    choices: tuple[str, ...], _ctx: click.Context, _param: click.Parameter, value: str
) -> tuple[str, ...]:
    """`left1,node` as a tuple of these words, each of which must be one of `choices`."""
    words = tuple(word.strip().lower() for word in value.split(",") if word.strip())
    for word in words:
        if word not in choices:
            raise click.BadParameter(f"{word!r} is not one of {', '.join(choices)}")
    return words


def target(*formats: str) -> Decorator:
    """--format (default: that of the file's suffix, or the first of `formats`), --output and
    --color. The command gets a `target`, which also has --site if the command has that option."""
    options = group(
        click.option(
            "--format",
            "chosen",
            type=click.Choice(formats),
            help=f"Output format.  [default: that of the suffix of FILE, or {formats[0]}]",
        ),
        file("-o", "--output", writable=True, help="Write to FILE instead of standard output."),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="Colour the output; auto: on a terminal, or as FORCE_COLOR and NO_COLOR say.",
        ),
    )

    def decorate(command: Function) -> Function:
        @wraps(command)
        def run(chosen: str | None, output: Path | None, color: str, **others: Any) -> Any:
            name = _format(chosen, output, formats)
            made = Target(name, output, color, others.pop("site", ""))
            return command(target=made, **others)

        return options(run)

    return decorate


def _format(given: str | None, output: Path | None, formats: Sequence[str]) -> str:
    """The format given, or that of the file's suffix. `UsageError` if they contradict."""
    if given == "xlsx" and output is None:
        raise UsageError("xlsx can't go to standard output; name a file: --output FILE.xlsx")
    suffix = output.suffix.lower() if output else ""
    allowed = [name for name, kind in FORMATS.items() if suffix in kind.suffixes]
    if not allowed and suffix not in FOREIGN:
        allowed = list(formats)
    fitting = [name for name in allowed if name in formats]
    if given is not None and given in allowed:
        return given
    if given is None and fitting:
        return fitting[0]
    fault = f"{given} is no {suffix} file" if given else f"can't be written as {suffix}"
    raise UsageError(f"{output}: {fault}; use a suffix that fits one of {', '.join(formats)}")


query = click.argument(  # one or more words, which need no quotes
    "query", nargs=-1, required=True, callback=lambda _context, _argument, words: " ".join(words)
)
site = click.option(
    "--site",
    default="",
    callback=_address,
    metavar="URL",
    help="Address of the site, for permalinks in the output.  [default: none, paths only]",
)


def _encoding(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """Checks the name of an encoding. `UsageError` for an unknown one."""
    from indexer.parsing.encoding import known_encoding
    from indexer.settings import AUTO

    if name and name != AUTO and not known_encoding(name):
        raise UsageError(f"--encoding: no encoding {name!r}; name one such as windows-1250")
    return name


encoding = click.option(
    "--encoding",
    callback=_encoding,
    metavar="NAME",
    help="Encoding of files that declare none and are not UTF-8, such as windows-1250; auto: "
    "detect it.",
)
follow_links = click.option(
    "--follow-links",
    is_flag=True,
    default=None,
    help="Follow symbolic links that lead out of a PATH.",
)
index = click.option(
    "--index",
    "index_dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the index, or opensearch://HOST/NAME.  [default: $PILCROW_INDEX or .pilcrow]",
)
with_synonyms = group(
    file(
        "--synonyms",
        help="Synonyms, one set per line: `elavil, amitriptyline` or `mi => heart attack`.  "
        "[default: $PILCROW_SYNONYMS or none]",
    ),
    click.option(
        "--synonyms-in-phrases",
        is_flag=True,
        default=None,
        help="Also expand synonyms within quotes.",
    ),
)


def with_index(command: Function) -> Function:
    """--index; opens the index while the command runs, with the options of `with_synonyms` if the
    command has them, and passes it as first argument."""

    @wraps(command)
    def run(
        index_dir: Path | None,
        synonyms: Path | None = None,
        synonyms_in_phrases: bool | None = None,
        **others: Any,
    ) -> Any:
        with light_imports():  # here, because help needs none of the library
            from indexer import load_settings, open_index

            import_module("indexer.index")  # which `open_index` imports for an index on disk

        settings = load_settings(
            index=index_dir, synonyms=synonyms, synonyms_in_phrases=synonyms_in_phrases
        )
        with open_index(settings.index, settings=settings) as opened:
            return command(opened, **others)

    return index(run)


TABLE = ("text", "json", "csv", "xlsx")  # formats of an answer with rows


def answer(*formats: str, synonyms: bool = False) -> Decorator:
    """Options of commands that query an index: --format (one of `formats`, or of `TABLE`),
    --output, --color, --site, --synonyms if wanted, --index. Passes the index and a `target`."""
    more = (with_synonyms,) if synonyms else ()
    return group(target(*(formats or TABLE)), site, *more, with_index)


_UNUSED: dict[str, dict[str, object]] = {
    "urllib.request": {"urlretrieve": None},
    "cached_property": {"cached_property": cached_property},
}


@contextmanager
def light_imports() -> Iterator[None]:
    """Within a block, lets Whoosh be imported without two dependencies that it doesn't need.

    `whoosh.compat` imports `urllib.request` for a name that nothing uses, and `whoosh.reading` a
    package for one decorator, which imports asyncio: together a tenth of the time of a first
    search. Within the block, stubs with just those names replace them, unless they or Whoosh are
    already imported; after it, imports get the real modules. Not thread-safe.
    """
    names = () if "whoosh" in sys.modules else [n for n in _UNUSED if n not in sys.modules]
    for name in names:
        module = ModuleType(name)
        vars(module).update(_UNUSED[name])
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
