"""Tests of `audits`."""
