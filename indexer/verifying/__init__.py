"""An index proves its own promises.

In: an index, and queries or a seed to make some. Out: a `Verification`. Nothing is changed, and
what is wrong is reported, never raised.

    slicing     stored articles: spans, order, cover
    mirroring   the arrays are the store in other words
    tables      the arrays agree with each other
    asking      queries, logged or made
    answering   answers against a second evaluation in plain Python
    showing     marks, snippets and lines give back the text
    running     all of it, one after the other
    ledger      what was checked, what failed

Texts and arrays are checked over the whole index. The second evaluation is slow, so each query is
evaluated on a sample of `Plan.sample` passages, drawn by the seed, and on its own best hits, with
facts of the whole corpus that are counted independently of the arrays.
"""

from indexer.verifying.ledger import Verification
from indexer.verifying.running import Plan, Progress, verify

__all__ = ["Plan", "Progress", "Verification", "verify"]
