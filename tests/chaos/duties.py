"""What a team has under way while it is disturbed: people on call, silences, windows, inhibitions, and what people do.

Silences and overrides begin and end within seconds, a window opens every minute, one inhibition holds always: whatever
is killed or paused stands in the middle of one of them. The World judges what became of it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from streams.calendar.instant import rfc3339
from streams.calendar.zone import local_time, zone
from streams.codes import AlertReason, NotifyReason, SuppressionReason
from streams.messages.command import (
    Acknowledge,
    Action,
    ApplyPolicy,
    Assign,
    Comment,
    DeleteDocument,
    Escalate,
    PutDocument,
    Resolve,
    Snooze,
    Unsnooze,
)
from streams.topics import CHANGES
from tests.chaos.ground import Dumps

PEOPLE = ("anna", "ben", "chidi")
SOON = (2, 20)  # seconds that a silence, an override or a snooze lasts
Bodies = dict[tuple[str, str], list[dict[str, Any]]]
HAPPEN: dict[
    str, tuple[str, str]
] = {  # what has to have happened in a run, by the subject and the code of its line
    **{
        reason.value: ("alert", reason.value)
        for reason in SuppressionReason
        if reason is not SuppressionReason.NEWER
    },
    "suppressed no more": ("alert", AlertReason.RELEASED.value),
    "told after it": ("notification", NotifyReason.RELEASED.value),
    "hand-offs": ("notification", NotifyReason.HAND_OFF.value),
    "next steps": ("notification", NotifyReason.NOT_ACKNOWLEDGED.value),
}


def documents(now: int) -> Bodies:
    """Who is on call, what is worked on and what explains what, by kind and name. `now`: ms UTC.

    The rotation hands over at the next full minute; a window opens at each.
    """
    clock = local_time(now + 60_000, zone("UTC"))
    duty = {
        "time_zone": "UTC", "rotate": "hourly", "starts": f"{clock:%Y-%m-%d}", "hand_off": f"{clock:%H:%M}",
        "hand_off_notice": "yes",
    }  # fmt: skip
    window = {
        "covers": 'gateway=~"gw[24]"', "starts": f"{clock:%Y-%m-%d} 00:00", "time_zone": "UTC", "reason": "patches",
        "rrule": "FREQ=MINUTELY",
    }  # fmt: skip
    hosts = {"source": "rule=high, host=h0", "target": "rule=high, host=h1", "equal": "gateway"}
    busy = {"to": "schedule/duty", "when": "rule=busy", "order": 1}
    later = [{"endpoint": "second"}, {"endpoint": "hook", "delay": "3s"}]
    orders = (PEOPLE, PEOPLE[::-1], PEOPLE[:2])
    return {
        **{("person", name): [{"contact": [{"endpoint": "first"}]}] for name in PEOPLE[:2]},
        ("person", PEOPLE[2]): [{"contact": later}],
        ("schedule", "duty"): [duty | {"people": list(people)} for people in orders],
        ("maintenance", "each-minute"): [window | {"lasts": lasts} for lasts in ("20s", "30s")],
        ("inhibition", "first-host"): [hosts],
        ("route", "duty"): [busy | {"continue": also} for also in ("yes", "no")],
    }


class Duties:
    """Draws what people do next; `alerts` as they fired."""

    def __init__(self, chance: random.Random) -> None:
        """Nothing has been done."""
        self._random, self._count = chance, 0
        self._known: list[tuple[str, str]] = []

    def next(
        self, alerts: list[dict[str, Any]], revisions: Mapping[tuple[str, str], int], now: int
    ) -> Action | None:
        """What somebody wants now; None where there is nothing to do it with."""
        self._count += 1
        do = self._random.choice((self._silence,) * 3 + (self._override,) * 2 + (self._withdraw, self._apply))
        if self._random.random() < 0.5 and alerts:
            return self._with_alert(self._random.choice(alerts[-50:]), now)
        return do(now, revisions)

    def _with_alert(self, alert: dict[str, Any], now: int) -> Action:
        named = {"alert": alert["fingerprint"], "alert_id": alert["id"]}
        until = now + 1_000 * self._random.randint(*SOON)
        choices: tuple[Callable[[], Action], ...] = (
            lambda: Snooze(until=until, **named),
            lambda: Snooze(until=until, **named),
            lambda: Unsnooze(**named),
            lambda: Acknowledge(**named),
            lambda: Resolve(**named, notes="fixed"),
            lambda: Escalate(**named),
            lambda: Assign(**named, to=self._random.choice(PEOPLE)),
            lambda: Comment(**named, notes=f"seen {self._count}"),
        )
        return self._random.choice(choices)()

    def _silence(self, now: int, _: Mapping[tuple[str, str], int]) -> Action:
        covers = self._random.choice((f"gateway=gw{2 * self._random.randrange(6)}", "rule=busy", "host=h2"))
        return self._put("silence", now, {"covers": covers, "owner": "anna", "reason": "chaos"})

    def _override(self, now: int, _: Mapping[tuple[str, str], int]) -> Action:
        return self._put("override", now, {"schedule": "duty", "person": self._random.choice(PEOPLE)})

    def _put(self, kind: str, now: int, body: dict[str, Any]) -> Action:
        """One that begins now or soon, and ends within seconds."""
        begins = now + 1_000 * self._random.choice((0, 0, 3))
        span = {"starts": rfc3339(begins), "ends": rfc3339(begins + 1_000 * self._random.randint(*SOON))}
        name = f"{kind}-{self._count}"
        self._known.append((kind, name))
        return PutDocument(type=kind, name=name, revision=0, body={"name": name} | span | body)

    def _withdraw(self, _: int, revisions: Mapping[tuple[str, str], int]) -> Action | None:
        """Delete one that may hold still."""
        held = [which for which in self._known[-8:] if which in revisions]
        if not held:
            return None
        kind, name = self._random.choice(held)
        return DeleteDocument(type=kind, name=name, revision=revisions[kind, name])

    def _apply(self, _: int, __: Mapping[tuple[str, str], int]) -> Action:
        return ApplyPolicy(policy="ops")


def happened(dumps: Dumps) -> dict[str, int]:
    """How often each thing was under way; `faults`: what never was, so that the run says nothing of it."""
    changes = (orjson.loads(record.value or b"") for records in dumps[CHANGES].values() for record in records)
    lines = Counter(
        {change["id"]: (change["subject"], change.get("reason_code", "")) for change in changes}.values()
    )
    found = {name: lines[line] for name, line in HAPPEN.items()}
    return found | {"faults": sum(not count for count in found.values())}
