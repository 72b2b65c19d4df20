"""Runs a command and turns its exceptions into an exit code and one line on standard error.

In: the group of commands and their arguments. Out: the exit code. Shows no traceback unless
`--traceback` is given. SIGTERM ends a command like SIGINT does: unfinished files are removed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import click

from indexer.cli.output import complain
from indexer.errors import PilcrowError

FINE, FINDINGS, WRONG = 0, 1, 2
# 128 + SIGINT, SIGTERM and SIGPIPE, as shells count
INTERRUPTED, TERMINATED, PIPE_CLOSED = 130, 143, 141


class Terminated(KeyboardInterrupt):
    """SIGTERM."""


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Runs `group` with `arguments` (None: those of the process) and returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with _terminable():
            code = _invoke(group, given)
        sys.stdout.flush()  # a full disk must be noticed here, not when the interpreter exits
        return code
    except Terminated:
        complain("ended by SIGTERM")
        return TERMINATED
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _leave_output(PIPE_CLOSED)
    except click.ClickException as error:
        return _complain(_usage(error))
    except PilcrowError as error:
        return _complain(str(error))
    except OSError as error:
        place = error.filename or "output"
        return _leave_output(_complain(f"{place}: {(error.strerror or str(error)).lower()}"))
    except Exception as error:
        if "--traceback" in given:
            traceback.print_exc()
        cause = f"{type(error).__name__}: {error}"
        return _complain(f"unexpected {cause}; please report it (pilcrow --traceback shows more)")


@contextmanager
def _terminable() -> Iterator[None]:
    """Within a block, SIGTERM raises `Terminated`; only in the main thread, which gets signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(_signal: int, _frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _invoke(group: click.Group, given: list[str]) -> int:
    """The exit code that the command chooses."""
    try:
        with group.make_context("pilcrow", given) as context:
            group.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return FINE


def _usage(error: click.ClickException) -> str:
    """The message of a usage error, with the command that shows the help."""
    message = error.format_message().rstrip(".").replace("valid integer range", "whole number")
    message = message.replace("valid float range", "number")
    context = getattr(error, "ctx", None)
    return f"{message}; see {context.command_path} --help" if context else message


def _complain(message: str) -> int:
    complain(message)
    return WRONG


def _leave_output(code: int) -> int:
    """Keeps the interpreter from writing to a closed standard output when it exits."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
