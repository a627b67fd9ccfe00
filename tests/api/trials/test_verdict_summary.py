"""The short of a timeline: alerts, who is told, and what two versions of a rule make of the same."""

from __future__ import annotations

from typing import Any

from api.trials.outcome.verdict_summary import alerts, differences, told


def entry(what: str, at: str, id: str = "a", severity: str = "warning", **more: Any) -> dict[str, Any]:
    """What a timeline says of an alert."""
    status = "resolved" if what == "resolved" else "firing"
    said = {"subject": "alert", "what": what, "at": at, "id": id, "severity": severity, "status": status}
    usual = {"rule": "r", "gateway": "gw", "labels": {"u": id}, "message": f"{id} {what}", "value": 1.0}
    return said | usual | {"reason": f"{what} because"} | more


def test_an_alert_from_its_beginning_to_its_end() -> None:
    """It has the words of its beginning, its worst severity, and its end with the reason of that."""
    (alert,) = alerts(
        [
            entry("fired", "1"), entry("worsened", "2", severity="critical"), entry("updated", "3"),
            entry("resolved", "4"),
        ]
    )  # fmt: skip
    assert (alert["fired"], alert["ended"], alert["severity"], alert["message"]) == (
        "1",
        "4",
        "critical",
        "a fired",
    )
    assert (alert["reason"], alert["end_reason"]) == ("fired because", "resolved because")


def test_who_is_told() -> None:
    """Each recipient once, with how many calls; a further attempt of the same call is none."""
    call = {
        "subject": "call",
        "at": "1",
        "channel": "webhook",
        "number": 1,
        "what": "firing",
        "reason": "first",
    }
    said = told([call | {"to": "a"}, call | {"to": "a", "number": 2}, call | {"to": "a"}, call | {"to": "b"}])
    assert [(one["to"], one["calls"], one["reason"]) for one in said] == [
        ("a", 2, "first"),
        ("b", 1, "first"),
    ]


def test_what_an_edit_changes() -> None:
    """Only old, only new, and both with another severity; what is the same is not said."""
    old = alerts([
        entry("fired", "1", "same"), entry("fired", "1", "milder", "critical"), entry("fired", "1", "gone"),
        entry("fired", "1", "moved"), entry("resolved", "2", "moved"),
    ])  # fmt: skip
    new = alerts([
        entry("fired", "3", "same"), entry("fired", "2", "milder"), entry("fired", "4", "more"),
        entry("fired", "5", "moved"),
    ])  # fmt: skip
    said = [(one["only"], one["fired"]) for one in differences(old, new)]
    assert said == [("old", "1"), ("old", "1"), ("", "2"), ("new", "4"), ("new", "5")]
    assert 'both fire: warning, and critical before from 2 and goes on, gw {u="milder"}: milder fired' in [
        one["says"] for one in differences(old, new)
    ]
    assert differences(old, old) == []
