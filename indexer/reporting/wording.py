"""Wording of numbers, places and counts, shared by all reports; text made safe to print.

In: counts, offsets, section paths, any string of a corpus. Out: short English phrases, and strings
without control characters that a terminal would obey, encodable as UTF-8. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from math import floor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a search doesn't need the audits
    from indexer.audits.counts import Audit, Cell, Count, TermCount
    from indexer.audits.dispersion import Dispersion
    from indexer.audits.scope import Place
    from indexer.audits.terms import AuditTerm
    from indexer.model import Results

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_SOFT_END = re.compile("(?<=[^aeiou])y$|ch$")  # of a noun whose plural ends in "es"


def visible(text: str) -> str:
    """`text` with all control characters but tabs and newlines replaced by visible symbols.

    An escape sequence in an article must not reach the terminal: ESC becomes ␛.
    """
    return _CONTROLS.sub(_shown, text)


def one_line(text: str) -> str:
    """`text` on one line, safe to print; each run of white space becomes one space."""
    return visible(_SPACES.sub(" ", text))


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


# Names of measures and the direction of each: readability scores, then association measures.
SCALES = {
    "flesch": (
        "Flesch",
        "reading ease, high is easy; 60 to 70 is plain English, below 30 very difficult",
    ),
    "grade": ("Grade", "Flesch-Kincaid; low is easy, years of schooling in the US"),
    "smog": ("SMOG", "low is easy, years of schooling; needs 30 sentences"),
    "lix": ("LIX", "low is easy, in any language; below 30 is very easy, above 60 very difficult"),
}
ASSOCIATIONS = {
    "log_dice": ("logDice", "high is a strong association, at most 14; 1 more is twice as strong"),
    "g2": (
        "G², two cells",
        "above 3.84: p < 0.05, negative: rarer than by chance; grows with the text",
    ),
    "g2_four": ("G², four cells", "above 3.84: p < 0.05; grows with the text"),
    "mi": ("MI", "mutual information in bits, 0: as often as by chance; favours rare words"),
    "t": ("t", "t score, above 2: p < 0.05; favours frequent words"),
    "count": ("Count", "frequency in the window"),
}
MEASURES = {key: name for key, (name, _) in ASSOCIATIONS.items()}


def breadcrumb(headings: Iterable[str]) -> str:
    """Headings from the top down, on one line: `Elavil › Side Effects`."""
    return " › ".join(one_line(heading).strip() for heading in headings)


def shortened(text: str, most: int) -> str:
    """At most `most` characters of a text, cut between words, with … if it was cut."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def count_of(number: int, noun: str) -> str:
    """`1 passage`, `1,204 passages`, `2 queries`, `3 matches`."""
    if number != 1:
        noun = _SOFT_END.sub(lambda end: "ie" if end[0] == "y" else f"{end[0]}e", noun) + "s"
    return f"{number:,} {noun}"


def counts_of(**numbers: int) -> str:
    """`1 article, 7 sections`, for `article=1, section=7`."""
    return ", ".join(count_of(number, noun) for noun, number in numbers.items())


SURENESS = ((1.0, "certainly"), (0.98, "almost certainly"), (0.9, "very probably"))


def sureness(confidence: float) -> str:
    """The confidence that this is the same passage, in words: `almost certainly (98%)`."""
    words = next((words for least, words in SURENESS if confidence >= least), "probably")
    return words if confidence >= 1 else f"{words} ({percent(confidence)})"


def installed_version() -> str:
    """The version of this program."""
    from importlib import metadata  # takes long to import

    try:
        return metadata.version("pilcrow-search")
    except metadata.PackageNotFoundError:  # run from its folder
        return "(not installed)"


def percent(share: float) -> str:
    """`60%`, `99.6%`: rounded down, so that less than all is never 100%."""
    return f"{floor(round(share * 1000, 6)) / 10:g}%"


def number(value: float, digits: int = 0) -> str:
    """A number as people read it: `1,204`, `3.21`, and never `-0.0`."""
    return f"{round(value, digits) + 0:,.{digits}f}"


def page_of(shown: int, offset: int, total: int, noun: str, *, least: bool = False) -> str:
    """`10 of 311 passages`, and how to show more. With `least`, `total` is a lower bound."""
    whole = ("at least " if least else "") + count_of(total, noun)
    if shown == total:
        return whole
    if not shown:
        return f"none of {whole} shown"
    part = f"{offset + 1:,} to {offset + shown:,}" if offset else f"{shown:,}"
    reached = offset + shown
    more = f"; --offset {reached} shows more" if reached < total else ""
    return f"{part} of {whole}{more}"


def found_of(results: Results) -> str:
    """`10 of 311 passages`, and how many of these have the words as typed."""
    every = results.total + results.total_synonyms
    least = results.lost_shards is not None
    shown = page_of(len(results.hits), results.page.offset, every, "passage", least=least)
    number = f"{'at least ' if least else ''}{results.total:,}"
    return shown + (f"; {number} with the words as typed" if results.total_synonyms else "")


def part_of(found: Any, size: str) -> str:
    """`size` for a file, which doesn't show where it ends; "" if it holds everything."""
    return size if found.page.offset or found.page.more else ""


