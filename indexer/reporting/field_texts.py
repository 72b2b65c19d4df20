"""What each field of an answer means, in words, for OpenAPI.

In: a class of `schema.Shape` and the name of a field. Out: a sentence: the comment beside the field
in the source, else what its name means wherever it stands; "" for a field that has neither.
"""

from __future__ import annotations

import inspect
import re
from functools import lru_cache

_FIELD = re.compile(r"    (\w+): .*?  # (.+)")

_WHEREVER = {  # names that mean the same in every answer, and need no comment at each place
    "added": "Words that are new.",
    "anchor": "Readable fragment, unique in its article.",
    "arf": "Average reduced frequency.",
    "article": "The article that it is in.",
    "articles": "The articles, or how many there are.",
    "bibtex": "As a BibTeX entry.",
    "blocks": "Headings, paragraphs, list items …, in their order.",
    "by": "Each place, with what was counted there; or what places are.",
    "change": "kept, removed or added.",
    "clusters": "Runs of words, the most frequent first.",
    "collocates": "Words near the query.",
    "compared": "What was compared with what.",
    "confidence": "How sure this is, from 0 to 1.",
    "copies": "The passages or sentences that are alike.",
    "corpus_sha256": "Digest of the articles.",
    "count": "How often.",
    "detail": "What went wrong, and how to mend it.",
    "dispersion": "How evenly it is spread.",
    "dp": "Gries' deviation of proportions: 0 is even.",
    "dp_norm": "The same, so that 1 can be reached.",
    "drift": "In what the copies differ.",
    "edited": "How many whose words have changed.",
    "end": "Where it ends, in code points, not included; or its last words.",
    "found": "What was found.",
    "frequencies": "The words, the most frequent first.",
    "group": "The group of terms that it belongs to.",
    "groups": "The groups.",
    "headings": "Occurrences in headings and titles.",
    "high": "The upper bound.",
    "hits": "The passages found, in the order asked for.",
    "html": "As HTML.",
    "id": "Its id.",
    "intact": "How many that are as they were.",
    "interval": "The 95% interval.",
    "juilland_d": "Juilland's D: 1 is even.",
    "keywords": "Words that are commoner, or rarer, than elsewhere.",
    "kind": "What it is, such as paragraph or list_item.",
    "label": "The value as a person reads it.",
    "lacking": "Places where it does not occur.",
    "language": "Language, as a BCP 47 tag.",
    "left": "What stands to the left, or how often to the left.",
    "level": "Depth of a heading or list item.",
    "likeness": "How alike copies are.",
    "limit": "How many were asked for.",
    "lines": "Every occurrence with its context.",
    "link": "Its address.",
    "links": "The ids and what became of them.",
    "log_dice": "logDice: how strongly words keep together.",
    "lost": "How many that lead nowhere now.",
    "low": "The lower bound.",
    "made": "When this was made.",
    "markdown": "As Markdown.",
    "marks": "Ranges that hold what was looked for.",
    "match": "The words themselves, or how words match: stem, word or case.",
    "median": "The middle value.",
    "metadata": "What the document says of itself: author, date …",
    "mi": "Mutual information, in bits.",
    "moved": "How many with the same words elsewhere.",
    "notes": "What was left out, or read otherwise than it might have been meant.",
    "odds_ratio": "How the odds compare with those elsewhere.",
    "offset": "How many precede this part.",
    "ordinal": "Number in the article, from 1.",
    "p": "Probability of so great a difference by chance.",
    "page": "Which part of the answer this is.",
    "passages": "The passages, or how many there are.",
    "per_1000": "Occurrences in 1,000 words.",
    "percent_diff": "By how many per cent the rate differs.",
    "prose_sentences": "Sentences of paragraphs and quotations.",
    "provenance": "What the answer was made from.",
    "query": "What was asked, as it was typed.",
    "readings": "Articles or sections with their measures.",
    "reason": "Why.",
    "recall": "What share of the words was recognised.",
    "relation": "How a copy stands to the first.",
    "related": "Passages of like meaning.",
    "removed": "Words that are gone.",
    "right": "What stands to the right, or how often to the right.",
    "ris": "As a RIS record.",
    "risk": "What kind of word differs.",
    "role": "What a term is in its group, such as preferred.",
    "score": "How well it matches; higher is better.",
    "section": "Headings above it, from the top down.",
    "sections": "The sections, or how many there are.",
    "sentences": "How many sentences.",
    "simple_maths": "Ratio of the rates, smoothed.",
    "start": "Where it begins, in code points.",
    "status": "What became of it; of a problem, the status of HTTP.",
    "suggestions": "Ways to complete what was typed.",
    "t": "The t score.",
    "term": "A term, as it was asked for.",
    "terms": "The terms.",
    "terms_sha256": "Digest of the terms.",
    "text": "Its words.",
    "title": "Its title.",
    "title_marks": "The same in the title.",
    "total": "How many in all.",
    "type": "What kind of problem, as an address.",
    "unit": "What is counted or compared.",
    "units": "How many were compared.",
    "unknown": "How many that were never issued.",
    "value": "As it is given in a question.",
    "was": "What it said before.",
    "window": "How far from the query.",
    "word": "The word.",
    "words": "The words, or how many there are.",
}


def text_of(shape: type, name: str) -> str:
    """What the field of this name means, as a sentence; "" where that is not told."""
    return _comments(shape).get(name) or _WHEREVER.get(name, "")


@lru_cache(maxsize=256)
def _comments(shape: type) -> dict[str, str]:
    """The comments beside the fields of a class, those it inherits too, as sentences."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        try:
            lines = inspect.getsource(one).splitlines() if one.__module__ != "builtins" else ()
        except (OSError, TypeError):  # there is no source
            continue
        for line in lines:
            if field := _FIELD.match(line):
                text = field[2][0].upper() + field[2][1:]
                found[field[1]] = text if text.endswith((".", "…")) else f"{text}."
    return found
