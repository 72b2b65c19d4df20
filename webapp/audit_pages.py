"""The pages of audits: `/audit` and what it leads to.

In: the query string. Out: pages. Refuses lists that can't be audited with status 400, on the form
itself, where they can be mended; other bad parameters as everywhere.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer import Index, UsageError
from webapp import answers
from webapp.audit_view import COLUMNS, ROWS, barcodes, bars_of, heat_of, ordered, per_term
from webapp.headers import changes_with_index
from webapp.hints import examples
from webapp.library import by_title, current_index
from webapp.params import (
    SORT_KEYS,
    AuditForm,
    CollocatesForm,
    DuplicatesForm,
    KeywordsForm,
    Paged,
    ParameterError,
    ReadabilityForm,
    existing_part,
    read,
    read_concordance,
)

blueprint = Blueprint("audits", __name__, url_prefix="/audit")

LINES = 50  # of a concordance, on a page
PREVIEW = 5  # lines of each term that are folded below an audit
WORDS = 50  # collocates or keywords on a page
RUNS = 20  # clusters
COPIES = 10  # groups of copies on a page
CHOSEN_FROM = 100  # articles of which a form offers a list
READINGS = 50  # articles or sections on a page


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
    audit = answers.audited(index, form)
    columns = existing_part(len(audit.terms), COLUMNS, form.columns, "columns")
    counts = audit.terms[columns.start : columns.end]
    places = audit.places_of(counts)
    rows = existing_part(len(places), ROWS, form.page)
    shown = ordered(form, audit, places)[rows.start : rows.end]
    found = barcodes(index, form, counts, [places[at] for at in shown])
    room = per_term(len(counts))
    return render_template(
        "audit.html",
        form=form,
        typed="\n".join(form.q),
        audit=audit,
        counts=counts,
        columns=columns,
        rows=rows,
        heat=heat_of(form, audit, counts, shown, found),
        codes=[(count, bars_of(form, count, found, room)) for count in counts],
        lines={
            count.term.query: answers.concordance(
                index, form.lines(count.term.query).sized(PREVIEW)
            )
            for count in counts
        },
        collocates=index.collocates(form.q[0], match=form.match, limit=10)
        if len(audit.terms) == 1
        else None,
        **choices(index, form.article),
    )


def listing(name: str, index: Index, form: Paged, found: Any, size: int, **more: Any) -> str:
    """The page of one audit, a part of whose rows was `found` (None: nothing was asked yet)."""
    part = existing_part(found.total if found else 0, size, form.page)
    more |= choices(index, getattr(form, "article", ""))
    return render_template(f"audit_{name}.html", form=form, found=found, part=part, **more)


@blueprint.get("/concordance")
@changes_with_index
def concordance_page() -> ResponseReturnValue:
    """Shows every occurrence of a query in its context."""
    index, form = current_index(), read_concordance(request.args)
    found = answers.concordance(index, form.sized(LINES)) if form.q else None
    more = {"keys": list(SORT_KEYS.items()), "examples": examples(index)}
    return listing("concordance", index, form, found, LINES, **more)


@blueprint.get("/collocates")
@changes_with_index
def collocates_page() -> ResponseReturnValue:
    """Shows the words that occur with a query, and the word sequences around it."""
    index, form = current_index(), read(CollocatesForm, request.args)
    found = runs = None
    if form.q:
        found = answers.collocates(index, form.sized(WORDS))
        runs = index.clusters(form.q, match=form.match, size=form.size, limit=RUNS)
    return listing("collocates", index, form, found, WORDS, runs=runs, examples=examples(index))


@blueprint.get("/keywords")
@changes_with_index
def keywords_page() -> ResponseReturnValue:
    """Shows in which words an article differs from all others."""
    index, form = current_index(), read(KeywordsForm, request.args)
    is_asked = form.article and index.totals.articles > 1
    found = answers.keywords(index, form.sized(WORDS)) if is_asked else None
    return listing("keywords", index, form, found, WORDS)


@blueprint.get("/duplicates")
@changes_with_index
def duplicates_page() -> ResponseReturnValue:
    """Shows passages and sentences that stand more than once, or nearly so."""
    index, form = current_index(), read(DuplicatesForm, request.args)
    found = answers.duplicates(index, form.sized(COPIES))
    return listing("duplicates", index, form, found, COPIES)


@blueprint.get("/readability")
@changes_with_index
def readability_page() -> ResponseReturnValue:
    """Shows how long articles and sections are, and how hard to read."""
    index, form = current_index(), read(ReadabilityForm, request.args)
    found = answers.readability(index, form.article)
    listed = found.articles if form.by == "article" else found.sections
    part = existing_part(len(listed), READINGS, form.page)
    return render_template(
        "audit_readability.html",
        form=form,
        found=found,
        readings=listed[part.start : part.end],
        part=part,
        **choices(index, form.article),
    )


def choices(index: Index, article: str = "") -> dict[str, Any]:
    """What forms offer: the articles where there are not too many for a list, the one chosen."""
    articles = by_title(index)
    return {
        "articles": articles if 1 < len(articles) <= CHOSEN_FROM else (),
        "article_count": len(articles),
        "title": next((ref.title or ref.id for ref in articles if ref.id == article), article),
    }
