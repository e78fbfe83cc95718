"""The hostile corpus: requests from outside, by kind of attack, with what they must get.

The numbers are those of the threat table that the project keeps: each kind of attack has one. ``{canary}`` stands for
the address of a listener that nobody may ever reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/json, */*;q=0.1"

# What a request may get. A heavy one is stopped by its deadline, by its memory, or because too many are under way.
WHOLE = frozenset({200})
STOPPED = frozenset({503, 504})
BOUNDED = frozenset({200, 413}) | STOPPED
"""It may be answered whole if it turns out to be cheap, and must be stopped if not."""
MALFORMED = frozenset({400})
NESTED = frozenset({400, 413})
FORBIDDEN = frozenset({403})
UNFIT = frozenset({422})
ABSENT = frozenset({404})
NO_NAME = frozenset({400, 404})


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile request.

    Attributes:
        row: Number of the kind of attack.
        name: What it is, unique in the corpus.
        statuses: What it may get.
        words: One of these stands in the sentence of a refusal; any sentence will do if empty.
        heavy: Takes a worker for up to the deadline.
        absent: Must not stand in the answer.
    """

    row: int
    name: str
    statuses: frozenset[int]
    path: str = "/sparql"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    words: tuple[str, ...] = ()
    heavy: bool = False
    absent: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.row}-{self.name}"


def query(
    row: int,
    name: str,
    text: str,
    statuses: frozenset[int],
    *words: str,
    heavy: bool = False,
    way: str = "",
    parameters: Iterable[tuple[str, str]] = (),
    accept: str = JSON,
    absent: tuple[str, ...] = (),
) -> Case:
    """A query by GET, as a form, or as a body of its own; a long one never by GET."""
    way = way or ("get" if len(text) < 4_000 else "form")
    others = list(parameters)
    path, method, headers, body = "/sparql", "POST", {"accept": accept}, b""
    if way == "get":
        return Case(
            row,
            name,
            statuses,
            f"/sparql?{urlencode([('query', text), *others])}",
            "GET",
            headers,
            None,
            words,
            heavy,
            absent,
        )
    if way == "form":
        headers["content-type"], body = FORM, urlencode([("query", text), *others]).encode()
    else:
        headers["content-type"], body = DIRECT, text.encode("utf-8", "surrogatepass")
        path += f"?{urlencode(others)}" if others else ""
    return Case(row, name, statuses, path, method, headers, body, words, heavy, absent)


def every_way(row: int, name: str, text: str, statuses: frozenset[int], *words: str) -> Iterator[Case]:
    """The same query by every way of the protocol."""
    for way in ("get", "form", "direct"):
        yield query(row, f"{name}, {way}", text, statuses, *words, way=way)


def get(
    row: int,
    name: str,
    path: str,
    statuses: frozenset[int],
    *words: str,
    accept: str = JSON,
    absent: tuple[str, ...] = (),
    heavy: bool = False,
) -> Case:
    """A plain GET."""
    return Case(row, name, statuses, path, "GET", {"accept": accept}, None, words, heavy, absent)


# -- products, results, paths, plans


def products() -> Iterator[Case]:
    three = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
    heavy = {
        "count": f"SELECT (COUNT(*) AS ?n) {{ {three} }}",
        "count of four": f"SELECT (COUNT(*) AS ?n) {{ {three} . ?j ?k ?l }}",
        "distinct count": f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ {three} }}",
        "sum": f"SELECT (SUM(1) AS ?n) {{ {three} }}",
        "sample": f"SELECT (SAMPLE(?i) AS ?n) {{ {three} }}",
        "in graphs": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c } GRAPH ?h { ?d ?e ?f } GRAPH ?i { ?j ?k ?l } }",
        "in a sub-select": f"SELECT * {{ {{ SELECT (COUNT(*) AS ?n) {{ {three} }} }} }}",
        "of unions": "SELECT (COUNT(*) AS ?n) { {?a ?b ?c} UNION {?c ?b ?a} {?d ?e ?f} UNION {?f ?e ?d} {?g ?h ?i} UNION {?i ?h ?g} }",
        "in EXISTS": "ASK { ?a ?b ?c FILTER EXISTS { ?d ?e ?f . ?g ?h ?i FILTER(STR(?f) = CONCAT(STR(?i), 'no')) } }",
        "never quite true": f"ASK {{ {three} FILTER(STRLEN(STR(?a)) + STRLEN(STR(?f)) + STRLEN(STR(?i)) < 0) }}",
    }
    for name, text in heavy.items():
        yield query(1, name, text, STOPPED, heavy=True)
    sorts = {
        "by one": f"SELECT * {{ {three} }} ORDER BY ?f",
        "by an expression": f"SELECT * {{ {three} }} ORDER BY DESC(CONCAT(STR(?a), STR(?f))) LIMIT 1",
        "limited": f"SELECT ?a {{ {three} }} ORDER BY ?i ?f ?c LIMIT 5",
        "in a sub-select": f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ {three} }} ORDER BY ?i }} }}",
        "constructed": f"CONSTRUCT {{ ?a ?b ?f }} {{ {three} }} ORDER BY ?f",
    }
    for name, text in sorts.items():
        yield query(2, f"sort {name}", text, BOUNDED - WHOLE, heavy=True, accept="*/*")
    four = " ".join(f"OPTIONAL {{ ?x{n} ?y{n} ?z{n} }}" for n in range(4))
    others = {
        "optionals": f"SELECT (COUNT(*) AS ?n) {{ {four} }}",
        "minus": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MINUS { ?c ?x ?f . ?g ?h ?i } }",
        "distinct": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f }",
        "reduced": "SELECT (COUNT(*) AS ?n) { { SELECT REDUCED * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } } }",
        "group by": "SELECT ?c ?f (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?c ?f",
        "group concat": "SELECT (GROUP_CONCAT(?x) AS ?n) { ?a ?b ?c . ?d ?e ?f BIND(CONCAT(STR(?c), STR(?f)) AS ?x) }",
        "describe": "DESCRIBE ?f { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    }
    for name, text in others.items():
        yield query(3, f"product under {name}", text, BOUNDED - WHOLE, heavy=True, accept="*/*")


