"""Tests of the index on a cluster: what needs no server, and what needs one (marked `cluster`)."""
