"""What happens next to an alert by itself, and when: people are told, or an acknowledgement or a suppression ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.instant import spell

Fields = Mapping[str, Any]


def upcoming(alert: Fields, rows: Sequence[Fields]) -> dict[str, Any] | None:
    """The next thing, of an alert's row and its timeline's rows; None where nothing happens by itself, or it is over.

    `what`: step, round, last_resort, repeat, acknowledgement_ends, suppression_ends.
    """
    if alert["status"] == "resolved":
        return None
    if alert["suppression"] is not None:
        return _end("suppression_ends", alert["suppression"].get("until"))
    if alert["status"] == "acknowledged":
        return _end("acknowledgement_ends", alert["acknowledged_until"])
    found = [
        step for group in alert["groups"] if (step := _of_group(row for row in rows if row["group"] == group))
    ]
    return min(found, key=lambda step: str(step["at"]), default=None)


def _end(what: str, at: int | None) -> dict[str, Any] | None:
    return None if at is None else {"what": what, "step": 0, "to": [], "at": spell(at)}


def _of_group(rows: Iterable[Fields]) -> dict[str, Any] | None:
    """What respond said last of a group's escalation; a delay runs from the first delivery after that."""
    outlook: Fields | None = None
    at = 0
    for row in rows:
        snapshot = row["snapshot"] or {}
        if row["subject"] != "notification":
            continue
        if "latest" in snapshot:
            outlook, at = snapshot, snapshot["latest"]
        elif outlook is not None and row["what"] == "delivered" and outlook.get("delay") is not None:
            at = min(at, row["at"] + outlook["delay"])
    if outlook is None:
        return None
    return {"what": outlook["what"], "step": outlook["step"], "to": list(outlook["to"]), "at": spell(at)}
