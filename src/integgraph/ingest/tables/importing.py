"""From a table to what a build takes over: parts of rows in ``data/tables``, records of networks in ``data/profiles``.

Everything is a function of file and mapping: importing once more changes nothing, and after an interruption the import
is simply run again. A row that fails goes to the report with its number, the rest is imported.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integgraph.csvtext import harmless
from integgraph.errors import InputError, Problem, StorageFull, Unprocessable
from integgraph.ingest import edtf, kinds, yamltext
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ingest.tables import cells, parts
from integgraph.ingest.tables.mapping import ActorMap, FlowMap, NetworkMap, TableMapping, Value, says
from integgraph.ingest.tables.reading import Cell, Reader, Row, Spool
from integgraph.ingest.tables.where import Places, add_places, known_units
from integgraph.ontology import Ontology, near, normalise_label

Progress = Callable[[str, int, int], None]
Cells = Mapping[str, Cell]
REPORT = "report.csv"
_LONGEST_NAME = 500
_LONGEST_TEXT = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_PERSON = "Left out: this is a natural person, or may be one."
_ELSEWHERE = "Left out: the mapping says that another row counts this money."


@dataclass(slots=True)
class Imported:
    """What an import did.

    Attributes:
        table: Id of the table.
        rows: Rows below the headings.
        flows, actors, networks, members: What came of them.
        persons: Rows left out because they are about a natural person.
        elsewhere: Rows left out because their money is counted in another row.
        not_chosen: Rows that the mapping does not want.
        faults: Rows that failed.
        report: The report, if a row failed or was left out.
        kept: Records that were there already, differ, and were not overwritten.
        notes: What a person should know, one sentence each.
        unchanged: Whether everything was there already.
    """

    table: str
    rows: int = 0
    flows: int = 0
    actors: int = 0
    networks: int = 0
    members: int = 0
    persons: int = 0
    elsewhere: int = 0
    not_chosen: int = 0
    faults: int = 0
    report: Path | None = None
    kept: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)
    unchanged: bool = True


class _Fault(Exception):
    """Why a row is not imported: the column, and a sentence."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class _LeftOut(Exception):
    """A row that is left out on purpose: why."""


def import_table(
    file: Path,
    mapping: TableMapping,
    data: Path,
    ontology: Ontology,
    *,
    organisation: Callable[[str], bool] = lambda name: False,
    add: bool = False,
    overwrite: bool = False,
    reader: Reader | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Imported:
    """Import a table.

    Args:
        file: The table.
        mapping: What its columns are.
        data: The data folder.
        ontology: The ontology.
        organisation: Whether a name bears a legal form; see :func:`cells.looks_like_a_person`.
        add: Add NUTS units that the place list lacks.
        overwrite: Write records of networks anew that are there already and differ.
        reader: What reads the file, with its bounds.
        progress: Told what is being done.

    Raises:
        InputError: the file cannot be read, or the mapping does not fit it.
        StorageFull: there is no space left to write to.
    """
    gazetteer = Gazetteer.load(data / "places")
    places = Places(gazetteer, known_units(ontology.folder) if add else None)
    with reader or Reader() as open_reader:
        spool = open_reader.read(file, mapping.columns, mapping.layout)
        run = _Import(spool, mapping, ontology, places, organisation, progress)
        try:
            with _aside(data / "tables") as folder:
                run.write(folder)
                run.describe(folder)
                changed = _swap(folder, data / "tables" / mapping.id)
            if add:
                add_places(data / "places", list(places.added.values()))
            written = run.records(data, overwrite)
        except OSError as error:
            raise StorageFull(f"What was imported cannot be written: {error.strerror or error}.") from None
    found = run.imported
    if found.faults or found.persons or found.elsewhere:
        found.report = data / "tables" / mapping.id / REPORT
    found.unchanged = not changed and not written and not (add and places.added)
    return found


@contextmanager
def _aside(tables: Path) -> Iterator[Path]:
    """A folder to write in, which is gone at the end unless it was moved."""
    tables.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".import-", dir=tables))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(new: Path, place: Path) -> bool:
    """Put a folder in the place of another one, unless both hold the same; whether anything changed."""
    if place.is_dir() and _content(place) == _content(new):
        return False
    if place.exists():
        old = new.with_name(f"{new.name}.old")
        place.rename(old)
        new.rename(place)
        shutil.rmtree(old)
    else:
        new.rename(place)
    return True


