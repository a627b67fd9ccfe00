"""What happens next to an alert by itself, and when: people are told, or an acknowledgement or a suppression ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from api.instant import spell
from api.queries.states.escalations import EscalationStanding, escalation_of

Fields = Mapping[str, Any] | RowMapping


def upcoming(alert: Fields, rows: Sequence[Fields]) -> dict[str, Any] | None:
    """The next thing, of an alert's row and its timeline's rows; None where nothing happens by itself, or it is over.

    `what`: step, last_resort, repeat, acknowledgement_ends, suppression_ends.
    """
    if alert["status"] == "resolved":
        return None
    if alert["suppression"] is not None:
        return _end("suppression_ends", alert["suppression"].get("until"))
    if alert["status"] == "acknowledged":
        return _end("acknowledgement_ends", alert["acknowledged_until"])
    moves = [
        step
        for group in alert["groups"]
        if (step := _of_group(group, [row for row in rows if row["group"] == group]))
    ]
    return min(moves, key=lambda step: str(step["at"]), default=None)


def _end(what: str, at: int | None) -> dict[str, Any] | None:
    return None if at is None else {"what": what, "step": 0, "to": [], "at": spell(at)}


def _of_group(group: str, rows: Iterable[Fields]) -> dict[str, Any] | None:
    """What respond said last of a group's escalation; a delay runs from the first delivery after that."""
    standing: EscalationStanding | None = None
    for row in rows:
        if row["subject"] != "notification":
            continue
        if (escalation := escalation_of(row["snapshot"])) is not None:
            standing = EscalationStanding(group, row["at"], escalation, None)
        elif standing is not None and row["what"] == "delivered" and standing.delivered_at is None:
            standing = standing._replace(delivered_at=row["at"])
    if standing is None or standing.due is None:
        return None
    following = standing.escalation
    step = following.next_step + 1 if following.next == "step" else 0
    return {"what": following.next, "step": step, "to": list(following.next_to), "at": spell(standing.due)}
