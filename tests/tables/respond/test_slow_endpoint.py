"""One of a step's two endpoints takes its notification late: the next step does not wait for it."""

from __future__ import annotations

from streams import timetable
from streams.messages.attempt import Attempt
from tables.scenario import Play
from tables.world import Answer

LATE = 150_000  # ms until which the slow one is busy
TABLE = {
    "documents": {
        "rules": [
            {"name": "high", "last": "cpu", "above": "5", "for": "0s", "severity": "critical", "escalation_policy": "p"}
        ],
        "endpoints": [{"name": name, "channel": "log"} for name in ("quick", "slow", "lead")],
        "policies": [
            {"name": "p", "steps": [
                {"notify": ["endpoint/quick", "endpoint/slow"]}, {"after": "6m", "notify": "endpoint/lead"},
            ]},
        ],
    },
    "at": [{"t": "0s", "until": "10m", "every": "10s", "samples": {"series": {"cpu": "9"}}}],
    "until": "10m",
}  # fmt: skip


def test_the_clock_of_a_step_runs_from_its_first_delivery() -> None:
    """Six minutes after the quick one took it, though the slow one took it minutes later."""
    play = Play(timetable.read(TABLE))

    def receive(attempt: Attempt) -> Answer:
        busy = attempt.notification.to.endswith("/slow") and play.world.now < play.table.start + LATE
        return Answer("retry", "busy") if busy else Answer()

    play.world.receive = receive
    timeline = play.run()
    taken = [
        entry["at"]
        for entry in timeline
        if entry["what"] == "delivered" and "platform/slow" in entry["reason"]
    ]
    steps = [
        entry["at"] for entry in timeline if entry["subject"] == "call" and entry["to"].endswith("/lead")
    ]
    assert LATE < taken[0] < 360_000
    assert 358_000 <= steps[0] <= 365_000
