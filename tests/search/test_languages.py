"""Passages in another language than their article's: their words have the forms of that one."""

from __future__ import annotations

from pathlib import Path

from indexer import build_index, open_index

PAGE = """<html lang="en"><body><h1>Tablets</h1><p>Swallow the tablets whole.</p>
<p lang="fr">Les patients arrêtaient les médicaments.</p></body></html>"""


def found(index: Path, query: str) -> list[str]:
    with open_index(index) as opened:
        return [hit.passage.text for hit in opened.search(query).hits]


def test_words_of_a_passage_have_the_forms_of_its_language(tmp_path: Path) -> None:
    folder, index = tmp_path / "pages", tmp_path / "index"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE, "utf-8")
    (folder / "b.html").write_text(PAGE.replace(' lang="fr"', ""), "utf-8")
    build_index(folder, index)
    with open_index(index) as opened:
        assert [p.language for p in opened.passages("a")] == ["", "fr"]
        assert [h.passage.language for h in opened.search("médicaments").hits].count("fr") == 1
        assert opened.verify().is_sound
    french = "Les patients arrêtaient les médicaments."
    assert found(index, "arrêter") == [french]  # the stem of French, which b.html does not say
    assert len(found(index, "swallowing")) == 2
    (folder / "a.html").unlink()
    build_index(folder, index)
    assert found(index, "arrêter") == []
