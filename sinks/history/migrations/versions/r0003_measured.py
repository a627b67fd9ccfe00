"""Schema 3: an alert keeps its first acknowledgement and how long it was suppressed; a group knows its rules."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    MetaData,
    Table,
    Text,
    cast,
    column,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB

revision, down_revision = "0003", "0002"
metadata = MetaData()
_json = JSON().with_variant(JSONB(), "postgresql")
_group_rules = Table(
    "group_rules",
    metadata,
    Column("group", Text, primary_key=True),
    Column("rule_id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
)
_alert = table(
    "alerts",
    *map(column, ("id", "rule_id", "rule", "acknowledged_at", "first_acknowledged_at")),
    column("groups", _json),
)
_entry = table("timeline", *map(column, ("subject", "alert_id")), column("snapshot", _json))
_MEASURED = (
    "team", "triggered_at", "severity", "rule_id", "gateway", "first_acknowledged_at", "resolved_at", "suppressed_for",
)  # fmt: skip
BATCH = 5_000  # rows read and written at once


def upgrade() -> None:
    """Change the tables, and fill what is new from what they hold."""
    op.add_column("alerts", Column("first_acknowledged_at", BigInteger))
    op.add_column("alerts", Column("suppressed_for", BigInteger, nullable=False, server_default="0"))
    metadata.create_all(op.get_bind())
    _first_acknowledgements()
    _rules_of_groups()
    op.create_index("alerts_measured", "alerts", list(_MEASURED))
    op.create_index("timeline_told", "timeline", ["subject", "what", "at", "group"])


def _first_acknowledgements() -> None:
    """The earliest that the timeline knows, else the one that the alert still shows."""
    at = cast(_entry.c.snapshot["acknowledged_at"].as_string(), BigInteger)
    own = (_entry.c.alert_id == _alert.c.id, _entry.c.subject == "alert")
    earliest = select(func.min(at)).where(*own).scalar_subquery()
    op.execute(
        _alert.update().values(first_acknowledged_at=func.coalesce(earliest, _alert.c.acknowledged_at))
    )


def _rules_of_groups() -> None:
    connection = op.get_bind()
    held = connection.execute(select(_alert.c.groups, _alert.c.rule_id, _alert.c.rule).distinct())
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for batch in held.partitions(BATCH):
        for groups, rule_id, rule in batch:
            rows |= {
                (group, rule_id): {"group": group, "rule_id": rule_id, "rule": rule} for group in groups or ()
            }
    if rows:
        connection.execute(insert(_group_rules), list(rows.values()))
