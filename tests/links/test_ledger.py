"""The ledger: an id that was handed out once leads to its passage, or says that it is lost."""

from __future__ import annotations

import gc
import random
import weakref
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.errors import IndexDamaged, NotFound, UsageError
from indexer.links.ledger_file import exported, restore
from indexer.links.permalinks import Resolution
from indexer.store.codec import pack_entry, pack_records, unpack_records
from indexer.store.reader import Store
from indexer.store.writer import writing

FIRST = """\
# Elavil

## Dose

Start with 10 mg at night and wait for a week before you take any more of it.

Take it with a glass of water.

## Stopping

Do not stop at once, since that can bring on headache, nausea and restlessness.

Taper it off slowly over some weeks under the eyes of a doctor.

## Storage

Keep the tablets in a dry place below 25 degrees, and away from children.

Take it with a glass of water.
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """One article."""
    write(tmp_path / "corpus", "elavil.md", FIRST)
    return tmp_path / "corpus"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def ids(index: Path, article: str = "elavil") -> dict[str, str]:
    """Ids by the first two words of the passage; of equal ones the last."""
    return {" ".join(text.split()[:2]): name for name, text in passages(index, article)}


def passages(index: Path, article: str = "elavil") -> list[tuple[str, str]]:
    """Ids and texts, in order."""
    with open_index(index) as opened:
        return [(p.id, p.text) for p in opened.passages(article)]


def resolve(index: Path, name: str) -> Resolution:
    with open_index(index) as opened:
        return opened.resolve(name)


def leads(index: Path, name: str) -> tuple[str, str]:
    """Status, and text of the passage that an id leads to."""
    found = resolve(index, name)
    return found.status, found.passage.text if found.passage else ""


def edit(corpus: Path, index: Path, *changes: tuple[str, str], name: str = "elavil.md") -> None:
    """Replaces words in an article and indexes again."""
    text = (corpus / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1 or old.startswith("#"), old
        text = text.replace(old, new, 1)
    write(corpus, name, text)
    build_index([corpus], index)


# --- one step ----------------------------------------------------------------------------------


def test_an_id_of_today_is_intact(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    for name, text in passages(index):
        found = resolve(index, name)
        assert (found.status, found.confidence, found.history) == ("intact", 1.0, ())
        assert found.passage is not None
        assert found.was.text == found.passage.text == text
        assert found.was.id == found.passage.id == name


def test_an_index_that_resolved_ids_is_freed_when_it_is_let_go(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    opened = open_index(index)
    for link in opened.links():
        opened.resolve(link.id)
    opened.close()
    gc.disable()
    try:
        held = weakref.ref(opened)
        del opened, link
        assert held() is None
    finally:
        gc.enable()


def test_an_id_that_never_was_is_not_found(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    for name in ("0" * 16, "", "nonsense", "../etc"):
        with pytest.raises(NotFound):
            resolve(index, name)


def test_what_a_passage_was_has_all_selectors(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    was = resolve(index, ids(index)["Taper it"]).was
    with open_index(index) as opened:
        text = opened.article("elavil").text
    assert text[was.start : was.end] == was.text
    assert was.prefix == text[was.start - 32 : was.start]
    assert was.suffix == text[was.end : was.end + 32]
    assert was.section == ("Stopping",)
    assert (was.article_id, was.title) == ("elavil", "Elavil")


def test_the_five_fates(corpus: Path, index: Path) -> None:
    """Case A10."""
    build_index([corpus], index)
    before = ids(index)
    edit(
        corpus,
        index,
        ("some weeks", "several weeks"),  # a typo, as it were
        ("## Dose", "New words to begin with, that nobody has read before.\n\n## Dosage"),
        ("Keep the tablets in a dry place below 25 degrees, and away from children.\n\n", ""),
        (
            "# Elavil\n",
            "# Elavil\n\nDo not stop at once, since that can bring on headache, "
            "nausea and restlessness.\n",
        ),
        (
            "## Stopping\n\nDo not stop at once, since that can bring on headache, nausea and "
            "restlessness.\n",
            "## Stopping\n",
        ),
    )
    assert leads(index, before["Taper it"])[0] == "edited"
    assert leads(index, before["Start with"])[0] == "intact"
    assert leads(index, before["Do not"])[0] == "moved"
    assert leads(index, before["Keep the"]) == ("lost", "")
    assert resolve(index, before["Start with"]).was.section == ("Dose",)
    assert resolve(index, before["Start with"]).section == ("Dosage",)


def test_a_changed_dose_is_edited_and_the_difference_shows_it(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    before = ids(index)
    edit(corpus, index, ("10 mg", "100 mg"), ("Do not stop", "Do stop"))
    dose, stop = resolve(index, before["Start with"]), resolve(index, before["Do not"])
    assert (dose.status, stop.status) == ("edited", "edited")
    changed = [(run.change, run.text) for run in dose.difference() if run.change != "kept"]
    assert changed == [("removed", "10"), ("added", "100")]
    removed = [run.text.strip() for run in stop.difference() if run.change == "removed"]
    assert removed == ["not"]


def test_a_sign_that_an_id_does_not_see_is_an_edit_all_the_same(corpus: Path, index: Path) -> None:
    edit(corpus, index, ("below 25 degrees", "≤ 25 degrees"))
    name = ids(index)["Keep the"]
    edit(corpus, index, ("≤ 25 degrees", "≥ 25 degrees"))
    assert ids(index)["Keep the"] == name
    found = resolve(index, name)
    assert found.status == "edited"
    assert [r.text for r in found.difference() if r.change != "kept"] == ["≤", "≥"]
    edit(corpus, index, ("≥ 25 degrees", "≤ 25 degrees"))
    assert resolve(index, name).status == "intact"


# --- ids that are numbered ---------------------------------------------------------------------


def twins(index: Path) -> list[str]:
    return [name for name, text in passages(index) if text.startswith("Take it")]


def test_of_equal_passages_the_one_that_stays_keeps_its_id(corpus: Path, index: Path) -> None:
    """An id counts the equal passages before: deleting the first would hand its id on."""
    build_index([corpus], index)
    first, second = twins(index)
    edit(corpus, index, ("Take it with a glass of water.\n\n## Stopping", "## Stopping"))
    assert twins(index) == [second]
    assert leads(index, first) == ("lost", "")
    assert leads(index, second) == ("intact", "Take it with a glass of water.")


def test_of_equal_passages_the_edited_one_leads_to_its_edit(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    first, second = twins(index)
    edit(
        corpus,
        index,
        ("Take it with a glass of water.\n\n## St", "Take it with a glass of milk.\n\n## St"),
    )
    assert leads(index, first) == ("edited", "Take it with a glass of milk.")
    assert leads(index, second) == ("intact", "Take it with a glass of water.")
    (left,) = (name for name, text in passages(index) if text.endswith("water."))
    assert left == second


def test_an_id_never_comes_to_mean_another_passage(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    first, second = twins(index)
    edit(
        corpus,
        index,
        ("Take it with a glass of water.\n\n## St", "Take it with a glass of milk.\n\n## St"),
    )
    edit(corpus, index, ("## Storage\n", "Take it with a glass of water.\n\n## Storage\n"))
    third, last = (name for name, text in passages(index) if text.endswith("water."))
    assert last == second
    assert third not in (first, second)
    assert leads(index, first) == ("edited", "Take it with a glass of milk.")


# --- several steps -----------------------------------------------------------------------------


def test_edits_of_edits_are_followed_to_the_end(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    names = [ids(index)["Taper it"]]
    for old, new in (("some weeks", "a few weeks"), ("slowly", "bit by bit"), ("eyes", "watch")):
        edit(corpus, index, (old, new))
        names.append(ids(index)["Taper it"])
    assert len(set(names)) == 4
    for name in names[:-1]:
        status, text = leads(index, name)
        assert status == "edited"
        assert text == "Taper it off bit by bit over a few weeks under the watch of a doctor."
    found = resolve(index, names[0])
    assert found.was.text == "Taper it off slowly over some weeks under the eyes of a doctor."
    assert [event.status for event in found.history] == ["edited"] * 3
    assert found.history[-1].target == names[-1]
    edit(
        corpus,
        index,
        ("Taper it off bit by bit over a few weeks under the watch of a doctor.", "X"),
    )
    assert {leads(index, name)[0] for name in names} == {"lost"}
    assert resolve(index, names[0]).was.text.startswith("Taper it off slowly over some")


def test_an_edit_undone_gives_the_id_back(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    before = ids(index)["Taper it"]
    edit(corpus, index, ("some weeks", "a few weeks"))
    between = ids(index)["Taper it"]
    edit(corpus, index, ("a few weeks", "some weeks"))
    assert ids(index)["Taper it"] == before
    assert leads(index, before)[0] == "intact"
    assert leads(index, between)[0] == "edited"
    assert resolve(index, between).passage == resolve(index, before).passage
    assert [event.status for event in resolve(index, before).history] == ["edited", "intact"]


def test_moved_and_moved_back(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    name = ids(index)["Keep the"]
    line = "Keep the tablets in a dry place below 25 degrees, and away from children.\n\n"
    edit(corpus, index, (line, ""), ("## Dose\n\n", f"## Dose\n\n{line}"))
    assert leads(index, name)[0] == "moved"
    assert resolve(index, name).was.section == ("Storage",)
    assert resolve(index, name).section == ("Dose",)
    edit(corpus, index, ("Start with 10 mg", "Start with 15 mg"))
    assert leads(index, name)[0] == "moved"
    edit(corpus, index, (line, ""), ("## Storage\n\n", f"## Storage\n\n{line}"))
    assert leads(index, name)[0] == "intact"


def test_neighbours_change_places_and_back(corpus: Path, index: Path) -> None:
    places = ["# Elavil", "Take it at night.", "Swallow it with some water.", "Do not chew."]
    for order in ((0, 1, 2, 3), (0, 2, 1, 3)):
        write(corpus, "elavil.md", "\n\n".join(places[n] for n in order))
        build_index([corpus], index)
    (moved,) = (name for name in ids(index).values() if leads(index, name)[0] == "moved")
    write(corpus, "elavil.md", "\n\n".join(places))
    build_index([corpus], index)
    assert leads(index, moved)[0] == "intact"


# --- articles ----------------------------------------------------------------------------------


def test_a_removed_article_is_lost_and_comes_back(corpus: Path, index: Path) -> None:
    write(corpus, "other.md", "# Other\n\nNothing of interest is said in this one.\n")
    build_index([corpus], index)
    before = passages(index)
    (corpus / "elavil.md").unlink()
    build_index([corpus], index)
    for name, text in before:
        found = resolve(index, name)
        assert (found.status, found.passage, found.was.text) == ("lost", None, text)
        assert found.was.title == "Elavil"
    write(corpus, "elavil.md", FIRST)
    build_index([corpus], index)
    assert passages(index) == before
    assert {leads(index, name)[0] for name, _ in before} == {"intact"}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_renamed_article_is_found(corpus: Path, index: Path, at_once: bool) -> None:
    write(corpus, "other.md", "# Other\n\nNothing of interest is said in this one.\n")
    build_index([corpus], index)
    before = passages(index)
    (corpus / "elavil.md").unlink()
    if not at_once:
        build_index([corpus], index)
    write(corpus, "amitriptyline.md", FIRST.replace("a doctor", "your doctor"))
    build_index([corpus], index)
    for name, text in before:
        found = resolve(index, name)
        assert found.passage is not None
        assert found.article_id == "amitriptyline"
        edited = "a doctor" in text
        assert found.status == ("edited" if edited else "moved")
        assert found.passage.text == text.replace("a doctor", "your doctor")


def test_a_section_that_moves_to_another_article_is_found(corpus: Path, index: Path) -> None:
    write(corpus, "other.md", "# Other\n\nNothing of interest is said in this one.\n")
    build_index([corpus], index)
    before = ids(index)
    head, section = FIRST.split("## Stopping")[0], FIRST.split("## Stopping")[1].split("## St")[0]
    write(corpus, "elavil.md", head + "## Storage" + FIRST.split("## Storage")[1])
    with (corpus / "other.md").open("a", encoding="utf-8") as other:
        other.write(f"\n## How to stop{section}")
    build_index([corpus], index)
    for start in ("Do not", "Taper it"):
        found = resolve(index, before[start])
        assert (found.status, found.article_id) == ("moved", "other")


def test_the_same_words_in_an_old_article_are_no_sign(corpus: Path, index: Path) -> None:
    write(
        corpus,
        "other.md",
        "# Other\n\nTaper it off slowly over some weeks under the eyes of a doctor.\n",
    )
    build_index([corpus], index)
    name = ids(index)["Taper it"]
    edit(corpus, index, ("Taper it off slowly over some weeks under the eyes of a doctor.\n\n", ""))
    assert leads(index, name) == ("lost", "")


def test_common_words_of_a_new_article_are_no_sign(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    name = ids(index)["Take it"]
    (corpus / "elavil.md").unlink()
    write(
        corpus,
        "aspirin.md",
        "# Aspirin\n\nThis is about something else entirely, and long enough.\n\n"
        "Take it with a glass of water.\n",
    )
    build_index([corpus], index)
    assert leads(index, name) == ("lost", "")


def leaflet(drug: str, brand: str) -> str:
    """A leaflet made from a template."""
    return (
        f"# {drug}: patient leaflet\n\n{brand} may increase the risk of liver injury.\n\n"
        f"## Dose\n\nTake 10 mg once daily. Do not exceed 40 mg daily.\n\n"
        f"{brand} is taken with a glass of water, at night and never on an empty stomach.\n\n"
        "## Side effects\n\nNausea, headache and a dry mouth are common in the first weeks.\n\n"
        f"## Stopping\n\nSymptoms of withdrawal are rare with {drug.lower()}. Reduce by 5 mg.\n"
    )


def test_a_renamed_article_keeps_its_links_from_a_removed_one_like_it(
    corpus: Path, index: Path
) -> None:
    """The removed one comes first in the alphabet, and half of the words are those of both."""
    write(corpus, "clozapine.md", leaflet("Clozapine", "Clozaril"))
    write(corpus, "tramadol.md", leaflet("Tramadol", "Ultram"))
    build_index([corpus], index)
    removed, renamed = passages(index, "clozapine"), passages(index, "tramadol")
    (corpus / "clozapine.md").unlink()
    (corpus / "tramadol.md").rename(corpus / "ultram.md")
    build_index([corpus], index)
    assert [leads(index, name) for name, _ in removed] == [("lost", "")] * len(removed)
    assert [leads(index, name) for name, _ in renamed] == [("moved", text) for _, text in renamed]


@pytest.mark.parametrize("title", ["Tramadol: patient leaflet", "Clozapine tablets: leaflet"])
def test_an_article_on_another_subject_takes_no_links(
    corpus: Path, index: Path, title: str
) -> None:
    """One made from the same template. A new title alone is not another subject."""
    write(corpus, "clozapine.md", leaflet("Clozapine", "Clozaril"))
    build_index([corpus], index)
    before = passages(index, "clozapine")
    (corpus / "clozapine.md").unlink()
    text = leaflet(*(("Tramadol", "Ultram") if "Tramadol" in title else ("Clozapine", "Clozaril")))
    write(corpus, "new.md", f"# {title}\n" + text.partition("\n")[2])
    build_index([corpus], index)
    expected = "lost" if "Tramadol" in title else "moved"
    assert {leads(index, name)[0] for name, _ in before} == {expected}


# --- what the ledger survives ------------------------------------------------------------------


def test_rebuilding_keeps_the_ledger(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    before = ids(index)
    edit(
        corpus,
        index,
        ("some weeks", "a few weeks"),
        ("Do not stop at once, since that can bring on headache, nausea and restlessness.\n\n", ""),
    )
    kept = [resolve(index, name) for name in before.values()]
    write(corpus, "elavil.md", (corpus / "elavil.md").read_text().replace("10 mg", "20 mg"))
    build_index([corpus], index, rebuild=True)
    for old in kept:
        now = resolve(index, old.id)
        if old.was.text.startswith("Start with"):
            assert now.status == "edited"
        else:
            assert (now.status, now.was.text, now.history) == (
                old.status,
                old.was.text,
                old.history,
            )
    build_index([corpus], index, rebuild=True)
    with open_index(index) as opened:
        assert {link.id for link in opened.links()} >= set(before.values())


def test_numbered_ids_survive_rebuilding(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    _, second = twins(index)
    edit(corpus, index, ("Take it with a glass of water.\n\n## Stopping", "## Stopping"))
    report = build_index([corpus], index, rebuild=True)
    assert report.unchanged == 1
    assert twins(index) == [second]


def test_nothing_changed_makes_no_generation(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    edit(corpus, index, ("Take it with a glass of water.\n\n## Stopping", "## Stopping"))
    with Store.open(index) as store:
        generation = store.generation
    (corpus / "elavil.md").write_bytes((corpus / "elavil.md").read_bytes().replace(b"\n", b"\r\n"))
    build_index([corpus], index)
    with Store.open(index) as store:
        assert store.generation == generation


def test_a_transaction_that_fails_changes_no_record(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    edit(corpus, index, ("some weeks", "a few weeks"))
    with Store.open(index) as store:
        before = store.records("elavil")
    with pytest.raises(RuntimeError), writing(index) as writer:
        writer.keep_records("elavil", ())
        raise RuntimeError
    with Store.open(index) as store:
        assert store.records("elavil") == before != {}


def test_records_come_back_as_they_were(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    edit(corpus, index, ("some weeks", "a few weeks"), ("## Dose", "## Dosage"))
    with Store.open(index) as store:
        records = store.records("elavil")
        assert store.recorded_articles() == ("elavil",)
        assert [store.record(name) for name in records] == list(records.values())
        assert store.record("0" * 16) is None
    packed = pack_records("elavil", records.values())
    assert unpack_records(packed.entry, packed.payload) == records
    assert set(packed.entry.ids) == set(records)


def test_links_tells_every_id_once(corpus: Path, index: Path) -> None:
    write(corpus, "other.md", "# Other\n\nNothing of interest is said in this one.\n")
    build_index([corpus], index)
    issued = {name for article in ("elavil", "other") for name, _ in passages(index, article)}
    edit(corpus, index, ("some weeks", "a few weeks"))
    issued |= {name for name, _ in passages(index)}
    (corpus / "other.md").unlink()
    build_index([corpus], index)
    with open_index(index) as opened:
        every = list(opened.links())
        assert sorted(link.id for link in every) == sorted(issued)
        for link in every:
            assert opened.resolve(link.id) == link


def test_no_flipped_byte_gives_a_wrong_record(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    edit(corpus, index, ("some weeks", "a few weeks"), ("10 mg", "20 mg"))
    with Store.open(index) as store:
        before = store.records("elavil")
    refused = 0
    for path in sorted((index / "store").iterdir()):
        data = path.read_bytes()
        for at in range(0, len(data), max(1, len(data) // 40)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :])
            try:
                with Store.open(index) as store:
                    assert store.records("elavil") == before
                    assert [entry.article_id for entry in store.entries()] == ["elavil"]
            except IndexDamaged:
                refused += 1
        path.write_bytes(data)
    assert refused > 20


def test_rebuilding_a_damaged_index_keeps_the_records_that_can_be_read(
    corpus: Path, index: Path
) -> None:
    build_index([corpus], index)
    name = ids(index)["Taper it"]
    edit(corpus, index, ("some weeks", "a few weeks"))
    with Store.open(index) as store:
        entry = pack_entry(store.entries()[0])
    damaged = 0
    for path in (index / "store").iterdir():
        data = path.read_bytes()
        if entry in data:
            path.write_bytes(data.replace(entry, entry[:-3] + b"..."))
            damaged += 1
    assert damaged
    with Store.open(index) as store, pytest.raises(IndexDamaged):
        store.entries()
    build_index([corpus], index, rebuild=True)
    assert leads(index, name)[0] == "edited"


# --- export and import -------------------------------------------------------------------------


def export(index: Path) -> list[str]:
    with open_index(index) as opened:
        return list(exported(opened.links()))


def told(index: Path) -> dict[str, tuple[str, str]]:
    """Status and present text of every id."""
    with open_index(index) as opened:
        return {
            link.id: (link.status, link.passage.text if link.passage else "")
            for link in opened.links()
        }


def aged(corpus: Path, index: Path) -> None:
    """An index with ids of all fates."""
    write(corpus, "other.md", "# Other\n\nNothing of interest is said in this one.\n")
    build_index([corpus], index)
    water = "Take it with a glass of water.\n\n## Stopping"
    edit(corpus, index, ("some weeks", "a few weeks"), (water, "## Stopping"))
    edit(corpus, index, ("a few weeks", "several weeks"), ("## Dose", "## Dosage"))
    (corpus / "other.md").unlink()
    build_index([corpus], index)


def test_an_export_goes_into_an_index_made_from_nothing(corpus: Path, index: Path) -> None:
    aged(corpus, index)
    before, lines = told(index), export(index)
    fresh = index.with_name("fresh")
    build_index([corpus], fresh)
    assert restore(fresh, lines) == len(before) == len(lines)
    assert told(fresh) == before
    again = export(fresh)
    assert restore(fresh, lines) == len(lines)
    assert export(fresh) == again


def test_what_changed_since_the_export_is_found_again(corpus: Path, index: Path) -> None:
    aged(corpus, index)
    first = ids(index)
    lines = export(index)
    text = (corpus / "elavil.md").read_text()
    write(corpus, "elavil.md", text.replace("10 mg", "25 mg").replace("## Storage", "## Keeping"))
    fresh = index.with_name("fresh")
    build_index([corpus], fresh)
    restore(fresh, lines)
    assert leads(fresh, first["Start with"])[0] == "edited"
    assert "25 mg" in leads(fresh, first["Start with"])[1]
    assert leads(fresh, first["Keep the"])[0] == "intact"


def test_an_article_renamed_since_the_export_is_found_again(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    names, lines = ids(index), export(index)
    (corpus / "elavil.md").rename(corpus / "tca.md")
    fresh = index.with_name("fresh")
    build_index([corpus], fresh)
    restore(fresh, lines)
    for name in names.values():
        assert resolve(fresh, name).article_id == "tca"
        assert resolve(fresh, name).status == "moved"


def test_importing_keeps_what_the_index_knows_itself(corpus: Path, index: Path) -> None:
    build_index([corpus], index)
    lines = export(index)
    edit(corpus, index, ("some weeks", "a few weeks"), ("10 mg", "20 mg"))
    before = told(index)
    restore(index, lines)
    assert told(index) == before


def test_importing_costs_no_parsing_later(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(corpus, index)
    lines = export(index)
    fresh = index.with_name("fresh")
    build_index([corpus], fresh)
    restore(fresh, lines)
    monkeypatch.setattr("indexer.ingest.sync.prepare", None)  # calling it would fail
    assert build_index([corpus], fresh).unchanged == 1


@pytest.mark.parametrize(
    "line", ["nonsense", "{}", "[]", '{"id": 5}', '{"id": "x", "was": null, "now": null}', "1"]
)
def test_what_is_no_export_is_refused_with_its_line(corpus: Path, index: Path, line: str) -> None:
    build_index([corpus], index)
    lines = export(index)
    with pytest.raises(UsageError, match=r"ids.jsonl:3: .*--export") as raised:
        restore(index, [*lines[:2], line], "ids.jsonl")
    assert "\n" not in str(raised.value)


# --- laws --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_chance_edits_never_lose_an_id_nor_give_one_away(corpus: Path, index: Path) -> None:
    """Over many generations: every id ever issued is told, and a live one has its own words."""
    chance = random.Random(7)
    lines = FIRST.split("\n\n")
    issued: dict[str, str] = {}
    for _ in range(25):
        build_index([corpus], index)
        for name, text in passages(index):
            same = issued.setdefault(name, text)
            assert same.casefold() == text.casefold()
        with open_index(index) as opened:
            every = {link.id: link for link in opened.links()}
        assert set(every) == set(issued)
        for name, link in every.items():
            assert link.was.text == issued[name]
            assert (link.passage is None) == (link.status == "lost")
        at = chance.randrange(1, len(lines))
        match chance.randrange(4):
            case 0 if len(lines) > 4:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines[1:]))
            case 2:
                lines[at] = lines[at].replace("a", chance.choice("eiou"), 1)
            case _:
                lines.insert(chance.randrange(1, len(lines)), lines.pop(at))
        write(corpus, "elavil.md", "\n\n".join(lines))
