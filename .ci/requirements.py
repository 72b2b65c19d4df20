"""Print the requirements of setup.cfg, one per line.

In: the path of setup.cfg, a requirement that replaces its Whoosh ("" keeps it), and the names of
extras. Refuses nothing itself: a missing section or extra is configparser's error.
"""

from __future__ import annotations

import sys
from configparser import ConfigParser


def requirements(path: str, whoosh: str, extras: list[str]) -> list[str]:
    """The run-time requirements of the setup.cfg at `path`, then those of its `extras`."""
    config = ConfigParser()
    config.read(path, encoding="utf-8")
    lists = [config["options"]["install_requires"]]
    lists += [config["options.extras_require"][extra] for extra in extras]
    found = [line for text in lists for line in text.split("\n") if line]
    return [whoosh if whoosh and line.startswith("Whoosh") else line for line in found]


if __name__ == "__main__":
    path, whoosh, *extras = sys.argv[1:]
    print("\n".join(requirements(path, whoosh, extras)))
