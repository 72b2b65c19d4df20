"""Standard output and standard error, the only places that commands print to.

In: texts and lines made by `reporting`. Out: UTF-8 whatever the locale says, colour on a terminal
only; a progress bar on standard error if that is a terminal. Refuses nothing; an `OSError` of the
output (full disk, closed pipe) is left to the caller.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.reporting.wording import one_line

if TYPE_CHECKING:
    from rich.text import Text
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def width() -> int | None:
    """Cells of a line of the terminal; None where there is none and nothing need fit."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def write(text: str, output: Path | None = None) -> None:
    """`text` as UTF-8 to the file `output`, else to standard output."""
    write_parts((text,), output)


def write_parts(parts: Iterable[str], output: Path | None = None) -> None:
    """As `write`, part by part: what is too much to be held at once."""
    encoded = (part.encode("utf-8", errors="replace") for part in parts)
    if output is None:
        sys.stdout.buffer.writelines(encoded)
    else:
        replace_file(output, encoded)


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Writes a file whole, or leaves the one that was there (a full disk, an error in `parts`)."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a pipe or a terminal
        with open(target, "wb") as stream:
            stream.writelines(parts)
        return
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(scratch, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, target)
    except OSError as error:
        error.filename = str(path)  # the name that was given, not ours
        raise
    finally:
        with suppress(OSError):
            scratch.unlink()


def write_lines(lines: Iterable[Text], output: Path | None = None) -> None:
    """Lines to a terminal in colour, elsewhere as plain text."""
    if output is not None or not sys.stdout.isatty():
        write("".join(f"{line.plain}\n" for line in lines), output)
        return
    from rich.console import Console  # takes long to import

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line)


def note(message: str) -> None:
    """One line of advice on standard error, so that it can't be taken for an answer."""
    _on_stderr(f"note: {message}")


def warn(message: str) -> None:
    """One line on standard error for what went wrong without stopping the rest."""
    _on_stderr(f"pilcrow: warning: {message}")


def complain(message: str) -> None:
    """One line on standard error for what stopped the command."""
    _on_stderr(f"pilcrow: {message}")


def _on_stderr(message: str) -> None:
    click.echo(one_line(message).encode("utf-8", errors="replace"), err=True)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A function of (what is done, how many are, of how many); None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # takes long to import
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show
