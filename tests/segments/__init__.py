"""Tests of `segments`."""
