"""The pages of audits, `/audit` and what it leads to, and the same as files.

In: the query string. Out: pages, files. Refuses lists that can't be audited with status 400, on the
form itself, where they can be mended; other bad parameters as everywhere, and so a file that would
be too large for one answer.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
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

LINES = 50  # of a concordance, on a page
PREVIEW = 5  # lines of each term that are folded below an audit
WORDS = 50  # collocates or keywords on a page
RUNS = 20  # clusters
COPIES = 10  # groups of copies on a page
CHOSEN_FROM = 100  # articles of which a form offers a list
READINGS = 50  # articles or sections on a page
ROWS = 50  # places on a page of an audit
COLUMNS = 12  # terms on it
CODES = 24  # barcodes on it
FEWEST = 2  # of each term


@blueprint.get("")
@changes_with_index
def page() -> ResponseReturnValue:
    """Audits terms, or says what an audit is."""
    index = current_index()
    try:
        form = read(AuditForm, request.args)
        if any("\n" in given or "\r" in given for given in request.args.getlist("q")):
            return redirect(url_for("audits.page", **form.arguments()))  # the address to share
        return report(index, form) if form.q else welcome(index)
    except (ParameterError, UsageError) as error:
        if isinstance(error, ParameterError) and error.parameter != "q":
            raise
        return welcome(index, str(error).removeprefix("q: "))


def welcome(index: Index, error: str = "") -> ResponseReturnValue:
    """The empty form, with what is wrong with a list when something is."""
    given = [one for one in request.args.getlist("q") if len(one) <= 2_000][:200]
    shown = {"form": AuditForm(), "typed": "\n".join(given), "examples": examples(index)}
    html = render_template(
        "audit_welcome.html", error=error, totals=index.totals, **shown, **choices(index)
    )
    response = make_response(html, 400 if error else 200)
    if error:
        response.headers["Cache-Control"] = "no-store"
    return response


def report(index: Index, form: AuditForm) -> ResponseReturnValue:
    """The audit of a form."""
    audit = api.audited(index, form)
    columns = existing_part(len(audit.terms), COLUMNS, form.columns, "columns")
    counts = audit.terms[columns.start : columns.end]
    places = audit.places_of(counts)
    rows = existing_part(len(places), ROWS, form.page)
    shown = ordered(form, audit, places)[rows.start : rows.end]
    room = max(FEWEST, CODES // max(1, len(counts)))
    often = [(count, commonest(count, room)) for count in counts]
    found = barcodes(index, form, often, [places[at] for at in shown])
    return render_template(
        "audit.html",
        form=form,
        typed="\n".join(form.q),
        audit=audit,
        counts=counts,
        columns=columns,
        rows=rows,
        heat=heat_of(form, audit, counts, shown, found),
        codes=[(count, bars_of(form, count, some, found)) for count, some in often],
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
    """The page of one audit, a part of whose rows was `found` (None: nothing was asked yet)."""
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
    """Shows in which words an article differs from all others."""
    index, form = current_index(), read(params.KeywordsForm, request.args)
    is_asked = form.article and index.totals.articles > 1
    found = api.keywords(index, form.sized(WORDS)) if is_asked else None
    return listing("keywords", index, form, found, WORDS)


@blueprint.get("/duplicates")
@changes_with_index
def duplicates_page() -> ResponseReturnValue:
    """Shows passages and sentences that stand more than once, or nearly so."""
    index, form = current_index(), read(params.DuplicatesForm, request.args)
    found = api.duplicates(index, form.sized(COPIES))
    return listing("duplicates", index, form, found, COPIES)


@blueprint.get("/readability")
@changes_with_index
def readability_page() -> ResponseReturnValue:
    """Shows how long articles and sections are, and how hard to read."""
    index, form = current_index(), read(params.ReadabilityForm, request.args)
    found, listed, start, size = api.readability(index, form.sized(READINGS))
    more: dict[str, Any] = {"total": len(listed), "readings": listed[start : start + size]}
    return listing("readability", index, form, found, READINGS, **more)


def choices(index: Index, article: str = "") -> dict[str, Any]:
    """What forms offer: the articles where there are not too many for a list, the one chosen."""
    articles = by_title(index)
    return {
        "articles": articles if 1 < len(articles) <= CHOSEN_FROM else (),
        "article_count": len(articles),
        "title": next((ref.title or ref.id for ref in articles if ref.id == article), article),
    }


# --- terms by places -----------------------------------------------------------------------------

Key = tuple[str, tuple[str, ...]]  # article id and section of a place
Found = Mapping[tuple[str, Key], Any]  # barcodes by term and place


def key_of(place: Any) -> Key:
    """What tells one place from another."""
    return place.article.id, place.section


def barcodes(
    index: Index, form: AuditForm, often: Sequence[tuple[Any, list[Any]]], shown: list[Any]
) -> Found:
    """Barcodes of these terms in the places shown, and in those where they stand most often."""
    found: dict[tuple[str, Key], Any] = {}
    for count, some in often:
        articles = api.only(form.article) or tuple({at.article.id: None for at in (*shown, *some)})
        if not count.total or not articles:
            continue
        query = count.term.query
        for code in index.barcodes(query, by=form.by, match=form.match, articles=articles):
            found[query, key_of(code.place)] = code
    return found


def commonest(count: Any, most: int) -> list[Any]:
    """The places where a term stands most often, in corpus order."""
    numbers = [n for n, hits in enumerate(count.by.counts) if hits]
    chosen = sorted(numbers, key=lambda n: (-count.by.counts[n], n))[:most]
    return [count.by.places[n] for n in sorted(chosen)]


def bars_of(form: AuditForm, count: Any, places: Sequence[Any], found: Found) -> list[BarcodeView]:
    """The barcodes of a term in these places, of which each tick leads to its passage."""
    query = count.term.query
    reading = form.lines(query).reading()

    def lead(stroke: Any) -> str:
        return urls.permalink(stroke.passage, reading)

    return [bar_of(found[query, key_of(place)], query, lead) for place in places]


def ordered(form: AuditForm, audit: Any, places: Sequence[Any]) -> Sequence[int]:
    """Numbers of the places in the order that a form asks for; equal ones as they are."""
    term = abs(form.sort) - 2
    if not form.sort or term >= len(audit.terms):
        return range(len(places))
    if term < 0:
        sizes = [place.words for place in places]
    else:
        sizes = [cell.count if cell else 0 for cell in audit.terms[term].by.on(places)]
    return sorted(range(len(places)), key=lambda at: -sizes[at] if form.sort > 0 else sizes[at])


def heat_of(
    form: AuditForm, audit: Any, counts: Sequence[Any], shown: Sequence[int], found: Found
) -> Any:
    """The heat map of these places, each cell with a link to its first occurrence."""

    def lead(count: Any, place: Any) -> str:
        code = found.get((count.term.query, key_of(place)))
        if not code or not code.strokes:
            return ""
        return urls.permalink(code.strokes[0].passage, form.lines(count.term.query).reading())

    names = [count.term.query for count in counts]
    return heat_map(audit, names, counts, link=lead, rows=shown)


# --- files to keep, made as the command line makes them, which has no such bounds ---------------

MOST_LINES = 20_000  # of concordances in one file
UNLIKE_WORD = re.compile(r"[^\w-]+")
_writing = threading.Lock()


@blueprint.get("/audit.<form>")
@changes_with_index
def download(form: str) -> ResponseReturnValue:
    """An audit as a file."""
    index, asked = current_index(), read(AuditForm, request.args)
    kind = type_of(form)
    if not asked.q:
        raise ParameterError("q", "it is missing")
    api.check_size(index, asked, api.MOST_CELLS)
    with _writing:  # a file takes memory; two at once would take twice as much
        data = audit_file(
            index,
            asked.q,
            form,
            MOST_LINES // len(asked.q),
            site=request.url_root.rstrip("/"),
            by=asked.by,
            match=asked.match,
            articles=api.only(asked.article),
        )
    return attachment(data, kind, "audit", asked.q[0], form)


@blueprint.get("/concordance.<form>")
@changes_with_index
def download_lines(form: str) -> ResponseReturnValue:
    """A concordance as a file."""
    index, asked = current_index(), params.read_concordance(request.args)
    kind, site = type_of(form), request.url_root.rstrip("/")
    if not asked.q:
        raise ParameterError("q", "it is missing")
    total = api.concordance(index, asked.sized(0)).total
    if total > MOST_LINES:
        reason = (
            f"it has {total:,} lines; {MOST_LINES:,} are allowed in one file, so narrow it down"
        )
        raise ParameterError("q", reason)
    with _writing:
        data = concordance_file(
            api.concordance(index, replace(asked, limit=MOST_LINES, offset=0)), form, site
        )
    return attachment(data, kind, "concordance", asked.q, form)


def type_of(form: str) -> str:
    """The media type of a form; there is nothing where there is no such form."""
    if form not in FILE_TYPES:
        abort(404)
    return str(FILE_TYPES[form])


def attachment(data: bytes, kind: str, what: str, term: str, form: str) -> Response:
    """A file to keep, named after what is in it."""
    term = UNLIKE_WORD.sub("-", term).strip("-").lower()
    name = f"{what}-{term[:40]}" if term.isascii() and term else what
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
