"""A change as schema 1 wrote it, in the fields of today: for a log that began before an update, or is read anew."""

from __future__ import annotations

from typing import Any

from streams.codes import RefusalCode

Body = dict[str, Any]
# How refusals were worded before they had codes; the first that is part of the words is meant.
WORDS = (
    ("conflict: ", RefusalCode.CONFLICT),
    ("resolved already", RefusalCode.ALREADY_RESOLVED),
    ("after its deadline", RefusalCode.EXPIRED),
    ("nothing to acknowledge", RefusalCode.NOTHING_TO_ACKNOWLEDGE),
    ("fired again since", RefusalCode.CONFLICT),
    (" has no alert ", RefusalCode.NOT_FOUND),
    ("does not exist", RefusalCode.NOT_FOUND),
    ("neither an administrator", RefusalCode.NOT_PERMITTED),
    ("", RefusalCode.INVALID),
)
MARKS = ("conflict: ", "refused: ")  # with which they began


def translated(change: Body) -> Body:
    """The change in today's fields; one of today is given back as it is."""
    snapshot = change.get("snapshot")
    if not isinstance(snapshot, dict):
        return change
    match change.get("subject"):
        case "alert":
            return change | {"alert": _alert(snapshot)}
        case "command" if snapshot.get("result") == "refused":
            return change | {"command": snapshot} | _refusal(str(change.get("reason")))
        case subject:
            return change | {f"{subject}": snapshot}


def _alert(snapshot: Body) -> Body:
    anomaly = snapshot.get("anomaly")
    more: Body = {"data_quality": snapshot.get("doubts") or []}
    if "instance" in snapshot:
        more["fingerprint"] = snapshot["instance"]
    if snapshot.get("group"):
        more["groups"] = [snapshot["group"]]
    if isinstance(anomaly, dict):
        more["anomaly"] = anomaly | {"recent_points": anomaly.get("trail") or []}
    return snapshot | more


def _refusal(reason: str) -> Body:
    code = next(code for words, code in WORDS if words in reason)
    for mark in MARKS:
        reason = reason.removeprefix(mark)
    return {"reason_code": code, "reason": reason}
