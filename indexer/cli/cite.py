"""`pilcrow cite`: a passage as a reference, or as a Web Annotation."""

from __future__ import annotations

import click

from indexer import Article, Index, NotFound, Passage
from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.errors import UsageError
from indexer.links.permalinks import permalink, permalink_id
from indexer.reporting.annotations import passage_annotations
from indexer.reporting.citations import as_bibtex, as_csl, as_ris, as_text, citation_of


@options.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@options.answer("text", "bibtex", "ris", "csl", "jsonld")
def cite(index: Index, ids: tuple[str, ...], target: Target) -> None:
    """Cite passages by their IDs or permalinks.

    Formats: text (the quote with its link), BibTeX, RIS and CSL-JSON for reference managers, and
    W3C Web Annotations. Author, date and site are given as far as the article states them. The ID
    of a passage that was edited or moved cites the passage that it leads to now.

    \b
    Examples:
      pilcrow cite 06b1012f988de5e3
      pilcrow cite 06b1012f988de5e3 --format bibtex --site https://example.org
      pilcrow cite https://example.org/p/06b1012f988de5e3 --format ris
    """
    found = [_find(index, given) for given in ids]
    if target.format == "jsonld":
        target.write_json(passage_annotations(found, target.site))
        return
    as_line = target.format == "text"  # the other formats need full addresses
    links = [target.site + permalink(p.id) if target.site or as_line else "" for _, p in found]
    cites = [citation_of(*place, link) for place, link in zip(found, links)]
    if as_line:
        target.write("\n".join(f"“{one.quote}”\n{as_text(one)}\n" for one in cites))
    else:
        target.write({"bibtex": as_bibtex, "ris": as_ris, "csl": as_csl}[target.format](cites))


def _find(index: Index, given: str) -> tuple[Article, Passage]:
    """The passage that an id or permalink leads to, and its article. `UsageError` for none."""
    name = permalink_id(given)
    try:
        link = index.resolve(name)
    except NotFound:
        remedy = "give the 16 digits of an id, or a permalink (…/p/<id>)"
        raise UsageError(f"{given}: no passage has ever had this id; {remedy}") from None
    if link.passage is None:
        raise UsageError(f"{given}: its passage is lost; see: pilcrow links --only lost {name}")
    if link.status == "edited":
        note(f"{given}: edited since the link was made; the passage is cited as it is now")
    return index.article(link.passage.article_id), link.passage
