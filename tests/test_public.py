"""The page on running in public agrees with the program: settings, series, addresses, and configurations that close."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from integgraph.settings import PREFIX, Settings
from integgraph.web.connections import BoundedProtocol
from integgraph.web.logs import JsonLines
from integgraph.web.metrics import OUTCOMES, Metrics, Workers
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "public.md").read_text("utf-8")


def block(language: str) -> str:
    """The first block of the page in this language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[0]


def series() -> set[str]:
    """Every name that Prometheus would know."""
    metrics = Metrics()
    metrics.request("/", "GET", 200, 0.1, 10)
    metrics.query("fast", "answered", 0.1)
    metrics.cache(hit=True)
    metrics.serves("id", "hash")
    metrics.watch(lambda: Workers({"fast": 1}, {"fast": 0}))
    families = text_string_to_metric_families(metrics.exposition().decode())
    found = set()
    for family in families:
        found |= {family.name, *(sample.name for sample in family.samples)}
    return found


def test_every_setting_of_the_page_exists() -> None:
    known = {PREFIX + each.name.upper() for each in fields(Settings)}
    assert set(re.findall(r"\bINTEGGRAPH_[A-Z_]+", TEXT)) <= known


def test_every_series_of_the_page_exists_and_every_series_is_on_it() -> None:
    known = series()
    named = set(re.findall(r"\binteggraph_(?!open\b)[a-z_]+", TEXT))
    assert named <= known
    ours = {name for name in known if not name.startswith("integgraph_process_")}
    stems = {re.sub(r"_(bucket|count|sum|created|total)$", "", name) for name in ours}
    assert stems <= {re.sub(r"_(bucket|count|sum|created|total)$", "", name) for name in named}


def test_every_outcome_of_a_query_is_named() -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `integgraph_query_seconds`"))
    assert set(re.findall(r"`(\w+)`", row)) - {"integgraph_query_seconds"} == OUTCOMES


def test_alarms_are_yaml_with_balanced_expressions() -> None:
    (group,) = yaml.safe_load(block("yaml"))["groups"]
    assert len(group["rules"]) >= 5
    for rule in group["rules"]:
        assert rule["alert"].startswith("IntegGraph")
        for opening, closing in ("()", "[]", "{}"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing)


def test_the_line_of_the_log_is_what_the_log_writes() -> None:
    line = json.loads(block("json"))
    assert list(line)[:4] == ["time", "level", "logger", "message"]
    import logging

    record = logging.LogRecord(line["logger"], logging.INFO, "", 0, line["message"], None, None)
    record.fields = {name: line[name] for name in list(line)[4:]}
    assert list(json.loads(JsonLines().format(record))) == list(line)


@pytest.mark.parametrize("language", ["nginx", "caddyfile"])
def test_configurations_close_what_they_open(language: str) -> None:
    lines = [re.sub(r"\s#.*|^#.*", "", line).strip() for line in block(language).splitlines()]
    text = "\n".join(lines)
    assert text.count("{") == text.count("}")
    assert "/integgraph/metrics" in text and "127.0.0.1:8010" in text
    if language == "nginx":
        statements = re.split(r"(?<=[;{}])", re.sub(r"'[^']*'", "''", text))
        assert statements[-1].strip() == "", "each directive ends with a semicolon"
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in text


def test_the_time_for_a_request_is_as_written() -> None:
    assert f"| time to send a request | {BoundedProtocol.seconds:g} s |" in TEXT
