"""A person's address is told by an endpoint that sends by that channel, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from streams.codes import NotifyReason
from streams.documents import registry
from streams.documents.document import Owned
from streams.messages.notification import Notification
from streams.topics import NOTIFY
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


def test_a_code_goes_to_an_address_that_nobody_has_confirmed() -> None:
    """It is what confirms it; nothing else that is told goes there."""
    world = World([person(confirmed=None), endpoint("email")], START)
    world.advance(START + 1_500)
    known: dict[str, Any] = {
        "at": world.now, "to": "person/t/anna/email", "team": "t", "severity": "info", "title": "your code",
        "reason": "r", "step": 0, "count": 0, "alerts": (), "deadline": world.now + 60_000,
    }  # fmt: skip
    why = NotifyReason.CONTACT_CODE
    code = Notification(id="c", group="t/c", what="code", reason_code=why, code="sealed:x", **known)
    other = Notification(id="f", group="t/f", what="firing", reason_code=NotifyReason.FIRST_ALERT, **known)
    for notification in (code, other):
        world.tell(world.now, NOTIFY, notification.to, notification)
    world.advance(START + 5_000)
    calls = [entry["notification"] for entry in world.timeline if entry["subject"] == "call"]
    assert calls == ["c"]
    gone = [entry["reason_code"] for entry in world.timeline if entry["subject"] == "notification"]
    assert sorted(gone) == ["delivered", "endpoint_gone"]
