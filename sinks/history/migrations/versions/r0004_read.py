"""Schema 4: which notifications somebody has read; who sees to an alert, and why nobody is told of it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

revision, down_revision = "0004", "0003"
metadata = MetaData()
_json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_read_marks = Table(
    "read_marks",
    metadata,
    Column("person", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
)
_read_through = Table(
    "read_through",
    metadata,
    Column("person", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)


def upgrade() -> None:
    """Make what is new; nothing of before has any of it."""
    metadata.create_all(op.get_bind())
    op.add_column("alerts", Column("assigned_to", Text))
    op.add_column("alerts", Column("suppression", _json))
    op.add_column("alerts", Column("suppressed_since", BigInteger))
