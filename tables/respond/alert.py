"""Level 4, alerts: one row an instance, one id an occurrence, every move with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from streams.document import derived
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.said import Change, Command, Verdict, Verdicts
from streams.topics import CHANGES
from tables.respond import group
from tables.respond.lifecycle import RANK, TRANSITIONS, Cause, Status
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

REST = 3_600_000  # attended ms that a resolved alert's row is kept, for late duplicates
BELIEVED = 1_800_000  # ms that whoever resolves an alert is believed, while detect goes on calling it wrong
SPREAD = 60  # seconds over which such rows end
_SHOWN = (
    "id", "instance", "rule_id", "rule", "status", "severity", "message", "triggered_at",
    "acknowledged_at", "acknowledged_by", "acknowledged_until", "resolved_at", "resolved_by", "resolution_notes",
    "team", "why_team", "gateway", "labels", "group", "value", "runbook", "unknown", "doubts",
    "delayed", "version", "anomaly",
)  # fmt: skip
_TAKEN = (
    "instance", "turn", "rule_id", "rule", "gateway", "labels", "message", "value", "runbook", "unknown", "doubts",
    "delayed", "since",
)  # fmt: skip


def key(team: str, instance: str) -> str:
    """The key of an alert's row."""
    return f"4/{team}/{derived('alert', instance)}"


def shelf(row: Row) -> str:
    """What a notification shows and an acknowledgement covers is looked for by its group: what is open."""
    return f"4/{row.value['group']}" if row.value.get("status", Status.RESOLVED) != Status.RESOLVED else ""


def hear(machine: Respond, said: Verdicts, verdict: Verdict) -> None:
    """Take one verdict; the highest turn wins, so duplicates and late ones change nothing."""
    at = key(said.team, verdict.instance)
    known = machine.rows.get(at)
    if verdict.state == "ok" and not verdict.missed and (known is None or known.dead):
        return  # nothing was wrong that we knew of: no row is called into being
    row = machine.open(at)
    if row is None or (verdict.turn <= row.value.get("turn", 0) and not _mends(machine, row, verdict)):
        return
    status = Status(row.value.get("status", Status.RESOLVED))
    before, doubted = dict(row.value), row.value.get("doubts") or None
    row.value |= _facts(said, verdict)
    if verdict.state == "firing":
        _fire(machine, row, status, verdict)
        _doubt(machine, row, verdict, status is not Status.RESOLVED and (verdict.doubts or None) != doubted)
    elif status is not Status.RESOLVED:
        close(machine, row, Cause.CLEAR, "", "", verdict.reason)
    elif verdict.missed:
        _missed(machine, row, verdict)
    else:
        return
    group.changed(machine, row, before)


def _mends(machine: Respond, row: Row, verdict: Verdict) -> bool:
    """Whether a refresh opens again what is closed: what nobody closed at once, what a person closed after a while."""
    value, same = row.value, verdict.refresh and verdict.turn == row.value.get("turn", 0)
    if not same or value.get("status") != Status.RESOLVED:
        return False
    if value.get("resolved_by") and machine.clock.now - value["resolved_at"] < BELIEVED:
        _rest(machine, row)
        return False
    return True


def _facts(said: Verdicts, verdict: Verdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in _TAKEN} | {
        "anomaly": verdict.anomaly.model_dump() if verdict.anomaly else None,
        "team": said.team,
        "why_team": said.why_team,
        "group": f"{said.team}/{verdict.rule_id}|{verdict.gateway}",
        "routing": (verdict.routing or {}).get("notify", []),
        "policy": verdict.escalation_policy,
        "rule_team": verdict.rule_team,
        "moved_to": verdict.moved_to,
    }


def _fire(machine: Respond, row: Row, status: Status, verdict: Verdict) -> None:
    known = row.value.get("severity", "info")
    worse = RANK[verdict.severity] > RANK[known]
    row.value["severity"] = verdict.severity
    if status is Status.RESOLVED:
        by = row.value.get("resolved_by")
        _occur(machine, row, Status.FIRING, verdict)
        doubt = f"{by} resolved it, but " if by and verdict.refresh else ""
        change(machine, row, "fired", doubt + verdict.reason)
    elif worse:
        row.value["status"] = TRANSITIONS.get((status, Cause.WORSEN), status)
        if status is Status.ACKNOWLEDGED:
            unhand(row)
        row.value |= {"worse": row.value.get("worse", 0) + 1, "after": machine.offset}
        change(machine, row, "worsened", f"severity rose to {verdict.severity}: {verdict.reason}")
    elif verdict.severity != known:
        # only what is critical is held for a limited time
        row.value["acknowledged_until"], row.wake = None, None
        change(machine, row, "updated", f"severity fell to {verdict.severity}: {verdict.reason}")


