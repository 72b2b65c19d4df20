"""Tests of `links`."""
