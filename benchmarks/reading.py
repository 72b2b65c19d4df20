"""Processor time of indexing, by format, compared with another checkout and Pagefind.

    python -m benchmarks.reading FOLDER … [--checkout CHECKOUT] [--pagefind COMMAND]

In: folders of files, preferably one per format; a folder with another state of this repository; the
command of Pagefind (npm's `pagefind`), which reads only HTML. Out: a line for each folder and
program: megabytes of files, seconds of processor time of all processes, megabytes per second, the
largest process. The programs take two turns; the least time of all turns counts.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.engines.runner import ROOT

TURNS = 2


def spent(command: list[str], folder: Path) -> tuple[float, int]:
    """Seconds of processor time of a command and its children, and kB of the largest."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"exit {process.returncode}: {shlex.join(command)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pagefind", metavar="COMMAND")
def main(folders: tuple[Path, ...], checkout: Path | None, pagefind: str | None) -> None:
    """Measures and prints."""
    for folder in (path.absolute() for path in folders):
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        best: dict[str, tuple[float, int]] = {}
        for _ in range(TURNS):
            for name, code in (("this checkout", ROOT), ("the other", checkout)):
                if code is not None:
                    with tempfile.TemporaryDirectory() as made:
                        command = [sys.executable, "-m", "indexer", "index", str(folder)]
                        command += ["--index", f"{made}/index"]
                        took = spent(command, code.absolute())
                    best[name] = min(took, best.get(name, took))
            if pagefind and any(folder.rglob("*.html")):
                with tempfile.TemporaryDirectory() as made:
                    command = [*shlex.split(pagefind), "--site", str(folder)]
                    took = spent([*command, "--output-path", f"{made}/out"], ROOT)
                best["pagefind"] = min(took, best.get("pagefind", took))
        for name, (seconds, memory) in best.items():
            told = f"{size:.1f} MB {seconds:6.2f} s {size / seconds:5.2f} MB/s {memory // 1024} MiB"
            print(f"{folder.name:12} {name:14} {told}", flush=True)


if __name__ == "__main__":
    main()
