"""The tokeniser for bulk: the same tokens and sentences as `analysis`, found with whole arrays.

In: a long text. Out: form ids and offsets as arrays, the hyphenated words, and where sentences
begin. A test holds it to the answers of `analysis`.
"""

from indexer.scanning.scanner import Scanner
from indexer.scanning.tokens import Scan

__all__ = ["Scan", "Scanner"]
