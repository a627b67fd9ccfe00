"""Which step obeys which command: one line each, so that an unknown command is refused and taken for no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import (
    Acknowledge,
    Action,
    AlertAction,
    ApplyPolicy,
    Assign,
    Command,
    Comment,
    ConfirmContact,
    DeleteDocument,
    EditContact,
    Emit,
    Escalate,
    PutDocument,
    Resolve,
    SendCode,
    Snooze,
    TryEndpoint,
    Unsnooze,
)
from tables.kernel.clock import Moment
from tables.respond.alert import response
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.contact.pipeline import confirm_contact, edit_contact, send_code
from tables.respond.context import Context
from tables.respond.document.pipeline import write_document
from tables.respond.emission import emit
from tables.respond.endpoint_trial import try_endpoint
from tables.respond.escalation.pipeline import apply_policy, escalate
from tables.respond.group.pipeline import acknowledge
from tables.respond.levels import ALERT
from tables.respond.pipeline import alert_changed

A = TypeVar("A", bound=Action)
B = TypeVar("B", bound=AlertAction)
Handler = Callable[[Context, Command], str | Refused]  # a refusal that is returned keeps what was written


def _handled_by(
    kind: type[A], step: Callable[[Context, Command, A], str | Refused]
) -> tuple[type[Action], Handler]:
    """The line of an action: its kind, and what carries out a command that asks for it."""

    def handle(ctx: Context, command: Command) -> str | Refused:
        assert isinstance(command.action, kind)
        return step(ctx, command, command.action)

    return kind, handle


def _of_alert(
    kind: type[B], step: Callable[[Alert, Command, B, Moment], AlertStep], done: str
) -> tuple[type[Action], Handler]:
    """The line of an action with one alert: its kind, the step that the alert takes, and that it is done in words."""

    def handle(ctx: Context, command: Command) -> str:
        assert isinstance(command.action, kind)
        owner = alert_owner(command.team, command.action.alert)
        if ctx.newer(ALERT, owner):
            return ""  # it took the step before
        alert = named(ctx, command, command.action)
        taken, row = step(alert, command, command.action, ctx.moment), ctx.open(ALERT, owner)
        if row is not None:
            alert_changed(ctx, row, taken)
        return done

    return kind, handle


def _acknowledge(ctx: Context, command: Command, action: Acknowledge) -> str:
    return acknowledge(ctx, command, action, named(ctx, command, action))


def _escalate(ctx: Context, command: Command, action: Escalate) -> str:
    return escalate(ctx, command, action, named(ctx, command, action))


def named(ctx: Context, command: Command, action: AlertAction) -> Alert:
    """The alert that a command names; Refused where there is none, or its occurrence is another one by now."""
    alert = ctx.get(ALERT, alert_owner(command.team, action.alert))
    if alert is None:
        words = f"team {command.team} has no alert {action.alert_id or action.alert}"
        raise Refused(words, RefusalCode.NOT_FOUND)
    if action.alert_id and alert.occurrence.id != action.alert_id:
        words = "the alert has been resolved and fired again since: look at the newer one"
        raise Refused(words, RefusalCode.CONFLICT)
    return alert


COMMANDS = dict(
    [
        _handled_by(Acknowledge, _acknowledge),
        _of_alert(Resolve, response.resolve, "resolved"),
        _of_alert(Snooze, response.snooze, "snoozed"),
        _of_alert(Unsnooze, response.unsnooze, "no longer snoozed"),
        _of_alert(Comment, response.comment, "noted"),
        _of_alert(Assign, response.assign, "assigned"),
        _handled_by(Escalate, _escalate),
        _handled_by(Emit, emit),
        _handled_by(TryEndpoint, try_endpoint),
        _handled_by(PutDocument, write_document),
        _handled_by(DeleteDocument, write_document),
        _handled_by(SendCode, send_code),
        _handled_by(ConfirmContact, confirm_contact),
        _handled_by(EditContact, edit_contact),
        _handled_by(ApplyPolicy, apply_policy),
    ]
)
