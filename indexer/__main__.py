"""`python -m indexer`, the same as the command `pilcrow`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; who interrupts it while its modules are read is answered as later."""
    try:
        from indexer.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("pilcrow: interrupted\n")
        raise SystemExit(130) from None
    command()


if __name__ == "__main__":
    main()
