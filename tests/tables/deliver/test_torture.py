"""Politeness and circuits under torture: however often the machine dies, the same is told, held and remembered."""

from __future__ import annotations

import random
from typing import Any

import pytest

from streams.codes import CancelReason
from streams.documents import registry
from streams.messages.attempt import Attempt
from streams.messages.notification import Cancel, Hurry
from streams.topics import NOTIFY
from tables.deliver.circuit import state
from tables.deliver.machine import Deliver
from tables.world import Answer, World
from tests.tables.deliver.harness import START, notification
from tests.tables.torture import Log, faults, plain

DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "phone", "channel": "ntfy", "topic": "x", "pages": 1, "pages_within": "1m"}),
    ("endpoint", {"name": "desk", "channel": "ntfy", "topic": "y", "pages": 2, "pages_within": "2m"}),
    ("endpoint", {"name": "hook", "channel": "webhook", "url": "sealed:x"}),
    ("person", {"name": "ben", "quiet_hours": "00:01-00:02", "contact": [{"endpoint": "phone"}]}),
    ("person", {"name": "anna", "quiet_hours": "00:02-00:03", "contact": [
        {"endpoint": "desk", "delay": "7s", "quiet_for": "critical"}, {"endpoint": "hook", "delay": "3s"}]}),
]  # fmt: skip
TO = [f"endpoint/platform/{name}" for name in ("phone", "desk", "hook")]
PURPOSES = ["firing", "firing", "escalated", "reminder", "resolved", "test"]


def lived(seed: int) -> Log:
    """What deliver reads in six minutes in which two endpoints fail for a while, documents change and people answer."""
    rnd = random.Random(seed)
    failing: set[str] = set()

    def receive(attempt: Attempt) -> Answer | None:
        if attempt.notification.to in failing:
            return rnd.choice([Answer("retry", "busy"), None])
        return Answer(rnd.choice(["delivered"] * 6 + ["retry", "rejected"]))  # type: ignore[arg-type]

    world = World([registry.read(kind, body) for kind, body in DOCUMENTS], START, receive)
    for second in range(1, 300):
        at = START + 1_000 * second
        failing = set(TO[1:]) if 30 < second < 200 else set()
        for _ in range(rnd.choice([0, 0, 0, 1, 4])):
            to, group = rnd.choice(TO), f"t/{rnd.randrange(6)}"
            severity = rnd.choice(["critical", "warning"])
            fields: dict[str, Any] = {
                "what": rnd.choice(PURPOSES),
                "severity": severity,
                "group": group,
                "to": to,
            }
            known = notification(f"n{rnd.randrange(300)}", at=at, deadline=at + 120_000, **fields)
            world.tell(at, NOTIFY, to, known)
            if rnd.random() < 0.3:
                cancel = Cancel(
                    id=f"c{second}",
                    at=at,
                    to=to,
                    group=group,
                    reason_code=CancelReason.ACKNOWLEDGED,
                    reason="anna",
                )
                world.tell(at + rnd.randrange(9_000), NOTIFY, to, cancel)
        if second % 7 == 0:
            to = TO[second % 2]
            hurry = Hurry(id=f"h{second}", at=at, to=to, group=f"t/{second % 6}", reason="so")
            world.tell(at + 900, NOTIFY, to, hurry)
        if rnd.random() < 0.03:
            kind, body = rnd.choice(DOCUMENTS)
            read = registry.read(kind, body).body() if rnd.random() < 0.7 else None
            world.configure("platform", kind, str(body["name"]), second + 1, read)
        world.advance(at + 999)
    world.advance(START + 400_000)
    return [(stamp, raw) for stamp, topic, _, raw in world.log if topic == NOTIFY]


@pytest.mark.parametrize("seed", range(3))
def test_politeness_survives_every_crash(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds, bundles and circuits go on as if nothing had happened; and all of them occur."""
    monkeypatch.setattr(state, "SPAN", 60_000)  # the life is one of minutes
    log = lived(seed)
    undisturbed = out, rows = plain(Deliver, log)
    said = b"".join(output.raw for output in out)
    for word in (b'"held"', b'"bundle"', b'"throttled"', b'"quiet_hours"', b'"delayed"', b'"circuit_open"'):
        assert word in said
    assert any(key.startswith("recipient/") for key in rows)
    assert faults(Deliver, log, seed, undisturbed=undisturbed) == []
