"""What stands in each column of a report: an alert as the API has it becomes texts and numbers for a reader's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

INSTANTS = ("triggered_at", "first_acknowledged_at", "resolved_at")
COLUMNS = (
    "triggered_at", "severity", "status", "team", "rule", "gateway", "message", "first_acknowledged_at",
    "acknowledged_by", "resolved_at", "resolved_by", "seconds_to_acknowledge", "seconds_to_resolve",
    "suppressed_seconds", "resolution_notes", "reason", "labels", "id",
)  # fmt: skip
Cell = str | float


def cells(alert: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Cell]:
    """The columns of one alert; empty where there is nothing to say."""
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert["labels"].items()))
    known = {
        **{name: alert[name] for name in COLUMNS if name in alert},
        **{name: clock(alert[name], zone) for name in INSTANTS},
        "seconds_to_acknowledge": _between(alert, "first_acknowledged_at"),
        "seconds_to_resolve": _between(alert, "resolved_at"),
        "labels": labels,
    }
    return {name: "" if known[name] is None else known[name] for name in COLUMNS}


def clock(at: str | None, zone: ZoneInfo) -> str:
    """An RFC 3339 instant as a reader's clock shows it, with its distance from UTC; empty for none."""
    if at is None:
        return ""
    return datetime.fromisoformat(at).astimezone(zone).isoformat(" ", "seconds")


def _between(alert: Mapping[str, Any], name: str) -> float | None:
    if alert[name] is None:
        return None
    taken = datetime.fromisoformat(alert[name]) - datetime.fromisoformat(alert["triggered_at"])
    return max(0.0, taken.total_seconds())


def in_words(asked: Iterable[tuple[str, str]]) -> str:
    """What a question was narrowed by, on one line."""
    return ", ".join(f"{name} {value}" for name, value in asked if value) or "all alerts"
