"""A person's address is told by an endpoint that sends by that channel, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.document import Owned
from tables.deliver.machine import Deliver
from tables.world import World
from tests.tables.respond.harness import START

MAIL = {"channel": "email", "to": "x@example.com", "sender": "t@example.com", "server": "smtp.example.com"}


def endpoint(name: str, team: str = "platform", **more: Any) -> Owned:
    """An endpoint that sends mail, unless it is said otherwise."""
    return registry.read("endpoint", {"name": name, "team": team, **(more or MAIL)})


def person(**contact: Any) -> Owned:
    """Anna of team t."""
    ways = [{"channel": "email", "confirmed": True} | contact]
    return registry.read("person", {"name": "anna", "team": "t", "email": "sealed:anna", "contact": ways})


def recipient(to: str, *documents: Owned) -> tuple[str, str] | None:
    """The name of the endpoint that is called and its recipient; None where there is none."""
    world = World(documents, START)
    world.advance(START + 1_500)
    machine = world.machines["deliver"]
    assert isinstance(machine, Deliver)
    found = machine.ctx.endpoint(to)
    return None if found is None else (found.name, found.body()["to"])


def test_the_recipient_is_replaced_and_stays_sealed() -> None:
    """The own team's endpoint comes before the platform's."""
    to = "person/t/anna/email"
    assert recipient(to, person(), endpoint("email")) == ("email", "sealed:anna")
    assert recipient(to, person(through="own"), endpoint("email"), endpoint("own", "t")) == (
        "own",
        "sealed:anna",
    )


@pytest.mark.parametrize(
    ("to", "documents"),
    [
        ("person/t/ben/email", [person(), endpoint("email")]),
        ("person/t/anna/sms", [person(), endpoint("email")]),
        ("person/t/anna", [person(), endpoint("email")]),
        ("person/t/anna/email", [person()]),
        ("person/t/anna/email", [person(confirmed=False), endpoint("email")]),
        ("person/t/anna/email", [person(), endpoint("email", channel="log")]),
    ],
)
def test_nothing_else_is_called(to: str, documents: list[Owned]) -> None:
    """Where the person, the way or the endpoint is gone, or is of another channel: nobody else gets the message."""
    assert recipient(to, *documents) is None
