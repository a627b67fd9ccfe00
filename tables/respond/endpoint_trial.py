"""Somebody tries an endpoint: one labelled notification goes the way that all others go, and concerns no alert."""

from __future__ import annotations

from streams.codes import NotifyReason, RefusalCode
from streams.documents.document import derived
from streams.documents.endpoint import Endpoint
from streams.errors import Refused
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.command import Command, TryEndpoint
from streams.messages.notification import Notification
from streams.topics import NOTIFY
from tables.respond.context import Context
from tables.respond.route.state import LOG

USEFUL = 20_000  # ms that an attempt is of use: whoever asked looks at the answer


def trial_id(command_id: str) -> str:
    """The id of the notification that a command to try an endpoint brings."""
    return f"test/{command_id}"


def try_endpoint(ctx: Context, command: Command, action: TryEndpoint) -> str:
    """A test goes to one endpoint of the team. Returns in words that it is under way."""
    to, by, now = f"endpoint/{command.team}/{action.name}", command.by.name, ctx.moment.now
    if ctx.document(Endpoint, command.team, action.name) is None and to != LOG:
        raise Refused(f"team {command.team} has no endpoint {action.name}", RefusalCode.NOT_FOUND)
    words = f"{by} tries the endpoint {action.name}: nothing is wrong, and nothing needs to be done"
    excerpt = AlertExcerpt(
        alert_id="test", status=AlertStatus.FIRING, severity="info", message=words,
        labels={"endpoint": action.name, "team": command.team}, since=now,
    )  # fmt: skip
    ctx.emit(NOTIFY, to, Notification(
        id=trial_id(command.id), at=now, to=to, team=command.team,
        group=f"{command.team}/{derived('test', command.id)}", what="test", severity="info",
        title=f"test of endpoint {action.name}", reason_code=NotifyReason.ENDPOINT_TEST, reason=words, step=0, count=1,
        alerts=(excerpt,), deadline=now + USEFUL,
    ))  # fmt: skip
    return f"a test goes to {action.name}"
