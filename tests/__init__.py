"""Tests, in the folders of the product; what they share is in `helpers` and `oracle`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
