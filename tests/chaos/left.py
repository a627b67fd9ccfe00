"""What a run without any disruption leaves, made in memory: the ground on which the judges themselves are tried."""

from __future__ import annotations

from functools import cache

import orjson

from sinks.channels.payload import payload
from sinks.channels.webhook.standard_webhooks import header_id
from streams.documents import registry
from streams.messages.attempt import Attempt
from streams.messages.command import Acknowledge, Command, Principal
from streams.telemetry import samples
from streams.topics import INBOX, STAGES, TELEMETRY, TOPICS, changelog, send
from tables.kernel.machine import FENCE, HEAD_KEY
from tables.respond.alert.lifecycle import Status
from tables.respond.levels import ALERT
from tables.world import World
from tests.chaos.gateway import NAME
from tests.chaos.ground import Record
from tests.chaos.people import Asked
from tests.chaos.receiver import Call
from tests.chaos.verdict import world_rows

START, SECONDS = 1_764_547_200_000, 200
CONFIGURED = (
    ("endpoint", {"name": "hook", "url": "http://receiver.invalid/"}),
    ("route", {"name": "all", "to": "endpoint/hook"}),
    (
        "silence",
        {
            "name": "some",
            "covers": "rule=high, core=1",
            "starts": "2025-12-01T00:00:30Z",
            "ends": "2025-12-01T00:00:55Z",
            "owner": "anna",
            "reason": "work",
        },
    ),
    (
        "rule",
        {
            "name": "high",
            "last": "cpu",
            "above": "5",
            "for": "0s",
            "keep_firing_for": "0s",
            "severity": "critical",
        },
    ),
)
Left = dict[str, dict[int, list[Record]]]


def left() -> Left:
    """By topic and partition, as a dump has it; each time anew, so that it can be spoilt."""
    return {topic: {0: list(records)} for topic, records in _left().items()}


@cache
def _left() -> dict[str, list[Record]]:
    world = World([registry.read(*one) for one in CONFIGURED], START)
    for second in range(SECONDS):
        _second(world, second)
        world.advance(START + 1_000 * second + 999)
    world.advance(START + 1_000 * (SECONDS + 60))
    made: dict[str, list[Record]] = {topic.name: [] for topic in TOPICS}
    for stamp, topic, key, raw in world.log:
        made[topic].append(Record(len(made[topic]), key.encode() or None, raw, {}, stamp))
    for stage in STAGES:
        rows = world_rows(world.machines[stage])
        head = (HEAD_KEY, rows.pop(HEAD_KEY))
        pairs = [(FENCE, b"{}"), *rows.items(), head]
        made[changelog(stage)] = [Record(n, k.encode(), raw, {}, START) for n, (k, raw) in enumerate(pairs)]
    return made


def _second(world: World, second: int) -> None:
    at = START + 1_000 * second
    idle = [f'idle{{n="{n}"}}' for n in range(2_001 if second % 10 == 0 else 1)]  # now and then of two parts
    series = ['cpu{core="0"}', 'cpu{core="1"}', *idle]
    values = [9.0 if second % 20 >= 10 else 1.0] * len(series)
    for raw in samples.frame(NAME, "s", at, series, values):
        world.say(at, TELEMETRY, NAME, raw)
    alerts = (row.value for row in world.machines["respond"].scan_sorted(ALERT.name))
    firing = [alert for alert in alerts if alert.status is Status.FIRING]
    if second % 20 == 15 and firing:
        by = Principal(name=f"person-{second}", admin=True)
        action = Acknowledge(alert=firing[0].facts.fingerprint, alert_id=firing[0].occurrence.id)
        command = Command(id=f"acknowledge-{second}", at=at, team="platform", by=by, action=action)
        world.tell(at, INBOX, "platform", command)


def heard() -> list[Call]:
    """All calls of webhooks, each made once and answered well."""
    attempts = [
        (record.stamp, Attempt.read(orjson.loads(record.value or b"")))
        for critical in (False, True)
        for record in _left()[send("webhook", critical)]
    ]
    return [
        Call(stamp / 1_000, header_id(one.notification.id), orjson.dumps(payload(one)), 204)
        for stamp, one in attempts
    ]


def asked() -> list[Asked]:
    """All commands as their authors saw them."""
    said = [orjson.loads(record.value or b"") for record in _left()[INBOX]]
    return [
        Asked(
            one["id"],
            one["by"]["name"],
            one["action"]["do"],
            one["action"].get("alert_id", ""),
            0.0,
            [200],
            "accepted",
            0.1,
        )
        for one in said
        if one["kind"] == "command"
    ]
