"""What is remembered of a policy that is walked every night, and the alert about where it ends without anybody."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import msgspec
from msgspec.structs import replace

from streams.calendar.zone import zone
from streams.documents.oncall.schedule import spelled
from streams.documents.policy import Policy
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict
from tables.kernel.alarm import Alarm
from tables.kernel.clock import Moment
from tables.respond.oncall.critical_path import DeadEnd

DAY, HOUR = 86_400_000, 3_600_000
RULE = "dead-end"


class PathWatch(msgspec.Struct, frozen=True):
    """The row of a policy. `due_at`: of the next walk, ms UTC; `told`: whether an alert about it fires."""

    due_at: int
    told: bool = False


def deadline(watch: PathWatch) -> int | None:
    """When it is walked next."""
    return watch.due_at


def next_night(owner: str, now: int) -> int:
    """The next instant between one and two o'clock UTC that is this policy's: not all are walked at once."""
    minute = HOUR + crc32(owner.encode()) % HOUR
    tonight = now // DAY * DAY + minute
    return tonight if tonight > now else tonight + DAY


def walked(watch: PathWatch, owner: str, ends: Sequence[DeadEnd], now: int) -> PathWatch:
    """The policy after a walk."""
    return replace(watch, due_at=next_night(owner, now), told=bool(ends))


def verdict(policy: Policy, ends: Sequence[DeadEnd], moment: Moment) -> Verdict:
    """What the platform's own rule says of a policy: where it ends without anybody, or that it does nowhere."""
    named = f"policy {policy.name} of {policy.team}"
    message, reason = f"{named} always reaches somebody", "its critical path was walked for 14 days"
    if ends:
        message = f"{named}: {spoken(ends)}"
        reason = ends[0].why[:500]
    severity: Severity | None = "warning" if ends else None
    key = f"policy/{policy.team}/{policy.name}"
    alarm = Alarm(RULE, "tocsin", key, message[:500], reason, severity)
    return alarm.verdict(moment.offset + 1, moment.now, {"policy": policy.name})


def spoken(dead: Sequence[DeadEnd]) -> str:
    """The first dead end in words, and how many more there are."""
    begins, ends = (spelled(at, zone("UTC")) for at in dead[0][:2])
    more = f", and in {len(dead) - 1} more spans of the next 14 days" if len(dead) > 1 else ""
    return f"of something critical nobody would be told from {begins} to {ends} UTC{more}"
