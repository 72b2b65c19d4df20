"""Reports as self-contained HTML files, without scripts, linked styles or images.

In: a `Concordance`, an `Evidence`, or a `Comparison`. Out: an HTML document for a manager to read:
the summary first, concordance lines folded below, and a section on how everything was counted.
Refuses nothing; Jinja escapes all text that is not markup of the template.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from indexer.audits.comparison import Comparison
from indexer.audits.counts import Count
from indexer.audits.dispersion import Barcode, Stroke
from indexer.links.permalinks import permalink
from indexer.model import Concordance
from indexer.reporting import comparison, wording
from indexer.reporting.charts import SHADES, BarcodeView, bar_of, densest, heat_map, place_name
from indexer.reporting.concordance import concordance_size
from indexer.reporting.differences import difference_html
from indexer.reporting.evidence import Evidence, TermEvidence
from indexer.reporting.wording import breadcrumb, count_of, name_of, percent, visible


def concordance_page(concordance: Concordance, site: str = "") -> str:
    """A concordance as a page to open, print or send."""
    return _rendered(
        "concordance.html",
        concordance=concordance,
        notes=concordance.notes,
        version=wording.installed_version(),
        site=site,
        shown=concordance_size(concordance),
        headings=count_of(concordance.headings, "more occurrence"),
    )


_WHITE = re.compile(r"\s")
_BARS = 30  # most barcodes of a term


def audit_page(found: Evidence, site: str = "") -> str:
    """An audit as a page to open, print or send."""
    audit, made = found.audit, found.provenance.made
    counts: tuple[Count, ...] = audit.counts
    names = [name_of(count) for count in counts]
    return _rendered(
        "audit.html",
        found=found,
        audit=audit,
        notes=audit.notes,
        version=found.provenance.pilcrow,
        counts=counts,
        alone=audit.by == "section" and wording.are_of_one_article(audit.places),
        shared=wording.shared_titles(audit.places),
        parts=[_part(number, term) for number, term in enumerate(found.terms, 1)],
        missing=[name_of(c) for c in audit.terms if not (c.total or c.headings)],
        in_headings=[name_of(c) for c in audit.terms if c.headings and not c.total],
        heat=heat_map(audit, names, counts),
        site=site,
        made=f"{made.day} {made:%B %Y, %H:%M} UTC",
    )


def comparison_page(found: Comparison) -> str:
    """A comparison of two audits as a page."""
    return _rendered(
        "comparison.html",
        found=found,
        notes=found.notes,
        version=found.after.pilcrow,
        comparison=comparison,
    )


def _rendered(template: str, **parts: object) -> str:
    page = _environment().get_template(template).render(**parts)
    return page.replace("\0", "\N{REPLACEMENT CHARACTER}")  # HTML can't hold NUL


@cache
def _environment() -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    equip_templates(environment)
    return environment


def equip_templates(environment: Environment) -> None:
    """Adds the filters, globals and templates of reports to an environment (also the site's)."""
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(visible=visible, breadcrumb=breadcrumb, place_name=place_name)
    environment.filters.update(one_line=spaced)
    environment.filters.update(counted=count_of, percent=percent, thousands="{:,}".format)
    environment.globals.update(
        permalink=permalink, SHADES=SHADES, difference_html=difference_html, wording=wording
    )
    pieces = PackageLoader("indexer.reporting")
    own = environment.loader
    environment.loader = ChoiceLoader([own, pieces]) if own else pieces


def spaced(text: str) -> str:
    """A text on one line: each white-space character becomes one space, so that none is lost."""
    return _WHITE.sub(" ", visible(text))


@cache
def palette() -> str:
    """Style sheet with the colours of pages and charts."""
    return files("indexer.reporting").joinpath("templates", "palette.css").read_text("utf-8")


def _part(number: int, term: TermEvidence) -> dict[str, object]:
    """The part of an audit report on one term; `numbers` gives the HTML id of a line, "" if it is
    not on the page."""
    name = name_of(term.count)
    ids = {(one.passage, one.start): f"t{number}-{at}" for at, one in enumerate(term.lines, 1)}
    shown, more = densest(term.barcodes, _BARS)
    return {
        "id": f"t{number}",
        "name": name,
        "found": term,
        "bars": [_bar(barcode, name, ids) for barcode in shown],
        "more_bars": more,
        "numbers": lambda line: ids.get((line.passage, line.start), ""),
    }


def _bar(barcode: Barcode, term: str, ids: dict[tuple[str, int], str]) -> BarcodeView:
    def link(stroke: Stroke) -> str:
        name = ids.get((stroke.passage, stroke.start))
        return f"#{name}" if name else ""

    whole = all((stroke.passage, stroke.start) in ids for stroke in barcode.strokes)
    return bar_of(barcode, term, link if whole else None)
