"""Every setting, read once from a mapping: its name, its default and a sentence.

Names of the gateway's own configuration (`MCPGATEWAY_…`) are honoured as the gateway spells them; all
others begin with `TOCSIN_`. A value may be given as a file instead: append `_FILE` to the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from streams.access import TeamRole
from streams.calendar.duration import milliseconds
from streams.canary.names import CHANNEL
from streams.channels.registry import CHANNELS
from streams.text.setting import address, flag, listen, names, one_of, setting, values_of


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of all processes; each process uses what it needs."""

    enabled: bool = setting(
        True, "MCPGATEWAY_ALERTING_ENABLED", "Whether alerts are judged and sent at all.", flag
    )
    email_enabled: bool = setting(
        False,
        "MCPGATEWAY_ALERT_EMAIL_ENABLED",
        "Whether alerts go to TOCSIN_EMAIL_TO by mail, where no document says anything else.",
        flag,
    )
    webhook_url: str = setting(
        "",
        "MCPGATEWAY_ALERT_WEBHOOK_URL",
        "Webhook that hears of alerts, where no document says else; Slack's and Teams' are known by their addresses.",
        secret=True,
    )
    pagerduty_key: str = setting(
        "",
        "MCPGATEWAY_PAGERDUTY_API_KEY",
        "Integration key (Events API v2) of the PagerDuty service that hears of critical alerts.",
        secret=True,
    )
    opsgenie_key: str = setting(
        "",
        "MCPGATEWAY_OPSGENIE_API_KEY",
        "Key of the API integration of Opsgenie, or of JSM Operations, that hears of critical alerts.",
        secret=True,
    )
    email_server: str = setting("", "TOCSIN_EMAIL_SERVER", "Mail server of the settings: host or host:port.")
    email_from: str = setting("", "TOCSIN_EMAIL_FROM", "Who sends the mails of the settings.")
    email_to: str = setting(
        "", "TOCSIN_EMAIL_TO", "Who gets the mails of the settings; several with commas.", secret=True
    )
    email_security: str = setting("starttls", "TOCSIN_EMAIL_SECURITY", "starttls, tls or none.")
    email_user: str = setting("", "TOCSIN_EMAIL_USER", "User name at the mail server; empty: none.")
    email_password: str = setting("", "TOCSIN_EMAIL_PASSWORD", "Password at the mail server.", secret=True)
    pagerduty_region: str = setting("us", "TOCSIN_PAGERDUTY_REGION", "us or eu: of the PagerDuty account.")
    opsgenie_region: str = setting("us", "TOCSIN_OPSGENIE_REGION", "us or eu: of the Opsgenie account.")
    opsgenie_service: str = setting(
        "opsgenie", "TOCSIN_OPSGENIE_SERVICE", "Whose key it is: opsgenie, or jsm (Jira Service Management)."
    )
    pagerduty_url: str = setting(
        "", "TOCSIN_PAGERDUTY_URL", "Where PagerDuty is called, for a proxy of yours; empty: its own address."
    )
    opsgenie_url: str = setting(
        "", "TOCSIN_OPSGENIE_URL", "Where Opsgenie is called, for a proxy of yours; empty: its own address."
    )
    data: str = setting(
        "tocsin-data",
        "TOCSIN_DATA",
        "Folder of all state of an embedded installation: broker, rows, history, keys.",
    )
    shared: str = setting(
        "files",
        "TOCSIN_SHARED",
        "Where the API's processes and the bridge keep what they share (tokens, sign-in links, gateways): files, of a "
        "data folder that is common to them, or topic.",
        one_of("files", "topic"),
    )
    cache: str = setting("", "TOCSIN_CACHE", "Folder of downloaded jars; by default the user's cache folder.")
    bootstrap: str = setting(
        "", "TOCSIN_KAFKA_BOOTSTRAP", "host:port[,…] of an external Kafka; empty: the embedded broker."
    )
    kafka_security: str = setting(
        "PLAINTEXT", "TOCSIN_KAFKA_SECURITY", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
    )
    kafka_mechanism: str = setting(
        "PLAIN", "TOCSIN_KAFKA_SASL_MECHANISM", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_user: str = setting("", "TOCSIN_KAFKA_USER", "User name for SASL.")
    kafka_password: str = setting("", "TOCSIN_KAFKA_PASSWORD", "Password for SASL.", secret=True)
    kafka_ca: str = setting(
        "", "TOCSIN_KAFKA_CA", "File of certificates that sign the brokers'; empty: the system's."
    )
    kafka_certificate: str = setting(
        "", "TOCSIN_KAFKA_CERTIFICATE", "File of our client certificate and key, for mutual TLS."
    )
    require_signed_producers: bool = setting(
        False,
        "TOCSIN_REQUIRE_SIGNED_PRODUCERS",
        "Whether samples and events are believed only with the signature of their gateway's key.",
        flag,
    )
    partitions: int = setting(
        4,
        "TOCSIN_PARTITIONS",
        "Partitions that topics are made with; `tocsin partitions` gives a stage more.",
        int,
    )
    replication: int = setting(1, "TOCSIN_REPLICATION", "Replicas of each topic; 3 in a cluster.", int)
    slot: str = setting(
        "0", "TOCSIN_SLOT", "This worker's slot, unique within its stage and stable over restarts."
    )
    static_membership: bool = setting(
        True, "TOCSIN_STATIC_MEMBERSHIP", "Whether a worker keeps its partitions over a restart.", flag
    )
    session: int = setting(
        10_000, "TOCSIN_SESSION", "How long a silent worker keeps its partitions.", milliseconds
    )
    tick: int = setting(
        1_000,
        "TOCSIN_TICK",
        "How often time is injected into each partition; 0: a driver does it.",
        milliseconds,
    )
    write_out_detect: int = setting(
        20_000, "TOCSIN_WRITE_OUT_DETECT", "How often detect writes its rows.", milliseconds
    )
    system_keys: str = setting(
        "",
        "TOCSIN_SYSTEM_KEYS",
        "Keys that sign internal messages, newest first, comma separated; empty: made and kept in the data folder.",
        secret=True,
    )
    seal_keys: str = setting(
        "",
        "TOCSIN_SEAL_KEYS",
        "Fernet keys that seal secrets, newest first, comma separated; empty: made and kept in the data folder.",
        secret=True,
    )
    token_key: str = setting(
        "",
        "TOCSIN_TOKEN_KEY",
        "Key of our own HS256 bearer tokens; empty: made and kept in the data folder.",
        secret=True,
    )
    database: str = setting(
        "",
        "TOCSIN_DATABASE",
        "SQLAlchemy address of the read model; empty: SQLite in the data folder.",
        secret=True,
    )
    archive_after: int = setting(
        90 * 86_400_000,
        "TOCSIN_ARCHIVE_AFTER",
        "How long after its end an alert is moved to the archive in the data folder; 0: never.",
        milliseconds,
    )
    archive_keep: int = setting(
        0, "TOCSIN_ARCHIVE_KEEP", "How long after its month an archive is kept; 0: for ever.", milliseconds
    )
    host: str = setting("127.0.0.1", "TOCSIN_HOST", "Address that the API listens on.")
    sign_in_gateway: str = setting("", "TOCSIN_SIGN_IN_GATEWAY", "Gateway whose tokens sign in.", address)
    sign_in_teams: tuple[str, ...] = setting((), "TOCSIN_SIGN_IN_TEAMS", "Its teams here; *: all.", names)
    sign_in_role: str = setting("responder", "TOCSIN_SIGN_IN_ROLE", "Their role here.", one_of(*TeamRole))
    otlp_labels: tuple[str, ...] = setting(
        (),
        "TOCSIN_OTLP_LABELS",
        "Resource attributes of OpenTelemetry that become labels, with commas; service.name and service.instance.id "
        "are job and instance anyway.",
        names,
    )
    public_url: str = setting(
        "",
        "TOCSIN_PUBLIC_URL",
        "Address at which people reach the API from outside: then mails have a link to acknowledge.",
        address,
    )
    port: int = setting(8400, "TOCSIN_PORT", "Port that the API listens on.", int)
    pulse: str = setting(
        "",
        "TOCSIN_PULSE",
        "File that a process touches every second while it lives, for whoever supervises it; empty: none.",
    )
    metrics: tuple[str, int] | None = setting(
        None,
        "TOCSIN_METRICS_LISTEN",
        "host:port at which this process tells Prometheus how it is, without a token; empty: nowhere.",
        listen,
    )
    traces: str = setting(
        "",
        "TOCSIN_TRACES",
        "Address of an OTLP/HTTP receiver that is told of each alert's path, as http://collector:4318/v1/traces; "
        "empty: none.",
        address,
    )
    canary: int = setting(
        30_000, "TOCSIN_CANARY", "How often a canary goes the whole way of an alert; 0: never.", milliseconds
    )
    canary_late: int = setting(
        120_000, "TOCSIN_CANARY_LATE", "After how long without one a word goes without Kafka.", milliseconds
    )
    canary_channel: str = setting(
        CHANNEL, "TOCSIN_CANARY_CHANNEL", "The channel whose sink canaries go through.", one_of(*CHANNELS)
    )
    canary_webhook: str = setting(
        "",
        "TOCSIN_CANARY_WEBHOOK_URL",
        "Webhook that hears where canaries do not arrive; empty: MCPGATEWAY_ALERT_WEBHOOK_URL.",
        secret=True,
    )
    canary_email_to: str = setting(
        "",
        "TOCSIN_CANARY_EMAIL_TO",
        "Who gets a mail where canaries do not arrive; empty: TOCSIN_EMAIL_TO, where mail is enabled.",
        secret=True,
    )
    canary_listen: tuple[str, int] | None = setting(
        None, "TOCSIN_CANARY_LISTEN", "host:port where canaries are received; empty: 127.0.0.1:8499.", listen
    )
    canary_url: str = setting(
        "", "TOCSIN_CANARY_URL", "Where sinks bring canaries; empty: to TOCSIN_CANARY_LISTEN.", address
    )
    log_level: str = setting("info", "TOCSIN_LOG_LEVEL", "debug, info, warning or error.")
    demonstration: bool = setting(
        True, "TOCSIN_DEMONSTRATION", "Whether `make up` runs the demonstration gateway.", flag
    )
    allow_private: bool = setting(
        False,
        "TOCSIN_ALLOW_PRIVATE_WEBHOOKS",
        "Whether any webhook may call private and loopback addresses.",
        flag,
    )
    maven: str = setting(
        "",
        "TOCSIN_MAVEN_REPOSITORY",
        "Address of a Maven repository to fetch Kafka's jars from; empty: the usual one.",
    )
    java: str = setting(
        "", "TOCSIN_JAVA", "Java to run the embedded broker with; empty: the one that a Python wheel carries."
    )

    @classmethod
    def read(cls, environment: Mapping[str, str], file: Callable[[str], str] | None = None) -> Settings:
        """Settings from a mapping; Misconfigured names the variable and the fix. `file` reads `…_FILE` values."""
        return cls(**values_of(fields(cls), environment, file))
