"""The answers of all networks as one table: a row a network, two columns a field.

The columns come from the form: ``<key>`` holds the values, ``<key>_state`` says ``value`` or the reason why there is
none, so that a stated none is never mistaken for a gap.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

from integgraph.csvtext import SEPARATOR, harmless
from integgraph.ontology import IG, VOCABULARY, Field, Ontology, Shape
from integgraph.store import Store, iri, plain

_NETWORKS = """
SELECT ?network (MIN(STR(?name)) AS ?label) WHERE { ?network a ig:Network ; skos:prefLabel ?name }
GROUP BY ?network ORDER BY ?network
"""
_VALUES = "SELECT ?subject ?value WHERE {{ ?subject {path} ?value }} ORDER BY ?subject ?value"
_STATED = "SELECT DISTINCT ?subject WHERE {{ ?subject <{path}> ?value }}"
_STATES = "SELECT ?field ?subject ?reason WHERE { ?absence ig:about ?subject ; ig:field ?field ; ig:reason ?reason }"


def answer_table(store: Store, ontology: Ontology) -> list[dict[str, str]]:
    """The table as a list of rows; every row has every column.

    Profile fields (status date, sources) are left to the profiles; the table holds what is known of networks.
    """
    fields = [each for each in ontology.form.fields if not each.profile]
    rows = {
        str(found["network"]): {"network": str(found["network"]), "name": str(found["label"])}
        for found in store.select(_NETWORKS).records()
    }
    for each in fields:
        values, states = _values(store, each), _states(store, each)
        # A value may lack the part that a cell shows, such as a number without its wording.
        stated = {
            str(plain(row[0])) for row in store.select(f"SELECT DISTINCT ?s WHERE {{ ?s <{each.path}> ?o }}").rows
        }
        for name, row in rows.items():
            shown = values.get(name, [])
            row[each.key] = SEPARATOR.join(shown)
            row[f"{each.key}_state"] = "value" if shown or name in stated else states.get(name, "")
    return list(rows.values())


def answer_csv(store: Store, ontology: Ontology) -> str:
    """The table as CSV (RFC 4180); a cell that a spreadsheet would take for a formula gets a leading apostrophe."""
    table = answer_table(store, ontology)
    out = io.StringIO()
    if table:
        writer = csv.DictWriter(out, fieldnames=list(table[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: harmless(value) for key, value in row.items()} for row in table)
    return out.getvalue()


def _values(store: Store, each: Field) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    query = _VALUES.format(path=_shown_path(each))
    for subject, value in store.select(query).rows:
        shown, name = str(plain(value)), str(plain(subject))
        shown = shown.removeprefix(f"{VOCABULARY}{each.scheme}/") if each.scheme else shown
        if shown not in found[name]:
            found[name].append(shown)
    return found


def _shown_path(each: Field) -> str:
    """The property path from a network to what a table cell shows of this field."""
    steps = [each.path, *_steps(each)]
    return "/".join(f"<{step}>" for step in steps)


def _steps(each: Field) -> Iterator[str]:
    if each.kind == "practice":
        yield IG + "practiceType"
    shape: Shape | None = each.node
    while shape is not None:
        part = shape.inline or shape.shorthand or next(part for part in shape.parts if part.minimum)
        yield part.path
        if part.kind == "actor":
            yield "http://www.w3.org/2004/02/skos/core#prefLabel"
        shape = part.node


def _states(store: Store, each: Field) -> dict[str, str]:
    rows = store.select(_STATES, {"field": iri(each.iri)}).rows
    return {str(plain(subject)): str(plain(reason)).rpartition("/")[2] for _, subject, reason in rows}
