"""Finding again what has been edited: selectors, quotes, and what became of each passage.

    selectors       what is kept of a passage, and of an id in the ledger
    scoring         how well a place fits a quote with its context
    quoting         a quote in a text: exactly, nearly, with the least context
    aligning        exact words in two versions of an article
    resembling      how much of an old passage a new one holds
    believing       what evidence is believed, and how far
    reanchoring     all of it: a verdict for each old passage
    following       one step of an article's life: ids kept, records changed
    wandering       passages that went to another article
    differing       the difference of two texts by words
    selecting       any stretch of an article as a few words, and back
    permalinks      addresses of passages: made, and found in what others wrote
    fragments       links to a place in the original page (with the modules fragment_…)

Pure: text and types in, text and types out. Nothing here reads or writes a file.
"""

from indexer.anchoring.differing import Run, word_diff
from indexer.anchoring.following import Followed, Moment, bury, follow, led_on
from indexer.anchoring.quoting import Quoted, anchor, match_quote, occurrences, shortest_context
from indexer.anchoring.reanchoring import Verdict, reanchor
from indexer.anchoring.selecting import (
    Selected,
    Selection,
    find_selection,
    select_words,
    stretch_of,
)
from indexer.anchoring.selectors import Event, Record, Selectors, Status, key_of, select
from indexer.anchoring.wandering import Arrival, wander

__all__ = [
    "Arrival",
    "Event",
    "Followed",
    "Moment",
    "Quoted",
    "Record",
    "Run",
    "Selected",
    "Selection",
    "Selectors",
    "Status",
    "Verdict",
    "anchor",
    "bury",
    "find_selection",
    "follow",
    "key_of",
    "led_on",
    "match_quote",
    "occurrences",
    "reanchor",
    "select",
    "select_words",
    "shortest_context",
    "stretch_of",
    "wander",
    "word_diff",
]