RATE = "per 1,000 words"
APART = "without headings, titles and boilerplate"
METHOD = (
    "An occurrence is one match of a term in the text of a passage: a phrase is one, and so is a "
    "pair of words that must occur near each other. The concordance has a line for each.",
    "Words are those in the text of passages, without headings, titles and boilerplate; "
    "those in headings and titles are counted separately. Rates are per 1,000 of these words.",
    "Intervals are Wilson score intervals for a share of words, at the confidence given. They "
    "assume independent occurrences, and so are too narrow rather than too wide.",
    "A passage, section or article counts when a passage of it satisfies the whole term. A section "
    "is the text right below a heading, without its subsections.",
    "An occurrence in a heading counts for the section of the first passage below it, one in a "
    "title for that of the article's first passage. An article or section lacks "
    "a term if its text does not have it; if a heading or title has it, it is only in headings.",
    "A term is a query: bare words match all forms of their stem, words in quotes as they are "
    "written, except for case and accents. There are no stop words: not, may and 5 are counted.",
    "Dispersion is measured by Gries' DP: 0 if a term is spread exactly as the words are, near 1 "
    "if all of it is in one small part; and by the range, the number of parts that have it.",
)
MATCHES = {
    "stem": "any form of a word",
    "word": "words as written, in any case",
    "case": "words as written, in exact case",
}


def name_of(count: Count) -> str:
    """Display name of a term, with its group and role, or of a group."""
    term, group, role = count.identity
    if not term:
        return f"all of {one_line(group)}"
    family = " ".join(part for part in (group, role) if part)
    return one_line(term) + (f" ({one_line(family)})" if family else "")


def scope_in_words(audit: Audit) -> str:
    """What was audited: `1 article, 7 sections, 16 passages, 941 words`."""
    return counts_of(
        article=audit.articles, section=audit.sections, passage=audit.passages, word=audit.words
    )


def rate_of(count: Count) -> str:
    """`3.21 per 1,000 words (95%: 1.09 to 9.41)`."""
    rate = count.rate
    if rate.per_1000 is None or rate.low is None or rate.high is None:
        return "no words to count in"
    interval = f"{percent(rate.confidence)}: {rate.low:,.2f} to {rate.high:,.2f}"
    return f"{rate.per_1000:,.2f} {RATE} ({interval})"


def short_rate(rate: float) -> str:
    """`40.4`; for a rare term `0.038`, not `0.0`."""
    return f"{rate:,.1f}" if rate >= 0.1 or not rate else f"{rate:.2g}"


def reach_of(count: Count, audit: Audit) -> str:
    """`in 3 of 16 passages, 2 of 7 sections, 1 of 1 article`."""
    return "in " + ", ".join(
        f"{part:,} of {count_of(whole, noun)}"
        for part, whole, noun in (
            (count.passages, audit.passages, "passage"),
            (count.sections, audit.sections, "section"),
            (count.articles, audit.articles, "article"),
        )
    )


def dispersion_of(dispersion: Dispersion) -> str:
    """Dispersion of a term, with the direction of the scale; "" if DP is not defined."""
    if dispersion.dp is None:
        return ""
    parts = "equal parts of the text" if dispersion.of == "segments" else dispersion.of
    return (
        f"in {dispersion.range} of {dispersion.parts:,} {parts}; "
        f"DP {dispersion.dp:.2f} (0: even, near 1: in one part)"
    )


def forms_of(count: TermCount, most: int | None = None) -> str:
    """`Elavil 17 · Elavil's 3`: at most `most` forms, and how many more there are."""
    forms = list(count.forms.items())
    shown = [f"{one_line(form)} {number:,}" for form, number in forms[:most]]
    more = len(forms) - len(shown)
    return " · ".join([*shown, *([f"and {count_of(more, 'more form')}"] if more else [])])


def shared_titles(places: Iterable[Place]) -> frozenset[str]:
    """Titles that several articles have, such as versions of one leaflet."""
    titles = Counter({place.article.id: place.article.title for place in places}.values())
    return frozenset(title for title, number in titles.items() if number > 1)


def place_of(place: Place | Cell, alone: bool = False, shared: frozenset[str] = frozenset()) -> str:
    """Title and section path; with `alone` (only one article), just the section path. A title in
    `shared` is followed by the article's id."""
    title = one_line(place.article.title)
    if place.article.title in shared:
        title += f" ({one_line(place.article.id)})"
    section = breadcrumb(place.section)
    if alone and section:
        return section
    return f"{title} › {section}" if section else title


def lacking_of(count: Count, noun: str) -> str:
    """`3 of 12 articles, 1 of which has it only in headings`. For sections, a note if text below
    no heading is among them, which is not included in the number of sections."""
    lacking, only = len(count.lacking), len(count.only_in_headings)
    text = f"{lacking:,} of {count_of(len(count.by), noun)}"
    have = "has" if only == 1 else "have"
    text += f", {only:,} of which {have} it only in headings" if only else ""
    if noun == "section" and not all(place.section for place in count.by.places):
        text += " (the text of an article that is below no heading counts as one)"
    return text


def first_lacking(count: Count, most: int) -> list[Cell]:
    """At most `most` places that lack a term, first those that have it in headings only."""
    nowhere = (cell for cell in count.lacking if not cell.headings)
    return list(islice(chain(count.only_in_headings, nowhere), most))


def are_of_one_article(places: Sequence[Place]) -> bool:
    """Whether all places are sections of one article."""
    return len({place.article.id for place in places}) < 2


def hint_of(term: AuditTerm) -> str:
    """Explains how a term of several bare words, easily taken for a phrase, is counted; "" for
    other terms."""
    from indexer.query.parser import parse  # here, because searches don't need it

    query = term.query
    parsed = parse(query)
    if not parsed.bare or len(query.split()) < 2:
        return ""
    return (
        f"{query}: each of its words is counted, in passages that have all of them; "
        f"to count the phrase: '\"{query}\"'"
    )
