"""A storm during which stages get more partitions: `python -m tests.tables.repartition.storm [ALERTS]`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any, NamedTuple

from streams.calendar.instant import rfc3339
from streams.documents import registry
from streams.messages.command import Acknowledge, Command, Principal, Snooze
from streams.messages.verdict import Verdicts
from streams.topics import INBOX
from tables.world import World
from tests.tables.repartition.grown import Grown, words
from tests.tables.respond.harness import START, verdict

TEAMS, TOGETHER = 40, 20  # verdicts in one message
SEVERITIES = ("critical", "warning", "info")
GROWS = {START + 130_000: 4, START + 200_000: 12}
END = 1_200_000  # ms
BY = Principal(name="anna", admin=True)


class Compared(NamedTuple):
    """What a storm came to. `differences`: lines that only one of the worlds tells; `open_alerts`: at the growth."""

    differences: list[str]
    calls: Counter[str]
    open_alerts: int
    largest: int
    seconds: float


def documents() -> list[Any]:
    """Each team has a policy of three steps; a quarter of them are silenced for ten minutes, soon after it began."""
    found: list[Any] = []
    for n in range(TEAMS):
        team = f"team-{n}"
        for name in ("one", "two", "three"):
            found.append(registry.read("endpoint", {"name": name, "team": team, "channel": "log"}))
        steps = [
            {"notify": "endpoint/one"},
            {"after": "3m", "notify": "endpoint/two"},
            {"after": "5m", "notify": "endpoint/three"},
        ]
        found.append(registry.read("policy", {"name": "p", "team": team, "steps": steps}))
        found.append(
            registry.read("route", {"name": "all", "team": team, "to": "policy/p", "group_wait": "100s"})
        )
        if n % 4 == 0:
            body = {
                "name": "quiet", "team": team, "covers": "rule=high", "owner": "anna", "reason": "a storm",
                "starts": rfc3339(START + 60_000), "ends": rfc3339(START + 660_000),
            }  # fmt: skip
            found.append(registry.read("silence", body))
    return found


def say(world: World, at: int, alerts: range, sequence: int, state: str) -> None:
    """All these alerts fire, or end; each team hears of its own."""
    for team in range(TEAMS):
        own = [n for n in alerts if n % TEAMS == team]
        for first in range(0, len(own), TOGETHER):
            some = [_verdict(n, at, sequence, state) for n in own[first : first + TOGETHER]]
            id = f"v/{team}/{first}/{sequence}"
            said = Verdicts(id=id, at=at, team=f"team-{team}", why_team="w", verdicts=some)
            world.tell(at, INBOX, f"team-{team}", said)


def _verdict(n: int, at: int, sequence: int, state: str) -> Any:
    gateway = f"g{n % 7}"
    return verdict(
        sequence, state, SEVERITIES[n % 3], fingerprint=f"{gateway}|rule|{n}", gateway=gateway, at=at, since=at,
        labels={"gateway": gateway, "core": f"{n}"},
    )  # fmt: skip


def answer(world: World, at: int) -> None:
    """In half of the teams somebody has one of the alerts, in another quarter one is put off for five minutes."""
    partitions: Any = world.machines["respond"]
    alerts = sorted(
        (row.value for row in partitions.scan_sorted("alert")), key=lambda alert: alert.facts.fingerprint
    )
    first = {alert.facts.team: alert for alert in reversed(alerts)}
    for team, alert in sorted(first.items()):
        number = int(team.partition("-")[2])
        known = {"alert": alert.facts.fingerprint, "alert_id": alert.occurrence.id}
        action: Any = Acknowledge(**known) if number % 2 else Snooze(until=at + 300_000, **known)
        if number % 4:
            world.tell(at, INBOX, team, Command(id=f"c/{team}", at=at, team=team, by=BY, action=action))


def play(world: World, alerts: int) -> int:
    """A storm of so many alerts; how many were open when the stages got their last partitions."""
    say(world, START + 2_000, range(alerts), 2, "firing")
    world.advance(START + 90_000)
    answer(world, world.now)
    world.advance(START + 201_000)
    partitions: Any = world.machines["respond"]
    count = sum(bool(row.value.open) for row in partitions.scan_sorted("alert"))
    say(world, START + 400_000, range(0, alerts, 5), 3, "ok")
    say(world, START + 500_000, range(1, alerts, 50), 3, "firing")
    world.advance(START + END)
    return count


def compare(alerts: int) -> Compared:
    """The same storm in a world that is left alone, and in one whose stages get 4 partitions and then 12."""
    began = time.monotonic()
    alone, grown = World(documents(), START), Grown(documents(), START, grows=GROWS)
    count = play(alone, alerts)
    assert play(grown, alerts) == count
    both = Counter(words(alone.timeline)), Counter(words(grown.timeline))
    differences = sorted([*(both[0] - both[1]).elements(), *(both[1] - both[0]).elements()])
    calls = Counter(f"{line['what']}" for line in grown.timeline if line["subject"] == "call")
    sizes = [len(machine.rows) for machine in grown.partitions["respond"].machines]
    return Compared(differences, calls, count, max(sizes), time.monotonic() - began)


if __name__ == "__main__":
    print(compare(int(sys.argv[1]) if sys.argv[1:] else 10_000))  # noqa: T201 a verb
