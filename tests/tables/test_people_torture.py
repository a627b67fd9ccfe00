"""Shifts and codes under torture: whatever is cut off and played again, the same is told and remembered."""

from __future__ import annotations

from typing import Any

import pytest

from streams.calendar.instant import rfc3339
from streams.documents import registry
from streams.messages.command import (
    Action,
    Command,
    ConfirmContact,
    EditContact,
    Principal,
    PutDocument,
    SendCode,
)
from streams.topics import INBOX
from tables.respond.machine import Respond
from tables.world import World
from tests.tables.torture import Log, faults, plain

START = 1_764_547_200_000  # 2025-12-01 00:00 UTC
ADMIN = Principal(name="ada", admin=True)
HOOK = {"name": "hook", "channel": "webhook", "url": "sealed:x"}
BEN = {
    "name": "ben",
    "login": "ada",
    "phone": "sealed:y",
    "contact": [{"endpoint": "hook", "confirmed": False}],
}
ANNA = {"name": "anna", "contact": [{"endpoint": "hook"}]}
DUTY = {
    "name": "duty", "time_zone": "UTC", "starts": "2025-11-01", "people": ["anna"], "hand_off_notice": True,
}  # fmt: skip


def lived() -> Log:
    """What respond reads in a minute in which overrides come and go, and codes are sent and come back."""
    world, count = World([registry.read("endpoint", HOOK)], START), 0

    def ask(after: int, action: Action) -> None:
        nonlocal count
        count, at = count + 1, START + after
        command = Command(id=f"c{count}", at=at, by=ADMIN, team="platform", action=action)  # type: ignore[arg-type]
        world.tell(at, INBOX, "platform", command)

    def put(after: int, kind: str, body: dict[str, Any]) -> None:
        ask(after, PutDocument(type=kind, name=str(body["name"]), body=body))

    for kind, body in (("person", BEN), ("person", ANNA), ("schedule", DUTY)):
        put(2_000, kind, body)
    for n, begins in enumerate(range(5_000, 50_000, 12_000)):
        span = {"starts": rfc3339(START + begins), "ends": rfc3339(START + begins + 6_000)}
        put(begins - 2_000, "override", {"name": f"o{n}", "schedule": "duty", "person": "ben", **span})
    for after, proof in ((8_000, "p"), (20_000, "q")):
        ask(after, SendCode(person="ben", method="hook", code="sealed:c", proof=proof))
    for after, proof in ((9_000, "x"), (10_000, "p"), (21_000, "y"), (22_000, "q"), (23_000, "q")):
        ask(after, ConfirmContact(person="ben", method="hook", proof=proof))
    ask(30_000, EditContact(person="ben", fields={"phone": "sealed:z"}, revision=3))
    world.advance(START + 60_000)
    return [(stamp, raw) for stamp, topic, _, raw in world.log if topic == INBOX]


@pytest.mark.parametrize("seed", range(4))
def test_shifts_and_codes_survive_every_crash(seed: int) -> None:
    """Hand-offs are told and codes are counted as if nothing had happened."""
    log = lived()
    undisturbed = out, rows = plain(Respond, log)
    notices = [output.raw for output in out if b'"kind":"notification"' in output.raw]
    assert (
        sum(b'"hand_off"' in raw for raw in notices) == 7
    )  # ben once less: at first no way to him is confirmed
    assert b'"confirmations":{"endpoint/hook"' in rows["document/platform/person/ben"]
    assert faults(Respond, log, seed, undisturbed=undisturbed) == []
