"""From files to a committed index: prepare, sync, build."""
