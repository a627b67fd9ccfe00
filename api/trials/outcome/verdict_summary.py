"""The timeline of a trial in short: each alert from its beginning to its end, who is told, and what an edit changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streams.documents.conditions.threshold import SEVERITIES
from streams.telemetry.series import spell

Entry = Mapping[str, Any]  # of a timeline, times in RFC 3339
Alert = dict[str, Any]


def own(timeline: Sequence[Entry], rule: str) -> list[Entry]:
    """What the timeline says of the alerts of one rule, by its name, and of their groups: not of our own alerts."""
    entries = [entry for entry in timeline if entry["subject"] == "alert" and entry.get("rule") == rule]
    groups = {group for entry in entries for group in entry.get("groups", ())}
    calls = [entry for entry in timeline if entry["subject"] == "call" and entry.get("group") in groups]
    return [*entries, *calls]


def alerts(timeline: Iterable[Entry]) -> list[Alert]:
    """Each alert: `fired`, `ended` (None: it goes on), worst `severity`, and the words with which it began."""
    by_key: dict[str, Alert] = {}
    for entry in timeline:
        if entry["subject"] != "alert":
            continue
        alert = by_key.setdefault(entry["id"], _begun(entry))
        alert["severity"] = max(alert["severity"], entry["severity"], key=SEVERITIES.index)
        if entry["status"] == "resolved":
            alert |= {"ended": entry["at"], "end_reason": entry.get("reason", "")}
    return list(by_key.values())


def _begun(entry: Entry) -> Alert:
    """An alert as it fires, with the words of that instant."""
    told = {
        name: entry.get(name) for name in ("id", "rule", "gateway", "labels", "severity", "message", "value")
    }
    return told | {"fired": entry["at"], "ended": None, "reason": entry.get("reason", ""), "end_reason": ""}


def told(timeline: Iterable[Entry]) -> list[dict[str, Any]]:
    """Who would be called: by recipient, how often, when first, and why."""
    notifications: dict[str, dict[str, Any]] = {}
    for entry in timeline:
        if entry["subject"] == "call" and entry["number"] == 1:
            first = {"to": entry["to"], "channel": entry["channel"], "calls": 0, "first": entry["at"]}
            recipient = notifications.setdefault(entry["to"], first | {"reason": entry.get("reason", "")})
            recipient["calls"] += 1
    return list(notifications.values())


def differences(before: Sequence[Alert], after: Sequence[Alert]) -> list[dict[str, Any]]:
    """Alerts that only one version of a rule has, or both with another severity; `only`: new, old or "" for both."""
    left = list(after)
    lines: list[dict[str, Any]] = []
    for old in before:
        match = next((new for new in left if _same(old, new)), None)
        if match is None:
            lines.append(_difference("old", old))
            continue
        left.remove(match)
        if match["severity"] != old["severity"]:
            lines.append(_difference("", match, f"{match['severity']}, and {old['severity']} before"))
    lines += [_difference("new", alert) for alert in left]
    return sorted(lines, key=lambda difference: difference["fired"])


def _same(old: Alert, new: Alert) -> bool:
    """Whether two alerts are about the same thing at the same time."""
    last = "9"  # behind every time
    overlap = old["fired"] <= (new["ended"] or last) and new["fired"] <= (old["ended"] or last)
    return bool(overlap and (old["gateway"], old["labels"]) == (new["gateway"], new["labels"]))


def _difference(only: str, alert: Alert, severity: str = "") -> dict[str, Any]:
    labels = {name: text for name, text in (alert["labels"] or {}).items() if name != "gateway"}
    who = {"new": "only the new version fires", "old": "only the old version fired", "": "both fire"}[only]
    until = f"to {alert['ended']}" if alert["ended"] else "and goes on"
    words = f"{who}: {severity or alert['severity']} from {alert['fired']} {until}"
    about = f"{alert['gateway']} {spell('', labels)}".strip()
    return {"only": only, "fired": alert["fired"], "says": f"{words}, {about}: {alert['message']}"}
