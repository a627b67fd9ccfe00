"""Which step obeys which command: one line each, so that an unknown command is refused and taken for no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from streams.errors import Refused
from streams.messages.command import (
    Acknowledge,
    Action,
    ApplyPolicy,
    Assign,
    Command,
    Comment,
    ConfirmContact,
    DeleteDocument,
    EditContact,
    Emit,
    PutDocument,
    Resolve,
    SendCode,
    Snooze,
    TryEndpoint,
    Unsnooze,
)
from tables.respond.alert import pipeline as alert
from tables.respond.contact.pipeline import confirm_contact, edit_contact, send_code
from tables.respond.context import Context
from tables.respond.document.pipeline import write_document
from tables.respond.emission import emit
from tables.respond.endpoint_trial import try_endpoint
from tables.respond.escalation.pipeline import apply_policy
from tables.respond.group.pipeline import acknowledge

A = TypeVar("A", bound=Action)
Handler = Callable[[Context, Command], str | Refused]  # a refusal that is returned keeps what was written


def _obeying(
    kind: type[A], step: Callable[[Context, Command, A], str | Refused]
) -> tuple[type[Action], Handler]:
    """The line of an action: its kind, and how a command that asks for it is obeyed."""

    def handle(ctx: Context, command: Command) -> str | Refused:
        assert isinstance(command.action, kind)
        return step(ctx, command, command.action)

    return kind, handle


COMMANDS = dict(
    [
        _obeying(Acknowledge, acknowledge),
        _obeying(Resolve, alert.resolve),
        _obeying(Snooze, alert.snooze),
        _obeying(Unsnooze, alert.unsnooze),
        _obeying(Comment, alert.comment),
        _obeying(Assign, alert.assign),
        _obeying(Emit, emit),
        _obeying(TryEndpoint, try_endpoint),
        _obeying(PutDocument, write_document),
        _obeying(DeleteDocument, write_document),
        _obeying(SendCode, send_code),
        _obeying(ConfirmContact, confirm_contact),
        _obeying(EditContact, edit_contact),
        _obeying(ApplyPolicy, apply_policy),
    ]
)
