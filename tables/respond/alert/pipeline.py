"""The path of what people do with one alert: they end it, put it off, note something, or give it to somebody."""

from __future__ import annotations

from collections.abc import Callable

from streams.messages.command import AlertAction, Assign, Command, Comment, Resolve, Snooze, Unsnooze
from tables.respond.alert import remark, resolution
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.context import Context
from tables.respond.levels import ALERT
from tables.respond.pipeline import alert_changed


def resolve(ctx: Context, command: Command, action: Resolve) -> str:
    """One person says that it is fixed. Returns that in words."""
    return _obey(
        ctx, command, action, lambda alert: resolution.resolve(alert, command, action, ctx.moment), "resolved"
    )


def snooze(ctx: Context, command: Command, action: Snooze) -> str:
    """One person wants nobody to hear of it for a while. Returns that in words."""
    return _obey(
        ctx, command, action, lambda alert: remark.snooze(alert, command, action, ctx.moment), "snoozed"
    )


def unsnooze(ctx: Context, command: Command, action: Unsnooze) -> str:
    """One person wants it to be told of again. Returns that in words."""
    return _obey(
        ctx, command, action, lambda alert: remark.unsnooze(alert, command, ctx.moment), "no longer snoozed"
    )


def comment(ctx: Context, command: Command, action: Comment) -> str:
    """One person notes something about it. Returns that in words."""
    return _obey(ctx, command, action, lambda alert: remark.comment(alert, command, action), "noted")


def assign(ctx: Context, command: Command, action: Assign) -> str:
    """One person gives it to somebody. Returns that in words."""
    return _obey(ctx, command, action, lambda alert: remark.assign(alert, command, action), "assigned")


def _obey(
    ctx: Context, command: Command, action: AlertAction, take: Callable[[Alert], AlertStep], done: str
) -> str:
    """The alert that is named takes a step; "" where it did before."""
    owner = alert_owner(command.team, action.alert)
    if ctx.newer(ALERT, owner):
        return ""
    step = take(resolution.named(ctx.get(ALERT, owner), command.team, action))
    row = ctx.open(ALERT, owner)
    if row is not None:
        alert_changed(ctx, row, step)
    return done
