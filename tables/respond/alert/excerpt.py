"""An alert as a notification shows it, short enough that twenty of them fit into a row and into a message."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from msgspec.structs import replace

from streams.messages.alert import AlertExcerpt
from streams.messages.bulk import BulkOperation
from tables.respond.alert.standing import effective_status
from tables.respond.alert.state import Alert

LABELS, MESSAGE = 2_000, 1_000  # bytes as JSON in one excerpt
VALUE = 60  # characters of a label, and twice as many of a message, where all of them do not fit
RUNBOOK = 300  # characters: a longer address would lead nowhere, and is left to the alert itself
CUT = "shortened: the alert itself has all of it"


def excerpt(alert: Alert, operations: Sequence[BulkOperation] = ()) -> AlertExcerpt:
    """The alert as a notification shows it; `cut` says where it had to be shortened."""
    facts = alert.facts
    whole = _weight(facts.labels) <= LABELS, _weight(facts.message) <= MESSAGE
    return AlertExcerpt(
        alert_id=alert.occurrence.id,
        since=alert.occurrence.triggered_at,
        status=effective_status(operations, alert),
        severity=alert.severity,
        labels=facts.labels if whole[0] else _shortened(facts.labels),
        message=facts.message if whole[1] else _short(facts.message, 2 * VALUE),
        valued_at=facts.valued_at,
        data_quality=tuple(_short(issue, 2 * VALUE) for issue in facts.data_quality),
        runbook=facts.runbook if len(facts.runbook) <= RUNBOOK else "",
        cut="" if all(whole) else CUT,
        anomaly=replace(facts.anomaly, recent_points=()) if facts.anomaly else None,
    )


def _shortened(labels: dict[str, str]) -> dict[str, str]:
    """Labels in the order of their names, as many as fit, each value short."""
    kept: dict[str, str] = {}
    for name, value in sorted(labels.items()):
        more = kept | {name: _short(value, VALUE)}
        kept = more if _weight(more) <= LABELS else kept
    return kept


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _weight(value: object) -> int:
    return len(orjson.dumps(value))
