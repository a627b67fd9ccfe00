"""The end of an alert: detect says that it is over, or a person does."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import AlertReason, RefusalCode
from streams.errors import Refused
from streams.messages.command import AlertAction, Command, Resolve
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import TRANSITIONS, Cause
from tables.respond.alert.state import Alert, AlertStep, Announcement, Resolution, retained_until


def close(
    before: Alert, alert: Alert, cause: Cause, by: str, notes: str, reason: str, moment: Moment
) -> AlertStep:
    """End an open alert. `alert`: the one before with what is known of it now."""
    until = retained_until(alert.facts.fingerprint, moment.active)
    after = replace(
        alert,
        status=TRANSITIONS[alert.status, cause],
        resolution=Resolution(moment.now, by, notes, reason, until),
    )
    code = AlertReason.PERSON if cause is Cause.RESOLVE else AlertReason.CLEARED
    return AlertStep(before, after, (Announcement("resolved", reason, by, code),), moved=True)


def resolve(alert: Alert, command: Command, action: Resolve, moment: Moment) -> AlertStep:
    """One person says that it is fixed; Refused where it is over already."""
    if not alert.open:
        raise Refused("the alert is resolved already", RefusalCode.ALREADY_RESOLVED)
    by = command.by.name
    why = f"{by} resolved it" + (f": {action.notes}" if action.notes else "")
    return close(alert, alert, Cause.RESOLVE, by, action.notes, why, moment)


def named(alert: Alert | None, team: str, action: AlertAction) -> Alert:
    """The alert that a command names; Refused where there is none, or its occurrence is another one by now."""
    if alert is None:
        words = f"team {team} has no alert {action.alert_id or action.alert}"
        raise Refused(words, RefusalCode.NOT_FOUND)
    if action.alert_id and alert.occurrence.id != action.alert_id:
        words = "the alert has been resolved and fired again since: look at the newer one"
        raise Refused(words, RefusalCode.CONFLICT)
    return alert
