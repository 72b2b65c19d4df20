"""Real OpenSearch nodes on this machine: started, killed and stopped.

In: a folder for the data. Out: a cluster that answers on loopback, a Java process a node. The
server's jars come from the public Maven repository, once, into `.opensearch` beside the tests'
environment; a class of thirty lines starts a node. Needs a JDK (17 or later; for OpenSearch 3, of
which PILCROW_TEST_OPENSEARCH names a version, 21) and Maven; refuses (`CannotStart`) where one is
missing or the cluster does not become green.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests import ROOT

HERE = Path(__file__).parent
VERSION = os.environ.get("PILCROW_TEST_OPENSEARCH", "")  # "": the one that pom.xml names
PROGRAM = Path(os.environ.get("PILCROW_OPENSEARCH_JARS", ROOT / f".opensearch{VERSION}"))
OLDEST = 21 if VERSION.startswith("3") else 17  # JDK that runs it
NODES, HEAP, PORT = 3, "512m", int(os.environ.get("PILCROW_TEST_PORT", "19300"))


class CannotStart(Exception):
    """There is no cluster, and why."""


def java(program: str) -> str:
    """The path of `java` or `javac`, of a JDK that is new enough."""
    on_path = shutil.which("javac") or "/bin/javac"
    homes = [Path(os.environ.get("JAVA_HOME", on_path)), Path(on_path).resolve().parent.parent]
    for home in (*homes, *sorted(Path("/usr/lib/jvm").glob("*"))):
        release = home / "release"
        told = release.read_text(encoding="utf-8") if release.is_file() else ""
        version = re.search(r'^JAVA_VERSION="(\d+)', told, re.MULTILINE)
        if version and int(version[1]) >= OLDEST and (home / "bin" / "javac").exists():
            return str(home / "bin" / program)
    raise CannotStart(
        f"{program} is missing: install a JDK (Debian: openjdk-{OLDEST}-jdk-headless)"
    )


def install() -> None:
    """Fetches the jars and compiles the class that starts a node, unless both are there."""
    classes = PROGRAM / "classes"
    if (classes / "TestNode.class").exists():
        return
    if shutil.which("mvn") is None:
        raise CannotStart("mvn is missing: install Maven (Debian: maven)")
    copy = f"-DoutputDirectory={PROGRAM / 'lib'}"
    maven = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", copy]
    maven += [f"-Dopensearch={VERSION}"] if VERSION else []
    compiled = [java("javac"), "-cp", f"{PROGRAM}/lib/*", "-d", str(classes)]
    for command in (maven, [*compiled, str(HERE / "TestNode.java")]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"{command[0]} failed: {done.stdout[-500:]} {done.stderr[-500:]}")


class Cluster:
    """Three nodes, of which each may be killed and started again."""

    def __init__(self, folder: Path, port: int = PORT) -> None:
        self.folder, self.port = folder, port
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def address(self, node: int = 0) -> str:
        """The address of a new index, asked of this node."""
        return f"opensearch://127.0.0.1:{self.port + node}/{uuid.uuid4().hex}"

    def start(self, numbers: Iterable[int] = range(NODES)) -> None:
        """Starts these nodes, and waits until all are there and every shard has its copies."""
        install()
        for number in numbers:
            home = self.folder / f"node{number}"
            home.mkdir(parents=True, exist_ok=True)
            heap = [f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:MaxDirectMemorySize=256m"]
            heap += [  # the collector of OpenSearch's own settings
                "-XX:+UseG1GC",
                "-XX:G1ReservePercent=25",
                "-XX:InitiatingHeapOccupancyPercent=30",
                "-Dlog4j2.disable.jmx=true",
            ]
            paths = ["-cp", f"{PROGRAM}/classes:{PROGRAM}/lib/*", "TestNode"]
            named = [str(number), str(self.folder), str(self.port), str(NODES)]
            with (home / "out").open("ab") as out:
                self._running[number] = subprocess.Popen(
                    [java("java"), *heap, *paths, *named],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                )
        self.wait()

    def wait(self, seconds: float = 300.0) -> None:
        """Waits until the cluster is green."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError):
                health = self.get("_cluster/health")
                if health["status"] == "green" and health["number_of_nodes"] == NODES:
                    return
            time.sleep(0.5)
        raise CannotStart(f"not green after {seconds} s: see {self.folder}/node*/out")

    def get(self, path: str) -> Any:
        """What some living node answers."""
        node = next(iter(sorted(self._running)), 0)
        url = f"http://127.0.0.1:{self.port + node}/{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    def kill(self, number: int) -> None:
        """Ends a node as a power cut does."""
        process = self._running.pop(number)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Ends all nodes."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
