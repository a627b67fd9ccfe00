"""What people do with one alert besides taking it: they end it, put it off, note something, give it to somebody."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.instant import spell
from streams.codes import AlertReason, RefusalCode
from streams.errors import Refused
from streams.messages.command import Assign, Command, Comment, Resolve, Snooze, Unsnooze
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import Cause
from tables.respond.alert.state import Alert, AlertStep, Announcement, SnoozeMark, closed

LONGEST = 366 * 86_400_000  # ms that an alert may be put off
NOTES = 1_000  # characters


def resolve(alert: Alert, command: Command, action: Resolve, moment: Moment) -> AlertStep:
    """One person says that it is fixed; Refused where it is over already."""
    if not alert.open:
        raise Refused("the alert is resolved already", RefusalCode.ALREADY_RESOLVED)
    by = command.by.name
    why = f"{by} resolved it" + (f": {action.notes}" if action.notes else "")
    after = closed(alert, Cause.RESOLVE, by, action.notes, why, moment)
    return AlertStep(alert, after, (Announcement("resolved", why, by, AlertReason.PERSON),), moved=True)


def snooze(alert: Alert, command: Command, action: Snooze, moment: Moment) -> AlertStep:
    """Nobody hears of it until an instant; Refused where that lies behind us, or the alert is over."""
    if not alert.open:
        raise Refused("the alert is resolved: there is nothing to snooze", RefusalCode.ALREADY_RESOLVED)
    if not 0 < action.until - moment.now <= LONGEST:
        raise Refused(f"`until`: {spell(action.until)} must lie ahead, and within a year")
    after = replace(alert, snooze=SnoozeMark(action.until, command.by.name, action.notes[:NOTES]))
    return AlertStep(alert, after, moved=True)


def unsnooze(alert: Alert, command: Command, _: Unsnooze, moment: Moment) -> AlertStep:
    """It is not put off any more; Refused where it was not."""
    if alert.snooze is None or alert.snooze.until <= moment.now or not alert.open:
        raise Refused("the alert is not snoozed: there is nothing to take back", RefusalCode.NOT_SNOOZED)
    by = command.by.name
    announcement = Announcement("unsnoozed", f"{by} took the snooze back", by, AlertReason.PERSON)
    return AlertStep(alert, replace(alert, snooze=None), (announcement,), moved=True)


def comment(alert: Alert, command: Command, action: Comment, _: Moment) -> AlertStep:
    """Somebody notes something; Refused where nothing is said."""
    if not action.notes.strip():
        raise Refused("`notes` is empty: write what is to be remembered")
    announcement = Announcement("commented", action.notes[:NOTES], command.by.name, AlertReason.PERSON)
    return AlertStep(alert, alert, (announcement,))


def assign(alert: Alert, command: Command, action: Assign, _: Moment) -> AlertStep:
    """Somebody is to see to it, or nobody in particular any more; Refused where it is over."""
    if not alert.open:
        raise Refused("the alert is resolved: there is nothing to assign", RefusalCode.ALREADY_RESOLVED)
    by, to = command.by.name, action.to.strip()[:100]
    why = f"{by} gave it to {to}" if to else f"{by} gave it to nobody in particular"
    why += f": {action.notes[:NOTES]}" if action.notes else ""
    announcement = Announcement("assigned", why, by, AlertReason.PERSON)
    return AlertStep(alert, replace(alert, assigned_to=to), (announcement,))