def results() -> Iterator[Case]:
    big = "?a ?b ?c . ?d ?e ?f"
    for name, accept in {
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
    }.items():
        yield query(4, f"rows as {name}", f"SELECT * {{ {big} }}", BOUNDED - WHOLE, heavy=True, accept=accept)
    for name, accept in {
        "turtle": "text/turtle",
        "jsonld": "application/ld+json",
        "ntriples": "application/n-triples",
        "rdfxml": "application/rdf+xml",
    }.items():
        text = f"CONSTRUCT {{ ?a ?b ?f . ?d ?e ?c }} {{ {big} }}"
        yield query(4, f"triples as {name}", text, BOUNDED - WHOLE, heavy=True, accept=accept)
    yield query(4, "a page of rows", f"SELECT * {{ {big} }}", BOUNDED, heavy=True, accept="text/html")
    yield query(4, "a limit of millions", f"SELECT * {{ {big} }} LIMIT 900000000", BOUNDED - WHOLE, heavy=True)
    yield query(4, "an offset of millions", f"SELECT * {{ {big} }} OFFSET 900000000 LIMIT 1", BOUNDED, heavy=True)
    yield query(
        4, "a limit no machine counts to", f"SELECT * {{ {big} }} LIMIT {'9' * 40}", BOUNDED | MALFORMED, heavy=True
    )
    yield query(4, "a negative limit", "SELECT * { ?s ?p ?o } LIMIT -1", MALFORMED)
    yield query(4, "one wide row", "SELECT * { " + " ".join(f"BIND({n} AS ?v{n})" for n in range(90)) + " }", BOUNDED)


def paths() -> Iterator[Case]:
    step = "(!<urn:x>|^<urn:y>|!(^<urn:z>))"
    texts = {
        "stars of stars": f"SELECT (COUNT(*) AS ?n) {{ ?a ((({step}*)*/({step}+))*/{step}*)* ?b . ?b {step}* ?c }}",
        "everything to everything": f"SELECT (COUNT(*) AS ?n) {{ ?a {step}*/{step}*/{step}* ?b . ?c {step}+ ?d }}",
        "and a product": f"SELECT (COUNT(*) AS ?n) {{ ?a {step}* ?b . ?c {step}* ?d . ?e ?f ?g }}",
        "in EXISTS": f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS {{ ?a {step}*/<urn:x> ?f }} }}",
        "in a graph": f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?a {step}*/{step}* ?b . ?c {step}* ?d . ?e ?f ?h }} }}",
        "up and down": "SELECT (COUNT(*) AS ?n) { ?a (rdf:type/^rdf:type)* ?b . ?c (rdf:type/^rdf:type)* ?d . ?e ?f ?g }",
    }
    for name, text in texts.items():
        yield query(5, f"path, {name}", text, STOPPED, heavy=True)
    chain = "/".join(["<urn:p>*"] * 60)
    yield query(5, "path, a chain of stars", f"SELECT * {{ ?a {chain} ?b }}", BOUNDED | MALFORMED, heavy=True)
    for depth in (20, 50, 90):
        nested = "(" * depth + "<urn:p>" + ")*" * depth
        yield query(5, f"path, {depth} stars deep", f"ASK {{ ?a {nested} ?b }}", BOUNDED | MALFORMED, heavy=True)
    many = "|".join(f"<urn:p{n}>" for n in range(2_000))
    yield query(5, "path, two thousand choices", f"SELECT * {{ ?a ({many})* ?b }}", BOUNDED | MALFORMED, heavy=True)


def plans() -> Iterator[Case]:
    yield query(6, "lists of lists", "ASK { ?s ?p " + "(" * 200 + "1" + ")" * 200 + " }", NESTED, "nested")
    yield query(
        6,
        "160 patterns",
        "ASK { " + " . ".join(f"?a{n} ?b{n} ?a{n + 1}" for n in range(160)) + " FILTER(?a0 = 7) }",
        BOUNDED | MALFORMED,
        heavy=True,
    )
    yield query(
        6,
        "a star of 160",
        "ASK { " + " . ".join(f"?a ?b{n} ?c{n}" for n in range(160)) + " FILTER(?b1 = 7) }",
        BOUNDED | MALFORMED,
        heavy=True,
    )
    yield query(
        6,
        "a ring of 100",
        "ASK { " + " . ".join(f"?a{n} ?b ?a{(n + 1) % 100}" for n in range(100)) + " }",
        BOUNDED | MALFORMED,
        heavy=True,
    )
    yield query(
        6,
        "40 optionals",
        "ASK { ?a ?b ?c " + " ".join(f"OPTIONAL {{ ?a ?p{n} ?o{n} }}" for n in range(40)) + " FILTER(?c = 7) }",
        BOUNDED | MALFORMED,
        heavy=True,
    )
    yield query(
        6, "brackets in a bracket", "ASK { ?s ?p " + "[ ?q " * 99 + "1" + " ]" * 99 + " }", BOUNDED | NESTED, heavy=True
    )
    yield query(
        6,
        "400 unions",
        "ASK { " + " UNION ".join(f"{{ ?s{n} ?p ?o }}" for n in range(400)) + " FILTER(?p = 7) }",
        BOUNDED | NESTED,
        heavy=True,
    )
    for size, copies in ((100, 6), (1_000, 3), (30, 10)):
        values = " ".join(f"VALUES ?v{n} {{ {' '.join(str(each) for each in range(size))} }}" for n in range(copies))
        yield query(
            7, f"{copies} times {size} values", f"SELECT (COUNT(*) AS ?n) {{ {values} }}", BOUNDED - WHOLE, heavy=True
        )
    wide = " ".join(f"(?v{n} ?w{n})" for n in range(1))
    rows = " ".join(f"({n} {n})" for n in range(3_000))
    yield query(
        7,
        "values joined with themselves",
        f"SELECT (COUNT(*) AS ?n) {{ VALUES {wide} {{ {rows} }} VALUES (?x ?y) {{ {rows} }} VALUES (?z ?q) {{ {rows} }} }}",
        BOUNDED - WHOLE,
        heavy=True,
    )


# -- depth, strings, patterns


