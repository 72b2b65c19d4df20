"""Commands import what they use: asked of `sys.modules` in a process of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from indexer import build_index
from indexer.cli import COMMANDS, pilcrow
from indexer.text.word_lists import SNOWBALL
from tests import ROOT

CORPUS = ROOT / "corpus"

COMMAND = """
import sys
from indexer.cli import main
try:
    main(sys.argv[1:])
except SystemExit as leave:
    assert not leave.code, leave.code
print("imported:", *sorted(sys.modules))
"""
SEARCHES = """
import sys
from indexer.cli import main
for words in ("tapering", "elavil tapering", "unknownings"):
    try:
        main(["search", words, *sys.argv[1:]])
    except SystemExit as leave:
        assert not leave.code, leave.code
    print("imported:", *sorted(sys.modules))
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("cold") / "index"
    build_index([CORPUS], folder)
    return str(folder)


def python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def imported(*arguments: str) -> set[str]:
    """Modules and the packages they are in, after a command has run."""
    answer, _, modules = python(COMMAND, *arguments).rpartition("imported: ")
    assert answer
    return set(modules.split())


OTHERS = {"pydantic", "rapidfuzz", "lxml", "yaml", "flask", "nltk", "waitress"}


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("search", "--help"), ("search", "-h")]
)
def test_help_imports_nothing_of_the_library(arguments: tuple[str, ...]) -> None:
    found = imported(*arguments)
    assert not found & {*OTHERS, "numpy", "whoosh", "rich"}
    assert {name for name in found if name.startswith("indexer.")} <= {
        *("indexer.cli", "indexer.cli.options"),
        *("indexer.cli.output", "indexer.cli.run", "indexer.cli.search"),
        *("indexer.errors", "indexer.lazy", "indexer.model", "indexer.reporting"),
        "indexer.reporting.formats",
        *("indexer.reporting.questions", "indexer.reporting.wording"),
    }


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="nothing tells of threads here")
def test_a_command_starts_no_threads_of_a_library(index: str) -> None:
    told = """
import os, sys
from indexer.__main__ import main
try:
    main()
except SystemExit as leave:
    assert not leave.code
assert "numpy" in sys.modules
print(len(os.listdir("/proc/self/task")))
"""
    assert python(told, "search", "tapering", "--index", index).split()[-1] == "1"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_search_imports_no_parser_and_no_audit(form: str, index: str) -> None:
    told = python(SEARCHES, "--index", index, "--format", form)
    one, two, unknown = (set(names.split()) for names in re.findall("imported: (.*)", told))
    others = OTHERS - {"pydantic"} if form == "json" else OTHERS  # what JSON is made with
    assert not (one | two) & others
    assert not unknown & (others - {"rapidfuzz"})  # it looks for near ones
    assert not unknown & {"whoosh.qparser", "asyncio", "urllib.request", "numpy.ma"}
    assert not [name for name in unknown if re.match(r"indexer\.(audits|parsing)\.", name)]
    assert "rich" not in unknown or form == "text"


def test_other_syntax_imports_the_parser(index: str) -> None:
    assert "whoosh.qparser" in imported("search", "pain -chronic", "--index", index)


def test_the_real_modules_are_there_after_a_search(index: str) -> None:
    """Stand-ins for what Whoosh imports for nothing are gone when it has been imported."""
    code = """
import sys
from indexer.cli import main
try:
    main(["search", "tapering", "--index", sys.argv[1]])
except SystemExit:
    pass
import asyncio, urllib.request, cached_property
print(urllib.request.urlopen, cached_property.threaded_cached_property, asyncio.run)
"""
    assert "function urlopen" in python(code, index)


def test_the_line_of_each_command_begins_its_help() -> None:
    context = click.Context(pilcrow)
    for name, line in COMMANDS.items():
        command = pilcrow.get_command(context, name)
        assert command is not None
        assert str(command.help).startswith(f"{line}\n")


# --- NLTK ---------------------------------------------------------------------------------------

WORDS = [
    "run",
    "running",
    "gradually",
    "passages",
    "painful",
    "möglichkeiten",
    "avions",
    "médicaments",
    "книги",
    "5mg",
]


@pytest.mark.slow
def test_single_modules_of_nltk_are_those_of_the_package() -> None:
    """Asked of another process, so that none that tests need import all of NLTK."""
    code = """
import sys
from indexer.text.nltk_modules import nltk_module
def said(snowball, punkt):
    for name in sys.argv[1].split():
        print(name, *map(snowball.SnowballStemmer(name).stem, sys.argv[2].split()))
    parameters = punkt.PunktParameters()
    parameters.abbrev_types = {"mg"}
    print(*punkt.PunktSentenceTokenizer(parameters).span_tokenize("5 mg. It. He is. Go."))
snowball = nltk_module("nltk.stem.snowball")
assert nltk_module("nltk.stem.snowball") is snowball
said(snowball, nltk_module("nltk.tokenize.punkt"))
assert not [name for name in sys.modules if name.partition(".")[0] == "nltk"]
import nltk.stem.snowball
assert nltk.stem.snowball is not snowball and nltk.word_tokenize
said(nltk.stem.snowball, nltk.tokenize.punkt)
assert nltk_module("nltk.stem.snowball") is nltk.stem.snowball
"""
    languages = sorted(set(SNOWBALL.values()))
    lines = python(code, " ".join(languages), " ".join(WORDS)).splitlines()
    assert len(lines) == 2 * (len(languages) + 1)
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert "english run run gradual passag pain möglichkeiten" in "\n".join(lines)


@pytest.mark.slow
def test_a_module_that_nltk_lacks_is_an_import_error() -> None:
    code = """
from indexer.text.nltk_modules import nltk_module
try:
    nltk_module("nltk.stem.none")
except ModuleNotFoundError as error:
    print(error)
"""
    assert "nltk.stem.none" in python(code)


def test_collocates_import_no_scipy_where_there_is_one(index: str, tmp_path: Path) -> None:
    (tmp_path / "scipy").mkdir()
    (tmp_path / "scipy" / "__init__.py").touch()
    (tmp_path / "scipy" / "stats.py").write_text("def fisher_exact(*_: object) -> None: ...\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{COMMAND}"
    answer, _, modules = python(code, "collocates", "pain", "--index", index).rpartition("imported")
    assert "chronic" in answer
    assert "scipy" not in modules
