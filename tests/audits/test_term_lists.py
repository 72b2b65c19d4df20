"""Term lists: what their three forms mean, and one clear line for what can't be meant."""

from __future__ import annotations

import pytest

from indexer import PilcrowError
from indexer.audits.terms import LONGEST, AuditTerm, TermList, given_terms, read_terms

YAML = """\
# what we sell
families:
  amitriptyline:
    brand: [Elavil, Endep]
    generic: amitriptyline
    misspellings:
      - amitryptiline
      - 'amitriptaline~1'
  risk: [overdose, '"side effects"']
"""


def terms(text: str, name: str) -> list[tuple[str, str, str, int]]:
    """Query, group, role and line of each term."""
    found = read_terms(text.encode(), name).terms
    return [(term.query, term.group, term.role, term.line) for term in found]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.txt",
            'pain\n\n# a comment\n"side effects"  # and one here\npain NEAR/5 dose\r\nC#\n',
            [
                ("pain", "", "", 1),
                ('"side effects"', "", "", 4),
                ("pain NEAR/5 dose", "", "", 5),
                ("C#", "", "", 6),
            ],
        ),
        ("no-suffix", "\ufeffpain", [("pain", "", "", 1)]),
        (
            "a.csv",
            'Term,Group\npain,feelings\n"""side effects""",risk\n\n# no,term\n"a, b",risk\n',
            [
                ("pain", "feelings", "", 2),
                ('"side effects"', "risk", "", 3),
                ("a, b", "risk", "", 6),
            ],
        ),
        (
            "semicolons.CSV",
            "role;query;family\nbrand;Elavil;drug\n;pain;\n",
            [("Elavil", "drug", "brand", 2), ("pain", "", "", 3)],
        ),
        ("tabs.csv", "pain\trisk\nElavil\tdrug\tbrand\n",
         [("pain", "risk", "", 1), ("Elavil", "drug", "brand", 2)]),
        ("one-column.csv", "pain\ndose\n", [("pain", "", "", 1), ("dose", "", "", 2)]),
        ("lines.csv", 'term,group\n"pain\nrelief",x\ndose,y\n',
         [("pain\nrelief", "x", "", 2), ("dose", "y", "", 4)]),
        (
            "a.yml",
            YAML,
            [
                ("Elavil", "amitriptyline", "brand", 4),
                ("Endep", "amitriptyline", "brand", 4),
                ("amitriptyline", "amitriptyline", "generic", 5),
                ("amitryptiline", "amitriptyline", "misspellings", 7),
                ("amitriptaline~1", "amitriptyline", "misspellings", 8),
                ("overdose", "risk", "", 9),
                ('"side effects"', "risk", "", 9),
            ],
        ),
        ("bare.yaml", "drug: Elavil\nyear: [2024]\n",
         [("Elavil", "drug", "", 1), ("2024", "year", "", 2)]),
        ("rules.yml", "version: 1\nterms:\n  drug: [elavil]\n", [("elavil", "drug", "", 3)]),
    ],
)  # fmt: skip
def test_forms_of_lists(name: str, text: str, expected: list[tuple[str, str, str, int]]) -> None:
    assert terms(text, name) == expected


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "a.txt: there is no term"),
        ("a.txt", b"# only\n\n  # comments\n", "a.txt: there is no term"),
        ("a.txt", b"pain\n\xff\xfe\n", "a.txt:2: is not UTF-8"),
        ("a.txt", b"pain\n\0\0", "a.txt:2: is not text"),
        ("a.txt", b"pain\n...\n", "a.txt:2: term '...' has no word"),
        ("a.txt", b"pain\n" + b"dose " * 200_000, "a.txt:2: a term of 999,999 characters"),
        ("a.csv", b"term,group\n", "a.csv: there is no term"),
        ("a.csv", b"term,group\npain,x\ndose,y,brand,more\n", "a.csv:3: 4 cells where 2"),
        ("a.csv", b'term,group\n"pain,x\ndose,y\n', "a.csv:2: broken CSV"),
        ("a.csv", b'pain,x\n"dose"s,y\n', "a.csv:2: broken CSV"),
        ("a.csv", b"term,colour\npain,red\n", "a.csv:1: unknown column 'colour'"),
        ("a.csv", b"term,query\npain,red\n", "a.csv:1: a column is given twice"),
        ("a.csv", b"keyword,group\npain,red\n", "a.csv:1: unknown column 'keyword'"),
        ("a.csv", b"group,role\nred,brand\n", "a.csv:2: an empty term"),
        ("a.csv", b"term,group,role\npain,x,king\n", "a.csv:2: unknown role 'king'"),
        ("a.csv", b"term,group\n,x\n", "a.csv:2: an empty term"),
        ("a.yml", b"", "a.yml: there is no term"),
        ("a.yml", b"- pain\n", "a.yml:1: not a list of families"),
        ("a.yml", b"x: [pain\ny: [dose]\n", "a.yml:2: broken YAML"),
        ("a.yml", b"x:\n  brand: pain\n  brnad: dose\n", "a.yml:3: unknown key 'brnad'"),
        ("a.yml", b"x: [pain]\nx: [dose]\n", "a.yml:2: 'x' is given twice"),
        ("a.yml", b"families:\n  x: pain\nrules: {}\n", "a.yml:3: unknown key 'rules'"),
        ("a.yml", b"x: [[pain]]\n", "a.yml:1: a term must be text"),
        ("a.yml", b"x: []\n", "a.yml:1: 'x' has no terms"),
        ("a.yml", b"x:\n", "a.yml:1: an empty term"),
        ("a.yml", b"? [a]\n: b\n", "a.yml:1: a name"),
        ("a.yml", b"x: &a [*a]\n", "a.yml:1: a term must be text"),
        ("a.yml", b"[" * 100_000, "a.yml"),
    ],
)
def test_bad_lists_are_one_clear_line(name: str, data: bytes, message: str) -> None:
    with pytest.raises(PilcrowError) as raised:
        read_terms(data, name)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_yaml_makes_no_objects() -> None:
    found = read_terms(b"x: [!!python/name:os.abort pain, !!int dose]\n", "a.yml")
    assert [term.query for term in found.terms] == ["pain", "dose"]


def test_terms_given_twice_count_once() -> None:
    found = read_terms(b"pain\ndose\npain\n", "a.txt")
    assert [term.query for term in found.terms] == ["pain", "dose"]
    assert found.notes == ("a.txt:3: term 'pain' is given twice; counted once",)
    twice = given_terms([AuditTerm("pain", "x"), AuditTerm("pain", "y"), AuditTerm("pain", "x")])
    assert [term.group for term in twice.terms] == ["x", "y"]


def test_single_group_can_be_chosen() -> None:
    found = read_terms(YAML.encode(), "a.yml")
    assert found.groups == ("amitriptyline", "risk")
    assert [term.query for term in found.of(["risk"]).terms] == ["overdose", '"side effects"']
    with pytest.raises(PilcrowError, match="'rsk'; there are: amitriptyline, risk"):
        found.of(["rsk"])


def test_list_that_is_one_already_stays() -> None:
    found = TermList((AuditTerm("pain"),))
    assert given_terms(found) is found


def test_longest_term_is_taken() -> None:
    assert given_terms(["a" * LONGEST]).terms
