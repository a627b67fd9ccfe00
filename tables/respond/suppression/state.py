"""What is remembered of an alert's suppression, when it is looked at again, and what has happened to it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from streams.codes import SuppressionReason
from streams.messages.alert import Suppression


class AlertSuppression(msgspec.Struct, frozen=True, kw_only=True):
    """The row beside an alert's. `since`: when nobody has been told any more, ms UTC, whatever the reasons were.

    `document`: the key of the document that suppresses it; `changes`: how often this has been told of. `fingerprint`,
    `groups`: while it is suppressed; by these a group finds the alerts that count in nothing.
    """

    suppression: Suppression | None = None
    since: int | None = None
    document: str = ""
    fingerprint: str = ""
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
