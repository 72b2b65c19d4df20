"""What `deploy/` holds does what it says: locked versions, the unit, the image's commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import ROOT

DEPLOY = ROOT / "deploy"
CONFIG = ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")
NOBODY = 10001


# --- locked versions ----------------------------------------------------------------------------


def required(text: str) -> list[Requirement]:
    return [Requirement(line) for line in text.split("\n") if line]


def locked(name: str) -> dict[str, list[Requirement]]:
    """What a file of fixed versions holds, by name; a name has several for several Pythons."""
    text = (DEPLOY / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if line[:1].strip("#"):
            bare, *hashes = line.split("--hash=")
            assert hashes, f"{bare} has no hash"
            one = Requirement(bare.strip())
            assert [part.operator for part in one.specifier] == ["=="], line
            found.setdefault(canonicalize_name(one.name), []).append(one)
    return found


RUN, EXTRAS = CONFIG["options"]["install_requires"], CONFIG["options.extras_require"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", RUN),
        ("requirements-test.txt", RUN + EXTRAS["test"] + EXTRAS["cluster"]),
    ],
)
def test_the_locked_versions_are_those_that_setup_cfg_asks_for(name: str, wanted: str) -> None:
    held = locked(name)
    for one in required(wanted):
        found = held.get(canonicalize_name(one.name))
        assert found, f"{one.name} is not in deploy/{name}: make lock"
        for fixed in found:
            (version,) = fixed.specifier
            assert one.specifier.contains(version.version), f"{one} against {fixed}: make lock"


def test_the_image_runs_the_versions_that_are_tested() -> None:
    tested = locked("requirements-test.txt")
    for name, fixed in locked("requirements.txt").items():
        assert {str(one.specifier) for one in fixed} <= {str(one.specifier) for one in tested[name]}


# --- systemd and compose ------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_takes_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    text = (DEPLOY / "pilcrow.service").read_text(encoding="utf-8")
    program = re.search(r"(?m)^ExecStart=(\S+)", text)
    assert program
    unit = tmp_path / "pilcrow.service"  # with a program and a user that are on this machine
    unit.write_text(
        text.replace(program[1], sys.executable).replace("User=pilcrow", "User=nobody"),
        encoding="utf-8",
    )
    environ = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", unit],
        capture_output=True, text=True, env=environ,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, "")
    exposed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True, text=True, env=environ,
    )  # fmt: skip
    assert exposed.returncode == 0, exposed.stdout[-300:]


def test_what_the_unit_and_the_composition_set_is_known() -> None:
    unit = (DEPLOY / "pilcrow.service").read_text(encoding="utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    service = compose["services"]["pilcrow"]
    named = set(re.findall(r"PILCROW_\w+", unit)) | set(service["environment"])
    settings = (ROOT / "indexer" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r"PILCROW_\w+", settings))
    assert named <= known, named - known
    assert service["read_only"] is True
    assert service["build"]["dockerfile"] == "deploy/Dockerfile"


# --- image --------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile and what follows each, its arguments at their defaults."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for name, value in re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE):
        text = text.replace(f"${{{name}}}", value)
    return [
        (word, rest)
        for word, _, rest in (
            line.partition(" ") for line in text.splitlines() if line[:1].strip("#")
        )
    ]


def test_the_image_runs_as_nobody_and_tells_its_health() -> None:
    told = dict(instructions())
    assert told["USER"] == f"{NOBODY}:{NOBODY}"
    assert "/healthz" in told["HEALTHCHECK"]
    assert [rest for word, rest in instructions() if word == "ADD"] == []
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [rest for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    assert ignored[0] == "*"
    for rest in copied:
        for source in rest.split()[:-1]:
            assert f"!{source}" in ignored
            assert (ROOT / source).exists()


@pytest.mark.image
def test_the_commands_of_the_image_make_a_site_that_answers(tmp_path: Path) -> None:
    """The Dockerfile's instructions, in a folder that stands for the image's root."""
    root = tmp_path / "root"

    def placed(text: str) -> str:
        for folder in ("/opt", "/src", "/data", "/articles"):
            text = re.sub(rf"(?<![\w.])(?={folder}\b)", str(root), text)
        return text

    root.mkdir()
    root.joinpath("opt").mkdir()
    environ, start = {"LANG": "C.UTF-8"}, []
    for word, rest in instructions():
        if word == "RUN":
            path = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
            pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
            subprocess.run(["sh", "-ec", placed(rest)], check=True, env=path | pip)
        elif word == "COPY" and "--from" not in rest:
            *sources, target = rest.split()
            for source in sources:
                aim = Path(placed(target)) / ("" if target.endswith("/") else ".")
                if (ROOT / source).is_dir():
                    shutil.copytree(
                        ROOT / source, aim, ignore=shutil.ignore_patterns("__pycache__")
                    )
                elif target.endswith("/"):
                    shutil.copy(ROOT / source, aim)
                else:
                    aim.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / source, Path(placed(target)))
        elif word == "ENV":
            name, _, value = rest.partition("=")
            environ[name] = placed(value)
        elif word in ("ENTRYPOINT", "CMD"):
            start += json.loads(rest)
        elif word == "HEALTHCHECK":
            health = json.loads(rest.partition("CMD ")[2])
    shutil.rmtree(root / "src")  # the last stage has what is installed and no more
    shutil.copytree(ROOT / "corpus", root / "articles")
    for folder in (tmp_path, *tmp_path.parents):  # nobody may pass through, as in a real root
        if os.stat(folder).st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o011)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if not os.getuid() else {}
    server = subprocess.Popen(
        [*start, "--port", port], env=environ, cwd=root / "data", stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, **as_nobody,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        assert server.stdout.readline().strip() == f"http://127.0.0.1:{port}"
        checked = [part.replace(":8000", f":{port}") for part in health]
        subprocess.run(checked, check=True, env=environ)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/search?q=tapering") as found:
            assert json.load(found)["total"] == 1
    finally:
        server.terminate()
        said = server.communicate(timeout=20)[1]
    assert [json.loads(line)["status"] for line in said.splitlines() if '"route"' in line] == [
        200,
        200,
    ]
