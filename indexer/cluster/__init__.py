"""The same index over OpenSearch: the engine finds and counts, Pilcrow judges."""
