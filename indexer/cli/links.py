"""`pilcrow links`: what became of every link that was handed out, and of those that files hold.

The ledger of ids is exported to a file that is whole or not there, and imported from one. Refuses
(`UsageError` with file and line) a file that is no export; the index is then as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import click

from indexer import (
    Article,
    Index,
    NotFound,
    Passage,
    Selection,
    UsageError,
    load_settings,
    open_index,
)
from indexer.cli import options
from indexer.cli.link_sources import Holding, held_links
from indexer.cli.output import note, replace_file, warn, width, write, write_lines, write_parts
from indexer.cli.run import FINDINGS
from indexer.links.ledger_file import exported, restore
from indexer.links.permalinks import Resolution
from indexer.reporting.annotations import link_annotations
from indexer.reporting.json import to_json
from indexer.reporting.link_lines import link_lines
from indexer.reporting.links import FATES, Fate, Tally, Told, Words, links_csv, links_json
from indexer.reporting.wording import count_of

_STDOUT = Path("-")


def put_out(path: Path, index_dir: Path) -> None:
    """Writes a line for every id ever issued. A file that was there is replaced at the end."""
    with open_index(index_dir) as index:
        lines = (_as_bytes(line) for line in exported(index.links()))
        if path == _STDOUT:
            sys.stdout.buffer.writelines(lines)
            return
        ids = Counted(lines)
        replace_file(path, ids)
    note(f"{count_of(ids.count, 'id')} exported to {path}")


def bring_in(path: Path, index_dir: Path) -> None:
    """Takes the ids of an export into the index, all or none."""
    count = restore(index_dir, _lines(path), str(path))
    note(f"{count_of(count, 'id')} imported from {path}")


def _as_bytes(line: str) -> bytes:
    """A line in UTF-8; half a surrogate pair, as in odd names of files, as JSON escapes it."""
    return f"{line}\n".encode("utf-8", "backslashreplace")


class Counted:
    """Lines that are counted as they go by."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file as text. `UsageError` for the first that is not UTF-8."""
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                remedy = "give a file that was made by: pilcrow links --export"
                raise UsageError(f"{path}:{number}: not UTF-8; {remedy}") from None


def _fates(_ctx: click.Context, _param: click.Parameter, value: str) -> frozenset[Fate] | None:
    """`lost,edited` as a set of statuses; None for all."""
    if not value:
        return None
    names = {name.strip().lower() for name in value.split(",")}
    if wrong := names.difference(FATES):
        raise click.BadParameter(f"{min(wrong)!r} is not one of {', '.join(FATES)}")
    return frozenset(fate for fate in FATES if fate in names)


@click.command()
@click.argument("held", nargs=-1, metavar="[PATH|URL]...")
@options.format_option("text", "json", "csv", "jsonld")
@click.option(
    "--only",
    default="",
    callback=_fates,
    metavar="STATUSES",
    help="Show only these statuses, separated by commas: intact, moved, edited, lost, unknown.",
)
@click.option(
    "--export",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write all ids with their history to FILE, one per line, and do nothing else.",
)
@click.option(
    "--import",
    "import_",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    metavar="FILE",
    help="Import the ids of an export; the ids of the index are kept.",
)
@options.output_option
@options.site_option
@options.index_option
def links(
    held: tuple[str, ...],
    form: str,
    only: frozenset[Fate] | None,
    export: Path | None,
    import_: Path | None,
    output: Path | None,
    site: str,
    index_dir: Path | None,
) -> None:
    """Check where links to passages lead now.

    Without arguments, every id that was ever issued: it is intact (the same words, perhaps below a
    renamed heading), moved (the same words elsewhere), edited (shown with the [-old-] and {+new+}
    words) or lost. With a PATH, the permalinks in a file, or in the files of a folder (- is
    standard input); an id that was never issued is unknown.

    Exits with 1 if any are lost or unknown, even if --only hides them.

    \b
    Examples:
      pilcrow links --only lost,edited
      pilcrow links newsletter.html ~/wiki
      pilcrow links --export ids.jsonl      and later, into an index made anew:
      pilcrow links --import ids.jsonl
    """
    settings = load_settings(index=index_dir)
    if export or import_:
        if held or only or output or form != "text":
            raise UsageError("--export and --import go with no other option but --index")
        if import_:
            bring_in(import_, settings.index)
        if export:
            put_out(export, settings.index)
        return
    holding = Holding(settings.max_file_bytes)
    with open_index(settings.index, settings=settings) as index:
        found = _held(index, held, holding) if held else _issued(index)
        tally = Tally(found, only)
        if form == "jsonld":
            urls = {ref.id: ref.url for ref in index.articles()}
            shown = (told.link for told in tally if told.link is not None)
            write(to_json(link_annotations(shown, urls, site)) + "\n", output)
        else:
            _write(tally, form, output, placed=bool(held))
    for problem in holding.problems:
        warn(str(problem))
    if held and not holding.usable:
        raise UsageError("nothing could be read; name a file, a folder or a permalink (…/p/<id>)")
    if holding.passed_over:
        note(holding.summary)
    if tally.is_broken:
        raise click.exceptions.Exit(FINDINGS)


def _issued(index: Index) -> Iterator[Told]:
    """Every id ever issued."""
    return (Told(link.id, link) for link in index.links())


def _held(index: Index, held: tuple[str, ...], holding: Holding) -> Iterator[Told]:
    """The links in what was given, one after the other; each id is looked up once."""

    @lru_cache(maxsize=10_000)
    def resolve(name: str) -> Resolution | None:
        try:
            return index.resolve(name)
        except NotFound:
            return None

    article = lru_cache(maxsize=16)(index.article)
    for given in held:
        for file, link in held_links(given, holding):
            found, wanted = resolve(link.id), link.selection
            words = None
            if wanted is not None and found is not None and found.passage is not None:
                words = _words(article(found.article_id), wanted, found.passage)
            yield Told(link.id, found, link.url, file, link.line, words)


def _words(article: Article, wanted: Selection, passage: Passage) -> Words:
    """What became of the words of a passage that a link was made for."""
    found = Index.find_selection(article, wanted, passage)
    was = f"{wanted.text} … {wanted.end}" if wanted.end else wanted.text
    return Words(was, found.span.of(article.text) if found else "", found)


def _write(tally: Tally, form: str, output: Path | None, *, placed: bool) -> None:
    """All links in one form; `placed`: each has a place where it was found."""
    if form == "json":
        write_parts(links_json(tally), output)
    elif form == "csv":
        write(links_csv(tally, placed=placed), output)
    else:
        write_lines(link_lines(tally, None if output else width()), output)
