"""Schema 1: the tables as they were before there were migrations."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

revision, down_revision = "0001", None
metadata = MetaData()
_json = JSON().with_variant(JSONB(), "postgresql")
_counter = BigInteger().with_variant(Integer(), "sqlite")

about = Table(
    "about",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("instance", Text, nullable=False),
    Column("rule_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("triggered_at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    Column("resolved_at", BigInteger),
    Column("resolved_by", Text),
    Column("resolution_notes", Text),
    Column("team", Text, nullable=False),
    Column("why_team", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("labels", _json, nullable=False),
    Column("group", Text, nullable=False),
    Column("value", Float),
    Column("runbook", Text, nullable=False),
    Column("unknown", Text, nullable=False),
    Column("delayed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("alerts_by_status", "status", "severity", "triggered_at"),
    Index("alerts_by_team", "team", "status", "triggered_at"),
    Index("alerts_by_gateway", "gateway", "status", "triggered_at"),
    Index("alerts_by_rule", "rule_id", "triggered_at"),
    Index("alerts_by_instance", "instance", "triggered_at"),
    Index("alerts_by_time", "triggered_at"),
    Index("alerts_by_group", "group", "triggered_at"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("sequence", _counter, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("team", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("alert_id", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("snapshot", _json),
    Index("timeline_by_alert", "alert_id", "sequence"),
    Index("timeline_by_group", "group", "at"),
    Index("timeline_by_subject", "subject", "subject_id", "sequence"),
    Index("timeline_by_team", "team", "sequence"),
    Index("timeline_by_time", "at"),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("body", _json),
    Column("deleted", Boolean, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", Text, nullable=False),
    Index("documents_by_name", "type", "team", "name"),
)

commands = Table(
    "commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("result", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

offsets = Table(
    "offsets",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),
    Column("incarnation", Text, nullable=False),
)


def upgrade() -> None:
    """Make the tables that are missing."""
    metadata.create_all(op.get_bind())
