"""The whole way of a confirmation in the World: an address counts for nothing, a code arrives, and then it counts."""

from __future__ import annotations

from typing import Any

from streams.documents import registry
from streams.messages.command import Action, Command, ConfirmContact, Principal, PutDocument, SendCode
from streams.telemetry.samples import frame
from streams.topics import INBOX, TELEMETRY
from tables.world import World

START = 1_781_506_800_000  # Mon 2026-06-15 07:00 UTC
MINUTE = 60_000
ADMIN, BEN = Principal(name="ada", admin=True), Principal(name="ben@corp")
PERSON = {"name": "ben", "login": "ben@corp", "email": "sealed:x", "contact": [{"channel": "email"}]}
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("rule", {"name": "high", "last": "cpu", "above": {"critical": "5"}, "for": "0s", "keep_firing_for": "0s"}),
    ("endpoint", {"name": "email", "channel": "email", "to": "x@example.com", "sender": "t@example.com",
                  "server": "smtp.example.com"}),
    ("endpoint", {"name": "boss", "channel": "log"}),
    ("policy", {"name": "p", "steps": [{"notify": "user/ben"}], "last_resort": "endpoint/boss"}),
    ("route", {"name": "all", "to": "policy/p", "group_wait": "0s"}),
]  # fmt: skip


class Days:
    """A world in which the same rule fires for some minutes whenever it is asked to."""

    def __init__(self) -> None:
        """Ben's document is put by a command, as all documents are."""
        self.world = World([registry.read(kind, body) for kind, body in DOCUMENTS], START)
        self.count = 0
        self.ask(PutDocument(type="person", name="ben", body=PERSON), ADMIN)

    def ask(self, action: Action, by: Principal = BEN) -> None:
        """Somebody wants something, and three seconds pass."""
        self.count += 1
        command = Command(id=f"c{self.count}", at=self.world.now, by=by, team="platform", action=action)  # type: ignore[arg-type]
        self.world.tell(self.world.now, INBOX, "platform", command)
        self.world.advance(self.world.now + 3_000)

    def fire(self) -> list[dict[str, Any]]:
        """It fires for two minutes and is over for two; what was told, and what was not."""
        start, before = self.world.now, len(self.world.timeline)
        for at in range(start, start + 4 * MINUTE, 10_000):
            value = 9.0 if at < start + 2 * MINUTE else 1.0
            for raw in frame("gw", "s", at, ["cpu"], [value]):
                self.world.say(at, TELEMETRY, "gw", raw)
        self.world.advance(start + 4 * MINUTE)
        return self.world.timeline[before:]


def called(entries: list[dict[str, Any]], what: str) -> list[str]:
    """Who is told that, in this time."""
    return [entry["to"] for entry in entries if entry["subject"] == "call" and entry["what"] == what]


def test_an_address_counts_once_a_code_has_come_back() -> None:
    """Until then whoever is responsible and the last resort hear of it; afterwards the person, by that very address."""
    days = Days()
    first = days.fire()
    assert called(first, "firing") == ["endpoint/platform/log", "endpoint/platform/boss"]
    assert "not_confirmed" in [entry.get("reason_code") for entry in first]
    days.ask(SendCode(person="ben", method="email", code="sealed:code", proof="right"))
    assert called(days.world.timeline, "code") == ["person/platform/ben/email"]
    assert "sealed:code" not in str(days.world.timeline)
    days.ask(ConfirmContact(person="ben", method="email", proof="wrong"))
    days.ask(ConfirmContact(person="ben", method="email", proof="right"))
    assert called(days.fire(), "firing") == ["person/platform/ben/email"]
