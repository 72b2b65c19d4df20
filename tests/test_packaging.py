"""What is installed is complete: packages, their data, and what they need."""

from __future__ import annotations

import re
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path
from sys import stdlib_module_names

import pytest

from tests import ROOT
from tests.test_layers import MODULES, imports

CONFIG = ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")


def required() -> set[str]:
    """Distributions that setup.cfg requires at run time, or for what is optional then, their names
    in lower case."""
    texts = [CONFIG["options"]["install_requires"]]
    texts += [
        text
        for name, text in CONFIG["options.extras_require"].items()
        if name not in ("docs", "test")
    ]
    lines = [line for text in texts for line in text.split("\n")]
    return {re.split(r"[<>=~!\[ ]", line)[0].lower() for line in lines if line}


def third_party() -> set[str]:
    """Distributions that our modules import, their names in lower case."""
    packages = {found.split(".")[0] for name in MODULES for found in imports(name)}
    for path in MODULES.values():  # single modules of NLTK are imported by their names
        packages.update(re.findall(r'nltk_module\("(\w+)\.', path.read_text(encoding="utf-8")))
    packages -= stdlib_module_names | {"indexer", "webapp", "tomllib"}  # tomllib: from 3.11 on
    distributions = packages_distributions()
    # What is optional may not be installed; then it is looked for under its own name.
    names = (distributions.get(package, [package])[0] for package in packages)
    return {name.lower().replace("_", "-") for name in names}


# What stands for another: whichever Whoosh is installed, and what a library has in its interface.
GIVEN = {
    "whoosh3": "whoosh-reloaded",
    "jinja2": "flask",
    "markdown-it": "markdown-it-py",  # Python 3.10 does not find which distribution it is of
    "markupsafe": "flask",
    "typing-extensions": "pydantic",
    "werkzeug": "flask",
}


def test_what_is_imported_is_required_and_the_other_way_round() -> None:
    assert {GIVEN.get(name, name) for name in third_party()} == required()


def folders() -> list[Path]:
    """The folders of the two packages."""
    found = [folder for name in ("indexer", "webapp") for folder in (ROOT / name).rglob("**/")]
    return [folder for folder in found if folder.name != "__pycache__"]


def test_each_folder_with_modules_is_a_package() -> None:
    for folder in folders():
        assert not list(folder.glob("*.py")) or (folder / "__init__.py").is_file(), folder


def test_each_file_of_data_is_carried() -> None:
    """By a pattern of the package that it lies in, or of the nearest one above it."""
    patterns = CONFIG["options.package_data"]["*"].split()
    for folder in folders():
        package = next(p for p in (folder, *folder.parents) if (p / "__init__.py").is_file())
        carried = {path for pattern in patterns for path in package.glob(pattern)}
        # In Python before 3.13 `folder/**` globs folders alone; setuptools means the files too.
        carried |= {path for pattern in patterns for path in package.glob(f"{pattern}/*")}
        for path in folder.iterdir():
            assert path.is_dir() or path.suffix in (".py", ".pyc") or path in carried, path


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md"])
def test_texts_of_the_project_are_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()
