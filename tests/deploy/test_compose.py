"""The cluster files name only what there is; they cannot be run where there is no Docker, but they can be read."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.embedded.jar import kafka_version, pinned
from deploy.embedded.properties import SINGLE_NODE
from streams.keys import system
from streams.settings import Settings

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "tocsin"}


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_a_module_of_the_repository(name: str) -> None:
    """A service runs `python -m ROOM WORD`, and the room can be run."""
    python, flag, room, *_ = OURS[name]["command"].split()
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


@pytest.mark.parametrize("verb", ["setup", "broker", "keys", "topics", "catcher", "licences", "lock-jars"])
def test_the_verbs_of_this_room_explain_themselves(verb: str) -> None:
    """`python -m deploy VERB --help` works without Kafka, Java or network."""
    asked = [sys.executable, "-m", "deploy", verb, "--help"]
    assert subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout
