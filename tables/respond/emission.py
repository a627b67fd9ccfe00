"""An alert that a plugin or a service raises or ends itself: its words become a verdict, as if detect had said it."""

from __future__ import annotations

from msgspec.structs import replace

from streams.messages.command import Command, Emit
from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.clock import Moment
from tables.respond import pipeline
from tables.respond.alert.state import Alert, alert_owner
from tables.respond.alert.verdict import concerns
from tables.respond.context import Context
from tables.respond.levels import ALERT

AHEAD = 5_000  # ms by which a sender's clock may be ahead of the broker's


def emit(ctx: Context, command: Command, action: Emit) -> str:
    """Somebody raises or ends an alert. Returns what that changed in words; "" where it was done before."""
    owner = alert_owner(command.team, action.verdict.fingerprint)
    if ctx.newer(ALERT, owner):
        return ""
    known = ctx.get(ALERT, owner)
    verdict = placed(action.verdict, known, ctx.moment)
    if not concerns(known, verdict):
        return "nothing was firing that it could end"
    if known is not None and verdict.sequence <= known.sequence:
        return "something later was said of it before: nothing changes"
    why = f"{command.by.name} named it"
    verdicts = Verdicts(id=command.id, at=verdict.at, team=command.team, why_team=why, verdicts=[verdict])
    pipeline.verdict_came(ctx, verdicts, verdict)
    return "raised" if verdict.state == "firing" else "resolved"


def placed(verdict: Verdict, known: Alert | None, moment: Moment) -> Verdict:
    """The verdict with its place among those of its alert: its own instant, never ahead of now, or that of the log."""
    at = min(verdict.at, moment.now + AHEAD)
    last = known.sequence if known is not None else 0
    sequence = at if verdict.sequence else max(moment.now, last + 1)
    return replace(verdict, sequence=sequence, at=at, since=min(verdict.since, at))
