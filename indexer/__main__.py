"""`python -m indexer`, the same as the command `pilcrow`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; who interrupts it while its modules are read is answered as later."""
    # Threads of numpy's BLAS, which spin from its import on, and collections of what imports make
    # took a tenth of the processor time of a short command.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(50_000, 20, 20)
    try:
        from indexer.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("pilcrow: interrupted\n")
        raise SystemExit(130) from None
    command()


if __name__ == "__main__":
    main()
