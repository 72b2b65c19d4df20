"""Writes answers to standard output or a file, and messages to standard error.

In: texts and lines made by `reporting`. Out: UTF-8 in any locale, with colour on a terminal or if
requested; a progress bar on standard error if that is a terminal. Refuses nothing; an `OSError` of
the output (full disk, closed pipe) is left to the caller.
"""

from __future__ import annotations

import os
import shutil
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from indexer.reporting.formats import to_json
from indexer.reporting.wording import one_line, part_of

if TYPE_CHECKING:
    from rich.text import Text

    from indexer.reporting.csv import Table

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer is written, and in which format."""

    format: str
    output: Path | None = None  # None: standard output
    color: str = "auto"  # or always, or never
    site: str = ""  # what goes before links

    @property
    def width(self) -> int | None:
        """Width of the terminal in cells; None for a file or a pipe, which need no wrapping."""
        unlimited = self.output or not sys.stdout.isatty()
        return None if unlimited else shutil.get_terminal_size().columns

    def write(self, *parts: str | bytes) -> None:
        """Writes text as UTF-8, or bytes."""
        self.write_parts(parts)

    def write_parts(self, parts: Iterable[str | bytes]) -> None:
        """Writes an answer part by part, so that it is never in memory as a whole."""
        encoded = (x if isinstance(x, bytes) else x.encode("utf-8", "replace") for x in parts)
        if self.output is None:
            sys.stdout.buffer.writelines(encoded)
        else:
            replace_file(self.output, encoded)

    def write_json(self, value: object) -> None:
        """Writes plain values or a `Shape` as JSON."""
        self.write(to_json(value), "\n")

    def write_lines(self, lines: Iterable[Text]) -> None:
        """Writes lines, in colour if `is_styled`, else as plain text; a file has no colours."""
        if self.output is not None or not is_styled(self.color):
            self.write_parts(f"{line.plain}\n" for line in lines)
            return
        from rich.console import Console  # here: slow to import

        # Colours of a terminal are detected; a pipe gets those that all terminals have.
        console = Console(
            highlight=False,
            soft_wrap=True,
            force_terminal=True,
            no_color=self.color == "auto" and bool(os.environ.get("NO_COLOR")),
            color_system="auto" if sys.stdout.isatty() else "standard",
        )
        for line in lines:
            console.print(line)

    def write_answer(
        self,
        found: Answer,
        shape: str,
        lines: Callable[[Answer, int | None], Iterable[Text]],
        table: Callable[[Answer, str], Table] | None = None,
        size: Callable[[Answer], str] | None = None,
        annotations: Callable[[Answer, str], object] | None = None,
    ) -> None:
        """Writes an answer as JSON (with the model named `shape`), as a table, as annotations, or
        as lines for people; for all but JSON, its notes are printed to standard error. `size` says
        which part of the rows this is; for a table, it is printed unless it is all of them."""
        if self.format == "json":
            from indexer.reporting import schema

            model = getattr(schema, shape, None)
            if model is None:  # a search doesn't need the other models
                from indexer.reporting import audit_schema

                model = getattr(audit_schema, shape)
            self.write_json(model.from_result(found, schema.Addresses(self.site)))
            return
        notes = getattr(found, "notes", ())
        for message in notes:
            note(message)
        if self.format == "text":
            self.write_lines(lines(found, self.width))
        elif self.format == "jsonld" and annotations and size:
            self.write_json(annotations(found, self.site))
            note(size(found))
        elif table:
            part = part_of(found, size(found)) if size else ""
            self.write_table(table(found, self.site), notes, part)

    def write_file(self, data: bytes) -> None:
        """Writes the bytes of a file. Standard output gets no byte order mark, which programs
        would take for a part of the first column name."""
        self.write(data if self.output else data.removeprefix(BOM_UTF8))

    def write_table(self, table: Table, notes: Iterable[str] = (), part: str = "") -> None:
        """Writes rows as CSV, or as a workbook with the notes on a separate sheet. `part` is one
        more note, which is also printed: which part of the rows these are."""
        from indexer.reporting.csv import table_file

        if part:
            note(part)
            notes = (*notes, part)
        self.write_file(table_file(table, self.format, notes))


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Writes a file completely, or keeps the old one (on a full disk, or an error in `parts`)."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a pipe or a terminal
        with open(target, "wb") as stream:
            stream.writelines(parts)
        return
    from indexer.store.storage import replacing  # here, because help needs none of the library

    try:
        with replacing(target) as stream:
            stream.writelines(parts)
    except OSError as error:
        error.filename = str(path)  # as given by the user, not the temporary name
        raise


def is_styled(wish: str) -> bool:
    """Whether standard output is styled (with NO_COLOR only bold): as wished (always, never), else
    by FORCE_COLOR (see force-color.org and no-color.org), else on a terminal."""
    if wish != "auto":
        return wish == "always"
    forced = os.environ.get("FORCE_COLOR")
    if forced and not os.environ.get("NO_COLOR"):
        return forced not in ("0", "false")
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def note(message: str) -> None:
    """Prints a note to standard error, so that it is not mixed with the answer."""
    _on_stderr(f"note: {message}")


def warn(message: str) -> None:
    """Prints a warning to standard error: something failed, but the command goes on."""
    _on_stderr(f"pilcrow: warning: {message}")


def complain(message: str) -> None:
    """Prints the error that ended the command to standard error."""
    _on_stderr(f"pilcrow: {message}")


def _on_stderr(message: str) -> None:
    click.echo(one_line(message).encode("utf-8", errors="replace"), err=True)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """Yields a function of (description, done, total) to show progress; None without terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # here: slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show
