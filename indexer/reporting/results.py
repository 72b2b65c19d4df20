"""Search results, outlines and reports on indexing as text for a terminal, with coloured marks.

In: what the library returns. Out: lines as `rich` texts, whose plain text has the same words.
Refuses nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from mimetypes import MimeTypes
from typing import TYPE_CHECKING

from rich.text import Text

from indexer.errors import SourceError, UnknownValues
from indexer.links.permalinks import permalink
from indexer.model import Article, Hit, Mark, Passage, Results, Span
from indexer.reporting.wording import count_of, counts_of, found_of, one_line, visible

if TYPE_CHECKING:
    from rich.console import Console

    from indexer.backup import BackupReport
    from indexer.ingest.build import IndexReport, Removal
    from indexer.verify import Verification

MARK_STYLE = _ALARM = "bold red"
_CODE = frozenset(("text/css", "text/javascript", "application/javascript", "application/json"))
_FAINT = "dim"
_STRONG = "bold"
_FIRST_WORDS = 72  # cells shown of a block in an outline
_MOST_IDS = 5  # shown as text; JSON has all
_MOST_ALIKE = 3  # problems with one reason that get a line each
_MOST_FAILURES = 20
_LINED = ("list_item", "table_row")  # kinds of blocks that a passage may have several of
_ITEM_ENDS = re.compile(r"\s*\n\s*")


def results_lines(
    results: Results,
    contexts: Mapping[str, str],
    width: int | None,
    snippet_chars: int,
    site: str = "",
) -> Iterator[Text]:
    """The hits of a search, each with its section path, snippet and permalink, then the total.

    `contexts` maps passage ids to the lead-in or head row to show above the passage.
    """
    first = results.page.offset + 1
    indent = len(str(first + len(results.hits))) + 2
    for number, hit in enumerate(results.hits, first):
        if number == first + results.with_words:
            yield from wrapped(Text(other_names(results), _STRONG), width, 0)
            yield Text()
        yield from wrapped(_place(hit), width, indent, f"{number}.")
        if context := contexts.get(hit.passage.id):
            yield from wrapped(Text(one_line(context), _FAINT), width, indent)
        for paragraph in _excerpt(hit, snippet_chars).split("\n"):
            yield from wrapped(paragraph, width, indent)
        yield from wrapped(Text(site + permalink(hit.passage.id), _FAINT), width, indent)
        yield Text()
    yield Text(found_of(results))
    if results.total_synonyms and results.with_words == len(results.hits):
        yield Text(other_names(results))
    if results.missing:
        yield Text(f"no passage has {', '.join(one_line(word) for word in results.missing)}")
    if results.suggestion:
        yield Text(f"try instead: {one_line(results.suggestion)}")


def other_names(results: Results) -> str:
    """Other names of a drug that found further passages, how many, and how to leave them out."""
    more = "more " if results.total else ""
    number = count_of(results.total_synonyms, f"{more}passage")
    return f"{'; '.join(map(str, results.synonyms))}, {number}; --exact-names leaves them out"


def outline_lines(
    article: Article, passages: Sequence[Passage], width: int | None
) -> Iterator[Text]:
    """The blocks of an article, indented by section: id of the passage that begins in the block,
    kind, and first words."""
    yield Text(one_line(article.title), _STRONG)
    facts = [article.id, article.language, article.encoding, article.url]
    facts += [count_of(len(article.blocks), "block"), count_of(len(passages), "passage")]
    yield Text(" · ".join(one_line(fact) for fact in facts if fact), _FAINT)
    yield Text()
    starts = [passage.span.start for passage in passages]
    for block in article.blocks:
        low, high = (bisect_left(starts, at) for at in (block.span.start, block.span.end))
        ids = [passage.id for passage in passages[low:high]]
        line = Text(f"{ids[0] if ids else '':16}  ", _FAINT)
        line.append("  " * len(block.section))
        label = block.kind.replace("_", " ")
        label += f" {block.level}" if block.kind == "heading" else ""
        label += f" (with {len(ids) - 1} more)" if len(ids) > 1 else ""
        line.append(f"{label}: ", _FAINT)
        words = Text(one_line(block.span.of(article.text)))
        if block.kind in ("title", "heading"):
            words.stylize(_STRONG)
        else:
            words.truncate(_FIRST_WORDS, overflow="ellipsis")
        line.append_text(words)
        if width:
            line.truncate(width, overflow="ellipsis")
        yield line


def report_lines(report: IndexReport, _: int | None, index: str) -> Iterator[Text]:
    """What indexing changed, and what the index holds now."""
    changes = [
        f"{number:,} {verb}"
        for number, verb in (
            (report.added, "added"),
            (report.changed, "changed"),
            (report.removed, "removed"),
            (report.unchanged, "unchanged"),
            (len(report.skipped), "skipped"),
        )
        if number
    ]
    what = ", ".join(changes) or "nothing to do"
    yield Text(f"{what} in {report.seconds:,.1f} s")
    for is_media, what in ((False, "of other formats"), (True, "of data, code or media")):
        kinds = {k: n for k, n in report.passed_over.items() if _holds_no_prose(k) is is_media}
        if kinds:
            listed = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
            names = ", ".join(f"{number:,} {kind or 'without suffix'}" for kind, number in listed)
            remedy = "" if is_media else ": save as text, HTML or .docx to index them"
            files = count_of(sum(kinds.values()), "file")
            yield Text(f"ignored {files} {what} ({one_line(names)}){remedy}")
    if report.links_out:
        links = count_of(report.links_out, "link")
        lead = "leads" if report.links_out == 1 else "lead"
        yield Text(f"ignored {links} that {lead} out of the folder (follow with --follow-links)")
    for path, number in report.emptied.items():
        yield Text(f"{one_line(path)} is gone or empty: {count_of(number, 'article')} removed")
    yield _holds(index, article=report.articles, passage=report.passages)


def _holds(index: str, **numbers: int) -> Text:
    return Text(f"{index} holds {counts_of(**numbers)}")


def _holds_no_prose(suffix: str) -> bool:
    """Whether files with this suffix are images, audio, video, fonts, styles, scripts or JSON."""
    name, _ = MimeTypes().guess_type(f"file{suffix}")
    return (name or "").startswith(("image/", "audio/", "video/", "font/")) or name in _CODE


def removal_lines(done: Removal, _: int | None, index: str) -> Iterator[Text]:
    """What was removed from the index, and what it holds now."""
    yield Text(f"removed {count_of(len(done.removed), 'article')}")
    for path in done.present:
        yield Text(f"{one_line(path)} is still there; the next pilcrow index adds it again")
    yield _holds(index, article=done.articles, passage=done.passages)


def backup_lines(done: BackupReport, _: int | None, here: str, there: str) -> Iterator[Text]:
    """What a backup or a restored index holds, and ids that only one of the two has."""
    yield _holds(here, article=done.articles, passage=done.passages, id=done.ids)
    if done.set_aside:
        yield Text(f"the older one is kept as {one_line(done.set_aside)}")
    if done.is_unread:
        yield Text("not all of its ids can be read: it is damaged")
    for ids, who in ((done.ids_only_there, there), (done.ids_only_here, here)):
        if ids:
            shown = ", ".join(ids[:_MOST_IDS])
            more = f" and {len(ids) - _MOST_IDS:,} more (all: --format json)"
            more = more if len(ids) > _MOST_IDS else ""
            yield Text(f"{count_of(len(ids), 'id')} only in {who}: {shown}{more}")


def gathered(problems: Sequence[SourceError]) -> Iterator[str]:
    """A line for each problem; more than `_MOST_ALIKE` with the same reason share a line, and so do
    all unknown values of templates."""
    alike: dict[tuple[str, str], list[SourceError]] = {}
    unknown = [problem.count for problem in problems if isinstance(problem, UnknownValues)]
    if unknown:
        values = count_of(sum(unknown), "template value")
        yield f"{values} unknown in {count_of(len(unknown), 'file')}, left out"
    for problem in problems:
        if isinstance(problem, UnknownValues):
            continue
        alike.setdefault((problem.reason, problem.remedy), []).append(problem)
    for (reason, remedy), group in alike.items():
        if len(group) <= _MOST_ALIKE:
            yield from map(str, group)
            continue
        files = f"{group[0].path} and {len(group) - 1:,} more"
        yield f"{files}: {reason}" + (f"; {remedy}" if remedy else "")


def marked(
    text: str, marks: Sequence[Mark], span: Span, clean: Callable[[str], str] = one_line
) -> Text:
    """`text` within `span`, with styled marks, which must be sorted and lie within the span."""
    line = Text()
    reached = span.start
    for mark in marks:
        line.append(clean(text[reached : mark.start]))
        line.append(clean(text[mark.start : mark.end]), MARK_STYLE)
        reached = mark.end
    return line.append(clean(text[reached : span.end]))


def _place(hit: Hit) -> Text:
    """Title and section path of a hit, with their marks; for a hit that was not found by its text
    alone, also the heading or title that matched."""
    names = (hit.article.title, *hit.passage.section)
    marks = (hit.title_marks, *hit.section_marks, *[()] * len(names))
    parts = [marked(name, found, Span(0, len(name))) for name, found in zip(names, marks)]
    place = Text(" › ").join(parts)
    place.stylize_before(_STRONG)
    if hit.found_in != "text" or hit.heading:
        place.append(f" · {'with' if hit.found_in == 'text' else 'in'} the ", _FAINT)
        place.append("title" if hit.found_in == "title" else "heading", _FAINT)
    if heading := hit.heading:
        whole = Span(0, len(heading.text))
        place.append(" ").append_text(marked(heading.text, heading.marks, whole))
    return place


def _excerpt(hit: Hit, width: int) -> Text:
    """The best snippet of a passage; items, rows and lines of code stay on separate lines."""
    from indexer.search.highlight import snippets  # here, because indexing doesn't need it

    text, kind = hit.passage.text, hit.passage.kind
    clean = _code if kind == "code" else _lines if kind in _LINED else one_line
    excerpt = Text()
    for snippet in snippets(text, hit.marks, width=width, limit=1):
        excerpt.append("…" if snippet.start else "")
        excerpt.append_text(marked(text, snippet.marks, Span(snippet.start, snippet.end), clean))
        excerpt.append("…" if snippet.end < len(text) else "")
    return excerpt


def _code(text: str) -> str:
    return visible(text.expandtabs(4))


def _lines(text: str) -> str:
    return "\n".join(one_line(line) for line in _ITEM_ENDS.sub("\n", text).split("\n"))


@cache
def _wrapper() -> Console:
    """The console that `rich` requires for wrapping; nothing is printed on it."""
    from rich.console import Console  # here: slow to import, and not needed for a pipe

    return Console(width=80)


def wrapped(text: Text, width: int | None, indent: int, label: str = "") -> Iterator[Text]:
    """`text` in lines of at most `width` cells, indented; the first line begins with `label`."""
    room = max(width - indent, 20) if width else 0
    lines = text.wrap(_wrapper(), room) if room else [text]
    for number, line in enumerate(lines):
        line.rstrip()
        margin = Text("" if number else label)
        margin.pad_right(indent - len(margin))
        yield margin.append_text(line)


def verification_lines(done: Verification, _: int | None = None) -> Iterator[Text]:
    """What was checked, and the failures."""
    size = done.characters / 1e3  # counting a character as a byte
    amount = f"{size / 1e3:,.1f} MB" if size >= 1e3 else f"{size:,.0f} kB"
    yield Text(f"articles: {_listed(done, 'articles', 'passages', 'blocks')}; {amount}")
    yield Text(f"ledger: {_listed(done, 'records')}")
    yield Text(
        f"arrays: {_listed(done, 'segments', 'arrays', 'tokens', 'forms')}, rebuilt and compared"
    )
    yield Text(f"checked in {done.seconds:,.1f} s")
    for failure in done.failures[:_MOST_FAILURES]:
        yield Text(one_line(failure), _ALARM)
    left = done.failed - min(len(done.failures), _MOST_FAILURES)
    if left:
        yield Text(f"and {count_of(left, 'more failure')}", _ALARM)
    yield Text(count_of(done.failed, "failure") if done.failed else "no errors")


def _listed(done: Verification, *names: str) -> str:
    return counts_of(**{name[:-1]: done.checked.get(name, 0) for name in names})
