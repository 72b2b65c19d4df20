"""Audits and concordances as files.

In: the query string of the page that they belong to, and a form. Out: files to keep, made as the
command line makes them. Refuses what would be too large for one answer (`ParameterError`); the
command line has no such bounds.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from indexer import FILE_TYPES, audit_file, concordance_file
from webapp import answers
from webapp.headers import changes_with_index
from webapp.library import current_index
from webapp.params import AuditForm, ParameterError, read, read_concordance

blueprint = Blueprint("audit_files", __name__, url_prefix="/audit")

MOST_CELLS = 200_000  # terms by places in one file
MOST_LINES = 20_000  # of concordances in one file
UNLIKE_WORD = re.compile(r"[^\w-]+")
_writing = threading.Lock()


@blueprint.get("/audit.<form>")
@changes_with_index
def download(form: str) -> ResponseReturnValue:
    """An audit as a file."""
    index, asked = current_index(), read(AuditForm, request.args)
    kind = type_of(form, ("html", "xlsx", "csv", "json"))
    if not asked.q:
        raise ParameterError("q", "it is missing")
    answers.check_size(index, asked, MOST_CELLS)
    with _writing:  # a file takes memory; two at once would take twice as much
        data = audit_file(
            index,
            asked.q,
            form,
            MOST_LINES // len(asked.q),
            site=request.url_root.rstrip("/"),
            by=asked.by,
            match=asked.match,
            articles=answers.only(asked.article),
        )
    return attachment(data, kind, "audit", asked.q[0], form)


@blueprint.get("/concordance.<form>")
@changes_with_index
def download_lines(form: str) -> ResponseReturnValue:
    """A concordance as a file."""
    index, asked = current_index(), read_concordance(request.args)
    kind, site = type_of(form, ("html", "csv", "xlsx", "json")), request.url_root.rstrip("/")
    if not asked.q:
        raise ParameterError("q", "it is missing")
    total = answers.concordance(index, asked.sized(0)).total
    if total > MOST_LINES:
        reason = (
            f"it has {total:,} lines; {MOST_LINES:,} are allowed in one file, so narrow it down"
        )
        raise ParameterError("q", reason)
    with _writing:
        data = concordance_file(
            answers.concordance(index, replace(asked, limit=MOST_LINES, offset=0)), form, site
        )
    return attachment(data, kind, "concordance", asked.q, form)


def type_of(form: str, forms: tuple[str, ...]) -> str:
    """The media type of a form; there is nothing where there is no such form."""
    if form not in forms:
        abort(404)
    found: str = FILE_TYPES[form]
    return found


def attachment(data: bytes, kind: str, what: str, term: str, form: str) -> Response:
    """A file to keep, named after what is in it."""
    term = UNLIKE_WORD.sub("-", term).strip("-").lower()
    name = f"{what}-{term[:40]}" if term.isascii() and term else what
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
