"""Tests of `parsing`."""
