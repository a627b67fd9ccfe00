"""Schema 5: which values an alert had lately, and which alerts a stretch of `changes` has moved."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Index, MetaData, Table, Text

revision, down_revision = "0005", "0004"
metadata = MetaData()
_alert_values = Table(
    "alert_values",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("value", Float, nullable=False),
    Index("alert_values_by_time", "at"),
)


def upgrade() -> None:
    """Make what is new; values are kept for a day, so none of before is missed for long."""
    metadata.create_all(op.get_bind())
    op.create_index("alerts_by_place", "alerts", ["partition", "offset"])
