"""The tables of the read model: what the projection writes and the API reads, defined once (ADR 3).

Instants are integers, ms UTC, as everywhere inside; the API makes RFC 3339 of them. This module holds
definitions only and imports no other of this room, since the API imports it too.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

VERSION = 6  # of these definitions, and the newest of `migrations`; a newer one in the database is refused
metadata = MetaData()
_json = JSON().with_variant(JSONB(), "postgresql")
_counter = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts only in a column of type INTEGER

# Of alerts; a query says it as their index does, for planners compare words.
OPEN = text("status <> 'resolved'")

about = Table(
    "about",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),  # one occurrence
    Column("fingerprint", Text, nullable=False),  # what it is about, for ever: gateway|rule|labels
    Column("rule_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("triggered_at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    Column("acknowledged_until", BigInteger),
    Column("resolved_at", BigInteger),
    Column("resolved_by", Text),
    Column("resolution_notes", Text),
    Column("assigned_to", Text),
    Column("suppression", JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
    Column("suppressed_since", BigInteger),  # since when nobody is told of it
    Column("first_acknowledged_at", BigInteger),  # stays when the acknowledgement ends or is said again
    Column("suppressed_for", BigInteger, nullable=False, server_default="0"),  # ms in which nobody was told
    Column("team", Text, nullable=False),
    Column("why_team", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("labels", _json, nullable=False),
    Column("groups", _json, nullable=False, server_default="[]"),  # one for each route that it matches
    Column("value", Float),
    Column("runbook", Text, nullable=False),
    Column("unknown", Text, nullable=False),  # why its state is held rather than known
    Column("data_quality", _json, nullable=False, server_default="[]"),  # what casts doubt on it
    Column("delayed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),  # of the alert's row; the highest wins, never the last
    Column("partition", Integer, nullable=False),  # where in `changes` this version stands
    Column("offset", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("alerts_by_status", "status", "severity", "triggered_at"),
    Index("alerts_by_team", "team", "status", "triggered_at"),
    Index("alerts_by_gateway", "gateway", "status", "triggered_at"),
    Index("alerts_by_rule", "rule_id", "triggered_at"),
    Index("alerts_by_fingerprint", "fingerprint", "triggered_at"),
    Index("alerts_by_time", "triggered_at"),
    Index("alerts_by_place", "partition", "offset"),
    # What counts of open alerts read, so that they are counted without the rest of their rows.
    Index(
        "alerts_open",
        "team",
        "severity",
        "rule_id",
        "rule",
        "gateway",
        "status",
        "suppressed_since",
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
    # What metrics read of an alert, so that a million of them are counted without the rest of their rows.
    Index(
        "alerts_measured",
        "team",
        "triggered_at",
        "severity",
        "rule_id",
        "gateway",
        "first_acknowledged_at",
        "resolved_at",
        "suppressed_for",
    ),
)

# What an alert's curve is drawn from; kept for a day.
alert_values = Table(
    "alert_values",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("value", Float, nullable=False),
    Index("alert_values_by_time", "at"),
)

group_rules = Table(
    "group_rules",
    metadata,
    Column("group", Text, primary_key=True),
    Column("rule_id", Text, primary_key=True),  # whose alerts the group has held
    Column("rule", Text, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("sequence", _counter, primary_key=True, autoincrement=True),  # SSE: Last-Event-ID; it only grows
    Column("id", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("team", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("alert_id", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("reason_code", Text, nullable=False, server_default=""),  # why, for programs; empty: no code
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("snapshot", _json),  # all of the subject as it was then
    Index("timeline_by_alert", "alert_id", "sequence"),
    Index("timeline_by_group", "group", "subject", "at"),
    Index("timeline_by_subject", "subject", "subject_id", "sequence"),
    Index("timeline_by_team", "team", "sequence"),
    Index("timeline_by_time", "at"),
    Index("timeline_told", "subject", "what", "at", "group"),
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

# Every revision of a document, and the chain of hashes over those of a team (streams/audit_chain.py).
revisions = Table(
    "revisions",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("what", Text, nullable=False),  # created, changed, deleted
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Text),  # spelled canonically; NULL: the document was deleted, or its text not kept
    Column("digest", Text, nullable=False),  # of the text; empty: the document was deleted
    Column("place", BigInteger, nullable=False),  # among the revisions of the team, from 1
    Column("previous", Text, nullable=False),  # the hash of the line before
    Column("hash", Text, nullable=False),
    Index("revisions_by_place", "team", "place", unique=True),
    Index("revisions_by_time", "at"),
)

commands = Table(
    "commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("do", Text, nullable=False, server_default=""),
    Column("digest", Text, nullable=False, server_default=""),  # of the request that asked for it
    Column("result", Text, nullable=False),  # accepted or refused
    Column("code", Text, nullable=False, server_default=""),  # of a refusal (streams.codes)
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
    Column("next", BigInteger, nullable=False),  # the first offset that these tables do not reflect
    Column("incarnation", Text, nullable=False),  # which life of the topic it counts in; empty where unknown
)

# Whose marks they are the API alone writes (ADR 8): what somebody has read is nobody else's business.
read_marks = Table(
    "read_marks",
    metadata,
    Column("person", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),  # of the notification in the timeline
)

read_through = Table(
    "read_through",
    metadata,
    Column("person", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),  # all up to this one are read
)
