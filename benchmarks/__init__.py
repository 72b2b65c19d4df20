"""Benchmarks: the commands that reproduce the figures of the documentation.

`python -m benchmarks` lists them, `python -m benchmarks.NAME --help` explains one.
"""
