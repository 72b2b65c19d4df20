"""`pilcrow links`: what became of every id that was issued, and of the links in files.

Also exports the ledger of ids to a file, which is written completely or not at all, and imports it
again. Refuses (`UsageError` with file and line) a file that is no export; the index is unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import count
from pathlib import Path

import click

from indexer import Article, Index, NotFound, Selection, UsageError, load_settings, open_index
from indexer.cli import options
from indexer.cli.link_sources import LinkSources, links_in
from indexer.cli.output import Target, note, warn
from indexer.cli.run import FINDINGS
from indexer.cluster.opening import served_locally
from indexer.links.ledger_file import exported, restore
from indexer.links.permalinks import Resolution
from indexer.reporting import links as reports
from indexer.reporting import questions
from indexer.reporting.annotations import link_annotations
from indexer.reporting.wording import count_of


def export_ids(path: Path, index_dir: Path) -> None:
    """Writes one line per id ever issued. An existing file is replaced at the end."""
    number, output = count(), path if path != Path("-") else None
    with open_index(index_dir) as index:
        # A lone surrogate, as in odd file names, is written as a JSON escape.
        lines = (f"{x}\n".encode("utf-8", "backslashreplace") for x in exported(index.links()))
        Target("jsonl", output).write_parts(line for line, _ in zip(lines, number))
    if output:
        note(f"{count_of(next(number), 'id')} exported to {path}")


def _lines(path: Path, most: int) -> Iterator[str]:
    """Lines of a file, cut after `most` bytes. `UsageError` for a line that is not UTF-8."""
    with open(path, "rb") as stream:
        for number, line in enumerate(iter(partial(stream.readline, most), b""), start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                remedy = "give a file that was made by: pilcrow links --export"
                raise UsageError(f"{path}:{number}: not UTF-8; {remedy}") from None


@options.command()
@click.argument("given", nargs=-1, metavar="[PATH|URL]...")
@options.target(*options.TABLE, "jsonld")
@options.parameters(questions.LinksQuestion, "only")
@options.file(
    "--export",
    writable=True,
    allow_dash=True,
    help="Write all ids with their history to FILE, one per line, and do nothing else; -: standard "
    "output.",
)
@options.file(
    "--import",
    "import_",
    exists=True,
    help="Import the ids of an export; those of the index are kept.",
)
@options.site
@options.index
def links(
    given: tuple[str, ...],
    only: tuple[questions.Fate, ...],
    export: Path | None,
    import_: Path | None,
    index_dir: Path | None,
    target: Target,
) -> None:
    """Check where links to passages lead now.

    Without arguments, every id that was ever issued: it is intact (the same words, perhaps below a
    renamed heading), moved (the same words elsewhere), edited (shown with the [-old-] and {+new+}
    words) or lost. With a PATH, the permalinks in a file, or in the files of a folder (-: standard
    input); an id that was never issued is unknown.

    Exits with 1 if any link is lost or unknown, even if --only hides it.

    \b
    Examples:
      pilcrow links --only lost,edited
      pilcrow links newsletter.html ~/wiki
      pilcrow links --export ids.jsonl      and later, into an index made anew:
      pilcrow links --import ids.jsonl
    """
    settings = load_settings(index=index_dir)
    if export or import_:
        if given or only or target.output or target.format != "text":
            raise UsageError("--export and --import: give no other options except --index")
        served_locally(settings.index, "--export or --import")
        if import_:
            lines = _lines(import_, settings.max_file_bytes)
            restored = restore(settings.index, lines, str(import_))
            note(f"{count_of(restored, 'id')} imported from {import_}")
        if export:
            export_ids(export, settings.index)
        return
    sources = LinkSources(settings.max_file_bytes)
    with open_index(settings.index, settings=settings) as index:
        every = (reports.CheckedLink(link.id, link) for link in index.links())
        tally = reports.Tally(_checked(index, given, sources) if given else every, only)
        if target.format == "json":
            target.write_parts(reports.links_json(tally, target.site))
        elif target.format == "jsonld":
            urls = {ref.id: ref.url for ref in index.articles()}
            shown = (item.link for item in tally if item.link is not None)
            target.write_json(link_annotations(shown, urls, target.site))
        elif target.format in ("csv", "xlsx"):
            target.write_table(reports.links_table(tally, placed=bool(given), site=target.site))
        else:
            target.write_lines(reports.link_lines(tally, target.width))
    for problem in sources.problems:
        warn(str(problem))
    if given and not (sources.checked or sources.passed_over):
        raise UsageError("nothing could be read; name a file, a folder or a permalink (…/p/<id>)")
    if sources.passed_over:
        note(f"{count_of(sources.passed_over, 'file')} without text ignored")
    if tally.is_broken:
        raise click.exceptions.Exit(FINDINGS)


def _checked(
    index: Index, given: tuple[str, ...], sources: LinkSources
) -> Iterator[reports.CheckedLink]:
    """The links in each argument, in order; an id is looked up once."""

    @lru_cache(maxsize=10_000)
    def resolve(name: str) -> Resolution | None:
        try:
            return index.resolve(name)
        except NotFound:
            return None

    article = lru_cache(maxsize=16)(index.article)
    for source in given:
        for file, link in links_in(source, sources):
            found, wanted = resolve(link.id), link.selection
            words = None
            if wanted is not None and found is not None and found.passage is not None:
                words = _words(article(found.article_id), wanted, found)
            yield reports.CheckedLink(link.id, found, link.url, file, link.line, words)


def _words(article: Article, wanted: Selection, link: Resolution) -> reports.LinkedWords:
    """What became of the words that a link is for, within its passage."""
    found = Index.find_selection(article, wanted, link.passage, link.was.text)
    was = f"{wanted.text} … {wanted.end}" if wanted.end else wanted.text
    return reports.LinkedWords(was, found.span.of(article.text) if found else "", found)
