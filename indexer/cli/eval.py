"""`pilcrow eval`: measures of the ranking of articles, from relevance judgements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from indexer.cli import options
from indexer.cli.output import Target
from indexer.reporting.csv import plain_table
from indexer.reporting.formats import to_json
from indexer.reporting.wording import count_of
from indexer.search.bm25f import SIGNALS

if TYPE_CHECKING:
    from indexer.evaluation import Configuration, JudgedSet
    from indexer.index import Index
    from indexer.reporting.evaluation import Measured

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@options.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option(
    "--as-search",
    is_flag=True,
    help="Also run each query as a search does: all words, or any where no passage has all.",
)
@click.option(
    "--within",
    type=click.Choice(["article"]),
    help="Rank only the documents of the article that the query names.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(SIGNALS),
    help="Also rank without this signal of the score; may be repeated.",
)
@click.option(
    "--index",
    "index_dir",
    type=_FOLDER,
    help="An index of the documents.  [default: made from DIR, and deleted]",
)
@click.option("--against", type=_FOLDER, help="Also rank in this index of the same documents.")
@click.option("--per-query", is_flag=True, help="Also show the measures of each query.")
@options.target("text", "json", "csv")
def eval(  # noqa: A001  # the command's name
    folder: Path,
    as_search: bool,
    within: str | None,
    without: tuple[str, ...],
    index_dir: Path | None,
    against: Path | None,
    per_query: bool,
    target: Target,
) -> None:
    """Measure the ranking of articles with relevance judgements.

    DIR has docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query, document,
    grade). Any word of a query may match, and an article ranks by its best passage. Each further
    ranking is shown with its difference from this one and the p-value of that (randomisation
    test).

    \b
    Examples:
      pilcrow eval judged/
      pilcrow eval judged/ --without titles --without lengths
      pilcrow eval judged/ --within article --format json
    """
    from indexer.evaluation import Configuration, read_judged_set
    from indexer.reporting import evaluation as reports
    from indexer.reporting.text_tables import table_lines

    judged = read_judged_set(folder)
    plain = Configuration(within=within is not None)
    tried = {"words": plain}
    if as_search:
        tried["as search"] = replace(plain, as_search=True)
    for signal in without:
        tried[f"without {signal}"] = replace(plain, parameters=plain.parameters.without(signal))
    with opened(index_dir, judged) as index:
        measured = [_measured(name, index, judged, each) for name, each in tried.items()]
    if against:
        with opened(against, judged) as other:
            measured.append(_measured(f"with {against}", other, judged, plain))
    queries = judged.queries
    if target.format == "json":
        target.write_json(reports.evaluation_values(measured, queries, per_query=per_query))
    elif target.format == "csv":
        whole = reports.query_table(measured, queries) if per_query else None
        target.write_table(whole or plain_table(*reports.summary(measured)))
    else:
        table = table_lines(*reports.summary(measured), target.width)
        target.write_lines([Text(count_of(len(queries), "query")), Text(), *table])
        if per_query:
            names, rows = reports.query_table(measured, queries)
            target.write("\n".join("\t".join(map(str, row)) for row in ([], names, *rows)) + "\n")


def _measured(name: str, index: Index, judged: JudgedSet, tried: Configuration) -> Measured:
    from indexer.evaluation import rankings, scores
    from indexer.reporting.evaluation import Measured

    found = rankings(index, judged, tried)
    return Measured(name, scores(found, judged, tried), found)


@contextmanager
def opened(folder: Path | None, judged: JudgedSet) -> Iterator[Index]:
    """The index in a folder; without one, a temporary index of the judged documents."""
    from tempfile import TemporaryDirectory

    from indexer import build_index, open_index

    with TemporaryDirectory() as made:
        if folder is None:
            records = Path(made, "docs.jsonl")
            lines = (to_json(dict(row), lines=True) + "\n" for row in judged.documents)
            records.write_text("".join(lines), encoding="utf-8")
            folder = Path(made, "index")
            build_index([records], folder)
        with open_index(folder) as index:
            yield index