def _content(folder: Path) -> dict[str, bytes]:
    return {file.name: hashlib.sha256(file.read_bytes()).digest() for file in folder.iterdir()}


class _Import:
    """One import: its steps, and what they have in common."""

    def __init__(
        self,
        spool: Spool,
        mapping: TableMapping,
        ontology: Ontology,
        places: Places,
        organisation: Callable[[str], bool],
        progress: Progress,
    ) -> None:
        self.spool, self.mapping, self.ontology = spool, mapping, ontology
        self.places, self.organisation, self.progress = places, organisation, progress
        self.imported = Imported(mapping.id, notes=list(spool.notes))
        self.failed: list[tuple[int, str, str]] = []
        self.actors: dict[tuple[str, ...], str] = {}
        self.networks: dict[tuple[str, ...], _Network] = {}
        self._terms: dict[str, dict[str, str]] = {}
        self.written = self._written()

    def _written(self) -> str:
        """How the amounts are written, after a look at all of them."""
        flow, said = self.mapping.flow, self.mapping.numbers
        value = flow.amount if flow else None
        total = 0

        def cells_of() -> Iterator[Cell]:
            nonlocal total
            for row in self.spool.rows():
                total += 1
                if value is not None and not row.fault:
                    yield value.cell(self._named(row))

        try:
            found = said or cells.style(cells_of(), " / ".join(value.columns) if value else "")
        except Unprocessable as error:
            raise InputError(Problem(str(error), file=self.spool.name)) from None
        self.total = total or sum(1 for _ in self.spool.rows())
        return found

    def _named(self, row: Row) -> Cells:
        return dict(zip(self.spool.columns, row.cells, strict=True))

    # -- row by row

    def write(self, folder: Path) -> None:
        """Write the parts, and the report."""
        part = 0
        actors: list[Mapping[str, Any]] = []
        flows: list[Mapping[str, Any]] = []

        def flush() -> None:
            if actors or flows:
                name = f"rows-{part + 1:05}.jsonl"
                (folder / name).write_bytes(parts.encode(self.mapping.language, [*actors, *flows]))
            actors.clear()
            flows.clear()

        before = self.mapping.layout.header
        for row in self.spool.rows():
            if (row.number - 1) // parts.ROWS_AT_ONCE != part:
                flush()
                part = (row.number - 1) // parts.ROWS_AT_ONCE
            self.imported.rows += 1
            described = list[Mapping[str, Any]]()
            try:
                flow = self._row(row, described)
            except _LeftOut as why:
                self.failed.append((row.number, "", str(why)))
            except _Fault as fault:
                if row.number > before + 1 and self.imported.rows > 1:
                    raise InputError(self._gap(before, row.number, str(fault))) from None
                self.imported.faults += 1
                self.failed.append((row.number, fault.column, str(fault)))
            else:
                actors += described
                if flow is not None:
                    flows.append(flow)
                    self.imported.flows += 1
            before = row.number
            if self.imported.rows % 1_000 == 0 or self.imported.rows == self.total:
                self.progress("rows", self.imported.rows, self.total)
        flush()
        self.imported.actors = len(self.actors)
        self._report(folder)

    def _gap(self, before: int, row: int, why: str) -> Problem:
        return Problem(
            f"After the empty row {before + 1} something else begins in row {row}, perhaps another table: {why}",
            file=self.spool.name,
            line=row,
            advice=f"If the table ends there, write 'last: {before}' under 'read' in the mapping; otherwise delete the "
            "empty row.",
        )

    def _row(self, row: Row, described: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The flow that a row is, if it is one; the actors that it describes go to ``described``."""
        if row.fault:
            raise _Fault("", row.fault)
        named = self._named(row)
        mapping = self.mapping
        if mapping.only and not all(says(named, {column: wanted}) for column, wanted in mapping.only.items()):
            self.imported.not_chosen += 1
            return None
        if mapping.network is not None:
            self._member(mapping.network, named, row.number)
        if mapping.flow is None:
            return None
        if mapping.flow.counted_elsewhere and says(named, mapping.flow.counted_elsewhere):
            self.imported.elsewhere += 1
            raise _LeftOut(_ELSEWHERE)
        return self._flow(mapping.flow, named, row.number, described)

    def _flow(self, flow: FlowMap, row: Cells, number: int, described: list[Mapping[str, Any]]) -> Mapping[str, Any]:
        record: dict[str, Any] = {"row": number}
        record["category"] = self._term(flow.category, row, "funder-category", "the category of the funder")
        if record["category"] is None:
            raise _Fault(_columns(flow.category), "The category of the funder is not known.")
        parties = {}
        for key, actor in (("funder", flow.funder), ("recipient", flow.recipient)):
            if actor is not None:
                parties[key] = self._party(actor, row)
        texts = {
            "for": _text(flow.activity, row),
            "subject": self._term(flow.subject, row, "field", "the subject"),
            "amount": self._amount(flow, row),
            "currency": None,
            "from": self._date(flow.since, row),
            "to": self._date(flow.until, row),
            "instrument": self._term(flow.instrument, row, "instrument", "the instrument"),
            "programme": _text(flow.programme, row),
            "wording": _text(flow.wording, row),
        }
        if texts["amount"] is not None:
            texts["currency"] = self._currency(flow, row)
        if texts["from"] and texts["to"]:
            first, last = edtf.parse(texts["from"]).earliest, edtf.parse(texts["to"]).latest
            if first and last and last < first:
                raise _Fault(_columns(flow.until), f"The funding ends ({texts['to']}) before it begins.")
        for key, (name, known) in parties.items():
            record[key] = self._actor(name, known, described)
        return record | {key: value for key, value in texts.items() if value is not None}

    def _party(self, actor: ActorMap, row: Cells) -> tuple[tuple[str, ...], dict[str, str]]:
        """(What tells an actor from others, what is known of it)."""
        name = _text(actor.name, row, _LONGEST_NAME)
        if name is None:
            raise _Fault(_columns(actor.name), "The name is missing.")
        if actor.name.constant is None and cells.is_person(row, name, self.mapping.persons, self.organisation):
            self.imported.persons += 1
            raise _LeftOut(_PERSON)
        key = [" ".join(str(row[column] or "").split()) for column in actor.key]
        known: dict[str, str | None] = {
            "name": name,
            "also": _text(actor.also, row, _LONGEST_NAME),
            "kind": _text(actor.kind, row, _LONGEST_NAME),
            "sector": self._term(actor.sector, row, "sector", "the sector"),
            "legal_form": self._term(actor.legal_form, row, "legal-form", "the legal form"),
            "place": self.places.of(actor.places, row),
            "url": _url(actor.url, row),
        }
        said = {each: value for each, value in known.items() if value and (value != name or each == "name")}
        return (name, *key), said

    def _actor(self, key: tuple[str, ...], known: Mapping[str, str], described: list[Mapping[str, Any]]) -> str:
        if key not in self.actors:
            self.actors[key] = mint(self.mapping.id, key[0], key)
            described.append({"actor": self.actors[key], **known})
        return self.actors[key]

    def _amount(self, flow: FlowMap, row: Cells) -> str | None:
        cell = flow.amount.cell(row) if flow.amount is not None else None
        if flow.amount is None or cell is None:
            return None
        try:
            return cells.amount(cell, self.written)
        except ValueError as error:
            raise _Fault(_columns(flow.amount), str(error)) from None

    def _currency(self, flow: FlowMap, row: Cells) -> str:
        text = flow.currency.of(row) if flow.currency is not None else None
        if text is None or not re.fullmatch(r"[A-Z]{3}", text, re.ASCII):
            raise _Fault(_columns(flow.currency), "The amount has no currency as a three-letter code, such as EUR.")
        return text

    def _date(self, value: Value | None, row: Cells) -> str | None:
        cell = value.of(row) if value is not None else None
        if value is None or cell is None:
            return None
        try:
            return cells.date(cell, self.mapping.dates)
        except ValueError as error:
            raise _Fault(_columns(value), str(error)) from None

    def _term(self, value: Value | None, row: Cells, scheme: str, what: str) -> str | None:
        """The id of a concept: named by the mapping, or by the cell with its id or a label."""
        text = value.of(row) if value is not None else None
        if value is None or text is None:
            return None
        concepts = self.ontology.schemes[scheme].concepts
        if text in concepts:
            return text
        labels = self._terms.setdefault(
            scheme,
            {
                normalise_label(label): name
                for name, concept in concepts.items()
                for label in (*concept.labels.values(), *concept.others)
            },
        )
        found = labels.get(normalise_label(text))
        if found is None:
            similar = near(text, concepts)
            hint = f" Did you mean {' or '.join(similar)}?" if similar else " Add it to 'map' in the mapping."
            raise _Fault(_columns(value), f"'{text[:60]}' is not known for {what}.{hint}")
        return found

    def _report(self, folder: Path) -> None:
        if not self.failed:
            return
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["row", "column", "problem"])
        writer.writerows([number, harmless(column), harmless(why)] for number, column, why in self.failed)
        (folder / REPORT).write_bytes(out.getvalue().encode())

    def describe(self, folder: Path) -> None:
        """Write the description of the table."""
        mapping, spool, found = self.mapping, self.spool, self.imported
        if self.places.unknown:
            count = sum(self.places.unknown.values())
            shown = ", ".join(name for name, _ in self.places.unknown.most_common(5))
            found.notes.append(f"{count:,} rows name a place that is not in the place list ({shown}); it is left out.")
        said = {
            **mapping.source,
            "language": mapping.language,
            "file": spool.name,
            "sha256": spool.sha256,
            "mapping": mapping.file,
            "mapping_sha256": mapping.sha256,
            "rows": str(found.rows),
            "flows": str(found.flows),
            "left_out": str(found.persons + found.elsewhere + found.not_chosen),
            "failed": str(found.faults),
        }
        (folder / parts.TABLE).write_text(yamltext.dump(said), "utf-8")

    # -- memberships

    def _member(self, rule: NetworkMap, row: Cells, number: int) -> None:
        name = _text(rule.name, row, _LONGEST_NAME)
        if name is None:
            raise _Fault(_columns(rule.name), "The name of the network is missing.")
        key = (name, *(" ".join(str(row[column] or "").split()) for column in rule.key))
        role = self._term(rule.role, row, "role", "the role") or "member"
        (who, known), area = self._party(rule.member, row), self.places.of(rule.areas, row)
        terms = {
            "network_type": self._term(rule.network_type, row, "network-type", "the type of network"),
            "fields_of_action": self._term(rule.fields_of_action, row, "field", "the field of action"),
            "target_groups": self._term(rule.target_groups, row, "target-group", "the target group"),
            "description": _text(rule.description, row),
        }
        network = self.networks.setdefault(key, _Network(name, mint(self.mapping.id, name, key), number))
        member = network.members.setdefault(who, {**known, "roles": []})
        if role not in member["roles"]:
            member["roles"].append(role)
        network.areas.update(() if area is None else (area,))
        network.otherwise = network.otherwise or self.places.of(rule.area_otherwise, row)
        for each, value in terms.items():
            if value is not None and value not in network.answers[each]:
                network.answers[each].append(value)

    def records(self, data: Path, overwrite: bool) -> int:
        """Write a record for every network; how many are new or were written anew."""
        if not self.networks:
            return 0
        folder = data / "profiles"
        folder.mkdir(parents=True, exist_ok=True)
        reader = RecordReader(self.ontology, Gazetteer.load(data / "places"))
        written, kept = 0, list[str]()
        problems: list[Problem] = []
        for done, network in enumerate(sorted(self.networks.values(), key=lambda each: each.id), 1):
            record = self._record(network)
            try:
                reader.data(record, f"{network.id}.yaml")
            except InputError as error:
                problems += error.problems
                continue
            self.imported.networks += 1
            self.imported.members += len(network.members)
            file = folder / f"{network.id}.yaml"
            text = yamltext.dump(record)
            if file.exists() and (file.read_text("utf-8") == text or not overwrite):
                if file.read_text("utf-8") != text:
                    kept.append(file.name)
            else:
                aside = folder / f".{file.name}.new"
                aside.write_text(text, "utf-8")
                aside.replace(file)
                written += 1
            if done % 100 == 0 or done == len(self.networks):
                self.progress("networks", done, len(self.networks))
        self.imported.kept = kept
        if problems:
            first = str(problems[0])
            self.imported.notes.append(f"{len(problems)} networks were not written; the first: {first}")
        return written

    def _record(self, network: _Network) -> dict[str, Any]:
        mapping = self.mapping
        record: dict[str, Any] = {"id": network.id, "language": mapping.language, "label": network.name}
        if network.areas or network.otherwise:
            record["area"] = sorted(network.areas) or [network.otherwise]
        record["members"] = [
            _member_row(mint(mapping.id, who[0], (network.id, *who)), member) for who, member in network.members.items()
        ]
        record |= {
            key: values if len(values) > 1 or key != "description" else values[0]
            for key, values in network.answers.items()
        }
        source = {"id": "s1", "title": mapping.source["title"]}
        source |= {key: mapping.source[key] for key in ("url", "edition", "retrieved") if key in mapping.source}
        record["sources"] = [source | {"sha256": self.spool.sha256, "read": "part"}]
        locator = f"{self.spool.name}, row {network.row} and later"
        record["evidence"] = [{"field": "members", "locator": locator, "source": "s1"}]
        return record


@dataclass(slots=True)
class _Network:
    """What the rows say of one network."""

    name: str
    id: str
    row: int
    members: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    areas: set[str] = field(default_factory=set)
    otherwise: str | None = None
    answers: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def _member_row(name: str, member: Mapping[str, Any]) -> dict[str, Any]:
    names = {"kind": "kind_stated"}
    found = {"id": name} | {names.get(key, key): value for key, value in member.items() if key != "roles"}
    return found | {"roles": member["roles"]}


def mint(table: str, name: str, key: Iterable[str]) -> str:
    """The id of a thing of a table: it depends on what tells it from others, and on nothing else.

    >>> mint("grants", "Zora e.V.", ("Zora e.V.", "Halberstadt"))
    'grants-zora-e-v-980f98'
    """
    digest = hashlib.sha256("\x1f".join((table, *key)).encode()).hexdigest()
    slug = kinds.slug(name)[:60].strip("-")
    return "-".join(part for part in (table, slug, digest[:6]) if part)


def _columns(value: Value | None) -> str:
    return " / ".join(value.columns) if value is not None else ""


def _text(value: Value | None, row: Cells, longest: int = _LONGEST_TEXT) -> str | None:
    text = value.of(row) if value is not None else None
    if value is None or text is None:
        return None
    if _CONTROL.search(text):
        raise _Fault(_columns(value), "The cell holds a control character or half a character.")
    if len(text) > longest:
        raise _Fault(_columns(value), f"The text has {len(text):,} characters; at most {longest:,} are kept.")
    return text


def _url(value: Value | None, row: Cells) -> str | None:
    text = _text(value, row)
    if text is None:
        return None
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]{1,1990}", text):
        raise _Fault(_columns(value), "A web address begins with http:// or https://.")
    return text
