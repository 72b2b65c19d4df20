"""Benchmarks: Pilcrow beside other engines, measured in one run on one machine.

    python -m benchmarks [PATH …]          a short useful default (what `make bench` runs)
    python -m benchmarks.quick --help      one article, the site from nothing, and SQLite FTS5
    python -m benchmarks.peers --help      all engines, all classes of query, the README's table
    python -m benchmarks.beside --help     this checkout, another one and SQLite FTS5
    python -m benchmarks.typing --help     in a browser, from a key to the first hit on the screen
    python -m benchmarks.suggesting --help suggestions while typing
    python -m benchmarks.left_out --help   ranking on judged sets, with weights chosen on the others

Absolute times on a busy machine say little, so all results are ratios to another engine in the same
run. Text comes from any folder of .jsonl, .jsonl.gz or .txt files.
"""
