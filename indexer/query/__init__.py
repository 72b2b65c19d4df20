"""The query language: text to a tree of query nodes, and back."""
