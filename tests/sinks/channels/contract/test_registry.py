"""A channel is a folder of one shape and a line in each registry, and everything else follows from its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.kafka.acl import ROLES
from sinks.channels.registry import REGISTRY
from streams.channels.registry import CHANNELS, secret_fields
from streams.documents.document import Owned
from streams.documents.registry import KINDS
from streams.topics import TOPICS, send
from tests.sinks.channels.cases import CASES

ROOT = Path(__file__).parents[4]


def folders(room: str) -> set[str]:
    """The channels' folders in a room."""
    inside = (ROOT / room).iterdir()
    return {each.name for each in inside if (each / "channel.py").exists() or (each / "case.py").exists()}


def documents() -> set[str]:
    """The files with a channel's endpoint document."""
    shared = {"__init__", "registry"}
    return {file.stem for file in (ROOT / "streams/channels").glob("*.py")} - shared


def test_one_folder_and_one_line_each() -> None:
    """Documents, senders and cases of the contract are the same set of names, each in its own file or folder."""
    assert list(CHANNELS) == list(REGISTRY) == list(dict.fromkeys(name.split()[0] for name in CASES))
    assert set(CHANNELS) == folders("sinks/channels") == folders("tests/sinks/channels") == documents()


def test_the_rest_follows_from_the_name() -> None:
    """Topics, permissions and the schema of endpoints know each channel without a line of their own."""
    topics = {topic.name for topic in TOPICS}
    assert {send(name, critical) for name in CHANNELS for critical in (False, True)} <= topics
    assert {f"sink-{name}" for name in CHANNELS} <= set(ROLES)
    assert KINDS["endpoint"].model_json_schema()["properties"]["channel"]["enum"] == list(CHANNELS)


@pytest.mark.parametrize("name", list(CHANNELS))
def test_what_grants_access_is_sealed(name: str) -> None:
    """A field whose name sounds like a secret is marked as one."""
    words = ("secret", "token", "password", "key", "url")
    own = set(CHANNELS[name].model_fields) - set(Owned.model_fields)
    open_fields = own - set(secret_fields({"channel": name}))
    assert [
        field for field in open_fields if field != "api_url" and any(word in field for word in words)
    ] == []


def test_a_channel_loads_no_sql() -> None:
    """What runs a channel loads nothing of the read model, which takes half as long again to load."""
    told = "import sys, sinks.__main__; print({'sqlalchemy', 'sinks.history', 'sinks.serve'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "{'sinks.serve'}\n"
