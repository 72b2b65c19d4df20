"""The kind of each unit of a plain text, from the line model and from explicit signs.

In: the text and its units. Out: one `Kind` per unit, then fewer units where several form one block
(code, a quotation, a stanza). Refuses nothing. Signs override the model: rulers of dashes,
underlined headings, `#` headings, quoted mail, prompts, captions of figures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from indexer.model import Kind
from indexer.parsing.plain_text.ideographs import is_ideographic, label_ideographic
from indexer.parsing.plain_text.line_model import Label, label_units
from indexer.parsing.plain_text.line_shapes import (
    SECTION,
    repeats_phrase,
    shape_of,
    stands_out,
    words_of,
)
from indexer.parsing.plain_text.lines import TextUnit, runs_of
from indexer.parsing.plain_text.tables import aligned_runs, is_barred

Labeller = Callable[[str, Sequence[TextUnit]], list[Label]]

_RULER = re.compile(r"--|(?=.{3})(?:[=_~#·•.+*\s-]+|[─━═│┼├┤┌┐└┘╌┄\s]+)")
_LONGEST_RULER = 200
_LONGEST_HEADING = 120
_MORE_THAN = re.compile(r">\s?=?\s?\d")
_MARKED_HEADING = re.compile(r"#{1,6}\s+\S")
_SECTION_OF_LAW = re.compile(  # SEC. 2. DUTIES OF WRITERS.
    r"(?:SECTION|SEC\.|ARTICLE|CHAPTER|PART|TITLE|RULE|DIVISION)\s+(?:\d{1,4}[A-Z]?|[IVXLC]+)\."
    r"\s+[^\W\d_a-z][^a-z]{2,}"
)
_PROMPT = re.compile(r"(?:\$|>>>|PS [A-Z]:\\[^>\n]*>)\s+[^\W\d]")
_MAIL_HEADER = re.compile(
    r"(?:From|To|Cc|Bcc|Date|Sent|Subject|Reply-To|Message-ID|Received|Return-Path|Organization"
    r"|Newsgroups|Path|Lines|In-Reply-To|References|MIME-Version|Content-[\w-]+|X-[\w-]+):\s*\S"
)
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many|yours)\s+)?(?:regards|wishes|thanks|sincerely|truly|faithfully|cheers)"
    r"[,.!]?$",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|exhibit|plate|scheme|listing)\s*[\dIVX]+[a-z]?\b"
    r"(?!\s*(?:also|alone|above|below|and|or|key)\b|\s+\w+(?:s|ed)\b\s+(?:the|that|how|what|a|an|our)\b)"
    r"[.:|)–—-]?\s+\S",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:By|BY|by|Von|Par|Por)\s+[A-Z][\w.'’-]+(?:,?\s+(?:[A-Z]|and\b|&).*)?$")
_LAST_BYLINE = 4  # units at the start
_MOST_LINES = 200  # of a run that may be a table, or a list under its heading
_FEWEST_LINES = 3
_FIGURE_ROW = re.compile(r"[^\W\d]\D*\s[$€£+–-]?\d[\d.,]*\s?%?(?:\s[^\W\d]{1,8})?")
_LONGEST_CELLS = 120  # code points of a row without tabs
_LONGEST_ROW = 2000  # code points of a row with tabs
_FIGURE = re.compile(r"(?<![\w.])\d[\d.,]*")
_MOST_HEADING_WORDS = 6  # of a heading that the line model took for a paragraph
_LONGEST_VERSE = 75  # code points of a line of verse
_FEWEST_VERSES = 4
_PAUSES = ",;—–"
_OPEN_CLAUSE = re.compile(  # Tell your doctor if you
    r"\b(?:if|unless|because|when|and|or|wenn|falls|weil|und|oder|si|se|als|jeśli|если|när|hvis)"
    r"(?:\s(?:you|they|he|she|it|sie|vous|usted|du|вы))?\Z",
    re.IGNORECASE,
)


def find_kinds(
    text: str, units: Sequence[TextUnit], labeller: Labeller = label_units
) -> tuple[list[Kind], dict[int, str]]:
    """Kind of each unit, and for underlined units the character that underlines them."""
    rulers = {  # lines drawn with characters, without a word
        place
        for place, unit in enumerate(units)
        if unit.end - unit.start <= _LONGEST_RULER and _RULER.fullmatch(text, unit.start, unit.end)
    }
    if len(rulers) == len(units):
        return ["paragraph"] * len(units), {}
    places = [place for place in range(len(units)) if place not in rulers]
    rest = _without_rulers(units, rulers)
    labels: Sequence[Kind] = _correct_labels(text, rest, labeller(text, rest))
    if is_ideographic(text):
        labels = label_ideographic(text, rest, labels)
    kinds: list[Kind] = ["boilerplate"] * len(units)
    for place, label in zip(places, labels):
        kinds[place] = _kind_by_sign(text, units, place) or label
    _label_mail(text, units, kinds)
    underlines = {}
    for place in sorted(rulers):
        drawn = _kind_around(units, kinds, place)
        if drawn:
            kinds[place] = drawn
        elif place and _underlines(text, units, kinds, place):
            kinds[place - 1] = "heading"
            underlines[place - 1] = text[units[place].start]
    return kinds, underlines


def _without_rulers(units: Sequence[TextUnit], rulers: set[int]) -> list[TextUnit]:
    """The units but rulers; a ruler separates the units around it as a blank line does."""
    rest: list[TextUnit] = []
    owed = 0
    for place, unit in enumerate(units):
        if place in rulers:
            owed += unit.blanks + 1
        else:
            rest.append(unit._replace(blanks=unit.blanks + owed) if owed else unit)
            owed = 0
    return rest


def _correct_labels(text: str, units: Sequence[TextUnit], labels: Sequence[Label]) -> list[Label]:
    """Labels of the line model, corrected where several lines together are firmer evidence.

    No heading: the only line of a text, a line without a letter or digit, a line whose clause goes
    on in the items below, several lines of figures in sequence. Table rows: see `_label_rows`, and
    a run with the signs of a flattened table. Headings: the first line of a run if it differs from
    the list items after it, and a few words alone above a list or table.
    (As features of a newly trained model, the same signs gained .001 to .08 of F1 on held-out
    articles with blank lines, lost up to .03 on those without, and did not make the rules
    unnecessary.)
    """
    found = list(labels)
    if len(found) == 1 and found[0] == "heading":
        return ["paragraph"]
    for place, unit in enumerate(units):
        if found[place] == "heading" and (
            not any(map(str.isalnum, text[unit.start : unit.end]))
            or (place + 1 < len(units) and units[place + 1].marker and _is_open(text, unit))
        ):
            found[place] = "paragraph"
    _label_rows(text, units, found)
    _label_figures(text, units, found)
    for begin, end in runs_of(units):
        if _FEWEST_LINES <= end - begin <= _MOST_LINES:
            _label_run(text, units, found, begin, end)
    for place in range(1, len(units) - 1):
        if found[place] == "paragraph" and _is_over_list(text, units, found, place):
            found[place] = "heading"
    return found


def _label_rows(text: str, units: Sequence[TextUnit], labels: list[Label]) -> None:
    """Label lines as table rows that have a common gutter or as many tabs or bars as the line
    beside them."""
    for run in aligned_runs(text, units):
        own = labels[run.start : run.stop]
        beside = {*labels[run.start - 1 : run.start], *labels[run.stop : run.stop + 1]}
        if "code" not in beside or own.count("code") < len(own):  # else it is a part of the code
            labels[run.start : run.stop] = ["table_row"] * len(run)
    if "\t" not in text and "|" not in text:
        return
    counts = [_separators(text, unit) for unit in units]
    for place in range(1, len(units)):
        barred = text[units[place].start] == "|"
        if counts[place] and counts[place] == counts[place - 1] and units[place].blanks <= barred:
            for row in (place - 1, place):
                if labels[row] != "code" or barred:
                    labels[row] = "table_row"


def _separators(text: str, unit: TextUnit) -> int:
    """Number of bars of a line that has them at both ends, or of tabs between its cells, including
    those of empty cells at its end."""
    if unit.end - unit.start > _LONGEST_ROW:
        return 0
    if is_barred(text[unit.start : unit.end]):
        return text.count("|", unit.start, unit.end)
    count = text.count("\t", unit.start, unit.end)
    ends = text[unit.end : unit.end + _LONGEST_ROW].partition("\n")[0] if count else ""
    return count + ends.count("\t")


def _label_figures(text: str, units: Sequence[TextUnit], labels: list[Label]) -> None:
    """Label lines of figures as paragraphs where the model sees several headings in sequence."""
    for label, group in groupby(range(len(labels)), key=labels.__getitem__):
        places = list(group)
        if label == "heading" and len(places) >= _FEWEST_LINES:
            for place in places:
                if len(_FIGURE.findall(text, units[place].start, units[place].end)) > 1:
                    labels[place] = "paragraph"


def _label_run(
    text: str, units: Sequence[TextUnit], labels: list[Label], begin: int, end: int
) -> None:
    """Label a run of lines as a table, or as a heading with its list, if it looks like one."""
    lines = [text[unit.start : unit.end] for unit in units[begin:end]]
    if _is_table(lines):
        labels[begin:end] = ["table_row"] * len(lines)
        return
    own, *rest = labels[begin:end]
    if {own, *rest} - {"list_item", "table_row"} or any(u.marker for u in units[begin:end]):
        return
    bare = not any("\t" in line or any(map(str.isdigit, line)) for line in lines)
    if bare and 2 * rest.count("table_row") <= len(rest):
        labels[begin:end] = rest = ["list_item"] * len(lines)
    lead = lines[0]
    if not begin or set(rest) != {"list_item"} or not lead[0].isupper() or lead[-1] in ".;,":
        return
    first, *others = (shape_of(text, unit) for unit in units[begin:end])
    above = [shape_of(text, unit) for unit in units[max(0, begin - SECTION) : begin]]
    if stands_out(first, others, above):
        labels[begin] = "heading"


def _is_open(text: str, unit: TextUnit) -> bool:
    """Whether a line ends with the beginning of a clause."""
    end = text[max(unit.start, unit.end - _LONGEST_VERSE) : unit.end]
    return _OPEN_CLAUSE.search(end) is not None


def _is_table(lines: Sequence[str]) -> bool:
    """Whether a run of lines is a flattened table without tabs.

    Its head row repeats a phrase, or has no figure while every other row consists of words with a
    figure at their end.
    """
    if any("\t" in line or len(line) > _LONGEST_CELLS for line in lines):
        return False
    if any(line[-1] in ".!?:;" or not line[0].isalnum() for line in lines):
        return False
    words = words_of(lines[0].lower())
    if repeats_phrase(words):
        return True
    named = len(words) > 1 and not any(map(str.isdigit, lines[0]))
    return named and all(_FIGURE_ROW.fullmatch(line) for line in lines[1:])


def _is_over_list(
    text: str, units: Sequence[TextUnit], labels: Sequence[Label], place: int
) -> bool:
    """Whether a few words between blank lines, without a final stop, precede a list or table."""
    unit, below = units[place], labels[place + 1]
    if below not in ("list_item", "table_row") or below != labels[min(place + 2, len(units) - 1)]:
        return False
    if not (unit.blanks and units[place + 1].blanks) or unit.marker or _is_open(text, unit):
        return False
    line = text[unit.start : min(unit.end, unit.start + _LONGEST_VERSE + 1)]
    is_short = len(line) <= _LONGEST_VERSE and len(line.split()) <= _MOST_HEADING_WORDS
    return is_short and line[0].isupper() and line[-1].isalnum()


def _kind_by_sign(text: str, units: Sequence[TextUnit], place: int) -> Kind | None:
    unit = units[place]
    if unit.marker == "quote":
        beside = (*units[max(place - 1, 0) : place], *units[place + 1 : place + 2])
        is_more = _MORE_THAN.match(text, unit.start) and all(u.marker != "quote" for u in beside)
        return None if is_more else "quote"
    span = text, unit.start, unit.end
    if _CAPTION.match(*span):
        return "caption"
    if _PROMPT.match(*span):
        return "code"
    if unit.end - unit.start > _LONGEST_HEADING:
        return None
    if 0 < place < _LAST_BYLINE and _BYLINE.match(*span):
        return "paragraph"
    return "heading" if _MARKED_HEADING.match(*span) or _SECTION_OF_LAW.fullmatch(*span) else None


def _kind_around(units: Sequence[TextUnit], kinds: Sequence[Kind], place: int) -> Kind | None:
    """Code or table row if the ruler at `place` is drawn inside one, else None."""
    for beside, lower in ((place - 1, place), (place + 1, place + 1)):
        touches = 0 <= beside < len(units) and not units[lower].blanks
        if touches and kinds[beside] in ("code", "table_row"):
            return kinds[beside]
    return None


def _label_mail(text: str, units: Sequence[TextUnit], kinds: list[Kind]) -> None:
    """Label the header and closing of a mail, and "Ann wrote:" above a quote, as paragraphs."""
    headers = 0
    while headers < len(units) and _MAIL_HEADER.match(text, units[headers].start):
        headers += 1
    if headers > 1:
        kinds[:headers] = ["paragraph"] * headers
        closing = False  # within the lines of "Kind regards," and the name
        for place in range(headers, len(units)):
            opens = _CLOSING.match(text, units[place].start, units[place].end) is not None
            closing = opens or (closing and not units[place].blanks)
            if closing:
                kinds[place] = "paragraph"
    for place in range(1, len(units)):
        if kinds[place] == "quote" and kinds[place - 1] == "heading":
            kinds[place - 1] = "paragraph"


def _underlines(text: str, units: Sequence[TextUnit], kinds: Sequence[Kind], place: int) -> bool:
    """Whether the ruler at `place` is right under a line of about its own length."""
    above, ruler = units[place - 1], units[place]
    length = above.end - above.start
    return (
        not ruler.blanks
        and kinds[place - 1] in ("heading", "paragraph", "list_item")
        and length <= _LONGEST_HEADING
        and abs(ruler.end - ruler.start - length) <= max(3, length // 3)
        and (place == 1 or above.blanks > 0 or kinds[place - 2] == "boilerplate")
    )


# --- lines merged into one block -----------------------------------------------------------------


def merge_lines(
    text: str, units: Sequence[TextUnit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> tuple[list[TextUnit], list[Kind], dict[int, str]]:
    """Join units that form one block. Returns units, their kinds and their underlines."""
    verses = _find_verses(text, units, kinds)
    joined: list[TextUnit] = []
    joined_kinds: list[Kind] = []
    underlined: dict[int, str] = {}
    for place, (unit, kind) in enumerate(zip(units, kinds)):
        if place in verses:
            kind = "paragraph"
        if joined and (
            (kind == joined_kinds[-1] == "code" and unit.blanks < 3)
            or (kind == joined_kinds[-1] == "quote" and not unit.blanks)
            or (place in verses and place - 1 in verses and not unit.blanks)
        ):
            joined[-1] = joined[-1]._replace(end=unit.end)
        else:
            joined.append(unit)
            joined_kinds.append(kind)
            if place in underlines:
                underlined[len(joined) - 1] = underlines[place]
    return joined, joined_kinds, underlined


def _find_verses(text: str, units: Sequence[TextUnit], kinds: Sequence[Kind]) -> set[int]:
    """Indices of the lines of verse. If one stanza is certain, doubtful ones count too."""
    verses: set[int] = set()
    doubtful: list[tuple[int, int]] = []
    for begin, end in runs_of(units):
        if is_stanza(text, units[begin:end]):
            if all(kind in ("paragraph", "list_item") for kind in kinds[begin:end]):
                verses.update(range(begin, end))
            elif "table_row" not in kinds[begin:end] and "code" not in kinds[begin:end]:
                doubtful.append((begin, end))
    for begin, end in doubtful if verses else ():
        verses.update(range(begin, end))
    return verses


def is_stanza(text: str, run: Sequence[TextUnit]) -> bool:
    """Whether a run of lines reads like verse.

    Lines of verse begin with capitals and end in different ways, whereas list items end alike.
    """
    if len(run) < _FEWEST_VERSES:
        return False
    ends: Counter[str] = Counter()
    pauses = capitals = 0
    for unit in run:
        if unit.marker or unit.end - unit.start > _LONGEST_VERSE:
            return False
        last = text[unit.end - 1]
        pauses += last in _PAUSES
        ends["a" if last.isalnum() else last] += 1
        capitals += not text[unit.start].islower() and not text[unit.start].isdigit()
    others = len(run) - pauses
    mixed = others >= 2 or (others == 1 and len(ends) > 2)
    return mixed and 0.2 * len(run) <= pauses <= 0.8 * len(run) and capitals >= 0.8 * len(run)
