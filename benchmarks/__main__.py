"""`python -m benchmarks [PATH …]` prints the quick figures."""

from benchmarks.quick import main

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
