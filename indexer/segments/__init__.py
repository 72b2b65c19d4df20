"""The arrays of an index: forms, positions, vocabulary and postings, made, merged and read."""
