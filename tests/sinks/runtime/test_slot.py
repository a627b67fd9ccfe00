"""One slot, one sink."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from sinks.runtime.slot import held, refuse_succeeded
from streams.errors import Misconfigured
from streams.settings import Settings

TAKEN = "slot 0 is taken: give each its own TOCSIN_SLOT (sink-webhook; the other is "
UUID = "4f6d1b4e-5c0e-4d0a-9f0e-0123456789ab"


def test_taken(tmp_path: Path) -> None:
    """A second sink of a slot is told what to change; one of another slot or group is not refused; it is free again."""
    settings = Settings(data=str(tmp_path))
    with held(["sink-webhook", "sink-log"], settings):
        with pytest.raises(Misconfigured, match=re.escape(TAKEN)), held(["sink-webhook"], settings):
            pass
        with held(["sink-email"], settings), held(["sink-log"], Settings(data=str(tmp_path), slot="1")):
            pass
    with held(["sink-webhook"], settings):
        pass


def test_members_without_names(tmp_path: Path) -> None:
    """Where members are not static, any number of sinks may have the same slot."""
    settings = Settings(data=str(tmp_path), static_membership=False)
    with held(["sink-log"], settings), held(["sink-log"], settings):
        pass


class Group:
    """An admin client that describes one group."""

    def __init__(self, *members: str) -> None:
        self._members = [(id, "client", "/10.0.0.7", b"", b"") for id in members]

    async def describe_consumer_groups(self, groups: list[str]) -> list[Any]:
        """The group as Kafka describes it."""
        answer = type(
            "Answer", (), {"groups": [(0, groups[0], "Stable", "consumer", "range", self._members)]}
        )
        return [answer]


async def succeeded(*members: str, static: bool = True) -> None:
    """Ask whether one of these has the name of the sink that was `sink-webhook-0-old`."""
    settings = Settings(static_membership=static)
    await refuse_succeeded("sink-webhook", settings, "", cast(AIOKafkaAdminClient, Group(*members)))


async def test_another_has_the_name() -> None:
    """Who has lost its name to another member ends; where nobody has it, or names mean nothing, it goes on."""
    with pytest.raises(Misconfigured, match=re.escape(f"{TAKEN}a sink on 10.0.0.7")):
        await succeeded(f"sink-webhook-1-{UUID}", f"sink-webhook-0-{UUID}")
    await succeeded(f"sink-webhook-1-{UUID}", f"sink-webhook-00-{UUID}")
    await succeeded(f"sink-webhook-0-{UUID}", static=False)
