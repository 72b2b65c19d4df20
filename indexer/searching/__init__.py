"""Searching: a query in; ranked passages with marks, facets, notes and honest totals out."""

from indexer.searching.searcher import Request, Searcher, Sort

__all__ = ["Request", "Searcher", "Sort"]
