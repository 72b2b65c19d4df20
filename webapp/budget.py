"""Decides which requests are too expensive to be answered directly.

In: the current request and its index. Out: whether a separate process must answer it, and as which
kind of work. Costs, in seconds, are estimated from word frequencies in the corpus, so that equal
requests are always treated alike. Refuses (`Busy`) a request that no separate process could answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from flask import Response, request
from werkzeug.datastructures import MultiDict

from indexer import Index, UsageError, questions
from webapp import params
from webapp.jobs import Job, Reply
from webapp.library import OpenedIndex
from webapp.params import ParameterError, read

# Keys of the WSGI environment: the request's `Apart`, why it was refused, the reply of the separate
# process, a mark for requests in that process, and the time of arrival (`perf_counter`).
JOB, REFUSED, REPLY = "pilcrow.job", "pilcrow.refused", "pilcrow.reply"
APART, ARRIVED = "pilcrow.apart", "pilcrow.arrived"
PUT_OFF = 202  # the status of a placeholder
LIGHT = 0.03  # seconds of one core; requests estimated above are heavy: answered one at a time
BUDGET = 0.3  # seconds; requests estimated above are answered by a separate process
# Seconds, measured at 100,000 passages.
TOKEN = 20e-9  # per token read by a search
LINE = 100e-9  # per concordance line, with sorting
NEIGHBOUR = 90e-9  # per word counted in a window
COUNTED = 60e-9  # per occurrence counted by article
CELL = 2.5e-6  # per cell of an audit
LISTED = 50e-6  # per article in a list
RESOLVED = 500e-6  # per link
SHOWN = 5e-3  # per term on a page of an audit, with its lines and barcodes
PLAIN = 80  # characters; a search up to this length without `SIGNS` is within the budget
SIGNS = frozenset("*?~/:()")


class Busy(Exception):
    """A request that no separate process can answer now."""


@dataclass(slots=True)
class Apart:
    """In a request's environment: it may be put off, and whether and why it was."""

    may_be_heavy: bool = True  # whether heavy requests are put off, too
    is_heavy: bool = False  # it was put off, to be answered one at a time
    job: Job | None = None  # it was put off, for a separate process


Query = MultiDict[str, str]
Sought = (
    params.ReadingForm | params.ConcordanceForm | params.CollocatesForm | questions.ClustersQuestion
)
Cost = Callable[[Index, Query, float], float]  # the last argument: above this, any value will do


def tokens(index: Index, form: Sought, each: float, most: float, any: bool = False) -> float:
    """Seconds for a query that takes `each` per token; infinite if more than `most`."""
    return each * index.cost(form.q, match=form.match, any=any, most=most / each)


def searched(index: Index, given: Query, most: float) -> float:
    """A search."""
    form = read(params.ReadingForm, given)
    if len(form.q) <= PLAIN and SIGNS.isdisjoint(form.q):
        return 0.0
    return tokens(index, form, TOKEN, most, form.any)


def article(index: Index, given: Query, most: float) -> float:
    """An article with matches marked; infinite for the whole of a long one, or a text fragment."""
    form = read(params.ReadingForm, given)
    return inf if form.whole or form.at.startswith(":~:") else searched(index, given, most)


def concordance(index: Index, given: Query, most: float) -> float:
    """A concordance."""
    return tokens(index, params.read_concordance(given), LINE, most)


def collocates(index: Index, given: Query, most: float) -> float:
    """Collocates of a query, which a page shows with clusters."""
    form = read(params.CollocatesForm, given)
    return tokens(index, form, NEIGHBOUR * (form.left + form.right + form.size), most)


def clusters(index: Index, given: Query, most: float) -> float:
    """Word sequences around a query; infinite for all sequences."""
    form = read(questions.ClustersQuestion, given)
    return tokens(index, form, NEIGHBOUR * form.size, most) if form.q else inf


def audit_page(index: Index, given: Query, most: float) -> float:
    """An audit on a page."""
    return SHOWN * len(read(params.AuditForm, given).q) + audit(index, given, most)


def audit(index: Index, given: Query, most: float) -> float:
    """An audit: its terms are added up until the sum is above `most`."""
    form = read(params.AuditForm, given)
    places = 1 if form.article else index.totals.articles
    spent = len(form.q) * places * CELL
    for q in form.q:
        if spent > most:
            break
        spent += tokens(index, form.lines(q), COUNTED, most - spent)
    return spent


def articles(_: Index, given: Query, __: float) -> float:
    """A part of the list of articles."""
    return LISTED * read(questions.ArticlesQuestion, given).limit


def links(_: Index, given: Query, __: float) -> float:
    """A part of the list of links."""
    return RESOLVED * read(questions.LinksQuestion, given).limit


# Endpoint → kind of work and cost; None: it reads the whole corpus.
COSTS: Mapping[str, tuple[str, Cost | None]] = {
    "search.results": ("search", searched),
    "api.search": ("search", searched),
    "articles.read_by_path": ("article", article),
    "articles.listing": ("article", article),
    "api.concordance": ("concordance", concordance),
    "audits.concordance_page": ("concordance", concordance),
    "api.collocates": ("collocates", collocates),
    "audits.collocates_page": ("collocates", collocates),
    "api.clusters": ("clusters", clusters),
    "api.audit": ("audit", audit),
    "audits.page": ("audit", audit_page),
    "api.articles": ("list", articles),
    "api.links": ("list", links),
    "api.words": ("words", None),
    "api.keywords": ("keywords", None),
    "audits.keywords_page": ("keywords", None),
    "api.duplicates": ("duplicates", None),
    "audits.duplicates_page": ("duplicates", None),
    "api.readability": ("readability", None),
    "api.related": ("related", None),
    "audits.readability_page": ("readability", None),
    "audits.download": ("file", None),
    "audits.download_lines": ("file", None),
    "site.api_guide": ("guide", None),
    "site.openapi": ("guide", None),
}
# Parameters that select a part of one result.
PAGES = frozenset({"page", "part", "offset", "limit"})


def put_off(copy: OpenedIndex) -> Response | None:
    """A placeholder response if the request is to be put off, the final response if it was, None
    if it is to be answered directly.

    Raises `Busy` if it was put off and could not be answered.
    """
    reply: Reply | None = request.environ.get(REPLY)
    if reply is not None:
        return Response(reply.body, reply.status, list(reply.headers))
    if refused := request.environ.get(REFUSED):
        raise Busy(refused)
    apart: Apart | None = request.environ.get(JOB)
    endpoint = request.endpoint or ""
    if apart is None or endpoint not in COSTS:
        return None
    kind, cost = COSTS[endpoint]
    most = LIGHT if apart.may_be_heavy else BUDGET
    try:
        seconds = cost(copy.index, request.args, most) if cost else inf
    except (ParameterError, UsageError):  # the view reports it
        return None
    if seconds <= most:
        return None
    if apart.may_be_heavy and cost:
        apart.is_heavy = True
        return Response(status=PUT_OFF)
    given = [(name, value) for name, value in request.args.items(multi=True) if name not in PAGES]
    environ = {APART: "1"} | {n: v for n, v in request.environ.items() if isinstance(v, str)}
    apart.job = Job(kind, repr(given), copy.tag, environ)
    return Response(status=PUT_OFF)


def is_put_off(response: Response) -> bool:
    """Whether a response is a placeholder, or goes to a worker that logs the request itself."""
    return response.status_code == PUT_OFF or APART in request.environ
