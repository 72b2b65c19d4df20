"""Shared by all tests: small corpora and sites, a terminal, a browser, recorded answers."""
