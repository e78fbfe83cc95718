"""What a careful reader would ask back about a record: doubts that do not stop a build but travel to the page.

Each check looks at one record and yields warnings. What crosses records is asked by queries over the release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from integgraph.errors import Problem
from integgraph.ingest import kinds
from integgraph.ingest.record import Record, show
from integgraph.ingest.yamltext import Where
from integgraph.ontology import Ontology

Found = tuple[Where, str, str, str]
"""Where, what, the same in German (empty where there is none), and what to do."""
Check = Callable[[Record, Ontology], Iterator[Found]]
_PROBLEMS = {
    "damaged": "beschädigt",
    "repaired": "berichtigt",
    "ambiguous": "mehrdeutig",
    "unplaced": "ohne Platz im Formular",
}
"""What an import says of a value that it left open, in German."""


def warnings(record: Record, ontology: Ontology) -> list[Problem]:
    """All doubts about one record, in the order of the checks."""
    return [
        Problem(message, "warning", record.file, record.line(where), show(where) or None, advice, german=german)
        for check in CHECKS
        for where, message, german, advice in check(record, ontology)
    ]


def formalisation_against_type(record: Record, ontology: Ontology) -> Iterator[Found]:
    """An informal network with agreements, or an informal cooperation that calls itself a federation."""
    degree = {name for item in record.items("formalisation") for name in item["concepts"]}
    types = {name for item in record.items("network_type") for name in item["concepts"]}
    bound = sorted(degree - {"informal", "unclassified"})
    if bound and "informal-network" in types:
        degree_bound = ontology.scheme("formalisation").concepts[bound[0]]
        yield (
            ("formalisation",),
            f"Formalisation and type may disagree: “{degree_bound.label()}”, but the type is an informal network.",
            f"Formalisierung und Art passen vielleicht nicht zusammen: „{degree_bound.label('de')}“, aber der Art nach "
            "ein informelles Netzwerk.",
            "Keep both if the source says both.",
        )
    if "informal" in degree and "umbrella-organisation" in types:
        yield (
            ("formalisation",),
            "Formalisation and type may disagree: informal, but the type is an umbrella organisation.",
            "Formalisierung und Art passen vielleicht nicht zusammen: informell, aber der Art nach ein Dachverband.",
            "Keep both if the source says both.",
        )


def count_against_names(record: Record, ontology: Ontology) -> Iterator[Found]:
    """More organisations named than a source counts, or a list called complete that is shorter than the count."""
    roles = ontology.scheme("role").concepts
    named = sum(
        any(roles[role["role"][0]].counts_as_member for role in item["roles"])
        for item in record.items("members")
        if not item["actor"][0].get("group")
    )
    complete = record.items("members_complete") == ("true",)
    counts = record.items("stated_counts")
    if len({count.get("unit", ["organisations"])[0] for count in counts if count.get("of_members") != ["false"]}) > 1:
        return  # "16 cities and 3 expert partners" are parts of one number, not two claims about it
    for position, count in enumerate(counts):
        if count.get("of_members") == ["false"] or count.get("approximate") == ["true"] or not named:
            continue
        low, high = count.get("min", [None])[0], count.get("max", [None])[0]
        if count.get("unit", ["organisations"])[0] not in ("organisations", "members"):
            continue
        if complete and low is not None and named < int(low):
            message = f"The list is called complete and names {named}, but a source states at least {low}."
            german = f"Die Liste gilt als vollständig und nennt {named}, aber eine Quelle spricht von mindestens {low}."
        elif complete and high is not None and named > int(high):
            message = f"{named} members are named, but a source states at most {high}."
            german = f"Genannt sind {named} Mitglieder, aber eine Quelle spricht von höchstens {high}."
        else:
            continue
        yield (("stated_counts", position), message, german, "Check the list, the roles, or the date of the count.")


def personal_mailbox(record: Record, ontology: Ontology) -> Iterator[Found]:
    """A mailbox that seems to belong to a person."""
    for position, address in enumerate(record.items("email")):
        if not kinds.is_role_mailbox(address, record.id):
            yield (
                ("email", position),
                "This mailbox seems to belong to a person; it is not published.",
                "Dieses Postfach gehört wohl einer Person; es wird nicht veröffentlicht.",
                "Give a mailbox of the office, such as info@ or kontakt@.",
            )


def open_questions(record: Record, ontology: Ontology) -> Iterator[Found]:
    """What an import left for a person to decide."""
    for position, question in enumerate(record.items("review")):
        subject = question.get("field", [""])[0]
        problem = question["problem"][0]
        texts = question.get("explanation", [])
        # A sentence is in one language: what is explained in English alone has no German one.
        in_german = [text["text"] for text in texts if text.get("lang") == "de"] if texts else [_PROBLEMS[problem]]
        of = f" ({subject})" if subject else ""
        yield (
            ("review", position),
            f"Still to be decided{of}: {texts[0]['text'] if texts else problem}",
            f"Noch zu entscheiden{of}: {in_german[0]}" if in_german else "",
            "Decide it in the record and remove this entry.",
        )


CHECKS: tuple[Check, ...] = (formalisation_against_type, count_against_names, personal_mailbox, open_questions)
