"""reStructuredText: what docutils renders, what it does not know, and that it opens no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import Kind, Source
from indexer.parsing.article import format_of
from indexer.parsing.formats.dispatch import parse
from tests.helpers.articles import read, texts


def shown(markup: str) -> list[tuple[Kind, str]]:
    article = read(f"Text first.\n\n{markup}", "rst")
    return [(block.kind, block.span.of(article.text)) for block in article.blocks][1:]


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        ("See :ref:`the dose <dose>`, :py:func:`~os.path.join` and `text`_.",
         [("paragraph", "See the dose, join and text.")]),
        (":orphan:\n:tocdepth: 2\n\nText.\n\n.. class:: Dose(mg)\n\n   Of *one*.\n\n"
         ".. class:: special\n\nEnd.\n\n.. class:: dose\n\n   Small.",
         [("paragraph", "Text."), ("paragraph", "Dose(mg)"), ("paragraph", "Of one."),
          ("paragraph", "End."), ("paragraph", "dose"), ("paragraph", "Small.")]),
        (".. grid-item-card:: A card\n   :link: x\n\n   Words.\n\n   +++\n   Foot of it.",
         [("paragraph", "A card"), ("paragraph", "Words."), ("paragraph", "Foot of it.")]),
        ("Press :guilabel:`&Save`, R&D.", [("paragraph", "Press Save, R&D.")]),
        ("The :unknown:`own words` and :sub:`2`.", [("paragraph", "The own words and 2.")]),
        (".. note:: Mind *it*.\n\n   And this.",
         [("paragraph", "Mind it."), ("paragraph", "And this.")]),
        (".. admonition:: Title\n   :class: x\n\n   Body.",
         [("paragraph", "Title"), ("paragraph", "Body.")]),
        (".. tab-item:: First\n   :sync: a\n\n   - one",
         [("paragraph", "First"), ("list_item", "one")]),
        (".. py:function:: dose(x)\n   :noindex:\n\n   Gives it.",
         [("paragraph", "dose(x)"), ("paragraph", "Gives it.")]),
        (".. code-block:: python\n   :caption: How\n   :linenos:\n\n   x = {{ y }}\n     z",
         [("paragraph", "How"), ("code", "x = {{ y }}\n  z")]),
        (".. parsed-literal::\n\n   take *one* |dose|\n   a day\n\n.. |dose| replace:: pill",
         [("paragraph", "take one pill"), ("paragraph", "a day")]),
        (".. figure:: a.png\n   :alt: A pump\n   :width: 20\n\n   Its caption.",
         [("paragraph", "A pump"), ("paragraph", "Its caption.")]),
        (".. math::\n   :label: x\n   :nowrap:\n\n   a < b\n\n.. image:: a.png\n   :lightbox:\n\n"
         ".. topic:: Not\n   :name: x\n   :icon: y\n\n   after meals",
         [("code", "a < b"), ("paragraph", "Not"), ("paragraph", "after meals")]),
        (".. code-tab:: py\n\n   x = 1", [("code", "x = 1")]),
        (".. glossary::\n\n   INR\n   Ratio\n      A *measure*.\n\n   PT\n      Time.",
         [("list_item", "INR"), ("list_item", "Ratio"), ("list_item", "A measure."),
          ("list_item", "PT"), ("list_item", "Time.")]),
        (".. literalinclude:: a.py\n   :caption: How\n   :language: python\n\n"
         ".. button-ref:: call\n\n   Who to *call*\n\n.. automodule:: ward\n\n   Its words.",
         [("paragraph", "How"), ("paragraph", "Who to call"), ("paragraph", "Its words.")]),
        (":octicon:`report;1em` Stop :fas:`x`.", [("paragraph", "Stop .")]),
        ("=======\nOver it\n=====\n\nText.\n\n----\n\nNot 5 mg.",
         [("heading", "Over it"), ("paragraph", "Text."), ("paragraph", "Not 5 mg.")]),
        (".. only:: html\n\n   Words.", [("paragraph", "Words.")]),
        (".. only:: html\n   Words.\n\n   More.",
         [("paragraph", "Words."), ("paragraph", "More.")]),
        (".. figure:: a.png\n   A pump.", [("paragraph", "A pump.")]),
        (".. productionlist::\n   a: b", [("code", "a: b")]),
        (".. code-block::\n   take one\n   a day", [("code", "take one\na day")]),
        ("A longer title\n====\n\nSee http://a.org/b, a@b.org.",
         [("heading", "A longer title"), ("paragraph", "See http://a.org/b, a@b.org.")]),
        ("Term : kind : other\n   Its meaning",
         [("list_item", "Term : kind : other"), ("list_item", "Its meaning")]),
        (".. toctree::\n   :maxdepth: 2\n\n   intro\n\n.. contents::\n.. index:: a\n\nEnd.",
         [("paragraph", "End.")]),
        (".. _label:\n\n.. a comment\n\nEnd.", [("paragraph", "End.")]),
        ("Term\n   Its meaning", [("list_item", "Term"), ("list_item", "Its meaning")]),
        ("=  =\na  b\n=  =\n1  2\n=  =", [("table_row", "a\tb"), ("table_row", "1\t2")]),
        (".. note::\n   Not for ``x``::\n\n      <div>\n        y < 5\n      </div>\n\n   End.",
         [("paragraph", "Not for x:"), ("code", "<div>\n  y < 5\n</div>"), ("paragraph", "End.")]),
        (".. tip-box::\n   * one\n   * not two", [("list_item", "one"), ("list_item", "not two")]),
        ("Unclosed *emphasis and ``literal.", [("paragraph", "Unclosed *emphasis and ``literal.")]),
        ("Uses |this|.\n\n.. |this| replace:: a value", [("paragraph", "Uses a value.")]),
    ],
)  # fmt: skip
def test_what_a_reader_sees(markup: str, blocks: list[tuple[Kind, str]]) -> None:
    assert shown(markup) == blocks


def test_titles_sections_and_their_ids() -> None:
    article = read(
        ".. _general-faq:\n\n***\nFAQ\n***\n\n.. contents::\n\nWhat is it, and why is it long?\n"
        "---------------------------------\n\nIt is.\n\nMore\n----\n\nWords.",
        "rst",
    )
    assert article.title == "FAQ"
    assert texts(article, "heading") == ["What is it, and why is it long?", "More"]
    assert [block.element for block in article.blocks if block.kind == "heading"][1] == "more"


@pytest.mark.parametrize(
    "directive",
    ["include:: {}", "literalinclude:: {}", "csv-table:: T\n   :file: {}",
     "raw:: html\n   :file: {}",
     "raw:: html\n\n   <b>secret</b>"],
)  # fmt: skip
def test_no_other_file_is_opened_and_no_raw_text_is_taken(directive: str, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("secret")
    article = read(f"Text.\n\n.. {directive.format(tmp_path / 'other.txt')}\n\nEnd.", "rst")
    assert texts(article) == ["Text.", "End."]


def test_what_docutils_can_not_read_stays_as_words() -> None:
    article = read("Text.\n\n====  ====\na     lone\n====\n\nEnd.", "rst")
    assert {"lone", "End."} <= set(article.text.split())
    assert "Malformed" not in article.text


def test_a_substitution_that_stands_elsewhere_is_counted() -> None:
    found = parse(Source("a.rst", "a", "rst", b"Version |release| of it."))
    assert [article.text for article in found.articles] == ["Version of it."]
    assert list(map(str, found.warnings)) == ["a.rst: 1 template value is unknown and left out"]


def test_the_day_of_reading_is_no_text() -> None:
    assert read(".. |day| date::\n\nOf |day|.", "rst").text == "Of ."


def test_the_subtitle_of_a_sidebar_is_no_section() -> None:
    article = read("Dose\n====\n\n.. sidebar:: Side\n   :subtitle: Below\n\n   Words.\n", "rst")
    assert texts(article) == ["Dose", "Side", "Below", "Words."]


def test_sources_of_sphinx_are_told_by_both_suffixes() -> None:
    assert [format_of(name) for name in ("faq.rst.txt", "faq.RST", "rst.txt")] == [
        "rst", "rst", "txt",
    ]  # fmt: skip


def test_a_title_may_stand_below_the_name_of_its_module() -> None:
    assert read(".. module:: ward\n\n=====\nDose\n====\n\nOne.\n", "rst").title == "Dose"


def test_a_single_section_below_the_title_is_a_section() -> None:
    article = read("Dose\n====\n\n:Author: Lee\n\nAt night\n--------\n\nTake one.", "rst")
    assert article.title == "Dose"
    found = [(block.kind, block.section) for block in article.blocks if block.kind != "list_item"]
    assert found == [("title", ()), ("heading", ()), ("paragraph", ("At night",))]
