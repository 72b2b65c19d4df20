"""Markdown as site generators write it: of each, pieces of its documented syntax and what a reader
sees of them, in tests/data/generators (input, `>>>>`, one block's line after the other, `<<<<`)."""

from __future__ import annotations

import pytest

from tests.helpers.articles import read
from tests.helpers.generators import PIECES, Piece


@pytest.mark.parametrize("piece", PIECES, ids=str)
def test_what_a_reader_sees_of_a_piece(piece: Piece) -> None:
    article = read(piece.markup, piece.format)
    shown = "\n".join(block.span.of(article.text) for block in article.blocks)
    assert shown == piece.shown
