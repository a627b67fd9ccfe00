"""A world in which two rules have fired, and the read model of it."""

from __future__ import annotations

from typing import Any

from streams.documents import registry
from streams.messages.change import Change
from streams.messages.envelope import decode
from streams.telemetry.samples import frame
from streams.topics import CHANGES, TELEMETRY
from tables.world import World
from tests.api.conftest import NOW, History

MINUTE = 60_000
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("endpoints", {"name": "anna-phone", "channel": "log"}),
    ("endpoints", {"name": "ben-phone", "channel": "log"}),
    ("endpoints", {"name": "sms", "channel": "log"}),
    ("rules", {"name": "high", "last": "cpu", "above": {"critical": "5"}, "for": "0s"}),
    ("rules", {"name": "low", "last": "mem", "above": {"critical": "5"}, "for": "0s"}),
    ("people", {"name": "anna", "full_name": "Anna", "contact": [{"endpoint": "anna-phone"}]}),
    ("people", {"name": "ben", "full_name": "Ben", "phone": "+4915112345",
                "contact": [{"endpoint": "ben-phone"}, {"channel": "sms"}]}),
    ("schedules", {"name": "duty", "time_zone": "UTC", "starts": "2025-11-03", "people": ["ben"]}),
    ("policies", {"name": "p", "repeat": 1, "steps": [
        {"notify": "user/anna"}, {"after": "2m", "notify": "schedule/duty"}, {"after": "5m", "notify": "user/anna"}]}),
    ("routes", {"name": "all", "to": "policy/p", "group_wait": "0s"}),
    ("silences", {"name": "known", "covers": "rule=low", "ends": "2025-12-25T00:00:00Z", "owner": "a", "reason": "x"}),
]  # fmt: skip


class Played:
    """A world in which two rules have fired four minutes ago, and the read model of it."""

    def __init__(self, history: History, changed: dict[str, dict[str, Any]] | None = None) -> None:
        """`history`: where its changes are written; `changed`: fields of documents, by their names."""
        self.documents = [
            (section, body | (changed or {}).get(body["name"], {})) for section, body in DOCUMENTS
        ]
        documents = [registry.read(registry.SECTIONS[section], body) for section, body in self.documents]
        self.history, self.world, self.written = history, World(documents, NOW - 5 * MINUTE), 0
        for at in range(NOW - 4 * MINUTE, NOW + 5 * MINUTE, 10_000):
            for raw in frame("gw", "s", at, ["cpu", "mem"], [9.0, 9.0]):
                self.world.say(at, TELEMETRY, "gw", raw)

    def until(self, at: int) -> None:
        """Let time pass, and write what has changed."""
        self.world.advance(at)
        changes = [raw for _, topic, _, raw in self.world.log if topic == CHANGES]
        for raw in changes[self.written :]:
            self.history.write(Change.read(decode(raw)))
        self.written = len(changes)

    def alert(self, rule: str) -> str:
        """The id of the alert of a rule."""
        rows = self.world.machines["respond"].scan_sorted("alert")
        return next(str(row.value.occurrence.id) for row in rows if row.value.facts.rule == rule)
