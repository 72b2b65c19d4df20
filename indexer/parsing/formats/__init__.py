"""Readers of file formats, and the choice of one by suffix."""
