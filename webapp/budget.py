"""Which requests are too expensive to be answered among the others.

In: the request at hand and its index. Out: whether it is to be answered apart, as which kind of
work. Costs are estimated from how often words stand in the corpus, in seconds, so that the same
request on the same index always goes the same way. Refuses what could not be answered apart.
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

# In the WSGI environment: how to put the request off, why it can't be done, what was answered to it
# apart, that this is being done, and when it arrived by `perf_counter`.
JOB, REFUSED, REPLY = "pilcrow.job", "pilcrow.refused", "pilcrow.reply"
APART, ARRIVED = "pilcrow.apart", "pilcrow.arrived"
PUT_OFF = 202  # the status of a placeholder
LIGHT = 0.03  # seconds of one core: what is estimated to take more is done one at a time
BUDGET = 0.3  # and what takes more than this, apart
# Seconds, measured at 100,000 passages.
TOKEN = 20e-9  # for each token that is read to find something
LINE = 100e-9  # for each that is put in a line and sorted
NEIGHBOUR = 90e-9  # for each word beside it that is counted
COUNTED = 60e-9  # for each that is counted by article
CELL = 2.5e-6  # for each number of an audit
LISTED = 50e-6  # for each article in a list
RESOLVED = 500e-6  # for each link
SHOWN = 5e-3  # for each term on a page of an audit, with its lines and bars
PLAIN = 80  # characters: a search for words alone that is no longer is within the budget
SIGNS = frozenset("*?~/:()")


class Busy(Exception):
    """A request that can't be answered apart now."""


@dataclass(slots=True)
class Apart:
    """In a request's environment: that it may be put off, and what it is."""

    may_be_heavy: bool = True  # whether what is not light is put off too
    is_heavy: bool = False  # it was put off, to be done one at a time
    job: Job | None = None  # it was put off, to be answered apart


Query = MultiDict[str, str]
Sought = (
    params.ReadingForm | params.ConcordanceForm | params.CollocatesForm | questions.ClustersQuestion
)
Cost = Callable[[Index, Query, float], float]  # the last: beyond this it does not matter


def tokens(index: Index, asked: Sought, each: float, most: float, any: bool = False) -> float:
    """Seconds for a query of which a token takes `each`; infinite if more than `most`."""
    return each * index.cost(asked.q, match=asked.match, any=any, most=most / each)


def searched(index: Index, given: Query, most: float) -> float:
    """A search."""
    asked = read(params.ReadingForm, given)
    if len(asked.q) <= PLAIN and SIGNS.isdisjoint(asked.q):
        return 0.0
    return tokens(index, asked, TOKEN, most, asked.any)


def article(index: Index, given: Query, most: float) -> float:
    """An article with matches marked; all of a long one, or a search for words in it, counts as too
    much."""
    asked = read(params.ReadingForm, given)
    return inf if asked.whole or asked.at.startswith(":~:") else searched(index, given, most)


def concordance(index: Index, given: Query, most: float) -> float:
    """Lines of a concordance."""
    return tokens(index, params.read_concordance(given), LINE, most)


def collocates(index: Index, given: Query, most: float) -> float:
    """Words near a query, on a page with runs of words around it."""
    asked = read(params.CollocatesForm, given)
    return tokens(index, asked, NEIGHBOUR * (asked.left + asked.right + asked.size), most)


def clusters(index: Index, given: Query, most: float) -> float:
    """Runs of words around a query, or all there are."""
    asked = read(questions.ClustersQuestion, given)
    return tokens(index, asked, NEIGHBOUR * asked.size, most) if asked.q else inf


def audit_page(index: Index, given: Query, most: float) -> float:
    """An audit on a page."""
    return SHOWN * len(read(params.AuditForm, given).q) + audit(index, given, most)


def audit(index: Index, given: Query, most: float) -> float:
    """An audit: its terms, one by one until it is too much."""
    asked = read(params.AuditForm, given)
    places = 1 if asked.article else index.totals.articles
    spent = len(asked.q) * places * CELL
    for q in asked.q:
        if spent > most:
            break
        spent += tokens(index, asked.lines(q), COUNTED, most - spent)
    return spent


def articles(_: Index, given: Query, __: float) -> float:
    """A part of the list of articles."""
    return LISTED * read(questions.ArticlesQuestion, given).limit


def links(_: Index, given: Query, __: float) -> float:
    """A part of all links."""
    return RESOLVED * read(questions.LinksQuestion, given).limit


# Endpoint → kind of work and what it costs; None: it reads the whole corpus.
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
# Parameters that choose a part of one result.
PAGES = frozenset({"page", "part", "offset", "limit"})


def put_off(copy: OpenedIndex) -> Response | None:
    """A placeholder for the response of a request that is to be put off, or the response of one
    that was; None for others.

    `Busy` for one that could not be answered.
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
    except (ParameterError, UsageError):  # the view says what is wrong
        return None
    if seconds <= most:
        return None
    if apart.may_be_heavy and cost:
        apart.is_heavy = True
        return Response(status=PUT_OFF)
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in PAGES]
    environ = {APART: "1"} | {n: v for n, v in request.environ.items() if isinstance(v, str)}
    apart.job = Job(kind, repr(asked), copy.tag, environ)
    return Response(status=PUT_OFF)


def is_put_off(response: Response) -> bool:
    """Whether a response is a placeholder, or for a worker that writes the request down itself."""
    return response.status_code == PUT_OFF or APART in request.environ
