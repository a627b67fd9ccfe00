"""Crashes in memory: write-outs cut anywhere, late commits, replays; and the mistakes that must be found by it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from streams.documents import registry
from streams.documents.document import derived
from streams.messages.command import Acknowledge, ApplyPolicy, Command, Principal, Resolve, Snooze, Unsnooze
from streams.signature import Signer
from streams.topics import INBOX, STAGES, TELEMETRY
from tables.kernel.configuration import Configured
from tables.kernel.level import level_name
from tables.kernel.output import Output
from tables.world import KEY, Answer, World
from tests.tables import traffic

Log = list[tuple[int, bytes]]
Rows = dict[str, bytes]
START = 1_764_547_200_000
ANSWERS: list[type[Acknowledge | Resolve]] = [Acknowledge, Acknowledge, Resolve]
RULES: dict[str, dict[str, Any]] = {
    "high": {
        "last": "cpu",
        "above": {"warning": 5, "critical": 8},
        "for": "3s",
        "keep_firing_for": "2s",
        "missing": "alert",
    },
    "busy": {"avg": "cpu", "over": "10s", "above": 6, "for": "0s", "keep_firing_for": "0s"},
    "errors": {
        "ratio": 'calls{r="e"} / calls',
        "by": ["tool"],
        "over": "10s",
        "above": {"warning": 0.1, "critical": 0.5},
        "for": "1s",
        "missing": "alert",
    },
    "quick": {"rate": "calls", "over": "5s", "above": 3, "for": "2s", "escalation_policy": "two"},
    "gone": {
        "unreachable": "upstream",
        "for": "2s",
        "missing": "resolve",
        "missed": 2,
        "severity": "critical",
    },
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "odd": {
        "anomaly": "cpu",
        "over": "2s",
        "above": {"info": 0.05, "critical": 0.5},
        "minimum_history": "5s",
        "quiet": "10s",
        "learn_while_firing": "4s",
        "for": "1s",
        "keep_firing_for": "1s",
    },
    "load": {
        "anomaly": "calls",
        "kind": "counter",
        "by": ["r"],
        "over": "1s",
        "above": 0.1,
        "minimum_history": "5s",
        "quiet": "5s",
        "learn_while_firing": "4s",
        "for": "0s",
        "missing": "alert",
    },
}
HAPPENINGS: dict[str, dict[str, Any]] = {
    "offline": {
        "event": "off*",
        "by": ["upstream"],
        "ends_with": "online",
        "for": "2s",
        "severity": "critical",
    },
    "logins": {
        "event": "login",
        "where": 'ok="false"',
        "by": ["ip"],
        "over": "10s",
        "above": {"warning": 2, "critical": 4},
        "keep_firing_for": "2s",
    },
    "flaps": {"changes": "upstream_up", "over": "20s", "at_or_above": 2, "for": "0s"},
    "uneven": {"stddev": "cpu", "over": "20s", "outside": [0.5, 3], "for": "1s"},
    "silent": {"event": ["heartbeat", "online"], "absent_for": "8s"},
    "address": {"event": "login", "by": ["ok"], "first_seen": "ip", "ends_after": "5s"},
}
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "one", "channel": "log"}),
    ("endpoint", {"name": "two", "channel": "log"}),
    (
        "policy",
        {"name": "two", "steps": [{"notify": ["endpoint/one"]}, {"after": "3s", "notify": ["endpoint/two"]}]},
    ),
    ("route", {"name": "all", "to": "endpoint/one", "when": "severity=critical"}),
    (
        "endpoint",
        {
            "name": "email",
            "channel": "email",
            "to": "x@example.com",
            "sender": "t@example.com",
            "server": "s",
        },
    ),
    (
        "person",
        {"name": "anna", "email": "a@example.com", "contact": [{"channel": "email", "confirmed": True}]},
    ),
    ("person", {"name": "ben", "contact": [{"endpoint": "two", "when": ["critical"]}]}),
    ("team", {"name": "platform", "members": ["anna", "ben"], "leads": ["anna"]}),
    (
        "schedule",
        {
            "name": "duty",
            "time_zone": "Europe/Berlin",
            "rotate": "hourly",
            "starts": "2025-11-01",
            "people": ["ben", "anna"],
            "only": "00:00-01:01",
        },
    ),
    (
        "policy",
        {
            "name": "people",
            "acknowledgements": 2,
            "override_critical": True,
            "last_resort": "team/platform",
            "steps": [{"notify": "schedule/duty"}, {"after": "4s", "notify": ["user/anna", "team/platform"]}],
        },
    ),
    ("route", {"name": "duty", "to": "policy/people", "order": 1, "continue": True, "group_by": ["rule"]}),
    (
        "route",
        {"name": "within", "within": "duty", "when": "type=threshold", "group_wait": "1s", "continue": True},
    ),
    (
        "route",
        {"name": "also", "to": "policy/two", "continue": True, "group_by": ["severity"], "group_wait": "2s"},
    ),
]

MUTES: list[tuple[str, dict[str, Any]]] = [
    ("silence", {"name": "s", "covers": 'core="1"', "ends": "2025-12-01T00:01:10Z", "owner": "a", "reason": "r"}),
    ("silence", {
        "name": "s", "covers": 'severity=~"info|warning"', "ends": "2025-12-02T00:00:00Z", "owner": "a", "reason": "r",
    }),
    ("maintenance", {
        "name": "m", "covers": "gateway=g1", "starts": "2025-12-01 00:00:25", "lasts": "20s", "time_zone": "UTC",
        "rrule": "FREQ=MINUTELY", "reason": "r",
    }),
    ("maintenance", {
        "name": "n", "covers": "everything", "starts": "2025-12-01 01:01", "lasts": "40s", "time_zone": "Europe/Berlin",
        "reason": "r",
    }),
    ("inhibition", {"name": "i", "source": "rule=gone", "target": 'rule=~"errors|quick|busy"', "equal": ["gateway"]}),
    ("inhibition", {
        "name": "j", "source": "severity=critical, rule=high", "target": "severity=warning", "equal": "rule",
    }),
]  # fmt: skip


def logs(
    seed: int,
    seconds: int = 150,
    unusual: bool = False,
    churn: bool = False,
    strangers: bool = False,
    happenings: bool = False,
    muted: bool = False,
) -> dict[str, Log]:
    """What each stage's partition holds after a random life of two gateways.

    `unusual`: with anomaly rules; `churn`: with many series that come and go, and events that come twice;
    `strangers`: with gateways that somebody invents; `happenings`: with events, and rules about them; `muted`: with
    silences, windows, inhibitions and snoozes.
    """
    rnd = random.Random(seed)
    rules = RULES | (UNUSUAL if unusual else {}) | (HAPPENINGS if happenings else {})
    known = [
        registry.read("rule", {"name": name, **body}) for name, body in rules.items() if rnd.random() < 0.7
    ]
    known += [registry.read(kind, body) for kind, body in OTHERS if rnd.random() < 0.8]
    answers: list[Answer | None] = [*[Answer()] * 4, Answer("retry", "busy"), Answer("rejected", "no"), None]
    world = World(known, START, lambda _: rnd.choice(answers))
    counts: dict[str, float] = {}
    for second in range(seconds):
        at = START + 1_000 * second
        for gateway in ("g1", "g2"):
            come = traffic.churned(seed, gateway, second) if churn else {}
            _frame(world, rnd, gateway, at, (counts, come))
        if churn:
            traffic.events(world, second, at)
        if strangers:
            traffic.strangers(world, rnd, at)
        traffic.happenings(world, rnd, at) if happenings else None
        _accident(world, rnd, at, rules)
        if muted:
            _mute(world, rnd, at)
        away = rnd.random()
        if away < 0.01:
            world.leave(rnd.choice(list(STAGES)))
        elif away < 0.05:
            world.come_back(*sorted(world.away))
        world.advance(at + 999)
    world.come_back(*sorted(world.away))
    world.advance(START + 1_000 * (seconds + 60))
    return {
        stage: [(stamp, raw) for stamp, name, _, raw in world.log if name == topic]
        for stage, topic in STAGES.items()
    }


def _frame(
    world: World, rnd: random.Random, gateway: str, at: int, values: tuple[dict[str, float], dict[str, float]]
) -> None:
    """Nine of ten frames come, one of four of them late."""
    if rnd.random() < 0.9:
        traffic.frame(world, rnd, gateway, at + rnd.choice([0, 0, 0, -2_000]), values)


def _accident(world: World, rnd: random.Random, at: int, rules: dict[str, dict[str, Any]]) -> None:
    if rnd.random() < 0.05:
        world.say(
            at,
            rnd.choice(list(STAGES.values())),
            "",
            rnd.choice([b"{", b"[]", b'{"kind":"samples"}', b'{"kind":"what"}']),
        )
    if rnd.random() < 0.05:
        bad = (
            b'{"kind":"samples","gateway":"g1","source":"s","at":%d,"series":["cpu{","cpu"],"values":[1,"x"]}'
            % at
        )
        world.say(at, TELEMETRY, "g1", bad)
    if rnd.random() < 0.06:
        name = rnd.choice(list(rules))
        of_events = "event" in rules[name]
        edited = {"by": rnd.choice([[], ["ip"]])} if of_events else {"for": rnd.choice(["0s", "2s"])}
        body = registry.read("rule", {"name": name, **rules[name], **edited}).body()
        _edit(world, rnd, at, "rule", name, body)
    if rnd.random() < 0.02:
        kind, body = rnd.choice(OTHERS)
        _edit(world, rnd, at, kind, body["name"], registry.read(kind, body).body())
    if rules.keys() >= UNUSUAL.keys() and rnd.random() < 0.1:
        _dismiss(world, rnd, at)
    if rnd.random() < 0.1:
        _answer(world, rnd, at)


def _edit(world: World, rnd: random.Random, at: int, kind: str, name: str, body: dict[str, Any]) -> None:
    revision = int(at - START) + 2
    world.configure(
        str(body.get("team", "platform")), kind, name, revision, None if rnd.random() < 0.4 else body
    )


def _dismiss(world: World, rnd: random.Random, at: int) -> None:
    """Somebody says that it is no anomaly, or takes it back."""
    gateway, core = rnd.choice(["g1", "g2"]), rnd.randrange(3)
    instance = f'{gateway}|{derived("platform", "rule", "odd")}|cpu{{core="{core}"}}'
    body = {"name": f"no-{core}", "instance": instance, "at": f"2025-12-01T00:0{rnd.randrange(3)}:00Z"}
    _edit(world, rnd, at, "dismissal", body["name"], registry.read("dismissal", body).body())


def _mute(world: World, rnd: random.Random, at: int) -> None:
    """A document that suppresses comes, changes or goes; somebody puts an alert off, or takes that back."""
    if rnd.random() < 0.15:
        kind, body = rnd.choice(MUTES)
        _edit(world, rnd, at, kind, body["name"], registry.read(kind, body).body())
    alerts = [row.value for row in world.machines["respond"].scan_sorted("alert") if row.value.open]
    if alerts and rnd.random() < 0.15:
        alert, length = rnd.choice(alerts), rnd.choice([3_000, 20_000])
        known = {"alert": alert.facts.fingerprint, "alert_id": alert.occurrence.id}
        snooze = Snooze(until=at + length, **known)
        action = snooze if rnd.random() < 0.7 else Unsnooze(**known)
        by, team = Principal(name="ben", admin=True), alert.facts.team
        world.tell(at, INBOX, team, Command(id=f"m{at}", at=at, team=team, by=by, action=action))


def _answer(world: World, rnd: random.Random, at: int) -> None:
    if rnd.random() < 0.1:
        by = Principal(name="anna", admin=True)
        apply = ApplyPolicy(policy=rnd.choice(["people", "two"]))
        world.tell(at, INBOX, "platform", Command(id=f"p{at}", at=at, team="platform", by=by, action=apply))
    alerts = [row.value for row in world.machines["respond"].scan_sorted("alert") if row.value.open]
    if alerts:
        alert, kind = rnd.choice(alerts), rnd.choice(ANSWERS)
        action = kind(alert=alert.facts.fingerprint, alert_id=alert.occurrence.id)
        by = Principal(name=rnd.choice(["anna", "ben"]), admin=rnd.random() < 0.9)
        team, deadline = alert.facts.team, at + rnd.choice([60_000, -1])
        command = Command(id=f"c{at}", at=at, team=team, by=by, action=action, deadline=deadline)
        world.tell(at, INBOX, team, command)


def plain(kind: type[Configured], log: Log) -> tuple[list[Output], Rows]:
    """Outputs and living rows of an undisturbed run."""
    machine, out = kind("p-0", Signer([KEY])), list[Output]()
    for offset, (stamp, raw) in enumerate(log):
        out += machine.apply(offset, stamp, raw)
    return out, living(machine)


def living(machine: Configured) -> Rows:
    """The bytes of every row that is not dead."""
    kept = {key: row for key, row in machine.rows.items() if not row.dead and row.seen >= 0}
    return {key: row.encode(machine.level_of(key)) for key, row in kept.items()}


def downstream_first(rows: list[tuple[str, bytes | None]]) -> list[tuple[str, bytes | None]]:
    """The order of the law."""
    return rows


def tortured(
    kind: type[Configured], log: Log, seed: int, order: Callable[..., Any] = downstream_first
) -> tuple[list[Output], Rows, int]:
    """As `plain`, but dying within write-outs and between them, with commits that come late; and how often it died."""
    rnd, store, out = random.Random(seed), dict[str, bytes](), list[Output]()
    crashes, committed, offset = 0, 0, 0
    machine = kind("p-0", Signer([KEY]))
    while offset < len(log):
        out += machine.apply(offset, *log[offset])
        offset += 1
        if rnd.random() < 1 / 6:
            rows = order(machine.snapshot())
            edges = [n for n in range(1, len(rows)) if level_name(rows[n][0]) != level_name(rows[n - 1][0])]
            cut = rnd.choice([rnd.randrange(len(rows) + 1), *edges]) if rnd.random() < 0.3 else len(rows)
            for key, raw in rows[:cut]:
                store.pop(key, None) if raw is None else store.__setitem__(key, raw)
            if cut == len(rows) and rnd.random() < 0.7:
                committed = offset
            if cut < len(rows) or rnd.random() < 0.05:
                crashes, offset = crashes + 1, committed
                machine = kind("p-0", Signer([KEY]), sorted(store.items()))
    return out, living(machine), crashes


def faults(
    kind: type[Configured],
    log: Log,
    seed: int,
    order: Callable[..., Any] = downstream_first,
    undisturbed: tuple[list[Output], Rows] | None = None,
) -> list[str]:
    """What differs between an undisturbed and a tortured run; empty where the law holds.

    `undisturbed`: what `plain` has said of this kind and log, where it is known.
    """
    want, rows = undisturbed or plain(kind, log)
    got, again, _ = tortured(kind, log, seed, order)
    found, expected, said = [], {o.id: o for o in want}, dict[str, Output]()
    if len(expected) != len(want):
        found.append("ids are not unique")
    found += [f"two bodies for {o.id}" for o in got if said.setdefault(o.id, o) != o]
    found += [f"lost {id}" for id in expected.keys() - said.keys()]
    found += [f"extra {id}" for id in said.keys() - expected.keys()]
    found += [f"other body {id}" for id in expected.keys() & said.keys() if expected[id] != said[id]]
    found += [f"row {key}" for key in sorted(rows.keys() | again.keys()) if rows.get(key) != again.get(key)]
    return found
