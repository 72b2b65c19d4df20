"""Audits: pure functions from arrays and passages to findings; none of them sees a path."""
