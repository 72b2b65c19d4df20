"""Matching: query tree × arrays → passages with scores, occurrences with reasons."""

from indexer.matching.combining import Scored
from indexer.matching.elements import REASONS
from indexer.matching.evaluating import Evaluation
from indexer.matching.leaves import Parameters
from indexer.matching.patterns import Lexicon
from indexer.matching.spans import Found
from indexer.matching.spellings import Speller

__all__ = ["REASONS", "Evaluation", "Found", "Lexicon", "Parameters", "Scored", "Speller"]
