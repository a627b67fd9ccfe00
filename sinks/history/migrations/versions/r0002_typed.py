"""Schema 2: an alert has a fingerprint and groups, an entry and a command have the code of their reason."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ScalarSelect,
    Select,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sinks.history.earlier import MARKS, WORDS

revision, down_revision = "0002", "0001"
_json = JSON().with_variant(JSONB(), "postgresql")
_alert = table(
    "alerts", *map(column, ("id", "status", "group", "groups", "data_quality", "acknowledged_until"))
)
_entry = table(
    "timeline",
    *map(column, ("sequence", "team", "subject", "subject_id", "alert_id")),
    column("snapshot", _json),
)  # fmt: skip
_command = table("commands", *map(column, ("id", "team", "do", "digest", "result", "code", "reason")))
# A JSON value under another name; in each dialect's own words, which SQLAlchemy has none for.
_RENAME_POINTS = {
    "sqlite": "UPDATE timeline SET snapshot = json_remove(json_set(snapshot, '$.anomaly.recent_points', "
    "json_extract(snapshot, '$.anomaly.trail')), '$.anomaly.trail') "
    "WHERE json_type(snapshot, '$.anomaly.trail') = 'array'",
    "postgresql": "UPDATE timeline SET snapshot = jsonb_set(snapshot #- '{anomaly,trail}', '{anomaly,recent_points}', "
    "snapshot #> '{anomaly,trail}') WHERE jsonb_typeof(snapshot #> '{anomaly,trail}') = 'array'",
}


def upgrade() -> None:
    """Change the tables, and fill what is new from what they hold."""
    _alerts()
    _timeline()
    _commands()


def _alerts() -> None:
    for name in ("alerts_by_instance", "alerts_by_group"):
        op.drop_index(name, "alerts")
    op.alter_column("alerts", "instance", new_column_name="fingerprint")
    op.create_index("alerts_by_fingerprint", "alerts", ["fingerprint", "triggered_at"])
    op.add_column("alerts", Column("acknowledged_until", BigInteger))
    for name in ("groups", "data_quality"):
        op.add_column("alerts", Column(name, _json, nullable=False, server_default="[]"))
    array = func.jsonb_build_array if op.get_bind().dialect.name == "postgresql" else func.json_array
    none, snapshot = literal([], _json), _entry.c.snapshot
    until = cast(snapshot["acknowledged_until"].as_string(), BigInteger)
    held = case(
        (snapshot["doubts"].as_string().is_not(None), snapshot["doubts"])
    )  # NULL for JSON's null as well
    own = (_entry.c.alert_id == _alert.c.id, _entry.c.subject == "alert")
    op.execute(
        _alert.update().values(
            groups=case((_alert.c.group == "", none), else_=array(_alert.c.group)),
            data_quality=func.coalesce(_newest(select(held).where(*own)), none),
            acknowledged_until=_newest(select(until).where(*own)),
        )
    )
    op.drop_column("alerts", "group")


def _newest(snapshots: Select[Any]) -> ScalarSelect[Any]:
    return snapshots.order_by(_entry.c.sequence.desc()).limit(1).scalar_subquery()


def _timeline() -> None:
    op.add_column("timeline", Column("reason_code", Text, nullable=False, server_default=""))
    op.drop_index("timeline_by_group", "timeline")
    op.create_index("timeline_by_group", "timeline", ["group", "subject", "at"])
    op.execute(text(_RENAME_POINTS[op.get_bind().dialect.name]))


def _commands() -> None:
    for name in ("do", "digest", "code"):
        op.add_column("commands", Column(name, Text, nullable=False, server_default=""))
    own = (
        _entry.c.subject == "command",
        _entry.c.subject_id == _command.c.id,
        _entry.c.team == _command.c.team,
    )
    for name in ("do", "digest"):
        first = select(_entry.c.snapshot[name].as_string()).where(*own).order_by(_entry.c.sequence).limit(1)
        op.execute(_command.update().values({name: func.coalesce(first.scalar_subquery(), "")}))
    reason, refused = _command.c.reason, _command.update().where(_command.c.result == "refused")
    code = case(*((reason.contains(words, autoescape=True), code.value) for words, code in WORDS))
    op.execute(refused.values(code=code))
    for mark in MARKS:
        marked = refused.where(reason.startswith(mark, autoescape=True))
        op.execute(marked.values(reason=func.substr(reason, len(mark) + 1)))
