"""Audits and concordances as files.

In: an open index and a request, or a concordance. Out: bytes; command line and site share these
functions. Refuses an unknown format (`UsageError`), and what `Index.audit` refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indexer.errors import UsageError
from indexer.index import Index
from indexer.model import Concordance
from indexer.reporting.concordance import concordance_size, concordance_table
from indexer.reporting.csv import table_file
from indexer.reporting.evidence import Evidence, EvidenceRequest, evidence
from indexer.reporting.formats import FILE_TYPES, to_json
from indexer.reporting.wording import part_of

REPORT_LINES = 200  # concordance lines of each term in an HTML report
REPORT_COLLOCATES = 10  # collocates of each term in an HTML report


def audit_file(
    index: Index, terms: Iterable[str], form: str, most: int, *, site: str = "", **asked: Any
) -> bytes:
    """Audits terms and returns the file: html, xlsx (with `most` lines per term), csv or json.
    `asked` are further fields of an `EvidenceRequest`."""
    lines = {"html": min(REPORT_LINES, most), "xlsx": most}.get(form, 0)
    request = EvidenceRequest(
        lines=lines, collocates=REPORT_COLLOCATES if form == "html" else 0, **asked
    )
    return evidence_file(evidence(index, terms, request), form, site)


def evidence_file(found: Evidence, form: str, site: str = "") -> bytes:
    """The file of a finished audit: html, xlsx, csv or json."""
    if form == "json":
        from indexer.reporting.audit_schema import AuditShape

        made = AuditShape.of(found.audit, origin=found.provenance)
        return _encoded(to_json(made) + "\n")
    if form == "csv":
        from indexer.reporting.audit import audit_table

        return table_file(audit_table(found.audit, site), form)
    if form == "xlsx":
        from indexer.reporting.xlsx import audit_xlsx

        return audit_xlsx(found, site)
    if form == "html":
        from indexer.reporting.html import audit_page

        return _encoded(audit_page(found, site))
    raise UsageError(f"form {form!r}: use {', '.join(FILE_TYPES)}")


def concordance_file(found: Concordance, form: str, site: str = "") -> bytes:
    """The file of a concordance: html, csv, xlsx or json."""
    if form == "json":
        from indexer.reporting.audit_schema import ConcordanceShape

        return _encoded(to_json(ConcordanceShape.from_result(found)) + "\n")
    if form in ("csv", "xlsx"):
        notes = filter(None, (*found.notes, part_of(found, concordance_size(found))))
        return table_file(concordance_table(found, site), form, notes)
    if form == "html":
        from indexer.reporting.html import concordance_page

        return _encoded(concordance_page(found, site))
    raise UsageError(f"form {form!r}: use html, csv, xlsx, json")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
