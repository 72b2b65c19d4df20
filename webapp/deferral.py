"""Decides which requests are too expensive to be answered directly.

In: the current request and its index. Out: whether a separate process must answer it, and as which
kind of work. Costs, in seconds, are estimated from word frequencies in the corpus, so that equal
requests are always treated alike. Raises `Refused` for one that no separate process could answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from flask import Response, g, request

from indexer import Index, UsageError, questions
from webapp import params
from webapp.jobs import Job, Refused, Reply
from webapp.library import OpenedIndex
from webapp.params import ParameterError, QueryString, read

# Keys of the WSGI environment: a request's `Deferral`, a mark for requests in a separate process,
# and the time of arrival (`perf_counter`).
DEFERRAL, IN_JOB, ARRIVED = "pilcrow.deferral", "pilcrow.in_job", "pilcrow.arrived"
DEFERRED = 202  # the status of a placeholder
LIGHT = 0.03  # seconds of one core; requests estimated above are heavy: answered one at a time
DIRECT = 0.3  # seconds; requests estimated above are answered by a separate process
# Seconds, measured at 100,000 passages.
TOKEN = 20e-9  # per token read by a search
LINE = 100e-9  # per concordance line, with sorting
NEIGHBOUR = 90e-9  # per word counted in a window
COUNTED = 60e-9  # per occurrence counted by article
CELL = 2.5e-6  # per cell of an audit
LISTED = 50e-6  # per article in a list
RESOLVED = 500e-6  # per link
SHOWN = 5e-3  # per term on a page of an audit, with its lines and barcodes
PLAIN = 80  # characters; a search up to this length without `SIGNS` is answered at once
SIGNS = frozenset("*?~/:()")


@dataclass(slots=True)
class Deferral:
    """In a request's environment: whether the request may be deferred, was, and how."""

    may_be_heavy: bool = True  # whether heavy requests are deferred, too
    is_heavy: bool = False  # it was deferred, to be answered one at a time
    job: Job | None = None  # it was deferred, for a separate process
    outcome: Reply | Refused | None = None  # of that job


WithQuery = (
    params.ReadingForm | params.ConcordanceForm | params.CollocatesForm | questions.ClustersQuestion
)
# The last argument: above this, any value will do.
Cost = Callable[[Index, QueryString, float], float]


def tokens(index: Index, form: WithQuery, each: float, most: float, any: bool = False) -> float:
    """Seconds for a query that takes `each` per token; infinite if more than `most`."""
    return each * index.cost(form.q, match=form.match, any=any, most=most / each)


def searched(index: Index, given: QueryString, most: float) -> float:
    """A search."""
    form = read(params.ReadingForm, given)
    if len(form.q) <= PLAIN and SIGNS.isdisjoint(form.q):
        return 0.0
    return tokens(index, form, TOKEN, most, form.any)


def article(index: Index, given: QueryString, most: float) -> float:
    """An article with matches marked; infinite for the whole of a long one, or a text fragment."""
    form = read(params.ReadingForm, given)
    return inf if form.whole or form.at.startswith(":~:") else searched(index, given, most)


def concordance(index: Index, given: QueryString, most: float) -> float:
    """A concordance."""
    return tokens(index, params.read_concordance(given), LINE, most)


def collocates(index: Index, given: QueryString, most: float) -> float:
    """Collocates of a query, which a page shows with clusters."""
    form = read(params.CollocatesForm, given)
    return tokens(index, form, NEIGHBOUR * (form.left + form.right + form.size), most)


def clusters(index: Index, given: QueryString, most: float) -> float:
    """Word sequences around a query; infinite for all sequences."""
    form = read(questions.ClustersQuestion, given)
    return tokens(index, form, NEIGHBOUR * form.size, most) if form.q else inf


def audit_page(index: Index, given: QueryString, most: float) -> float:
    """An audit on a page."""
    return SHOWN * len(read(params.AuditForm, given).q) + audit(index, given, most)


def audit(index: Index, given: QueryString, most: float) -> float:
    """An audit: its terms are added up until the sum is above `most`."""
    form = read(params.AuditForm, given)
    places = 1 if form.article else index.totals.articles
    spent = len(form.q) * places * CELL
    for q in form.q:
        if spent > most:
            break
        spent += tokens(index, form.lines(q), COUNTED, most - spent)
    return spent


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
    "api.articles": (
        "list",
        lambda _, given, __: LISTED * read(questions.ArticlesQuestion, given).limit,
    ),
    "api.links": (
        "list",
        lambda _, given, __: RESOLVED * read(questions.LinksQuestion, given).limit,
    ),
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


def defer(copy: OpenedIndex) -> Response | None:
    """A placeholder response if the request is to be deferred, the final response if it was, None
    if it is to be answered directly.

    Raises `Refused` if it was deferred and could not be answered.
    """
    deferral: Deferral | None = request.environ.get(DEFERRAL)
    endpoint = request.endpoint or ""
    if deferral is None or endpoint not in COSTS:
        return None
    if isinstance(deferral.outcome, Refused):
        raise deferral.outcome
    if reply := deferral.outcome:
        g.not_cached = True  # the job server keeps it
        return Response(reply.body, reply.status, list(reply.headers))
    kind, cost = COSTS[endpoint]
    most = LIGHT if deferral.may_be_heavy else DIRECT
    try:
        seconds = cost(copy.index, request.args, most) if cost else inf
    except (ParameterError, UsageError):  # the view reports it
        return None
    if seconds <= most:
        return None
    if deferral.may_be_heavy and cost:
        deferral.is_heavy = True
        return Response(status=DEFERRED)
    given = [(name, value) for name, value in request.args.items(multi=True) if name not in PAGES]
    environ = {IN_JOB: "1"} | {n: v for n, v in request.environ.items() if isinstance(v, str)}
    deferral.job = Job(kind, repr(given), copy.tag, environ)
    return Response(status=DEFERRED)


def is_deferred(response: Response) -> bool:
    """Whether a response is a placeholder, or goes to a worker that logs the request itself."""
    return response.status_code == DEFERRED or IN_JOB in request.environ
