"""The permissions cover what each process does, and give no more than that."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agents.clients.manifest import NEEDS
from deploy.kafka.acl import ROLES, commands
from streams.topics import MANIFEST, STAGES, TOPICS, changelog


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_may_use_all_that_it_needs(stage: str) -> None:
    """Every topic without which it does not start is there, and its rows are nobody else's to write."""
    role = ROLES[stage]
    assert set(NEEDS[stage]) <= {*role.reads, *role.writes}
    assert {STAGES[stage], changelog(stage), MANIFEST} <= set(role.reads)
    assert [name for name, one in ROLES.items() if changelog(stage) in one.writes] == [stage]


def test_outsiders_may_say_samples_only() -> None:
    """A producer writes telemetry and reads nothing."""
    assert (ROLES["producer"].reads, ROLES["producer"].writes) == ((), ("telemetry",))


def test_commands() -> None:
    """Each line is a whole command; every topic that it names is one of ours."""
    lines = [
        line.split() for line in commands("kafka:9092", "User-", "admin.conf") if not line.startswith("#")
    ]
    assert all(
        line[:5] == ["kafka-acls.sh", "--bootstrap-server", "kafka:9092", "--command-config", "admin.conf"]
        for line in lines
    )
    named = {name for line in lines for word, name in pairwise(line) if word == "--topic"}
    assert named == {topic.name for topic in TOPICS}