def nesting() -> Iterator[Case]:
    deep = {
        "braces": "SELECT * " + "{" * 3200 + "}" * 3200,
        "open braces": "SELECT * " + "{" * 3200,
        "brackets": "ASK { FILTER(" + "(" * 6400 + "1" + ")" * 6400 + ") }",
        "square brackets": "ASK { ?s ?p " + "[ ?p " * 3200 + "]" * 3200 + " }",
        "not": "ASK { FILTER(" + "!" * 12800 + "true) }",
        "spaced not": "ASK { FILTER(" + "! " * 6400 + "true) }",
        "commented not": "ASK { FILTER(" + "!#\n" * 6400 + "true) }",
        "minus signs": "ASK { FILTER(" + "- " * 6400 + "1 < 0) }",
        "plus signs": "ASK { FILTER(" + "+" * 6400 + "1 < 0) }",
        "inverse paths": "ASK { ?s " + "^" * 6400 + "<urn:p> ?o }",
        "sub-selects": "SELECT * { " + "{ SELECT * " * 1600 + "{ ?s ?p ?o }" + "}" * 1600 + "}",
        "functions": "ASK { FILTER(" + "STR(" * 3200 + "?x" + ")" * 3200 + " = '') }",
        "optionals": "ASK { " + "OPTIONAL { " * 3200 + "}" * 3200 + " }",
        "exists": "ASK { " + "FILTER EXISTS { " * 1600 + "}" * 1600 + " }",
        "if": "ASK { FILTER(" + "IF(true, " * 1600 + "true" + ", false)" * 1600 + ") }",
        "lists": "ASK { ?s ?p " + "(" * 3200 + ")" * 3200 + " }",
        "triple terms": "ASK { ?s ?p " + "<<( ?s ?p " * 1600 + "1" + " )>>" * 1600 + " }",
        "reified": "ASK { " + "<< " * 1600 + "?s ?p ?o" + " >> ?p ?o" * 1600 + " }",
        "mixed signs": "ASK { FILTER(" + "!-+" * 4000 + "true) }",
    }
    for name, text in deep.items():
        yield query(8, f"nested {name}", text, NESTED)
    # Long chains nest in the engine's plan although nothing nests in the text.
    chains = {
        "or": "ASK { FILTER(" + "||".join(["?a"] * 12_800) + ") }",
        "and": "ASK { FILTER(" + "&&".join(["?a"] * 12_800) + ") }",
        "plus": "ASK { FILTER(" + "+".join(["?a"] * 20_000) + " > 0) }",
        "times": "ASK { FILTER(" + "*".join(["?a"] * 20_000) + " > 0) }",
        "bind": "SELECT * { " + " ".join(f"BIND({n} AS ?v{n})" for n in range(2_800)) + " }",
        "union": "ASK { " + " UNION ".join(["{}"] * 6_000) + " }",
        "optional": "ASK { " + "OPTIONAL{} " * 5_000 + "}",
        "minus": "ASK { " + "MINUS{} " * 6_000 + "}",
        "filter": "ASK { " + "FILTER(1) " * 6_000 + "}",
        "sequence": "ASK { ?s " + "/".join(["<p>"] * 12_000) + " ?o }",
        "alternative": "ASK { ?s " + "|".join(["<p>"] * 12_000) + " ?o }",
        "in": "ASK { FILTER(1 IN (" + ",".join(["2"] * 30_000) + ")) }",
        "prefixes": "".join(f"PREFIX p{n}: <urn:{n}>\n" for n in range(2_000)) + "ASK {}",
        "objects": "ASK { ?s ?p " + ",".join(["1"] * 30_000) + " }",
        "predicates": "ASK { ?s " + ";".join(["?p 1"] * 10_000) + " }",
        "groups": "ASK { " + "{} " * 20_000 + "}",
    }
    for name, text in chains.items():
        yield query(8, f"chain of {name}", text, BOUNDED | NESTED, heavy=True)
    yield from every_way(
        8, "longer than allowed", "ASK { ?s ?p '" + "x" * 64_000 + "' }", frozenset({413, 414, 431}) | MALFORMED
    )


def strings() -> Iterator[Case]:
    def growing(function: str) -> str:
        steps = " ".join(f"BIND({function.format(f'?v{n}')} AS ?v{n + 1})" for n in range(8))
        return f"SELECT (STRLEN(?v8) AS ?n) {{ BIND('a' AS ?v0) {steps} }}"

    sixteen = "a" * 16
    texts = {
        "replace": growing("REPLACE({0}, 'a', '" + sixteen + "')"),
        "concat": growing("CONCAT(" + ", ".join(["{0}"] * 16) + ")"),
        "encode": growing("ENCODE_FOR_URI(CONCAT(" + ", ".join(["{0}"] * 16) + ", '%'))"),
        "upper": growing("UCASE(CONCAT(" + ", ".join(["{0}"] * 16) + "))"),
        "hash": growing("CONCAT(" + ", ".join(["{0}"] * 16) + ", SHA512({0}))"),
    }
    for name, text in texts.items():
        yield query(9, f"a string grows by {name}", text, STOPPED, heavy=True)
    yield query(
        9,
        "all strings in one",
        "SELECT (GROUP_CONCAT(?x) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(STR(?c) AS ?x) }",
        STOPPED,
        heavy=True,
    )
    yield query(9, "digits without end", f"SELECT ({'9' * 20_000} * {'9' * 20_000} AS ?n) {{}}", BOUNDED | MALFORMED)
    yield query(9, "an exponent without end", "SELECT (1e999999999 AS ?n) (1e-999999999 AS ?m) {}", BOUNDED | MALFORMED)
    yield query(
        9, "a year without end", f"SELECT (xsd:dateTime('{'9' * 5000}-01-01T00:00:00') AS ?n) {{}}", BOUNDED | MALFORMED
    )
    yield query(9, "division by zero", "SELECT (1/0 AS ?a) (1.0/0.0 AS ?b) (xsd:integer('x') AS ?c) {}", WHOLE)
    yield query(
        9,
        "the smallest number by minus one",
        "SELECT (-9223372036854775808 / -1 AS ?a) (ABS(-9223372036854775808) AS ?b) {}",
        BOUNDED | MALFORMED,
    )
    yield query(
        9,
        "a substring past both ends",
        "SELECT (SUBSTR('abc', -9223372036854775807, 9223372036854775807) AS ?a) {}",
        BOUNDED | MALFORMED,
    )


