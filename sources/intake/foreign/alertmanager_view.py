"""Alerts of ours as Alertmanager's API (v2) shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sources.intake.foreign.reading import ZERO
from streams.calendar.instant import rfc3339
from streams.matcher import Matcher, matchers
from streams.messages.alert import AlertSnapshot

NEVER = f"{ZERO}00:00:00.000Z"  # of what has no end yet


def filters(texts: Iterable[str]) -> tuple[Matcher, ...]:
    """The matchers that a query names, each by itself; Refused says what is wrong with one."""
    return tuple(matcher for text in texts for matcher in matchers(text))


def labels_of(alert: AlertSnapshot) -> dict[str, str]:
    """What matchers see of it: its labels, and its rule as `alertname`."""
    return alert.matchable() | {"alertname": alert.rule}


def gettable(alert: AlertSnapshot, updated: int) -> dict[str, Any]:
    """One alert; whoever suppresses it stands where they look for it. `updated`: ms UTC."""
    by = [] if alert.suppression is None else [alert.suppression.by]
    silenced = by and alert.suppression is not None and alert.suppression.kind != "inhibition"
    return {
        "fingerprint": blake2b(alert.fingerprint.encode(), digest_size=8).hexdigest(),
        "labels": labels_of(alert),
        "annotations": {"summary": alert.message},
        "status": {
            "state": "suppressed" if by else "active",
            "silencedBy": by if silenced else [],
            "inhibitedBy": [] if silenced else by,
        },
        "receivers": [{"name": group} for group in alert.groups],
        "startsAt": rfc3339(alert.triggered_at),
        "updatedAt": rfc3339(updated),
        "endsAt": NEVER if alert.resolved_at is None else rfc3339(alert.resolved_at),
        "generatorURL": "",
    }
