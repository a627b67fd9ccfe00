"""The fold from changes to rows: pure, and the same whichever way the changes are repeated or reordered.

A timeline entry is known by its change's id, and a renewed value has none; of an alert the highest version
stands, of a document the highest revision, of a command the first answer. So a replay, a duplicate or a
second writer changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec

from streams.errors import Refused
from streams.messages.change import UNLISTED, Change

Row = dict[str, Any]
T = TypeVar("T")


class Placed(NamedTuple):
    """A change and where it stands in `changes`; None where a dead letter stood."""

    partition: int
    offset: int
    change: Change | None


class Rows(NamedTuple):
    """What some changes add to each table; `alerts` and `documents` replace only older rows."""

    timeline: list[Row]
    alerts: list[Row]
    documents: list[Row]
    commands: list[Row]
    group_rules: list[Row]
    alert_values: list[Row]


def fold(changes: Iterable[Placed]) -> Rows:
    """The rows of many changes, each row once; Refused (by the first that is wrong) where a snapshot is missing."""
    entries: dict[str, Row] = {}
    alerts: dict[str, Row] = {}
    documents: dict[str, Row] = {}
    commands: dict[str, Row] = {}
    rules: dict[tuple[str, str], Row] = {}
    values: dict[tuple[str, int], Row] = {}
    for partition, offset, change in changes:
        if change is None:
            continue
        if change.what not in UNLISTED:
            entries.setdefault(change.id, entry(change))
        match change.subject:
            case "alert":
                _newest(alerts, alert(change, partition, offset), "version")
                rules |= group_rules(change)
                values |= alert_values(change)
            case "document":
                _newest(documents, document(change), "revision")
            case "command":
                answer = command(change)
                commands.setdefault(answer["id"], answer)
    return Rows(
        list(entries.values()), list(alerts.values()), list(documents.values()), list(commands.values()),
        list(rules.values()), list(values.values()),
    )  # fmt: skip


def _newest(rows: dict[str, Row], row: Row, by: str) -> None:
    known = rows.get(row["id"])
    if known is None or row[by] > known[by]:
        rows[row["id"]] = row


def entry(change: Change) -> Row:
    """The timeline's row: the change as it came, its subject whole."""
    return {
        "id": change.id,
        "at": change.at,
        "team": change.team,
        "subject": change.subject,
        "subject_id": change.subject_id,
        "alert_id": change.alert_id,
        "group": change.group,
        "what": change.what,
        "reason_code": change.reason_code,
        "reason": change.reason,
        "by": change.by,
        "snapshot": msgspec.to_builtins(
            change.alert or change.document or change.command or change.delivery or change.escalation
        ),
    }


def alert(change: Change, partition: int, offset: int) -> Row:
    """The alert's row, with the place of the change that made it so."""
    row: Row = msgspec.to_builtins(_present(change, change.alert))
    del row["anomaly"]  # stands in the timeline, whose entries hold the alert whole
    return row | {"partition": partition, "offset": offset, "updated_at": change.at}


def group_rules(change: Change) -> dict[tuple[str, str], Row]:
    """Which rule the alert's groups hold alerts of, by group and rule."""
    snapshot = _present(change, change.alert)
    return {
        (group, snapshot.rule_id): {"group": group, "rule_id": snapshot.rule_id, "rule": snapshot.rule}
        for group in snapshot.groups
    }


def alert_values(change: Change) -> dict[tuple[str, int], Row]:
    """The value that the alert has at an instant, where it has one, by alert and instant."""
    snapshot = _present(change, change.alert)
    if snapshot.value is None:
        return {}
    row: Row = {"alert_id": snapshot.id, "at": change.at, "value": snapshot.value}
    return {(snapshot.id, change.at): row}


def document(change: Change) -> Row:
    """The document's row; a deleted one stays as a row, so that its revision is not given twice."""
    snapshot = _present(change, change.document)
    return {
        "id": snapshot.id,
        "type": snapshot.type,
        "name": snapshot.name,
        "team": snapshot.owner,
        "revision": snapshot.revision,
        "body": snapshot.body,
        "deleted": snapshot.body is None,
        "updated_at": change.at,
        "updated_by": change.by,
    }


def command(change: Change) -> Row:
    """What became of a command, for the API call that waits for it."""
    snapshot = _present(change, change.command)
    return {
        "id": snapshot.command,
        "do": snapshot.do,
        "digest": snapshot.digest,
        "result": snapshot.result,
        "code": change.reason_code,
        "reason": change.reason,
        "team": change.team,
        "by": change.by,
        "at": change.at,
    }


def _present(change: Change, snapshot: T | None) -> T:
    if snapshot is None:
        raise Refused(f"change: `{change.subject}` is missing: a change of one carries it as it is now")
    return snapshot