def patterns() -> Iterator[Case]:
    bombs = {
        "counted": "(((((a{1,100}){1,100}){1,100}){1,100}){1,100})",
        "plus of plus": "^(a+)+$",
        "stars": "^" + "(a*)*" * 10 + "b$",
        "choices": "^(a|a)*$",
        "backwards": "(a)\\\\1{1,1000}",
        "unicode": "(\\\\p{L}{1,1000}){1,1000}",
        "long": "a{1,1000}" * 100,
        "ranges": "[" + "a-z" * 500 + "]{1,1000}",
        "nested": "(" * 60 + "a" + ")*" * 60,
        "lookahead": "(?=a)(?!b)a",
    }
    for name, bomb in bombs.items():
        text = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(REGEX(CONCAT(STR(?o), '{'a' * 200}!'), '{bomb}')) }}"
        yield query(10, f"pattern, {name}", text, BOUNDED | MALFORMED, heavy=True)
    yield query(
        10,
        "replace by a bomb",
        f"SELECT (REPLACE('{'a' * 5000}!', '^(a+)+$', '$0$0$0') AS ?n) {{}}",
        BOUNDED | MALFORMED,
        heavy=True,
    )
    yield query(
        10,
        "patterns out of data",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(STR(?c), STR(?f))) }",
        BOUNDED - WHOLE,
        heavy=True,
    )


# -- reaching out


def outbound() -> Iterator[Case]:
    services = {
        "plain": "SELECT * { SERVICE <{canary}> { ?s ?p ?o } }",
        "silent": "SELECT * { SERVICE SILENT <{canary}> { ?s ?p ?o } }",
        "of a variable": "SELECT * { BIND(<{canary}> AS ?x) SERVICE ?x { ?s ?p ?o } }",
        "of values": "SELECT * { VALUES ?x { <{canary}> } SERVICE SILENT ?x { ?s ?p ?o } }",
        "in EXISTS": "ASK { ?s ?p ?o FILTER EXISTS { SERVICE <{canary}> { ?s ?p ?o } } }",
        "in OPTIONAL": "SELECT * { OPTIONAL { SERVICE <{canary}> { ?s ?p ?o } } }",
        "in a sub-select": "SELECT * { { SELECT * { SERVICE <{canary}> { ?s ?p ?o } } } }",
        "small letters": "SELECT * { service<{canary}>{ ?s ?p ?o } }",
        "mixed letters": "SELECT * { sErViCe sIlEnT <{canary}> { ?s ?p ?o } }",
        "after a comment": "SELECT * { # <\nSERVICE # '\n<{canary}> { ?s ?p ?o } }",
        "after a string": "SELECT * { BIND('# \\' \\\\' AS ?x) SERVICE <{canary}> { ?s ?p ?o } }",
        "after an IRI with a hash": "SELECT * { BIND(<http://e/#> AS ?x) SERVICE <{canary}> { ?s ?p ?o } }",
        "prefixed": "PREFIX c: <{canary}> SELECT * { SERVICE c: { ?s ?p ?o } }",
        "relative to a base": "BASE <{canary}> SELECT * { SERVICE <> { ?s ?p ?o } }",
        "in a CONSTRUCT": "CONSTRUCT { ?s ?p ?o } { SERVICE <{canary}> { ?s ?p ?o } }",
        "in a DESCRIBE": "DESCRIBE ?s { SERVICE <{canary}> { ?s ?p ?o } }",
        "in long quotes": "SELECT * { BIND('''a'b''c''' AS ?x) SERVICE <{canary}> { ?s ?p ?o } }",
        "in a minus": "SELECT * { ?s ?p ?o MINUS { SERVICE SILENT <{canary}> { ?s ?p ?o } } }",
        # The engine wants no space after a keyword, so a word with SERVICE in it may be one.
        "glued to a prefix": "PREFIX c: <{canary}> SELECT * { SERVICEc: { ?s ?p ?o } }",
        "glued to the empty prefix": "PREFIX : <{canary}> SELECT * { SERVICE: { ?s ?p ?o } }",
        "glued to SILENT": "SELECT * { SERVICESILENT<{canary}> { ?s ?p ?o } }",
        "glued to SILENT and a prefix": "PREFIX c: <{canary}> SELECT * { serviceSilentc: { ?s ?p ?o } }",
        "glued to a number": "SELECT * { ?s ?p ?o OPTIONAL { ?o ?p 1SERVICE<{canary}> { ?s ?p ?o } } }",
        "glued to true": "SELECT * { ?s ?p ?o OPTIONAL { ?o ?p trueSERVICE<{canary}> { ?s ?p ?o } } }",
        "glued to both sides": "PREFIX c: <{canary}> SELECT*WHERE{OPTIONAL{?o ?p 1e5SERVICEc:{?s ?p ?o}}}",
        "where comparisons look like IRIs": "SELECT * { ?s ?p ?o FILTER(?o < 1 && ?o > 0) SERVICE <{canary}> { ?s ?p ?o } }",
        "where a comparison opens an IRI": "SELECT * { ?s ?p ?a,?b FILTER(?a<?b) SERVICE <{canary}> { ?c ?d ?e } FILTER(?b>?a) }",
    }
    for name, text in services.items():
        yield query(11, f"SERVICE {name}", text, FORBIDDEN | MALFORMED, "another server", "not SPARQL")
    yield from every_way(11, "SERVICE plain", services["plain"], FORBIDDEN, "another server")
    yield query(11, "SERVICE on a page", services["plain"], FORBIDDEN, accept="text/html")
    yield query(11, "SERVICE, no port", "SELECT * { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }", FORBIDDEN)
    yield query(
        11, "SERVICE in a file", "SELECT * { SERVICE <file:///etc/passwd> { ?s ?p ?o } }", FORBIDDEN, absent=("root:",)
    )
    yield query(11, "SERVICE as a word in a text", "ASK { ?s ?p 'SERVICE <{canary}>' }", WHOLE)
    loads = {
        "LOAD": "LOAD <{canary}>",
        "LOAD silent": "LOAD SILENT <{canary}> INTO GRAPH <urn:g>",
        "LOAD a file": "LOAD <file:///etc/passwd>",
        "LOAD after a query": "SELECT * { ?s ?p ?o } ; LOAD <{canary}>",
        "LOAD after a prologue": "PREFIX a: <urn:a> LOAD <{canary}>",
    }
    for name, text in loads.items():
        yield query(12, name, text, FORBIDDEN | MALFORMED, absent=("root:",))
    froms = {
        "FROM an address": "SELECT * FROM <{canary}> { ?s ?p ?o }",
        "FROM a file": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
        "FROM NAMED an address": "SELECT * FROM NAMED <{canary}> { GRAPH ?g { ?s ?p ?o } }",
        "FROM NAMED a file": "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        "a base of files": "BASE <file:///etc/> SELECT * FROM <passwd> { ?s ?p ?o }",
        "a base of files in a graph": "BASE <file:///etc/> SELECT * { GRAPH <passwd> { ?s ?p ?o } }",
        "a graph at an address": "SELECT * { GRAPH <{canary}> { ?s ?p ?o } }",
        "a description of an address": "DESCRIBE <{canary}>",
    }
    for name, text in froms.items():
        yield query(12, name, text, WHOLE | FORBIDDEN | MALFORMED, accept="*/*", absent=("root:",))
    yield query(12, "FROM two", "SELECT * FROM <urn:a> FROM <urn:b> { ?s ?p ?o }", WHOLE | FORBIDDEN)
    for name in ("default-graph-uri", "named-graph-uri"):
        for kind, target in {"an address": "{canary}", "a file": "file:///etc/passwd", "no IRI": "x> } #"}.items():
            yield query(
                12,
                f"{name} of {kind}",
                "SELECT * { ?s ?p ?o } LIMIT 1",
                WHOLE | FORBIDDEN | MALFORMED | UNFIT,
                parameters=[(name, target)],
                absent=("root:",),
            )
    yield query(
        12, "an absolute format", "ASK {}", frozenset({406}), "format", parameters=[("format", "file:///etc/passwd")]
    )
    escaped = {
        "service": "SELECT * { \\u0053ERVICE <{canary}> { ?s ?p ?o } }",
        "service, long": "SELECT * { \\U00000053ERVICE <{canary}> { ?s ?p ?o } }",
        "service inside": "SELECT * { SER\\u0056ICE <{canary}> { ?s ?p ?o } }",
        "load": "\\u004CO\\u0041D <{canary}>",
        "bracket": "SELECT * { SERVICE \\u003C{canary}\\u003E { ?s ?p ?o } }",
        "percent": "SELECT * { %53ERVICE <{canary}> { ?s ?p ?o } }",
        "full width": "SELECT * { ＳＥＲＶＩＣＥ <{canary}> { ?s ?p ?o } }",
        "long s": "SELECT * { \u017fERVICE <{canary}> { ?s ?p ?o } }",
        "no space": "SELECT * { SERVICE\u200b<{canary}> { ?s ?p ?o } }",
        "quote by escape": "SELECT * { BIND('a\\u0027 AS ?x) SERVICE <{canary}> { ?s ?p ?o } BIND('b' AS ?y) }",
        "line end by escape": "SELECT * { # \\u000A SERVICE <{canary}> { ?s ?p ?o }\n ?s ?p ?o } LIMIT 1",
    }
    for name, text in escaped.items():
        yield query(
            13,
            f"escaped {name}",
            text,
            MALFORMED | FORBIDDEN | WHOLE,
            "not SPARQL",
            "another server",
            "LOAD",
            "none of",
        )


