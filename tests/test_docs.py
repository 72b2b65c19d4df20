"""The documentation tells the truth: its sessions are run, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
import yaml
from click import Context
from flask import Flask

from benchmarks.__main__ import commands as benchmark_commands
from indexer import Index
from indexer.cli import pilcrow
from indexer.parsing.formats.dispatch import FORMATS
from tests import ROOT
from tests.helpers import command_line, sites
from tests.helpers.documents import PAGES, Block, Session, alike, blocks, commands, same_json
from tests.helpers.sites import serving

RUN = [page for page in PAGES if any(b.language in ("console", "python") for b in blocks(page))]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone, with articles and no index."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_happens(
    page: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, names, answer = Session(home), dict[str, object](), ""
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.file:
            path = home / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for command, shown in commands(block.text):
                answer = session.run(command)
                assert not shown or alike(answer, shown), f"{where}: $ {command}\n{answer}"
        elif block.language == "python":
            capsys.readouterr()
            exec(compile("\n" * (block.line - 1) + block.text, page.name, "exec"), names)
            answer = capsys.readouterr().out
        elif block.adjacent and block.language == "json":
            assert same_json(json.loads(answer), json.loads(block.text)), f"{where}: {answer}"
        elif block.adjacent and block.language == "text":
            assert alike(answer, block.text), f"{where}: {answer}"
    for made in names.values():
        if isinstance(made, Flask):
            made.extensions["library"].close()


def check_syntax(block: Block) -> None:
    """Refuses a block that isn't what its language says, where a checker is at hand."""
    if block.language == "sh":
        subprocess.run(["bash", "-n"], input=block.text.encode(), check=True)
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        yaml.safe_load(block.text)
    elif block.language in ("ini", "systemd"):
        ConfigParser(strict=False, interpolation=None).read_string(block.text)
    elif block.language == "nginx":
        assert block.text.count("{") == block.text.count("}") > 0
        lines = [line.split("#")[0].strip() for line in block.text.splitlines()]
        assert all(line.endswith(("{", "}", ";")) for line in lines if line)
    else:
        assert block.language in {"console", "python", "text", "csv", "markdown"}, block


def test_other_blocks_are_what_they_say() -> None:
    for page in PAGES:
        for block in blocks(page):
            check_syntax(block)


def slugs(page: Path) -> set[str]:
    """Names of a page's headings, as a forge and MkDocs make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if target.startswith(("http://", "https://")):
                continue
            path, _, name = target.partition("#")
            led = page.parent / path if path else page
            assert led.exists(), f"{page.name}: {target}"
            assert not name or name in slugs(led), f"{page.name}: {target}"


def test_each_page_is_in_the_table_of_contents() -> None:
    config = yaml.safe_load((ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8"))
    listed = [page for entry in config["nav"] for page in entry.values()]
    assert sorted(listed) == sorted(page.name for page in PAGES if page.parent.name == "docs")


DOCS = "".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_each_command_is_shown() -> None:
    for name in pilcrow.list_commands(Context(pilcrow)):
        assert re.search(rf"^(?:\$ )?pilcrow {name}\b", DOCS, re.MULTILINE), name


QUERIES = re.findall(
    r"^\| `([^`]+)` \|", (ROOT / "docs" / "query-language.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize("query", QUERIES)
def test_each_example_of_a_query_finds_something(index: Index, query: str) -> None:
    found = index.search(query)
    assert found.total
    assert not found.notes


def test_the_site_and_the_command_explain_queries_as_the_page_does(corpus_index: Path) -> None:
    with serving(corpus_index) as client:
        shown = sites.page(client, "/help")
    linked = [unquote_plus(a["href"].partition("?q=")[2]) for a in shown.all("a")]
    help_text = command_line.pilcrow("search", "--help").stdout.decode()
    for query in QUERIES:
        assert query in linked
        assert f"  {query}  " in help_text


def test_each_address_of_the_api_is_shown(corpus_index: Path) -> None:
    with serving(corpus_index) as client:
        rules = [str(rule) for rule in client.application.url_map.iter_rules()]
    named = {rule.split("/")[3] for rule in rules if rule.startswith("/api/v1/")}
    assert named
    for name in named:
        assert f"/api/v1/{name}" in DOCS, name


def test_the_benchmarks_named_are_those_that_there_are() -> None:
    assert set(re.findall(r"python -m benchmarks\.(\w+)", DOCS)) == set(benchmark_commands())


def test_tests_named_are_there() -> None:
    named = {
        one
        for page in PAGES
        for one in re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", page.read_text())
    }
    assert named
    for one in named:
        path, _, function = one.partition("::")
        assert f"def {function}" in (ROOT / path).read_text(encoding="utf-8"), one


def test_make_targets_named_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z]+)", DOCS, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_formats_named_are_those_that_are_read() -> None:
    page = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    rows = "".join(re.findall(r"^\| `\.[^|]*\|", page, re.MULTILINE))
    assert {name.lower() for name in re.findall(r"`\.(\w+)`", rows)} == FORMATS


def test_the_query_language_is_written_once() -> None:
    inside, page = ROOT / "indexer" / "query" / "language.md", ROOT / "docs" / "query-language.md"
    assert inside.read_bytes() == page.read_bytes()
