"""An alert as a notification shows it, short enough that twenty of them fit into a row and into a message."""

from __future__ import annotations

from typing import Any

import orjson

from streams.said import Line, Unusual

LABELS, MESSAGE = 2_000, 1_000  # bytes as JSON in one line
VALUE = 60  # characters of a label, and twice as many of a message, where all of them do not fit
CUT = "shortened: the alert itself has all of it"


def line(alert: dict[str, Any]) -> Line:
    """The alert as a notification shows it; `cut` says where it had to be shortened."""
    said = alert.get("anomaly")
    whole = _weight(alert["labels"]) <= LABELS, _weight(alert["message"]) <= MESSAGE
    return Line(
        alert_id=alert["id"],
        since=alert["triggered_at"],
        status=alert["status"],
        severity=alert["severity"],
        labels=alert["labels"] if whole[0] else _shortened(alert["labels"]),
        message=alert["message"] if whole[1] else _short(alert["message"], 2 * VALUE),
        valued_at=alert.get("valued_at"),
        doubts=[_short(str(one), 2 * VALUE) for one in alert.get("doubts", ())],
        cut="" if all(whole) else CUT,
        anomaly=Unusual(**(said | {"trail": []})) if said else None,
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


def _weight(what: object) -> int:
    return len(orjson.dumps(what))