def updates() -> Iterator[Case]:
    texts = [
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DELETE DATA { <urn:a> <urn:b> <urn:c> }",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP SILENT ALL",
        "CREATE GRAPH <urn:g>",
        "COPY <urn:a> TO <urn:b>",
        "MOVE DEFAULT TO <urn:b>",
        "ADD <urn:a> TO DEFAULT",
        "SELECT * { ?s ?p ?o } ; CLEAR ALL",
        "# SELECT\nCLEAR ALL",
    ]
    for text in texts:
        yield query(14, f"update by the query route: {text[:30]!r}", text, MALFORMED)
    yield get(14, "update by GET", "/sparql?update=CLEAR+ALL", MALFORMED, "release never changes")
    yield get(
        14, "update beside a query", "/sparql?query=ASK%7B%7D&update=CLEAR+ALL", MALFORMED, "release never changes"
    )
    for kind in ("application/sparql-update", FORM):
        body = b"CLEAR ALL" if kind != FORM else b"update=CLEAR+ALL"
        yield Case(14, f"update as {kind}", MALFORMED, "/sparql", "POST", {"content-type": kind, "accept": JSON}, body)
    for method in ("PUT", "DELETE", "PATCH"):
        for path in ("/sparql", "/networks/", "/dump.nq"):
            yield Case(14, f"{method} {path}", frozenset({405}), path, method, {"accept": JSON}, b"")


# -- values that try to be syntax

INJECTIONS = {
    "a closed string": 'x") } UNION { GRAPH ?g { ?s ?p ?v } } #',
    "a closed single quote": "x') } UNION { ?s ?p ?o } #",
    "a closed IRI": "http://e/> ?p ?o } #",
    "a long quote": '""" } SELECT * { ?s ?p ?o } #',
    "a backslash": "x\\",
    "line ends": "x\r\nX-Evil: 1\r\n\r\n<script>",
    "full-text operators": '" OR * NEAR/2 ( ^ - + : {a b} ',
    "an SQL string": "x'; DROP TABLE things; --",
    "wildcards": "%" * 200 + "_" * 200 + "*" * 200,
    "NUL": "a\0b",
    "a surrogate": "\ud800",
    "markup": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "bidi": "\u202e\u2066abc\u2069",
    "a template": "{{ 7*7 }}{% for x in y %}${7*7}#{7*7}",
    "long": "x" * 7_000,
    "a format": "%s%n%x{0}{0.__class__}",
}


