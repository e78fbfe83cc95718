"""What a thing is in other collections stands in every representation of it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
import pytest
import rdflib
from starlette.testclient import TestClient

from integgraph.settings import Settings
from integgraph.web.app import create_app
from tests.conftest import GOLDEN, build_release

ROR = "https://ror.org/05dxps055"
ROW = "{}\t{}\t{}\tsemapv:ManualMappingCuration\tSame website.\n"
THINGS = [
    ("/actors/caritas-musterstadt", "actor:caritas-musterstadt", "owl:sameAs", ROR),
    ("/networks/alpha", "network:alpha", "owl:sameAs", "http://www.wikidata.org/entity/Q42"),
    ("/places/nuts-dee", "place:nuts-dee", "owl:sameAs", "http://data.europa.eu/nuts/code/DEE"),
    ("/vocabulary/field/health", "concept:field/health", "skos:closeMatch", "http://eurovoc.europa.eu/2841"),
]
PREDICATES = {
    "owl:sameAs": rdflib.OWL.sameAs,
    "skos:closeMatch": rdflib.SKOS.closeMatch,
}


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("linked")
    data = shutil.copytree(GOLDEN, folder / "data")
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\n"
    (data / "links" / "outward.sssom.tsv").write_text(head + "".join(ROW.format(*row[1:]) for row in THINGS), "utf-8")
    release = build_release(data, folder / "out").release
    settings = replace(Settings(), query_deadline=2.0, answer_bytes=400_000)
    with TestClient(create_app(release, settings), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(("path", "ours", "predicate", "theirs"), THINGS)
def test_every_representation_has_the_link(
    linked: TestClient, path: str, ours: str, predicate: str, theirs: str
) -> None:
    page = linked.get(f"{path}.html?lang=de").text
    assert "In anderen Sammlungen" in page
    assert f'<a href="{theirs}">{theirs}</a>' in re.sub(r"\s+(?=[<>])", "", page)
    graph = rdflib.Graph().parse(data=linked.get(f"{path}.ttl").text, format="turtle")
    assert (None, PREDICATES[predicate], rdflib.URIRef(theirs)) in graph
    document = linked.get(f"{path}.jsonld").json()
    assert document[predicate] == {"id": theirs}
    document["@context"] = linked.get("/context.jsonld").json()["@context"]
    nested = ox.parse(json.dumps(document), format=ox.RdfFormat.JSON_LD)
    assert (str(PREDICATES[predicate]), theirs) in {(q.predicate.value, q.object.value) for q in nested}
    values = linked.get(f"{path}.json").json()["fields"]["other_collections"]["values"]
    assert [value["value"] for value in values] == [theirs]


def test_search_engines_are_told(linked: TestClient) -> None:
    page = linked.get("/actors/caritas-musterstadt.html").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert json.loads(block[1])["sameAs"] == ROR


def test_what_is_linked_to_nothing_says_nothing(linked: TestClient) -> None:
    assert "other_collections" not in linked.get("/actors/land-beta.json").json()["fields"]
