"""Changes: one message for each thing that happened, with its reason; history folds them into SQL."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from streams.messages.alert import AlertSnapshot
from streams.messages.envelope import Message

UNLISTED = frozenset({"renewed"})  # moves the alert's row every few minutes: its timeline has no line of it
Subject = Literal["alert", "notification", "attempt", "command", "document"]


class DocumentSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of a configuration document; `body` None: it was deleted."""

    type: str
    name: str
    owner: str
    id: str
    revision: int
    body: dict[str, Any] | None


class CommandSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command."""

    command: str
    result: Literal["accepted", "refused"]
    do: str = ""
    digest: str = ""


NextMove = Literal["step", "last_resort", "repeat", ""]  # "": nothing, until something happens


class EscalationSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Where the escalation of a group stands after a line about it, and what it does next if nothing happens.

    `step`, `next_step`: counted from 0, -1 before the first; `next_to`: whom the next one names, `kind/owner/name`.
    `next_at`: when at the latest, ms UTC; `delay`: how long after the first delivery of the present step, ms.
    """

    state: str
    why: str
    step: int
    steps: int
    round: int
    rounds: int
    next: NextMove
    next_step: int
    next_to: tuple[str, ...] = ()
    next_at: int | None = None
    delay: int = 0
    heard: bool = False  # whether the present step has been delivered


class DeliverySnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One notification on its way. `to`: `endpoint/<team>/<name>`; `channel`: "" where its endpoint is gone.

    `until`: where it waits or was given up, until when that holds, ms UTC; `document`: what says so, `kind/team/name`.
    `reference`: what its provider calls it, where the provider is asked by that whether somebody answered.
    `bundle`: the id of the message in which it was told with others.
    """

    to: str
    channel: str
    purpose: str  # streams.messages.notification.Purpose
    until: int | None = None
    document: str = ""
    reference: str = ""
    bundle: str = ""


class Change(Message, frozen=True, kw_only=True, tag="change"):
    """One thing that happened, with its subject as it is now."""

    team: str
    subject: Subject
    subject_id: str
    what: str  # fired, renewed, acknowledged, resolved, refused, sent, delivered, failed, put, deleted, …
    reason_code: str = ""  # why, for programs
    reason: str  # why, for people
    by: str = ""
    alert_id: str = ""  # the alert whose timeline shows it, where it is about one
    group: str = ""
    alert: AlertSnapshot | None = None
    document: DocumentSnapshot | None = None
    command: CommandSnapshot | None = None
    escalation: EscalationSnapshot | None = None  # of what was told, or not, of a group
    delivery: DeliverySnapshot | None = None  # of a notification, or an attempt at it