def _quoted(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def injections() -> Iterator[Case]:
    fine = WHOLE | MALFORMED | UNFIT
    for name, value in INJECTIONS.items():
        text = _quoted(value)
        yield get(
            15,
            f"{name} as a name",
            f"/networks/?q={text}",
            fine | {414},
            accept="text/html",
            absent=("<script>alert", "<img src=x"),
        )
        yield get(15, f"{name} as a search", f"/api/networks?q={text}", fine | {414})
        yield get(15, f"{name} as a filter", f"/api/actors?country={text}", UNFIT | {414, 400})
        yield get(15, f"{name} as a parameter", f"/questions/coordinators?country={text}", UNFIT | MALFORMED | {414})
    for name in ("a closed IRI", "a closed string", "markup", "NUL", "line ends"):
        text = _quoted(INJECTIONS[name])
        yield get(16, f"{name} as a slug", f"/networks/{text}", NO_NAME, absent=("<script>alert",))
        yield get(16, f"{name} as an id", f"/id/network/{text}", NO_NAME)
        yield get(16, f"{name} as a kind", f"/id/{text}/x", NO_NAME)
        yield get(16, f"{name} as a concept", f"/vocabulary/{text}", NO_NAME)
        yield get(16, f"{name} as a network of a question", f"/questions/who-said-so?network={text}", UNFIT | MALFORMED)
    yield get(
        16,
        "an IRI elsewhere for a network",
        "/questions/who-said-so?network=" + _quoted("{canary}"),
        WHOLE | UNFIT | MALFORMED,
    )
    yield get(
        16,
        "javascript for a network",
        "/questions/who-said-so?network=javascript:alert(1)",
        WHOLE | UNFIT | MALFORMED,
        accept="text/html",
        absent=('href="javascript:',),
    )
    yield get(16, "an unknown filter", "/api/networks?__class__=1", UNFIT)
    yield get(16, "an unknown column to sort by", "/api/networks?sort=" + _quoted("label; DROP TABLE x"), UNFIT)
    for cursor in ("../../etc/passwd", "eyJhIjoxfQ==", "A" * 3_000, "\0", "-1"):
        yield get(
            16,
            f"a made-up cursor {cursor[:12]!r}",
            f"/api/networks?cursor={_quoted(cursor)}",
            UNFIT | MALFORMED | {409},
        )
    for limit in ("-1", "0", "1e9", "999999999999999999999", "NaN", "1;2"):
        yield get(16, f"a made-up limit {limit}", f"/api/networks?limit={_quoted(limit)}", UNFIT | MALFORMED)
    yield query(
        17, "every graph", "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", WHOLE, absent=("urn:x-private", "file:")
    )


# -- bytes, names, pages


def texts() -> Iterator[Case]:
    direct = {"content-type": DIRECT, "accept": JSON}
    form = {"content-type": FORM, "accept": JSON}
    bodies = {
        "not UTF-8": b"ASK { ?s ?p '\xff\xfe' }",
        "Windows-1252": "ASK { ?s ?p 'Grün' }".encode("windows-1252"),
        "UTF-16": "ASK {}".encode("utf-16"),
        "half a character": b"ASK { ?s ?p '\xc3' }",
        "overlong": b"ASK { ?s ?p '\xc0\xaf' }",
        "a surrogate in UTF-8": b"ASK { ?s ?p '\xed\xa0\x80' }",
    }
    for name, body in bodies.items():
        yield Case(21, f"a body that is {name}", MALFORMED, "/sparql", "POST", direct, body)
    yield Case(21, "a mark of byte order", WHOLE | MALFORMED, "/sparql", "POST", direct, b"\xef\xbb\xbfASK {}")
    yield Case(21, "NUL in a query", MALFORMED | WHOLE, "/sparql", "POST", direct, b"ASK { ?s ?p 'a\0b' }")
    yield Case(21, "an escaped surrogate", MALFORMED | WHOLE, "/sparql", "POST", direct, b"ASK { ?s ?p '\\uD800' }")
    yield Case(
        21,
        "a form that is not UTF-8",
        MALFORMED | WHOLE,
        "/sparql",
        "POST",
        form,
        b"query=ASK%7B%3Fs%20%3Fp%20%27%FF%27%7D",
    )
    yield Case(21, "a form of signs", MALFORMED, "/sparql", "POST", form, b"&&&&====%%%%;;;;")
    yield Case(
        21,
        "ten thousand fields",
        MALFORMED | WHOLE | {413},
        "/sparql",
        "POST",
        form,
        b"a=1&" * 10_000 + b"query=ASK%7B%7D",
    )
    yield Case(21, "no body", MALFORMED, "/sparql", "POST", direct, b"")
    yield Case(21, "no type", frozenset({415}), "/sparql", "POST", {"accept": JSON}, b"ASK {}")
    yield Case(
        21,
        "another charset",
        MALFORMED | WHOLE | {415},
        "/sparql",
        "POST",
        {"content-type": DIRECT + "; charset=utf-16"},
        "ASK {}".encode("utf-16"),
    )
    yield Case(
        21,
        "a compressed body",
        MALFORMED | {415},
        "/sparql",
        "POST",
        direct | {"content-encoding": "gzip"},
        b"\x1f\x8b" + b"\0" * 100,
    )
    yield Case(
        21,
        "multipart",
        frozenset({415}),
        "/sparql",
        "POST",
        {"content-type": "multipart/form-data; boundary=x", "accept": JSON},
        b"--x\r\n" * 1_000,
    )
    yield Case(21, "a large body", frozenset({413}), "/sparql", "POST", form, b"query=" + b"x" * 3_000_000)
    for name, path in {
        "a broken percent": "/networks/%",
        "a percent of nothing": "/networks/%zz",
        "bytes that are no text": "/networks/%ff%fe",
        "NUL in a path": "/networks/%00",
        "line ends in a path": "/networks/a%0d%0aX-Evil:%201",
        "a surrogate in a path": "/networks/%ed%a0%80",
        "a long name": "/networks/" + "a" * 5_000,
        "many folders": "/a" * 2_000,
        "doubled slashes": "//networks//",
    }.items():
        yield get(21, name, path, NO_NAME | {414, 422})
    # A server must take a whole address for its path (RFC 9112, section 3.2.2).
    yield get(21, "an address as a path", "http://e.example/networks/", frozenset({200}))
    for accept in (
        "*/*;q=2",
        "a/b;q=" + "9" * 500,
        ",,,,",
        "text/html;" * 400,
        "\x7f",
        "text/turtle;q=nan",
        "*/" + "*" * 500,
        "/",
    ):
        yield get(21, f"Accept {accept[:20]!r}", "/sparql?query=ASK%7B%7D", WHOLE | MALFORMED | {406}, accept=accept)
    yield Case(
        21,
        "languages without end",
        WHOLE,
        "/",
        "GET",
        {"accept": "text/html", "accept-language": "de;q=0.5," * 500 + "en"},
    )
    yield Case(
        21, "tags without end", WHOLE | {304}, "/", "GET", {"accept": "text/html", "if-none-match": '"x",' * 1_500}
    )
    yield Case(
        21, "a day that is none", WHOLE, "/", "GET", {"accept": "text/html", "if-modified-since": "Fri, 99 Foo 9999"}
    )
    yield Case(
        21,
        "ranges without end",
        WHOLE | {206, 400, 416},
        "/dump.nq",
        "GET",
        {"range": "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(0, 1_500, 3))},
    )
    yield Case(21, "a range past the end", WHOLE | {416, 400}, "/dump.nq", "GET", {"range": "bytes=999999999999-"})
    yield Case(21, "a range backwards", WHOLE | {416, 400}, "/dump.nq", "GET", {"range": "bytes=9-1"})


def parsers() -> Iterator[Case]:
    """There is no way to upload yet: documents that come all the same are refused unread."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1_000 + b'"><!ENTITY b "' + b"&a;" * 1_000 + b'">]><x>&b;</x>'
    external = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    context = b'{"@context":"{canary}","@id":"urn:a"}'
    documents = {
        (18, "entities in RDF/XML", "application/rdf+xml"): bomb,
        (18, "an external entity", "application/rdf+xml"): external,
        (18, "entities in TriX", "application/trix+xml"): bomb,
        (18, "entities in SVG", "image/svg+xml"): bomb,
        (19, "a remote context", "application/ld+json"): context,
        (19, "a context in a file", "application/ld+json"): b'{"@context":"file:///etc/passwd"}',
        (20, "deep JSON-LD", "application/ld+json"): b'{"a":' * 50_000,
        (20, "deep Turtle", "text/turtle"): b"<urn:a> <urn:b> " + b"(" * 50_000,
        (
            22,
            "shapes",
            "text/turtle",
        ): b"<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> ; <http://www.w3.org/2002/07/owl#imports> <{canary}> .",
        (23, "a value for a pattern", "text/turtle"): b"<urn:a> <https://schema.org/email> '" + b"a@" * 20_000 + b"' .",
        (24, "a value like a path", "text/turtle"): b"/etc/passwd",
        (24, "a value like an address", "text/turtle"): b"{canary}",
    }
    for (row, name, kind), body in documents.items():
        for path in ("/sparql", "/networks/", "/profiles/"):
            yield Case(
                row,
                f"{name} to {path}",
                frozenset({405, 415}),
                path,
                "POST",
                {"content-type": kind, "accept": JSON},
                body,
                absent=("root:",),
            )
    for row, name, value in (
        (19, "a context", "{canary}"),
        (24, "a path", "/etc/passwd"),
        (24, "an address", "{canary}"),
        (24, "a file address", "file:///etc/passwd"),
    ):
        yield get(row, f"{name} as a search", f"/api/networks?q={_quoted(value)}", WHOLE | UNFIT, absent=("root:",))
        yield get(
            row,
            f"{name} as a named release",
            f"/sparql?query=ASK%7B%7D&release={_quoted(value)}",
            NO_NAME | UNFIT,
            absent=("root:",),
        )
        yield get(
            row,
            f"{name} as a format",
            f"/sparql?query=ASK%7B%7D&format={_quoted(value)}",
            frozenset({406}),
            absent=("root:",),
        )
    yield Case(
        19,
        "a profile in Accept",
        WHOLE | {406},
        "/networks/",
        "GET",
        {"accept": 'application/ld+json;profile="{canary}"'},
    )
    yield query(
        23,
        "our own patterns by query",
        f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(REGEX('{'a@' * 10_000}', '^[^@ ]+@[^@ ]+$')) }}",
        BOUNDED | MALFORMED,
        heavy=True,
    )


def exports() -> Iterator[Case]:
    evil = '=HYPERLINK(\\"http://e.example\\")'
    # The results format for machines stays what the standard says: text in, the same text out.
    yield query(28, "a formula in the results format", f'SELECT ("{evil}" AS ?x) {{}}', WHOLE, accept="text/csv")
    for start in ("=", "+", "-", "@", "\\t", "\\r"):
        yield query(28, f"a cell that begins with {start}", f'SELECT ("{start}1" AS ?x) {{}}', WHOLE, accept="text/csv")
    for path in ("/api/networks?format=csv", "/api/actors?format=csv", "/questions/coordinators?format=csv"):
        yield get(
            28, f"a table of {path.split('?')[0]}", path, WHOLE, accept="text/csv", absent=("\n=", ",=", "\n@", ",@")
        )
    markup = {
        "script": "SELECT ('<script>alert(1)</script>' AS ?x) {}",
        "a javascript IRI": "SELECT (IRI('javascript:alert(1)') AS ?x) {}",
        "a data IRI": "SELECT (IRI('data:text/html,<script>alert(1)</script>') AS ?x) {}",
        "a variable": "SELECT ('x' AS ?script) {}",
        "bidi": "SELECT ('\u202egnp.exe' AS ?x) {}",
        "a vbscript IRI": "CONSTRUCT { <vbscript:x> <javascript:y> <javascript:z> } {}",
        "an error that repeats it": "SELECT <script>alert(1)</script>",
        "a language": "SELECT ('x'@en-x-script AS ?x) {}",
    }
    for name, text in markup.items():
        yield query(
            29,
            f"a page with {name}",
            text,
            WHOLE | MALFORMED,
            accept="text/html",
            absent=("<script>alert", 'href="javascript:', 'href="data:', 'href="vbscript:'),
        )
    for path in (
        "/networks/<script>alert(1)</script>",
        "/<script>alert(1)</script>",
        "/vocabulary/<script>alert(1)</script>",
    ):
        yield get(29, f"a page at {path[:15]}", quote(path), NO_NAME, accept="text/html", absent=("<script>alert",))
    yield get(
        29,
        "a language that is markup",
        "/?lang=" + _quoted('"><script>alert(1)</script>'),
        WHOLE,
        accept="text/html",
        absent=("<script>alert",),
    )
    yield get(
        29,
        "a parameter that is markup",
        "/?x=" + _quoted('"><script>alert(1)</script>'),
        WHOLE,
        accept="text/html",
        absent=("<script>alert",),
    )


def traversal() -> Iterator[Case]:
    up = (
        "../../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5c..%5cetc%5cpasswd",
        "..;/etc/passwd",
        "%252e%252e%252fetc/passwd",
        "....//etc/passwd",
        "..%c0%afetc/passwd",
        "%00/etc/passwd",
        "/etc/passwd",
    )
    for value in up:
        for folder in ("/static/", "/networks/", "/vocabulary/", "/releases/"):
            yield get(30, f"{folder}{value}", folder + value, NO_NAME | {405}, absent=("root:",))
    for value in ("..", ".", "../current", ".new-1", "current", "..%2f..%2fetc", "%00", "20260101T000000Z-00000000"):
        yield get(30, f"a release named {value}", f"/?release={value}", NO_NAME | UNFIT | WHOLE, absent=("root:",))
        yield get(30, f"a download of {value}", f"/releases/{value}/dump.nq", NO_NAME)
    for name in ("ledger.sqlite", "manifest.json.bak", ".lock", "store/CURRENT", "store/LOG", "search.sqlite"):
        yield get(30, f"a part that is nobody's: {name}", f"/{name}", NO_NAME)
        yield get(30, f"a file of static: {name}", f"/static/../{name}", NO_NAME)
    for question in ("..%2f..%2fx", "coordinators.rq", "coordinators%00", "..", "list"):
        yield get(30, f"a question named {question}", f"/questions/{question}", NO_NAME)


def analyses() -> Iterator[Case]:
    yield get(31, "all networks at once", "/api/networks?limit=1000000", UNFIT | MALFORMED | WHOLE)
    yield get(31, "all actors at once", "/api/actors?limit=1000000", UNFIT | MALFORMED | WHOLE)
    pairs = {
        "all pairs": "SELECT (COUNT(*) AS ?n) { ?a org:hasMember ?x . ?b org:hasMember ?y . ?c org:hasMember ?z . ?d ?e ?f . ?g ?h ?i }",
        "triangles": "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?b ?q ?c . ?c ?r ?a . ?d ?s ?e . ?e ?t ?f . ?f ?u ?d . ?g ?h ?i }",
        "distances": "SELECT ?a ?b (COUNT(?m) AS ?d) { ?a (!<urn:x>)* ?m . ?m (!<urn:x>)+ ?b } GROUP BY ?a ?b",
        "who shares most": "SELECT ?a ?b (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?x . ?b ?r ?y . ?a ?s ?y . ?c ?t ?u } GROUP BY ?a ?b ORDER BY DESC(?n)",
    }
    for name, text in pairs.items():
        yield query(31, f"query for {name}", text, BOUNDED - WHOLE, heavy=True)
    yield get(31, "a question of everything", "/questions/target-groups-by-field?field=labour-market", WHOLE)


def reconciliation() -> Iterator[Case]:
    """Lists to match: what is no list, what is too long, what would be code or markup elsewhere."""
    batch = '{"q0": {"query": %s}}'
    names = {
        "a long name": "x" * 100_000,
        "an empty name": "",
        "quotes": "' OR '1'='1\" -- ",
        "right to left": "\u202eCaritas\u202c \u0634\u0628\u0643\u0629",
        "combining characters": "e" + "\u0301" * 900,
        "NUL": "a\0b",
        "many words": "a b " * 200,
        "a path": "../../etc/passwd",
        "an address": "{canary}",
        "an id that leads up": "actor/../../etc/passwd",
    }
    for name, text in names.items():
        body = urlencode({"queries": batch % json.dumps(text)}).encode()
        yield Case(21, f"{name} to reconcile", WHOLE, "/reconcile", "POST", _FORM, body, absent=("root:",))
        for path in ("suggest/entity?prefix=", "preview?id=", "view?id=", "flyout/entity?id="):
            statuses = WHOLE | NO_NAME | {303, 413, 414, 431}
            yield get(21, f"{name} to {path}", f"/reconcile/{path}{_quoted(text[:4_000])}", statuses, absent=("root:",))
    bodies = {
        "no JSON": ("{", MALFORMED),
        "deep JSON": ("[" * 200_000, MALFORMED),
        "ten thousand names": (json.dumps({str(n): {"query": "a"} for n in range(10_000)}), frozenset({413})),
        "half a character": ('{"\\ud800": {"query": "\\udfff"}}', WHOLE),
        "properties without end": (
            json.dumps({"q": {"query": "a", "properties": [{"pid": "places", "v": "x"}] * 5_000}}),
            WHOLE,
        ),
        "an unknown type": ('{"q": {"query": "a", "type": "__class__"}}', WHOLE),
    }
    for name, (text, statuses) in bodies.items():
        body = urlencode({"queries": text}).encode()
        yield Case(20 if "deep" in name else 21, f"{name} to reconcile", statuses, "/reconcile", "POST", _FORM, body)
    large = b"queries=" + b"x" * 3_000_000
    yield Case(21, "a large form to reconcile", frozenset({413}), "/reconcile", "POST", _FORM, large)
    for callback in ("alert(1)//", "<script>alert(1)</script>", "a\r\nX-Evil: 1", "x" * 5_000):
        path = f"/reconcile?query=a&callback={_quoted(callback)}"
        yield get(29, f"a function called {callback[:20]!r}", path, UNFIT, absent=("<script>alert",))
    # As hard as it gets: long names of frequent words, as many as are allowed.
    hard = json.dumps({str(n): {"query": f"Netzwerk Verein Stadt Caritas {n} " * 20} for n in range(500)})
    body = urlencode({"queries": hard}).encode()
    yield Case(31, "five hundred long names", WHOLE | STOPPED, "/reconcile", "POST", _FORM, body, heavy=True)


_FORM = {"content-type": FORM, "accept": JSON}


CASES: tuple[Case, ...] = tuple(
    case
    for table in (
        products,
        results,
        paths,
        plans,
        nesting,
        strings,
        patterns,
        outbound,
        updates,
        injections,
        texts,
        parsers,
        exports,
        traversal,
        analyses,
        reconciliation,
    )
    for case in table()
)
