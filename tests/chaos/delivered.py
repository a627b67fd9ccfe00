"""What became of attempts and notifications: pure, over what was dumped and what receivers heard.

Each attempt was called at least once, and exactly as it was meant; a second call of it repeats one that was in flight
when its sink or the broker was disturbed. Each notification has ended, and none of them for want of trying.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from sinks.channels.payload import payload
from sinks.channels.webhook.standard_webhooks import header_id
from streams.messages.attempt import Attempt
from streams.topics import CHANGES, NOTIFY, send
from tests.chaos.disruption import Disruption
from tests.chaos.ground import Dumps
from tests.chaos.receiver import Call

SLACK = 1.0  # s from an outcome to the commit that follows it
Name = tuple[str, int]  # a notification's id and an attempt's number


class Made(NamedTuple):
    """An attempt as deliver said it. `at`: s UTC of what caused it."""

    at: float
    attempt: Attempt


def calls(dumps: Dumps, channel: str, heard: Sequence[Call], done: Sequence[Disruption]) -> dict[str, int]:
    """One channel. `heard`: its calls in order; of the log's, which have no instants, `at` is 0."""
    made, outcomes = _made(dumps, channel), _outcomes(dumps)
    by_attempt: dict[Name, list[Call]] = defaultdict(list)
    for call in heard:
        by_attempt[call.attempt].append(call)
    ours = {name: of for name, of in by_attempt.items() if name in made}
    disruptions = [one for one in done if one.kind in (channel, "broker")]
    excuses = [_excuse(name, of, (made, outcomes), disruptions) for name, of in ours.items() if len(of) > 1]
    found: dict[str, int] = {
        "attempts": len(made),
        "calls": len(heard),
        "twice": sum(len(of) - 1 for of in ours.values()),
        "most_at_once": max(Counter(at for of in excuses for at in of).values(), default=0),
        "unheard": len(made.keys() - outcomes.keys()),
        "unmade": sum(n not in ours for n in made if outcomes.get(n, ("late", 0))[0] != "late"),
        "invented": len(by_attempt.keys() - made.keys()),
        "other_body": sum(
            not _faithful(made[name].attempt, call) for name, of in ours.items() for call in of
        ),
        "unexplained": sum(None in of for of in excuses),
    }
    return found | {"faults": sum(found[name] for name in list(found)[4:])}


def _made(dumps: Dumps, channel: str) -> dict[Name, Made]:
    made: dict[Name, Made] = {}
    for topic in (send(channel, critical) for critical in (False, True)):
        for record in (record for records in dumps[topic].values() for record in records):
            said = Attempt.read(orjson.loads(record.value or b""))
            made.setdefault((said.notification.id, said.number), Made(record.stamp / 1_000, said))
    return made


def _outcomes(dumps: Dumps) -> dict[Name, tuple[str, float]]:
    """By attempt the first outcome's result, and when it was told, s UTC."""
    found: dict[Name, tuple[str, float]] = {}
    for record in (record for records in dumps[NOTIFY].values() for record in records):
        said = _message(record.value)
        if said.get("kind") == "outcome":
            found.setdefault((said["notification"], said["number"]), (said["result"], record.stamp / 1_000))
    return found


def _faithful(attempt: Attempt, call: Call) -> bool:
    """Whether a call said just what the attempt says, under the notification's id."""
    return call.body == orjson.dumps(payload(attempt)) and call.id == header_id(attempt.notification.id)


def _excuse(
    name: Name,
    heard: Sequence[Call],
    known: tuple[Mapping[Name, Made], Mapping[Name, tuple[str, float]]],
    disruptions: Sequence[Disruption],
) -> list[float | None]:
    """For each call beyond the first, the instant of the disruption at which the one before was in flight."""
    made, outcomes = known
    told = outcomes.get(name, ("", float("inf")))[1] + SLACK
    found: list[float | None] = []
    for before, again in pairwise(heard):
        begun, later = before.at or made[name].at, again.at or float("inf")
        times = [d.at for d in disruptions if d.at <= min(told, later) and d.span[1] / 1_000 >= begun]
        found.append(times[-1] if times else None)
    return found


def notifications(dumps: Dumps, heard: Sequence[Call]) -> dict[str, int]:
    """All channels. `heard`: calls of webhooks. `silent`: calls without a good answer; `left`: nobody called again."""
    intended, ends = set[str](), dict[str, str]()
    for record in (record for records in dumps[NOTIFY].values() for record in records):
        said = _message(record.value)
        if said.get("kind") == "notification":
            intended.add(said["id"])
    for record in (record for records in dumps[CHANGES].values() for record in records):
        said = _message(record.value)
        if said["subject"] == "notification":
            ends[said["subject_id"]] = said["what"]
    last = {call.attempt[0]: call.status for call in heard}
    good = {call.attempt[0] for call in heard if call.status == 204}
    found = {
        "intended": len(intended),
        **{what: list(ends.values()).count(what) for what in ("delivered", "cancelled")},
        "silent": sum(call.status != 204 for call in heard),
        "repeated": _repeated(heard),
        "failed": list(ends.values()).count("failed"),
        "unended": len(intended - ends.keys()),
        "left": sum(id not in good and ends.get(id) != "cancelled" for id in last),
        "untrue": sum(ends.get(id) == "delivered" for id in last if id not in good),
    }
    return found | {"faults": sum(found[name] for name in ("failed", "unended", "left", "untrue"))}


def _repeated(heard: Sequence[Call]) -> int:
    """How many calls without a good answer were followed by another one under the same id."""
    last = {call.id: place for place, call in enumerate(heard)}
    return sum(call.status != 204 and last[call.id] > place for place, call in enumerate(heard))


def _message(raw: bytes | None) -> dict[str, Any]:
    try:
        message = orjson.loads(raw or b"")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
