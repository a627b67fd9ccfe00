"""A canary's event in; the verdict that it fires out, and five seconds later, by a tick, that it is over."""

from __future__ import annotations

from msgspec.structs import replace

from streams.canary.names import CHANNEL, EVENT, is_canary
from streams.messages.envelope import Severity
from streams.messages.event import Event
from streams.messages.verdict import Verdicts
from streams.topics import CHANNELS, INBOX
from tables.detect.context import Context
from tables.detect.health.state import CanaryFlight
from tables.detect.levels import CANARY
from tables.kernel.alarm import Alarm
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row

LASTS = 5_000  # ms on the active clock


def concerns(event: Event) -> bool:
    """Whether an event lets a canary fly."""
    return event.type == EVENT and is_canary(event.gateway)


def fly(context: Context, event: Event) -> None:
    """It fires; the row is the entry row of its messages, since nothing else is remembered of it."""
    row = context.open(CANARY.key(event.gateway))
    if row is None:
        return
    channel = event.attributes.get("channel")
    known = channel if isinstance(channel, str) and channel in CHANNELS else CHANNEL
    row.value = CanaryFlight(event.id[:100], known, context.clock.active + LASTS)
    _say(context, row, "critical")


def end(context: Context, row: Row) -> None:
    """It is over, and forgotten: the next one counts from the clock, which never goes back."""
    _say(context, row, None)
    context.mark_deleted(row)


def _say(context: Context, row: Row, severity: Severity | None) -> None:
    team, flight, at = owner_of(row.key), row.value, context.clock.now
    alarm = Alarm(
        "canary", team, "canary", flight.id, "nothing is wrong: it shows that alerts arrive", severity
    )
    verdict = replace(alarm.verdict(at, at), routing=(f"endpoint/{flight.channel}",), rule_team=team)
    context.emit(INBOX, team, Verdicts(
        id=context.next_id(row), at=at, team=team, why_team="it is a canary", verdicts=[verdict],
    ))  # fmt: skip
