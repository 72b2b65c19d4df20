"""The pages of audits, `/audit` and those below it, and audits as files.

In: the query string. Out: pages, files. Refuses lists of terms that can't be audited (400) with a
message in the form, where they can be corrected; other bad parameters, and files that would be too
large, as everywhere.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer import (
    FILE_TYPES,
    BarcodeView,
    Index,
    UsageError,
    audit_file,
    bar_of,
    concordance_file,
    heat_map,
)
from webapp import api, params, urls
from webapp.headers import changes_with_index
from webapp.hints import examples
from webapp.library import by_title, current_index
from webapp.params import AuditForm, ParameterError, existing_part, read

blueprint = Blueprint("audits", __name__, url_prefix="/audit")

LINES = 50  # concordance lines on a page
PREVIEW = 5  # concordance lines of each term on a page of an audit
WORDS = 50  # collocates or keywords on a page
RUNS = 20  # clusters on a page
COPIES = 10  # groups of copies on a page
CHOSEN_FROM = 100  # most articles that a form offers as a list
READINGS = 50  # articles or sections on a page
ROWS = 50  # places on a page of an audit
COLUMNS = 12  # terms on a page of an audit
CODES = 24  # barcodes on a page of an audit
FEWEST = 2  # barcodes of each term, even if that makes more


@blueprint.get("")
@changes_with_index
def page() -> ResponseReturnValue:
    """Audits terms; without any, shows the form."""
    index = current_index()
    try:
        form = read(AuditForm, request.args)
        if any("\n" in given or "\r" in given for given in request.args.getlist("q")):
            return redirect(url_for("audits.page", **form.arguments()))  # an address to share
        return report(index, form) if form.q else welcome(index)
    except (ParameterError, UsageError) as error:
        if isinstance(error, ParameterError) and error.parameter != "q":
            raise
        return welcome(index, str(error).removeprefix("q: "))


def welcome(index: Index, error: str = "") -> ResponseReturnValue:
    """The page with the form; `error` is the fault of the terms in it."""
    given = [one for one in request.args.getlist("q") if len(one) <= 2_000][:200]
    shown = {"form": AuditForm(), "typed": "\n".join(given), "examples": examples(index)}
    html = render_template(
        "audit_welcome.html", error=error, totals=index.totals, **shown, **choices(index)
    )
    return (html, 400, {"Cache-Control": "no-store"}) if error else html


def report(index: Index, form: AuditForm) -> ResponseReturnValue:
    """The page with the audit of a form."""
    audit = api.audited(index, form)
    columns = existing_part(len(audit.terms), COLUMNS, form.columns, "columns")
    counts = audit.terms[columns.start : columns.end]
    places = audit.places_of(counts)
    rows = existing_part(len(places), ROWS, form.page)
    shown = ordered(form, audit, places)[rows.start : rows.end]
    room = max(FEWEST, CODES // max(1, len(counts)))
    frequent = [(count, commonest(count, room)) for count in counts]
    found = barcodes(index, form, frequent, [places[at] for at in shown])
    return render_template(
        "audit.html",
        form=form,
        typed="\n".join(form.q),
        audit=audit,
        counts=counts,
        columns=columns,
        rows=rows,
        heat=heat_of(form, audit, counts, shown, found),
        codes=[(count, bars_of(form, count, own, found)) for count, own in frequent],
        lines={
            count.term.query: api.concordance(index, form.lines(count.term.query).sized(PREVIEW))
            for count in counts
        },
        collocates=index.collocates(form.q[0], match=form.match, limit=10)
        if len(audit.terms) == 1
        else None,
        **choices(index, form.article),
    )


def listing(
    name: str, index: Index, form: params.Paged, found: Any, size: int, total: int = 0, **more: Any
) -> str:
    """The page of one audit; `found` is a part of its rows (None: no query yet)."""
    part = existing_part(found.total if found and not total else total, size, form.page)
    more |= choices(index, getattr(form, "article", ""))
    return render_template(f"audit_{name}.html", form=form, found=found, part=part, **more)


@blueprint.get("/concordance")
@changes_with_index
def concordance_page() -> ResponseReturnValue:
    """Shows every occurrence of a query in its context."""
    index, form = current_index(), params.read_concordance(request.args)
    found = api.concordance(index, form.sized(LINES)) if form.q else None
    more: dict[str, Any] = {"keys": list(params.SORT_KEYS.items()), "examples": examples(index)}
    return listing("concordance", index, form, found, LINES, **more)


@blueprint.get("/collocates")
@changes_with_index
def collocates_page() -> ResponseReturnValue:
    """Shows the words that occur with a query, and the word sequences around it."""
    index, form = current_index(), read(params.CollocatesForm, request.args)
    found = runs = None
    if form.q:
        found = api.collocates(index, form.sized(WORDS))
        runs = index.clusters(form.q, match=form.match, size=form.size, limit=RUNS)
    return listing("collocates", index, form, found, WORDS, runs=runs, examples=examples(index))


@blueprint.get("/keywords")
@changes_with_index
def keywords_page() -> ResponseReturnValue:
    """Shows the keywords of an article, compared with all others."""
    index, form = current_index(), read(params.KeywordsForm, request.args)
    is_asked = form.article and index.totals.articles > 1
    found = api.keywords(index, form.sized(WORDS)) if is_asked else None
    return listing("keywords", index, form, found, WORDS)


@blueprint.get("/duplicates")
@changes_with_index
def duplicates_page() -> ResponseReturnValue:
    """Shows duplicate and near-duplicate passages and sentences."""
    index, form = current_index(), read(params.DuplicatesForm, request.args)
    found = api.duplicates(index, form.sized(COPIES))
    return listing("duplicates", index, form, found, COPIES)


@blueprint.get("/readability")
@changes_with_index
def readability_page() -> ResponseReturnValue:
    """Shows the length and readability of articles and sections."""
    index, form = current_index(), read(params.ReadabilityForm, request.args)
    found, listed, start, size = api.readability(index, form.sized(READINGS))
    more: dict[str, Any] = {"total": len(listed), "readings": listed[start : start + size]}
    return listing("readability", index, form, found, READINGS, **more)


def choices(index: Index, article: str = "") -> dict[str, Any]:
    """Values for forms: the articles, if not too many for a list, and the title of the chosen."""
    articles = by_title(index)
    return {
        "articles": articles if 1 < len(articles) <= CHOSEN_FROM else (),
        "article_count": len(articles),
        "title": next((ref.title or ref.id for ref in articles if ref.id == article), article),
    }


# --- terms by places -----------------------------------------------------------------------------

BarcodesByPlace = Mapping[tuple[str, Any], Any]  # barcodes by term and place


def barcodes(
    index: Index, form: AuditForm, frequent: Sequence[tuple[Any, list[Any]]], shown: list[Any]
) -> BarcodesByPlace:
    """Barcodes of terms in the articles of the places shown, and of each term's most frequent."""
    found: dict[tuple[str, Any], Any] = {}
    for count, own in frequent:
        articles = api.only(form.article) or tuple({at.article.id: None for at in (*shown, *own)})
        if not count.total or not articles:
            continue
        query = count.term.query
        for code in index.barcodes(query, by=form.by, match=form.match, articles=articles):
            found[query, code.place] = code
    return found


