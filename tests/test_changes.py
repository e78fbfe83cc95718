"""What changed between two releases: in the words of the form, with every id and label, and with no false news."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph import changes
from integgraph.build import Built
from integgraph.changes import Changes, Group, Thing, compare_profiles, compare_releases
from integgraph.errors import ReleaseError
from integgraph.ontology import Ontology
from integgraph.release import Release
from tests.conftest import GOLDEN, build_release

Edit = Callable[[Path], object]
BASE = "https://example.org/id/"


def edit(name: str, before: str, after: str) -> Edit:
    def apply(data: Path) -> None:
        file = data / "profiles" / name
        text = file.read_text("utf-8")
        assert before in text
        file.write_text(text.replace(before, after), "utf-8")

    return apply


def new_edition(data: Path) -> None:
    text = (data / "profiles" / "alpha-2024.yaml").read_text("utf-8")
    text = text.replace("edition: 2024-02", "edition: 2025-02").replace("status_date: 2024-02", "status_date: 2025-02")
    (data / "profiles" / "alpha-2025.yaml").write_text(text.replace("founded: 2010-03", "founded: 2009"), "utf-8")


def without_links(data: Path) -> None:
    (data / "links" / "actors.sssom.tsv").unlink()


@pytest.fixture
def changed(golden: Built, ontology: Ontology, tmp_path: Path) -> Callable[..., Changes]:
    """Builds the golden data with edits, and tells what changed."""

    def compare(*edits: Edit, back: bool = False) -> Changes:
        here = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        data = Path(shutil.copytree(GOLDEN, here / "data"))
        for apply in edits:
            apply(data)
        pair = (golden.release, build_release(data, here / "out").release)
        return compare_releases(*(reversed(pair) if back else pair), ontology)

    return compare


def ids(things: tuple[Thing, ...]) -> list[str]:
    return [thing.id for thing in things]


def fields(found: Changes) -> dict[str, tuple[str, ...]]:
    """Id → changed fields of every changed network and profile."""
    both = (*found.networks.changed, *found.profiles.changed)
    return {thing.id: found.details[thing.iri].fields for thing in both}


# ---------------------------------------------------------------------------------------------------------------------
# Whole releases


def test_nothing_changed(golden: Built, ontology: Ontology, changed: Callable[..., Changes]) -> None:
    same = compare_releases(golden.release, golden.release, ontology)
    assert same.as_text() == changed().as_text() == "Nothing changed."
    assert not same
    data = same.as_data()
    assert data["quads"] == {"added": 0, "removed": 0}
    assert data["networks"] == {"added": [], "removed": [], "changed": []}
    assert data["counts"]["networks"] == {"before": 3, "after": 3}


def test_the_field_that_changed_is_named(changed: Callable[..., Changes]) -> None:
    found = changed(edit("alpha-2024.yaml", "founded: 2010-03", "founded: 2011"))
    assert fields(found) == {"network:alpha": ("founded",), "profile:alpha--2024-02": ("founded",)}
    assert "Network changed: Netzwerk Alpha (network:alpha): Founded." in found.as_text()
    assert found.quads_added == found.quads_removed > 0


def test_an_answer_that_comes_and_goes_is_a_change_of_its_field(changed: Callable[..., Changes]) -> None:
    found = changed(
        edit("alpha-2024.yaml", "coordination: {absent: stated-none, raw: keine Koordination mehr}\n", ""),
        edit("beta.yaml", "founded: {absent: unreadable, raw: '1'}", "founded: 1999"),
        edit("gamma.yaml", "Language, an entry", "Language, Arbeitsmarkt, an entry"),
    )
    assert fields(found) == {
        "network:alpha": ("coordination",),
        "network:beta": ("founded",),
        "network:gamma": ("fields_of_action",),
        "profile:alpha--2024-02": ("coordination",),
        "profile:beta": ("founded",),
        "profile:gamma": ("fields_of_action",),
    }


def test_members_join_the_list_or_are_no_longer_listed(changed: Callable[..., Changes]) -> None:
    found = changed(
        edit(
            "alpha-2024.yaml",
            "  - {id: beta-mitglied, name: Netzwerk Beta}\n",
            "  - {id: neu-verein, name: Neuer Verein}\n  - {id: neue-gruppe, name: Nachbarn, group: yes}\n",
        )
    )
    (alpha,) = [each for each in found.networks.changed if each.id == "network:alpha"]
    change = found.details[alpha.iri]
    assert change.fields == ("members",)
    assert list(map(str, change.joined)) == ["Neuer Verein (actor:neu-verein)", "Nachbarn (group:neue-gruppe)"]
    assert list(map(str, change.no_longer_listed)) == ["Netzwerk Beta (network:beta)"]
    assert ids(found.things["actor"].added) == ["actor:neu-verein"]
    text = found.as_text()
    assert "  No longer listed: Netzwerk Beta (network:beta)." in text
    assert " left" not in text


def test_a_member_with_another_role_neither_joins_nor_goes(changed: Callable[..., Changes]) -> None:
    found = changed(edit("gamma.yaml", "roles: {role: founding-member, from: 2015}", "roles: {role: partner}"))
    assert fields(found) == {"network:gamma": ("members",), "profile:gamma": ("members",)}
    change = found.details[found.networks.changed[0].iri]
    assert change.joined == change.no_longer_listed == ()


def test_the_description_of_an_actor_belongs_to_the_field_that_names_it_first(changed: Callable[..., Changes]) -> None:
    found = changed(edit("alpha-2024.yaml", "Caritas Musterstadt, sector: welfare-association", "Caritas Musterstadt, sector: education"))  # fmt: skip
    assert fields(found) == {"network:alpha": ("members",), "profile:alpha--2024-02": ("members",)}
    assert ids(found.things["actor"].changed) == ["actor:caritas-musterstadt"]


def test_an_older_edition_changes_its_profile_and_not_what_is_known_now(changed: Callable[..., Changes]) -> None:
    found = changed(edit("alpha-2018.yaml", "sector: municipality", "sector: public-authority"))
    assert fields(found) == {"profile:alpha--2018-05": ("coordination",)}


def test_a_source_changes_the_profile(changed: Callable[..., Changes]) -> None:
    found = changed(edit("gamma.yaml", "retrieved: 2026-01-05", "retrieved: 2026-02-05"))
    assert fields(found) == {"profile:gamma": ("sources",)}
    assert "Profile changed: Rete Gamma (profile:gamma): Sources." in found.as_text()


def test_a_new_edition_changes_only_what_it_answers_otherwise(changed: Callable[..., Changes]) -> None:
    found = changed(new_edition)
    assert ids(found.profiles.added) == ["profile:alpha--2025-02"]
    assert fields(found) == {"network:alpha": ("founded",)}


def test_another_name_of_an_edition_is_no_change_of_the_network(changed: Callable[..., Changes]) -> None:
    found = changed(edit("alpha-2024.yaml", "edition: 2024-02", "edition: 2024-03"))
    assert (ids(found.profiles.added), ids(found.profiles.removed)) == (
        ["profile:alpha--2024-03"],
        ["profile:alpha--2024-02"],
    )
    assert not found.networks
    assert fields(found) == {}


@pytest.mark.parametrize("back", [False, True])
def test_a_network_comes_or_goes(changed: Callable[..., Changes], back: bool) -> None:
    found = changed(lambda data: (data / "profiles" / "gamma.yaml").unlink(), back=back)
    how, other = ("added", "removed") if back else ("removed", "added")
    assert list(map(str, getattr(found.networks, how))) == ["Rete Gamma (network:gamma)"]
    assert ids(getattr(found.profiles, how)) == ["profile:gamma"]
    assert ids(getattr(found.things["actor"], how)) == ["actor:associazione-esempio", "actor:comune-esempio"]
    assert not getattr(found.networks, other)
    assert not found.networks.changed
    assert found.counts["networks"] == ((2, 3) if back else (3, 2))
    assert f"Networks {how}: Rete Gamma (network:gamma)." in found.as_text()


def test_what_is_split_is_not_new_and_nobody_joins_by_it(changed: Callable[..., Changes]) -> None:
    found = changed(without_links)
    pairs = [(thing.id, other.id) for thing, other in found.split]
    assert pairs == [
        ("actor:beta-mitglied", "network:beta"),
        ("actor:caritasverband-musterstadt", "actor:caritas-musterstadt"),
    ]
    assert found.merged == ()
    assert found.things["actor"].added == ()
    assert all(not found.details[each.iri].joined for each in found.networks.changed)
    assert all(not found.details[each.iri].no_longer_listed for each in found.networks.changed)
    assert "is no longer Caritas Musterstadt (actor:caritas-musterstadt)." in found.as_text()


def test_what_is_merged_is_not_removed_and_nobody_goes_by_it(changed: Callable[..., Changes]) -> None:
    found = changed(without_links, back=True)
    assert [(thing.id, into.id) for thing, into in found.merged][1] == (
        "actor:caritasverband-musterstadt",
        "actor:caritas-musterstadt",
    )
    assert found.split == ()
    assert found.things["actor"].removed == ()
    assert all(not found.details[each.iri].no_longer_listed for each in found.networks.changed)


def test_the_way_back_tells_the_reverse(changed: Callable[..., Changes]) -> None:
    edits = (new_edition, edit("gamma.yaml", "  - comune-esempio\n", ""))
    there, back = changed(*edits), changed(*edits, back=True)
    assert (there.old, there.quads_added, there.quads_removed) == (back.new, back.quads_removed, back.quads_added)
    assert there.profiles.added == back.profiles.removed
    assert there.networks.changed == back.networks.changed
    assert fields(there) == fields(back)
    gamma = next(each.iri for each in there.networks.changed if each.id == "network:gamma")
    assert ids(there.details[gamma].no_longer_listed) == ids(back.details[gamma].joined) == ["actor:comune-esempio"]


def test_the_data_is_json_and_always_the_same(changed: Callable[..., Changes]) -> None:
    found = changed(new_edition, without_links, edit("gamma.yaml", "  - comune-esempio\n", ""))
    data = found.as_data()
    assert json.loads(json.dumps(data)) == data
    (gamma,) = [each for each in data["networks"]["changed"] if each["id"] == "network:gamma"]
    assert gamma["label"] == "Rete Gamma"
    assert gamma["fields"] == ["members"]
    assert gamma["no_longer_listed"][0]["id"] == "actor:comune-esempio"
    for group in (data["networks"], data["profiles"], data["terms"], *data["things"].values()):
        for listed in group.values():
            assert [each["id"] for each in listed] == sorted(each["id"] for each in listed)
    assert set(data) == {
        "from", "to", "counts", "versions", "quads", "networks", "profiles", "merged", "split", "terms", "things",
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Small dumps


def release(folder: Path, *lines: str, base: str = BASE, **manifest: object) -> Release:
    folder.mkdir(exist_ok=True)
    encoded = sorted(f"{line} .\n".encode() for line in lines)
    (folder / "dump.nq").write_bytes(b"".join(encoded))
    known: dict[str, object] = {"id": folder.name, "content_hash": folder.name, "base_iri": base, "counts": {}}
    return Release(folder, known | manifest)


TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
REPLACED = "<http://purl.org/dc/terms/isReplacedBy>"
IG = "https://w3id.org/integgraph/ontology#"
VOC = "https://w3id.org/integgraph/vocabulary/"


def network(name: str, *labels: str) -> list[str]:
    node = f"<{BASE}network/{name}>"
    return [f"{node} {TYPE} <{IG}Network>", *(f"{node} {LABEL} {label}" for label in labels)]


def test_what_has_no_label_shows_its_id(tmp_path: Path, ontology: Ontology) -> None:
    old = release(tmp_path / "one", *network("a", '"A"@it', '"Ä"@de'), *network("c", '"C"'))
    new = release(tmp_path / "two", *network("b"), *network("c"))
    text = compare_releases(old, new, ontology).as_text()
    assert "Networks added: network:b." in text
    assert "Networks removed: Ä (network:a)." in text
    assert "Network changed: C (network:c): only facts derived from others." in text


def test_long_lists_are_cut_unless_asked_whole(tmp_path: Path, ontology: Ontology) -> None:
    old = release(tmp_path / "one", *(line for n in range(40) for line in network(f"c{n:02}", '"old"')))
    new = release(
        tmp_path / "two",
        *(line for n in range(40) for line in network(f"c{n:02}", '"new"')),
        *(line for n in range(12) for line in network(f"n{n:02}")),
    )
    found = compare_releases(old, new, ontology)
    text, whole = found.as_text(), found.as_text(whole=True)
    assert "network:n09; … and 2 more." in text
    assert "… and 15 more networks changed." in text
    assert "n11" not in text
    assert "more" not in whole
    assert all(f"network:{name}" in whole for name in ("n11", "c39"))
    assert len(found.as_data()["networks"]["changed"]) == 40


def test_terms_and_other_things(tmp_path: Path, ontology: Ontology) -> None:
    def term(iri: str, label: str) -> list[str]:
        return [f"<{iri}> {TYPE} <http://www.w3.org/2004/02/skos/core#Concept>", f'<{iri}> {LABEL} "{label}"@en']

    old = release(tmp_path / "one", *term(VOC + "field/housing", "Housing"), *term(VOC + "field/old", "Old"))
    new = release(
        tmp_path / "two",
        *term(VOC + "field/housing", "Homes"), *term(IG + "New", "New"), *term(BASE + "place/town", "Town"),
        *term("https://elsewhere.example/x", "Elsewhere"),
    )  # fmt: skip
    found = compare_releases(old, new, ontology)
    assert [ids(getattr(found.terms, how)) for how in ("added", "removed", "changed")] == [
        ["ig:New"], ["voc:field/old"], ["voc:field/housing"],
    ]  # fmt: skip
    assert found.things == {"place": Group(added=(Thing("place:town", BASE + "place/town", "Town"),))}
    assert "Terms changed: Homes (voc:field/housing)." in found.as_text()
    assert "Places: 1 added, 0 removed, 0 changed." in found.as_text()
    assert found.quads_added == 7


def test_another_canonical_thing_is_a_merger_only(tmp_path: Path, ontology: Ontology) -> None:
    old = release(tmp_path / "one", f"<{BASE}actor/a> {REPLACED} <{BASE}actor/b>")
    new = release(tmp_path / "two", f"<{BASE}actor/a> {REPLACED} <{BASE}actor/c>")
    found = compare_releases(old, new, ontology)
    assert [(thing.id, into.id) for thing, into in found.merged] == [("actor:a", "actor:c")]
    assert found.split == ()


def test_another_version_without_another_statement_is_said(tmp_path: Path, ontology: Ontology) -> None:
    old = release(tmp_path / "one", *network("a"), versions={"integgraph": "1"}, counts={"networks": 1})
    new = release(tmp_path / "two", *network("a"), versions={"integgraph": "2"}, counts={"networks": 1, "tables": 2})
    found = compare_releases(old, new, ontology)
    assert not found
    assert found.as_text() == (
        "From release one to release two:\nNo statement of the graph changed.\n"
        "Before and after: tables 0 → 2, version of integgraph 1 → 2."
    )


def test_releases_of_two_graphs_are_not_compared(tmp_path: Path, ontology: Ontology) -> None:
    old, new = release(tmp_path / "one"), release(tmp_path / "two", base="https://other.example/")
    with pytest.raises(ReleaseError, match="one and two cannot be compared.*example.org/id/.*other.example/"):
        compare_releases(old, new, ontology)


def test_a_missing_or_damaged_dump_is_said(tmp_path: Path, ontology: Ontology) -> None:
    old, new = release(tmp_path / "one", *network("a")), release(tmp_path / "two", "no statement")
    with pytest.raises(ReleaseError, match="dump.nq is damaged"):
        compare_releases(old, new, ontology)
    new.dump.unlink()
    with pytest.raises(ReleaseError, match="dump.nq cannot be read: No such file"):
        compare_releases(old, new, ontology)


def test_an_empty_dump_holds_nothing(tmp_path: Path, ontology: Ontology) -> None:
    empty, full = release(tmp_path / "one"), release(tmp_path / "two", *network("a"))
    assert ids(compare_releases(empty, full, ontology).networks.added) == ["network:a"]
    assert ids(compare_releases(full, empty, ontology).networks.removed) == ["network:a"]
    assert not compare_releases(empty, replace(empty, manifest={**empty.manifest, "content_hash": "x"}), ontology)


LINES = st.sets(st.text("ab", min_size=1, max_size=5), max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=LINES, new=LINES, both=st.integers(0, 300), prefix=st.text("ab", min_size=1, max_size=3))
def test_differences_and_look_ups_are_those_of_sets(
    tmp_path: Path, old: set[str], new: set[str], both: int, prefix: str
) -> None:
    common = {f"aab{number:04}" for number in range(both)}
    sides = [sorted(f"{line}\n".encode() for line in lines | common) for lines in (old, new)]
    for name, lines in zip("ab", sides, strict=True):
        (tmp_path / name).write_bytes(b"".join(lines))
    with changes._Dump(tmp_path / "a") as one, changes._Dump(tmp_path / "b") as other:
        found = list(changes._differences(one, other))
        assert list(one.beginning_with(prefix)) == [line for line in sides[0] if line.startswith(prefix.encode())]
    before, after = map(set, sides)
    assert [line for is_new, line in found if is_new] == sorted(after - before)
    assert [line for is_new, line in found if not is_new] == sorted(before - after)


# ---------------------------------------------------------------------------------------------------------------------
# Profiles alone


@pytest.mark.parametrize("back", [False, True])
def test_profiles_alone_are_those_of_the_whole_comparison(
    golden: Built, ontology: Ontology, tmp_path: Path, back: bool
) -> None:
    data = Path(shutil.copytree(GOLDEN, tmp_path / "data"))
    new_edition(data)
    edit("alpha-2024.yaml", "founded: 2010-03", "founded: 2011")(data)
    (data / "profiles" / "gamma.yaml").unlink()
    pair = (golden.release, build_release(data, tmp_path / "out").release)
    old, new = reversed(pair) if back else pair
    found = compare_profiles(old, new, ontology)
    assert found == compare_releases(old, new, ontology).profiles
    assert all((found.added, found.changed, found.removed))
    assert all(each.label for each in (*found.added, *found.changed, *found.removed))


def test_the_same_content_has_no_other_profiles(golden: Built, ontology: Ontology) -> None:
    assert not compare_profiles(golden.release, golden.release, ontology)


def profile(name: str, founded: str) -> list[str]:
    node = f"<{BASE}profile/{name}>"
    return [f"{node} {TYPE} <{IG}Profile>", f'{node} {LABEL} "{founded}" {node}']


def test_profiles_are_found_in_portions(tmp_path: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_PORTION", 3)
    named = f"<{BASE}network/a> {LABEL} <{BASE}profile/p00>"  # speaks of a profile, and belongs to none
    old = release(tmp_path / "one", *(line for n in range(20) for line in profile(f"p{n:02}", "1")))
    new = release(tmp_path / "two", *(line for n in range(5, 25) for line in profile(f"p{n:02}", "12"[n % 2])), named)
    found = compare_profiles(old, new, ontology)
    assert ids(found.removed) == [f"profile:p{n:02}" for n in range(5)]
    assert ids(found.added) == [f"profile:p{n:02}" for n in range(20, 25)]
    assert ids(found.changed) == [f"profile:p{n:02}" for n in range(5, 20) if n % 2]


def test_profiles_of_two_graphs_are_not_compared(tmp_path: Path, ontology: Ontology) -> None:
    old, new = release(tmp_path / "one"), release(tmp_path / "two", base="https://other.example/")
    with pytest.raises(ReleaseError, match="one and two cannot be compared"):
        compare_profiles(old, new, ontology)


def test_a_damaged_dump_gives_no_profiles(tmp_path: Path, ontology: Ontology) -> None:
    old = release(tmp_path / "one", *profile("p", "1"))
    new = release(tmp_path / "two", f"no statement <{BASE}profile/p>")
    with pytest.raises(ReleaseError, match="dump.nq is damaged"):
        compare_profiles(old, new, ontology)
