"""Container file, units and the page on deployment agree with the program: they are read here, not run on a host."""

from __future__ import annotations

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import click
import pytest

from integgraph.build import Built
from integgraph.cli import main
from integgraph.release import current_id, list_releases
from integgraph.settings import PREFIX, Settings
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deploy.md"
PROGRAM = "/opt/integgraph/bin/integgraph"
SETTINGS = {PREFIX + each.name.upper() for each in fields(Settings)}


def understood(words: Sequence[str]) -> click.Context:
    """What the command line makes of the words, without doing it; a wrong name or option is an error."""
    command: click.Command = main
    name, rest = "integgraph", list(words)
    while isinstance(command, click.Group):
        name, *rest = rest
        assert name in command.commands, f"there is no command '{name}' in: integgraph {' '.join(words)}"
        command = command.commands[name]
    return command.make_context(name, rest)


# -- the container file


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def last(word: str) -> str:
    return [rest for each, rest in instructions() if each == word][-1]


def copied() -> list[str]:
    """What is copied from the checkout."""
    copies = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    return [source for copy in copies if not copy[0].startswith("--from=") for source in copy[:-1]]


def test_only_known_instructions_and_named_images() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "VOLUME", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions()} <= known
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(set(images)) == 1 and re.fullmatch(r"python:3\.\d+-slim-\w+", images[0])


def test_what_is_copied_exists_and_is_the_program_alone() -> None:
    assert copied() and all((ROOT / source).exists() for source in copied())
    assert not {"data", "tests", "."} & set(copied())
    stages = {rest.split()[-1] for word, rest in instructions() if word == "FROM" and " AS " in rest}
    named = {rest.split()[0] for word, rest in instructions() if word == "COPY" and rest.startswith("--from=")}
    assert named == {f"--from={stage}" for stage in stages}


