"""Each parameter is declared once, and command line and API have it from there."""

from __future__ import annotations

from typing import get_args

import click
import pytest

from indexer import model
from indexer.audits.collocates import MEASURES
from indexer.audits.concordance import SORT_KEYS, UNITS
from indexer.audits.near_duplicates import Likeness
from indexer.audits.ngrams import LONGEST, NODE_POSITIONS, SHORTEST
from indexer.audits.statistics import CUTOFF
from indexer.cli import pilcrow
from indexer.cli.options import NAMES
from indexer.reporting import questions
from indexer.reporting.questions import Parameter, Question, declared_in
from webapp.api import OPERATIONS
from webapp.openapi import description

COMMANDS: dict[str, type[Question]] = {
    "search": questions.SearchQuestion,
    "concordance": questions.ConcordanceQuestion,
    "audit": questions.AuditQuestion,
    "collocates": questions.CollocatesQuestion,
    "clusters": questions.ClustersQuestion,
    "keywords": questions.KeywordsQuestion,
    "words": questions.WordsQuestion,
    "queries": questions.QueriesQuestion,
    "duplicates": questions.DuplicatesQuestion,
}


def parameter(question: type[Question], name: str) -> Parameter:
    return next(one for one in declared_in(question) if one.name == name)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_parameter_is_an_option_with_its_default_and_choices(command: str) -> None:
    found = pilcrow.get_command(click.Context(pilcrow), command)
    assert found is not None
    options = {name: one for one in found.params for name in one.opts}
    for one in declared_in(COMMANDS[command]):
        if one.name == "q":
            continue
        option = options[NAMES.get(one.name, (f"--{one.name.replace('_', '-')}",))[0]]
        assert isinstance(option, click.Option)
        assert option.help
        assert option.help.startswith((one.spec.help or one.spec.about)[:12])
        if isinstance(option.type, click.Choice):
            assert set(option.type.choices) == set(one.choices) - {""}
        elif one.choices:
            assert set(one.choices) <= set(option.help.replace(":", ",").replace(",", "").split())
        if option.default is not None and not option.multiple:
            assert option.default == (one.default or option.default)


def test_each_parameter_of_the_api_is_described_as_it_is_declared() -> None:
    for operation in OPERATIONS:
        told = description()["paths"][operation.path]["get"]["parameters"]
        asked = {one["name"]: one for one in told if one["in"] == "query"}
        for one in declared_in(operation.form):
            if one.spec.only in ("", "api"):
                assert asked.pop(one.name)["description"] == one.spec.about
        assert asked == {}


def test_what_is_declared_is_what_the_library_takes() -> None:
    kinds = set(get_args(model.Kind)) - {"title", "heading"}
    assert set(get_args(questions.PassageKind)) == {"", *kinds}
    assert get_args(questions.Measure) == MEASURES
    assert get_args(questions.SortKey) == SORT_KEYS
    assert parameter(questions.ConcordanceQuestion, "unit").choices == UNITS
    assert parameter(questions.ClustersQuestion, "at").choices == NODE_POSITIONS
    size = parameter(questions.ClustersQuestion, "size").spec
    assert (size.least, size.most) == (SHORTEST, LONGEST)
    near = questions.DuplicatesQuestion()
    assert Likeness(near.threshold, near.width, near.least) == Likeness()
    assert questions.ReadabilityQuestion().cutoff == CUTOFF