def commonest(count: Any, most: int) -> list[Any]:
    """The places with the most occurrences of a term, in corpus order."""
    numbers = [n for n, hits in enumerate(count.by.counts) if hits]
    chosen = sorted(numbers, key=lambda n: (-count.by.counts[n], n))[:most]
    return [count.by.places[n] for n in sorted(chosen)]


def bars_of(
    form: AuditForm, count: Any, places: Sequence[Any], found: BarcodesByPlace
) -> list[BarcodeView]:
    """Barcodes of a term in some places; each tick links to its passage."""
    query = count.term.query
    reading = form.lines(query).reading()

    def lead(stroke: Any) -> str:
        return urls.permalink(stroke.passage, reading)

    return [bar_of(found[query, place], query, lead) for place in places]


def ordered(form: AuditForm, audit: Any, places: Sequence[Any]) -> Sequence[int]:
    """Indices of the places in the order of the form; the sort is stable."""
    term = abs(form.sort) - 2
    if not form.sort or term >= len(audit.terms):
        return range(len(places))
    if term < 0:
        sizes = [place.words for place in places]
    else:
        sizes = [cell.count if cell else 0 for cell in audit.terms[term].by.on(places)]
    return sorted(range(len(places)), key=lambda at: -sizes[at] if form.sort > 0 else sizes[at])


def heat_of(
    form: AuditForm, audit: Any, counts: Sequence[Any], shown: Sequence[int], found: BarcodesByPlace
) -> Any:
    """The heat map of the shown places; each cell links to its first occurrence."""

    def lead(count: Any, place: Any) -> str:
        code = found.get((count.term.query, place))
        if not code or not code.strokes:
            return ""
        return urls.permalink(code.strokes[0].passage, form.lines(count.term.query).reading())

    names = [count.term.query for count in counts]
    return heat_map(audit, names, counts, link=lead, rows=shown)


# --- files, as the command line makes them, but with bounds --------------------------------------

MOST_LINES = 20_000  # concordance lines in one file
UNLIKE_WORD = re.compile(r"[^\w-]+")
_writing = threading.Lock()


@blueprint.get("/audit.<form>")
@changes_with_index
def download(form: str) -> ResponseReturnValue:
    """An audit as a file."""
    index, question = current_index(), read(AuditForm, request.args)
    kind = type_of(form)
    if not question.q:
        raise ParameterError("q", "it is missing")
    api.check_size(index, question, api.MOST_CELLS)
    with _writing:  # one file at a time, because each takes much memory
        data = audit_file(
            index,
            question.q,
            form,
            MOST_LINES // len(question.q),
            site=request.url_root.rstrip("/"),
            by=question.by,
            match=question.match,
            articles=api.only(question.article),
        )
    return attachment(data, kind, "audit", question.q[0], form)


@blueprint.get("/concordance.<form>")
@changes_with_index
def download_lines(form: str) -> ResponseReturnValue:
    """A concordance as a file."""
    index, question = current_index(), params.read_concordance(request.args)
    kind, site = type_of(form), request.url_root.rstrip("/")
    if not question.q:
        raise ParameterError("q", "it is missing")
    total = api.concordance(index, question.sized(0)).total
    if total > MOST_LINES:
        reason = (
            f"it has {total:,} lines; {MOST_LINES:,} are allowed in one file, so narrow it down"
        )
        raise ParameterError("q", reason)
    with _writing:
        data = concordance_file(
            api.concordance(index, replace(question, limit=MOST_LINES, offset=0)), form, site
        )
    return attachment(data, kind, "concordance", question.q, form)


def type_of(form: str) -> str:
    """The media type of a file format; 404 for an unknown one."""
    if form not in FILE_TYPES:
        abort(404)
    return str(FILE_TYPES[form])


def attachment(data: bytes, kind: str, what: str, term: str, form: str) -> Response:
    """A response to save as a file, named after its kind and first term."""
    term = UNLIKE_WORD.sub("-", term).strip("-").lower()
    name = f"{what}-{term[:40]}" if term.isascii() and term else what
    saved = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(data, headers=saved, mimetype=kind)
