"""What is remembered of an alert's suppression, when it is looked at again, and what has happened to it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from streams.codes import AlertReason, SuppressionReason
from streams.instant import spell
from streams.messages.alert import Suppression
from tables.respond.alert.state import Alert, Announcement


class AlertSuppression(msgspec.Struct, frozen=True, kw_only=True):
    """The row beside an alert's. `since`: when nobody has been told any more, ms UTC, whatever the reasons were.

    `document`: the key of the document that suppresses it; `changes`: how often this has been told of.
    """

    suppression: Suppression | None = None
    since: int | None = None
    document: str = ""
    fingerprint: str = (
        ""  # with `groups`, while it is suppressed: so that a group finds those that count in nothing
    )
    groups: tuple[str, ...] = ()
    changes: int = 0


class Found(NamedTuple):
    """A suppression that holds, and the key of the document that says so, "" where a person does."""

    suppression: Suppression
    document: str = ""


def deadline(value: AlertSuppression) -> int | None:
    """When a snooze ends, ms UTC; silences and windows have rows of their own, for all that they cover."""
    suppression = value.suppression
    if suppression is None or suppression.kind is not SuppressionReason.SNOOZE:
        return None
    return suppression.until


def index(value: AlertSuppression) -> tuple[str, ...]:
    """What is suppressed is looked for by its groups, and by the document that suppresses it."""
    if value.suppression is None:
        return ()
    return (*value.groups, value.document) if value.document else value.groups


def suppressed(value: AlertSuppression | None) -> bool:
    """Whether nobody is told of the alert."""
    return value is not None and value.suppression is not None


def moved(
    known: AlertSuppression | None, alert: Alert, found: Found | None, now: int
) -> tuple[AlertSuppression, Announcement | None]:
    """The row with what holds now, and what the product's memory keeps of it; None: nothing has changed."""
    before = known or AlertSuppression()
    if found is None:
        after = AlertSuppression(changes=before.changes)
        if before.suppression is None or not alert.open:
            return after, None
        told = Announcement("released", ended(before), code=AlertReason.RELEASED)
        return replace(after, changes=before.changes + 1), told
    after = AlertSuppression(
        suppression=found.suppression, since=now if before.since is None else before.since, document=found.document,
        fingerprint=alert.facts.fingerprint, groups=alert.groups, changes=before.changes,
    )  # fmt: skip
    if found.suppression == before.suppression:
        return after, None
    by = found.suppression.by if found.suppression.kind is SuppressionReason.SNOOZE else ""
    told = Announcement("suppressed", found.suppression.reason, by, found.suppression.kind)
    return replace(after, changes=before.changes + 1), told


def ended(before: AlertSuppression) -> str:
    """Why people hear of it now, in words."""
    assert before.suppression is not None
    since = spell(before.since or 0)
    return f"was suppressed since {since} ({before.suppression.reason}), and is still firing"