def test_what_is_copied_makes_a_whole_wheel(tmp_path: Path) -> None:
    for source in copied():
        target = tmp_path / "src" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    done = subprocess.run([*command, str(tmp_path / "src")], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert {"integgraph/cli.py", "integgraph/ontology_files/shapes.ttl"} <= set(names)


def test_packages_are_held_to_their_hashes() -> None:
    runs = " && ".join(rest for word, rest in instructions() if word == "RUN")
    steps = [step for step in re.split(r"\s*&&\s*", runs) if re.search(r"\bpip (install|download|wheel)\b", step)]
    assert len(steps) >= 3
    assert all("--require-hashes" in step or "--no-index" in step for step in steps)
    assert "integgraph[serve]" in runs


def test_the_container_runs_as_nobody_in_particular() -> None:
    words = [word for word, _ in instructions()]
    assert re.fullmatch(r"([1-9]\d{3,}):\1", last("USER"))
    assert words.index("USER") > max(place for place, word in enumerate(words) if word in ("RUN", "COPY"))
    user = last("USER").split(":")[0]
    assert any(word == "RUN" and f"--uid {user}" in rest for word, rest in instructions())


def test_the_container_starts_a_command_that_exists() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["integgraph"]
    context = understood(json.loads(last("CMD")))
    assert context.info_name == "serve" and context.params["host"] == "0.0.0.0"  # noqa: S104
    assert last("EXPOSE") == str(context.params["port"])
    assert f":{context.params['port']}/health" in last("HEALTHCHECK")


def test_the_container_sets_settings_that_exist() -> None:
    names = dict(part.split("=", 1) for part in shlex.split(last("ENV")))
    given = {name for name in names if name.startswith(PREFIX)}
    assert given and given <= SETTINGS
    assert last("VOLUME") == names["INTEGGRAPH_OUT"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_the_health_check_tells_well_from_unwell(status: int | None, healthy: bool) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if status and self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    port = server.server_port
    if status is None:
        server.shutdown()
        server.server_close()
    try:
        command = json.loads(last("HEALTHCHECK").partition("CMD ")[2].replace(":8010", f":{port}"))
        done = subprocess.run([sys.executable, *command[1:]], capture_output=True, timeout=60)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert command[0] == "python" and (done.returncode == 0) is healthy


# -- the units

UNITS = sorted(DEPLOY.iterdir())


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Section → key → values in their order."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in (DEPLOY / name).read_text("utf-8").splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = sections.setdefault(heading[1], {})
            continue
        key, equals, value = line.partition("=")
        assert equals and re.fullmatch(r"[A-Za-z]+", key), f"{name}: {line}"
        section.setdefault(key, []).append(value)
    return sections


def test_the_units_are_those_of_the_two_hosts() -> None:
    assert [file.name for file in UNITS] == [
        "integgraph-build.service",
        "integgraph-build.timer",
        "integgraph-serve.service",
    ]
    assert all(unit(file.name)["Unit"]["Description"] for file in UNITS)
    timer = unit("integgraph-build.timer")
    assert timer["Timer"]["OnCalendar"] and timer["Install"]["WantedBy"] == ["timers.target"]
    assert unit("integgraph-serve.service")["Install"]["WantedBy"] == ["multi-user.target"]
    assert "Install" not in unit("integgraph-build.service"), "the timer starts it"


@pytest.mark.parametrize("name", ["integgraph-build.service", "integgraph-serve.service"])
def test_units_start_commands_that_exist(name: str) -> None:
    service = unit(name)["Service"]
    for line in [*service["ExecStart"], *service.get("ExecStartPost", [])]:
        program, *arguments = shlex.split(line)
        assert program == PROGRAM
        understood(arguments)


@pytest.mark.parametrize("name", ["integgraph-build.service", "integgraph-serve.service"])
def test_services_are_shut_in(name: str) -> None:
    service = unit(name)["Service"]
    switched_on = ["NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelTunables"]
    switched_on += ["ProtectKernelModules", "ProtectControlGroups", "RestrictSUIDSGID", "RestrictNamespaces"]
    switched_on += ["LockPersonality", "MemoryDenyWriteExecute"]
    assert all(service[key] == ["yes"] for key in switched_on)
    assert service["ProtectSystem"] == ["strict"] and service["CapabilityBoundingSet"] == [""]
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged"], "workers need @resources for setrlimit"
    assert service["MemoryMax"]


def test_the_serving_host_writes_nowhere_and_the_build_host_only_releases() -> None:
    serve, build = (unit(f"integgraph-{name}.service")["Service"] for name in ("serve", "build"))
    assert serve["DynamicUser"] == ["yes"] and not any(key.endswith("Directory") for key in serve)
    assert "ReadWritePaths" not in serve and "/srv/integgraph" in serve["ReadOnlyPaths"]
    assert "--host 127.0.0.1" in serve["ExecStart"][0]
    assert serve["IPAddressDeny"] == ["any"] and serve["IPAddressAllow"] == ["localhost"]
    assert build["ReadWritePaths"] == ["/srv/integgraph"] and build["ReadOnlyPaths"] == ["/srv/integgraph-data"]
    assert build["User"] == ["integgraph"] and build["PrivateNetwork"] == ["yes"] and build["UMask"] == ["0022"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this host has no systemd-analyze")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for file in UNITS:  # the program need not be installed here
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace(PROGRAM, shutil.which("true") or "/bin/true"))
    files = [f"./{file.name}" for file in UNITS]
    command = ["systemd-analyze", "verify", "--man=no", *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "integgraph" in line]
    assert not said and done.returncode == 0, done.stderr


# -- the page


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def commands() -> Iterator[list[str]]:
    """The words after integgraph in every line of the page that calls it, here or in a container."""
    lines = "\n".join(blocks()).replace("\\\n", " ").splitlines()
    for line in lines:
        words = shlex.split(line.replace("$ID", "20261123T120000Z-1a2b3c4d"))
        words = words[1:] if words[:1] == ["sudo"] else words
        if words[:1] == ["integgraph"]:
            yield words[1:]
        if "run" in words and "podman" in words and "integgraph" in words[words.index("run") :]:
            yield words[len(words) - words[::-1].index("integgraph") :] or json.loads(last("CMD"))


def test_every_command_of_the_page_exists_with_its_options() -> None:
    found = list(commands())
    assert len(found) >= 7
    for arguments in found:
        understood(arguments)
    releases = main.commands["release"]
    assert isinstance(releases, click.Group)
    assert set(re.findall(r"`integgraph release (\w+)`", PAGE.read_text("utf-8"))) <= set(releases.commands)


def test_every_file_and_path_of_the_page_is_that_of_the_units() -> None:
    text = PAGE.read_text("utf-8")
    for file in re.findall(r"\bdeploy/(integgraph-[\w.-]+)", text):
        assert (DEPLOY / file).is_file(), file
    assert {file.name for file in UNITS} == set(re.findall(r"\bdeploy/(integgraph-[\w.-]+)", text))
    units = "".join(file.read_text("utf-8") for file in UNITS)
    assert set(re.findall(r"/srv/integgraph[\w-]*", text)) == set(re.findall(r"/srv/integgraph[\w-]*", units))
    assert "/etc/integgraph.env" in text and "/etc/integgraph.env" in units


def test_a_release_moves_as_the_page_says(golden: Built, tmp_path: Path) -> None:
    block = next(block for block in blocks() if "rsync" in block)
    source, serving, tools = tmp_path / "build-host", tmp_path / "serving", tmp_path / "tools"
    shutil.copytree(golden.release.path.parents[1], source, symlinks=True)
    (serving / "releases").mkdir(parents=True)
    tools.mkdir()
    # What stands for the network and the running service; integgraph, sync and mv are the real ones.
    _tool(tools / "rsync", 'mkdir -p "${@: -1}" && cp -a "${@: -2:1}." "${@: -1}" && rm -f "${@: -1}ledger.sqlite"')
    _tool(tools / "sudo", 'echo "$@"')
    _tool(tools / "curl", "true")
    _tool(tools / "integgraph", f'exec {shlex.quote(sys.executable)} -m integgraph.cli "$@"')
    script = re.sub(r"^ID=.*$", f"ID={golden.release.id}", block, flags=re.MULTILINE)
    script = script.replace("build-host:/srv/integgraph", str(source)).replace("/srv/integgraph", str(serving))
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}

    def run(text: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-euc", text]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    done = run(script)
    assert done.returncode == 0, done.stderr
    assert "systemctl restart integgraph-serve" in done.stdout
    assert current_id(serving) == golden.release.id
    assert [each.content_hash for each in list_releases(serving)] == [golden.release.content_hash]

    # A damaged copy stops before anything is switched.
    shutil.rmtree(serving)
    (serving / "releases").mkdir(parents=True)
    dump = source / "releases" / golden.release.id / "dump.nq"
    dump.write_bytes(dump.read_bytes().replace(b"Alpha", b"Alpho", 1))
    done = run(script)
    assert done.returncode != 0 and "dump.nq" in done.stdout + done.stderr
    assert current_id(serving) is None


def _tool(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/bash\n{text}\n")
    file.chmod(0o755)
