CREATE TABLE about (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE alerts (
    id TEXT NOT NULL,
    instance TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    status TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    triggered_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    resolved_at BIGINT,
    resolved_by TEXT,
    resolution_notes TEXT,
    team TEXT NOT NULL,
    why_team TEXT NOT NULL,
    gateway TEXT NOT NULL,
    labels JSONB NOT NULL,
    "group" TEXT NOT NULL,
    value FLOAT,
    runbook TEXT NOT NULL,
    unknown TEXT NOT NULL,
    delayed BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    partition INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX alerts_by_gateway ON alerts (gateway, status, triggered_at);
CREATE INDEX alerts_by_group ON alerts ("group", triggered_at);
CREATE INDEX alerts_by_instance ON alerts (instance, triggered_at);
CREATE INDEX alerts_by_rule ON alerts (rule_id, triggered_at);
CREATE INDEX alerts_by_status ON alerts (status, severity, triggered_at);
CREATE INDEX alerts_by_team ON alerts (team, status, triggered_at);
CREATE INDEX alerts_by_time ON alerts (triggered_at);
CREATE TABLE commands (
    id TEXT NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    team TEXT NOT NULL,
    by TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE documents (
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body JSONB,
    deleted BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX documents_by_name ON documents (type, team, name);
CREATE TABLE offsets (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next BIGINT NOT NULL,
    incarnation TEXT NOT NULL,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE timeline (
    sequence BIGSERIAL NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    team TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    "group" TEXT NOT NULL,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    snapshot JSONB,
    PRIMARY KEY (sequence),
    UNIQUE (id)
);
CREATE INDEX timeline_by_alert ON timeline (alert_id, sequence);
CREATE INDEX timeline_by_group ON timeline ("group", at);
CREATE INDEX timeline_by_subject ON timeline (subject, subject_id, sequence);
CREATE INDEX timeline_by_team ON timeline (team, sequence);
CREATE INDEX timeline_by_time ON timeline (at);