def _doubt(machine: Respond, row: Row, verdict: Verdict, changed: bool) -> None:
    """Nobody is called for it: what cannot be seen has an alert of its own."""
    if changed and verdict.doubts:
        change(machine, row, "doubted", "; ".join(verdict.doubts))
    elif changed:
        change(machine, row, "confirmed", "nothing casts doubt on it any more")


def _occur(machine: Respond, row: Row, status: Status, verdict: Verdict) -> None:
    row.value["occurrences"] = row.value.get("occurrences", 0) + 1
    id = derived("alert", row.value["team"], verdict.instance, str(row.born), str(row.value["occurrences"]))
    began = verdict.since if verdict.delayed else machine.clock.now
    unhand(row)
    row.value |= dict.fromkeys(("resolved_at", "resolved_by", "resolution_notes")) | {
        "id": str(id),
        "status": status,
        "triggered_at": began,
        "worse": 0,
        "after": machine.offset,  # who acknowledged before that did not mean this
    }


def unhand(row: Row) -> None:
    """Nobody has it, or not any more."""
    row.value |= dict.fromkeys(("acknowledged_at", "acknowledged_by", "acknowledged_until"))
    row.wake = None


def _missed(machine: Respond, row: Row, verdict: Verdict) -> None:
    row.value["severity"] = verdict.severity
    _occur(machine, row, Status.RESOLVED, verdict)
    row.value |= {"resolved_at": verdict.at}
    _rest(machine, row)
    change(machine, row, "missed", verdict.reason)
    machine.summarise(row.value)


def _rest(machine: Respond, row: Row) -> None:
    """Each row at a moment of its own, so that a hundred thousand do not end in one tick."""
    row.wake = machine.clock.attended + REST + 1_000 * (crc32(row.key.encode()) % SPREAD)


def close(machine: Respond, row: Row, cause: Cause, by: str, notes: str, reason: str) -> None:
    """Resolve an open alert."""
    row.value["status"] = TRANSITIONS[Status(row.value["status"]), cause]
    row.value |= {
        "resolved_at": machine.clock.now,
        "resolved_by": by or None,
        "resolution_notes": notes or None,
        "ended": reason,
    }
    _rest(machine, row)
    change(machine, row, "resolved", reason, by)


def resolve(machine: Respond, command: Command) -> str:
    """One person says that it is fixed."""
    row = _named(machine, command)
    if machine.newer(row.key):
        return ""
    if row.value["status"] == Status.RESOLVED:
        raise Refused("the alert is resolved already", RefusalCode.ALREADY_RESOLVED)
    machine.open(row.key)
    before = dict(row.value)
    why = f"{command.by.name} resolved it" + (f": {command.notes}" if command.notes else "")
    close(machine, row, Cause.RESOLVE, command.by.name, command.notes, why)
    group.changed(machine, row, before)
    return "resolved"


def _named(machine: Respond, command: Command) -> Row:
    row = machine.rows.get(key(command.team, command.alert))
    if row is None or row.dead:
        words = f"team {command.team} has no alert {command.alert_id or command.alert}"
        raise Refused(words, RefusalCode.NOT_FOUND)
    if command.alert_id and row.value.get("id") != command.alert_id:
        words = "the alert has been resolved and fired again since: look at the newer one"
        raise Refused(words, RefusalCode.CONFLICT)
    return row


def change(machine: Respond, row: Row, what: str, reason: str, by: str = "") -> None:
    """Tell the product's memory, with the alert as it is now."""
    row.value["version"] = row.value.get("version", 0) + 1
    snapshot = {name: row.value.get(name) for name in _SHOWN}
    team, id = row.value["team"], row.value["id"]
    machine.say(
        row, CHANGES, team, Change, team=team, subject="alert", subject_id=id, what=what, reason=reason, by=by,
        alert_id=id, group=row.value["group"], snapshot=snapshot,
    )  # fmt: skip
