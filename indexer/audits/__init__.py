"""Audits: pure functions from arrays and passages to results; none of them takes a path."""
