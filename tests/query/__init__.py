"""Tests of `query`."""
