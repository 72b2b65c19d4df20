"""The examples of deploy/ are what they claim to be: syntax, names, and commands that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer import Settings, load_settings
from indexer.cli import pilcrow
from indexer.cluster.address import parse_address
from tests import ROOT

USER = 10001  # of the image
KINDS = ["ConfigMap", "Secret", "Job", "Job", "Deployment", "Service"]


def load(name: str) -> list[dict[str, Any]]:
    """The documents of a file."""
    return list(yaml.safe_load_all((ROOT / "deploy" / name).read_text(encoding="utf-8")))


def test_kubernetes() -> None:
    found = load("kubernetes.yml")
    assert [one["kind"] for one in found] == KINDS
    settings, _, write, finish, site, service = found
    assert all(one["metadata"]["labels"]["step"] for one in found)
    parse_address(settings["data"]["PILCROW_INDEX"])
    spec = write["spec"]
    shards = spec["template"]["spec"]["containers"][0]["args"][0]
    assert f'+ 1))/{spec["completions"]}"' in shards  # each writer has one of as many shares
    assert finish["spec"]["template"]["spec"]["containers"][0]["command"][-1] == "--finish"
    assert service["spec"]["selector"] == site["spec"]["template"]["metadata"]["labels"]
    for one in (write, finish, site):
        pod = one["spec"]["template"]["spec"]
        mounts = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]}
        assert pod["securityContext"] == {"runAsNonRoot": True, "fsGroup": USER}
        (secret,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        assert secret["defaultMode"] & 0o040  # for that group
    (container,) = site["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    env = {one["name"]: one["value"] for one in container["env"]}
    assert env["PILCROW_CORPUS"] == ""
    assert Path(env["PILCROW_TOKEN_FILE"]).name in found[1]["stringData"]  # a file of the Secret


def test_compose() -> None:
    (found,) = load("cluster-compose.yml")
    services = found["services"]
    assert {name for name in services if name.startswith("node")} == found["volumes"].keys()
    for name in ("writer", "site"):
        words = " ".join(services[name]["command"])
        index = words.partition("--index")[2].strip(" =")
        assert len(parse_address(index).hosts) == 3
    assert services["site"]["environment"]["PILCROW_CORPUS"] == ""


@pytest.mark.parametrize("name", ["compose.yml", "cluster-compose.yml"])
def test_it_is_said_who_must_be_able_to_read_the_token(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.lstrip().startswith("file:")]
    assert f"chown {USER} FILE" in line


def test_the_sites_of_the_examples_do_not_index() -> None:
    assert load_settings({"PILCROW_CORPUS": ""}).corpus == Settings().corpus


@pytest.mark.parametrize("option", ["shard", "finish"])
def test_the_options_are_those_of_the_command(option: str) -> None:
    command = pilcrow.get_command(None, "index")  # type: ignore[arg-type]
    assert command is not None
    assert option in {parameter.name for parameter in command.params}
