"""What is shown gives back the text: marks, snippets and lines of a concordance.

In: a text with its marks, or a line with its passage. Out: failures in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.model import Hit, Line, Mark, Passage, Snippet
from indexer.search.highlight import snippets
from indexer.verifying.ledger import Ledger

WIDTHS = ((320, 1), (90, 2), (17, 3))  # of snippets: code points, and how many


def check_hit(place: str, hit: Hit, ledger: Ledger) -> None:
    """Marks of a hit, in its text and in what stands above it, and the snippets made of them."""
    text = hit.passage.text
    names = (hit.article.title, *hit.passage.section)
    if len(hit.section_marks) != len(hit.passage.section):
        ledger.fail(place, "has not one set of marks for each heading")
    for name, marks in zip(names, (hit.title_marks, *hit.section_marks)):
        check_pieces(f"{place}, heading {name!r}", name, marks, 0, len(name), ledger)
    if not check_pieces(place, text, hit.marks, 0, len(text), ledger):
        return
    for width, limit in WIDTHS:
        windows = snippets(text, hit.marks, width=width, limit=limit)
        check_snippets(f"{place}, snippets of {width}", hit, windows, (width, limit), ledger)


def check_pieces(
    place: str, text: str, marks: Sequence[Mark], start: int, end: int, ledger: Ledger
) -> bool:
    """Whether the pieces between marks and in them, joined, are the text from start to end."""
    pieces: list[str] = []
    reached = start
    for mark in marks:
        pieces += (text[reached : mark.start], text[mark.start : mark.end])
        if not reached <= mark.start < mark.end <= end:
            ledger.fail(place, f"{mark} is out of order or leaves the text")
            return False
        reached = mark.end
    pieces.append(text[reached:end])
    ledger.count("marks", len(marks))
    return ledger.expect(place, "pieces joined", text[start:end], "".join(pieces))


def check_snippets(
    place: str, hit: Hit, windows: Sequence[Snippet], size: tuple[int, int], ledger: Ledger
) -> None:
    """Windows of a passage are parts of it, with the marks that it has there, and show some."""
    text, (width, limit) = hit.passage.text, size
    end = 0
    for window in windows:
        if not end <= window.start <= window.end <= len(text):
            ledger.fail(place, f"{window.start}–{window.end} is out of order or leaves the text")
            return
        end = window.end
        check_pieces(place, text, window.marks, window.start, window.end, ledger)
        clipped = tuple(
            Mark(max(m.start, window.start), min(m.end, window.end), m.reason)
            for m in hit.marks
            if m.start < window.end and m.end > window.start
        )
        ledger.expect(place, "marks of the window", clipped, window.marks)
        if hit.marks and not window.marks:
            ledger.fail(place, "a window shows none of the marks")
        if window.end - window.start > width:
            ledger.fail(place, f"a window is {window.end - window.start} wide")
    if not 1 <= len(windows) <= limit:
        ledger.fail(place, f"has {len(windows)} windows")
    ledger.count("snippets", len(windows))


def check_line(place: str, line: Line, passage: Passage, ledger: Ledger) -> None:
    """A line of a concordance is a slice of its passage's text."""
    text = passage.text
    place = f"{place}, passage {line.passage}, line at {line.start}"
    ledger.expect(place, "match", text[line.start : line.end], line.match)
    left, right = line.start - len(line.left), line.end + len(line.right)
    whole = text[max(left, 0) : right] if left >= 0 else None
    ledger.expect(place, "line", whole, line.left + line.match + line.right)
    ledger.expect(place, "section", passage.section, line.section)
    ledger.expect(place, "article", passage.article_id, line.article.id)
    ledger.count("lines")
