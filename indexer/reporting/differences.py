"""Word diffs of two texts, for a terminal and as HTML.

In: runs of a word diff. Out: a `rich` text in which old words are shown as [-old-] and new ones as
{+new+}; or `Markup` with `<del>` and `<ins>`, in which each change is labelled for screen readers.
Both are readable without colours. White space at the ends of a change is moved outside it, and
long unchanged runs may be shortened. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape
from rich.text import Text

from indexer.links.similarity import DiffRun
from indexer.reporting.wording import one_line, visible

AROUND = 40  # unchanged characters shown on each side of a change
_WORD = 12  # fewer characters than these are not replaced by an ellipsis
_SHELLS = {"removed": ("[-", "-]", "red"), "added": ("{+", "+}", "green")}
_ELEMENTS = {
    "removed": Markup('<del><span class="said">removed: </span>{}</del>'),
    "added": Markup('<ins><span class="said">added: </span>{}</ins>'),
}


def difference_text(runs: Iterable[DiffRun], around: int | None = None) -> Text:
    """The diff on one line for a terminal; `around`: unchanged characters beside each change."""
    line = Text()
    for run, before, words, after in _pieces(runs, around):
        if run.change == "kept" or not words:
            line.append(one_line(before + words + after))
            continue
        opened, closed, style = _SHELLS[run.change]
        line.append(one_line(before))
        line.append(f"{opened}{one_line(words)}{closed}", style)
        line.append(one_line(after))
    return line


def difference_html(runs: Iterable[DiffRun], around: int | None = AROUND) -> Markup:
    """The diff as HTML; `around`: unchanged characters beside each change, None: all."""
    parts, removed = [], False
    for run, before, words, after in _pieces(runs, around):
        if run.change == "kept" or not words:
            parts.append(escape(visible(before + words + after)))
        else:
            gap = " " if removed and run.change == "added" and not before else ""
            parts += [escape(gap + before), _ELEMENTS[run.change].format(visible(words))]
            parts.append(escape(after))
        removed = run.change == "removed" and bool(words) and not after
    return Markup("").join(parts)


def _pieces(runs: Iterable[DiffRun], around: int | None) -> Iterator[tuple[DiffRun, str, str, str]]:
    """Each run with its leading white space, its words and its trailing white space."""
    every = list(runs)
    for number, run in enumerate(every):
        text = run.text
        if run.change == "kept":
            if around is not None:
                text = _shortened(text, around, number > 0, number + 1 < len(every))
            yield run, "", text, ""
            continue
        words = text.strip()
        before, _, after = text.partition(words) if words else (text, "", "")
        yield run, before, words, after


def _shortened(text: str, around: int, follows: bool, precedes: bool) -> str:
    """Start and end of an unchanged run, as far as a change precedes or follows it."""
    head = text[:around] if follows else ""
    tail = text[-around:] if precedes else ""
    if len(head) + len(tail) + _WORD >= len(text):
        return text
    gap = " … " if head and tail else "…"
    return head.rsplit(" ", 1)[0] + gap + tail.split(" ", 1)[-1]
