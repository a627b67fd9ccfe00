"""Who was told of an alert, by which channel, and what became of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import RowMapping

from api.instant import spell


def told(rows: Iterable[Mapping[str, Any] | RowMapping]) -> list[dict[str, Any]]:
    """One line for each notification of a timeline's rows, the oldest first, with what became of it last.

    `outcome`: held, sent, retry, delivered, failed, cancelled, as the newest row about it says.
    """
    notifications: dict[str, dict[str, Any]] = {}
    for row in rows:
        delivery = row["snapshot"] or {}
        if row["subject"] not in ("notification", "attempt") or "channel" not in delivery:
            continue
        line = notifications.setdefault(
            row["subject_id"],
            {"at": spell(row["at"]), "to": delivery["to"], "purpose": delivery["purpose"], "attempts": 0},
        )
        line["channel"] = delivery["channel"] or line.get("channel", "")
        line["attempts"] += row["what"] == "sent"
        line |= {
            "outcome": row["what"],
            "outcome_at": spell(row["at"]),
            "reason_code": row["reason_code"],
            "reason": row["reason"],
        }
    return list(notifications.values())
