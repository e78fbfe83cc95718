"""The data page and the page of the ontology."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.ontology import Ontology

HTML = {"accept": "text/html"}


@pytest.mark.parametrize(("language", "title"), [("en", "SPARQL endpoint"), ("de", "SPARQL-Endpunkt")])
def test_the_data_page_names_every_way_in(client: TestClient, golden: Built, language: str, title: str) -> None:
    page = client.get("/data", params={"lang": language}, headers=HTML)
    assert page.status_code == 200
    assert f"<title>{'Data' if language == 'en' else 'Daten'} · integgraph</title>" in page.text
    assert title in page.text
    for name in ("dump.nq", "catalogue.ttl", "shapes.ttl", "tables/networks.parquet"):
        assert f"/releases/{golden.release.id}/{name}" in page.text
    assert "testserver/reconcile" in page.text
    assert golden.release.id in re.sub(r"<[^>]+>", "", page.text[page.text.index('id="cite"') :])


def test_every_address_of_the_data_page_answers(client: TestClient) -> None:
    page = client.get("/data", headers=HTML).text
    main = page[page.index("<main") : page.index("</main>")]
    for address in sorted(set(re.findall(r'href="(/[^"#]+)"', main))):
        answer = client.get(address.replace("&amp;", "&"), headers=HTML)
        assert answer.status_code in (200, 303), (address, answer.status_code)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_term_has_its_anchor_label_and_definition(client: TestClient, language: str) -> None:
    page = client.get("/ontology", params={"lang": language}, headers=HTML).text
    form = Ontology.load().form
    assert 'id="FundingFlow"' in page and "ig:FundingFlow" in page
    assert ("Funding flow" if language == "en" else "Förderung") in page
    assert all(f'id="{each.iri.rpartition("#")[2]}"' in page for each in form.fields if each.iri)
    assert all(section.name(language) in page for section in form.sections)
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
