"""Pages that stand alone: one HTML file without scripts, links to styles or images.

In: a `Concordance`. Out: an HTML document. Refuses nothing; Jinja escapes all that is not markup
of the template.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from indexer.model import Concordance
from indexer.reporting.plain import visible
from indexer.reporting.wording import breadcrumb, count_of, page_of


def concordance_page(concordance: Concordance) -> str:
    """A concordance as a page to open, print or send."""
    environment = Environment(
        loader=PackageLoader("indexer.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(visible=visible, breadcrumb=breadcrumb)
    page = concordance.page
    return environment.get_template("concordance.html").render(
        concordance=concordance,
        shown=page_of(len(concordance.lines), page.offset, concordance.total, "occurrence"),
        headings=count_of(concordance.headings, "more occurrence"),
    )
