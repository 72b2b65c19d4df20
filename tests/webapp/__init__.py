"""Tests of `webapp`."""
