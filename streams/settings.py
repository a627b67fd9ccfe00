"""Every setting, read once from a mapping: its name, its default and a sentence.

Names of the gateway's own configuration (`MCPGATEWAY_…`) are honoured as the gateway spells them; all
others begin with `TOCSIN_`. A value may be given as a file instead: append `_FILE` to the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from streams.calendar.duration import milliseconds
from streams.errors import Misconfigured, Refused

_PREFIX = "TOCSIN_"
_WORDS: dict[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def _flag(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise Refused(f"{text!r} is neither true nor false")
    return _WORDS[text.lower()]


def _address(text: str) -> str:
    if not text.isprintable() or not text.startswith(("https://", "http://")) or " " in text:
        raise Refused(f"{text!r:.80} is no address such as https://tocsin.example.com")
    return text


def _setting(
    default: Any, name: str, says: str, parse: Callable[[str], Any] = str, secret: bool = False
) -> Any:
    return field(
        default=default,
        repr=not secret,
        metadata={"name": name, "says": says, "parse": parse, "secret": secret},
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of all processes; each process uses what it needs."""

    enabled: bool = _setting(
        True, "MCPGATEWAY_ALERTING_ENABLED", "Whether alerts are judged and sent at all.", _flag
    )
    email_enabled: bool = _setting(
        False,
        "MCPGATEWAY_ALERT_EMAIL_ENABLED",
        "Whether alerts go to TOCSIN_EMAIL_TO by mail, where no document says anything else.",
        _flag,
    )
    webhook_url: str = _setting(
        "",
        "MCPGATEWAY_ALERT_WEBHOOK_URL",
        "Webhook that hears of alerts, where no document says else; Slack's and Teams' are known by their addresses.",
        secret=True,
    )
    pagerduty_key: str = _setting(
        "",
        "MCPGATEWAY_PAGERDUTY_API_KEY",
        "Integration key (Events API v2) of the PagerDuty service that hears of critical alerts.",
        secret=True,
    )
    opsgenie_key: str = _setting(
        "",
        "MCPGATEWAY_OPSGENIE_API_KEY",
        "Key of the API integration of Opsgenie, or of JSM Operations, that hears of critical alerts.",
        secret=True,
    )
    email_server: str = _setting("", "TOCSIN_EMAIL_SERVER", "Mail server of the settings: host or host:port.")
    email_from: str = _setting("", "TOCSIN_EMAIL_FROM", "Who sends the mails of the settings.")
    email_to: str = _setting(
        "", "TOCSIN_EMAIL_TO", "Who gets the mails of the settings; several with commas.", secret=True
    )
    email_security: str = _setting("starttls", "TOCSIN_EMAIL_SECURITY", "starttls, tls or none.")
    email_user: str = _setting("", "TOCSIN_EMAIL_USER", "User name at the mail server; empty: none.")
    email_password: str = _setting("", "TOCSIN_EMAIL_PASSWORD", "Password at the mail server.", secret=True)
    pagerduty_region: str = _setting("us", "TOCSIN_PAGERDUTY_REGION", "us or eu: of the PagerDuty account.")
    opsgenie_region: str = _setting("us", "TOCSIN_OPSGENIE_REGION", "us or eu: of the Opsgenie account.")
    opsgenie_service: str = _setting(
        "opsgenie", "TOCSIN_OPSGENIE_SERVICE", "Whose key it is: opsgenie, or jsm (Jira Service Management)."
    )
    pagerduty_url: str = _setting(
        "", "TOCSIN_PAGERDUTY_URL", "Where PagerDuty is called, for a proxy of yours; empty: its own address."
    )
    opsgenie_url: str = _setting(
        "", "TOCSIN_OPSGENIE_URL", "Where Opsgenie is called, for a proxy of yours; empty: its own address."
    )
    data: str = _setting(
        "tocsin-data",
        "TOCSIN_DATA",
        "Folder of all state of an embedded installation: broker, rows, history, keys.",
    )
    cache: str = _setting(
        "", "TOCSIN_CACHE", "Folder of downloaded jars; by default the user's cache folder."
    )
    bootstrap: str = _setting(
        "", "TOCSIN_KAFKA_BOOTSTRAP", "host:port[,…] of an external Kafka; empty: the embedded broker."
    )
    kafka_security: str = _setting(
        "PLAINTEXT", "TOCSIN_KAFKA_SECURITY", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
    )
    kafka_mechanism: str = _setting(
        "PLAIN", "TOCSIN_KAFKA_SASL_MECHANISM", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_user: str = _setting("", "TOCSIN_KAFKA_USER", "User name for SASL.")
    kafka_password: str = _setting("", "TOCSIN_KAFKA_PASSWORD", "Password for SASL.", secret=True)
    kafka_ca: str = _setting(
        "", "TOCSIN_KAFKA_CA", "File of certificates that sign the brokers'; empty: the system's."
    )
    kafka_certificate: str = _setting(
        "", "TOCSIN_KAFKA_CERTIFICATE", "File of our client certificate and key, for mutual TLS."
    )
    require_signed_producers: bool = _setting(
        False,
        "TOCSIN_REQUIRE_SIGNED_PRODUCERS",
        "Whether samples and events are believed only with the signature of their gateway's key.",
        _flag,
    )
    partitions: int = _setting(
        4, "TOCSIN_PARTITIONS", "Partitions of each stage; fixed for the life of the topics.", int
    )
    replication: int = _setting(1, "TOCSIN_REPLICATION", "Replicas of each topic; 3 in a cluster.", int)
    slot: str = _setting(
        "0", "TOCSIN_SLOT", "This worker's slot, unique within its stage and stable over restarts."
    )
    static_membership: bool = _setting(
        True, "TOCSIN_STATIC_MEMBERSHIP", "Whether a worker keeps its partitions over a restart.", _flag
    )
    session: int = _setting(
        10_000, "TOCSIN_SESSION", "How long a silent worker keeps its partitions.", milliseconds
    )
    tick: int = _setting(
        1_000,
        "TOCSIN_TICK",
        "How often time is injected into each partition; 0: a driver does it.",
        milliseconds,
    )
    write_out_detect: int = _setting(
        20_000, "TOCSIN_WRITE_OUT_DETECT", "How often detect writes its rows.", milliseconds
    )
    system_keys: str = _setting(
        "",
        "TOCSIN_SYSTEM_KEYS",
        "Keys that sign internal messages, newest first, comma separated; empty: made and kept in the data folder.",
        secret=True,
    )
    seal_keys: str = _setting(
        "",
        "TOCSIN_SEAL_KEYS",
        "Fernet keys that seal secrets, newest first, comma separated; empty: made and kept in the data folder.",
        secret=True,
    )
    token_key: str = _setting(
        "",
        "TOCSIN_TOKEN_KEY",
        "Key of our own HS256 bearer tokens; empty: made and kept in the data folder.",
        secret=True,
    )
    database: str = _setting(
        "",
        "TOCSIN_DATABASE",
        "SQLAlchemy address of the read model; empty: SQLite in the data folder.",
        secret=True,
    )
    archive_after: int = _setting(
        90 * 86_400_000,
        "TOCSIN_ARCHIVE_AFTER",
        "How long after its end an alert is moved to the archive in the data folder; 0: never.",
        milliseconds,
    )
    archive_keep: int = _setting(
        0, "TOCSIN_ARCHIVE_KEEP", "How long after its month an archive is kept; 0: for ever.", milliseconds
    )
    host: str = _setting("127.0.0.1", "TOCSIN_HOST", "Address that the API listens on.")
    public_url: str = _setting(
        "",
        "TOCSIN_PUBLIC_URL",
        "Address at which people reach the API from outside: then mails have a link to acknowledge.",
        _address,
    )
    port: int = _setting(8400, "TOCSIN_PORT", "Port that the API listens on.", int)
    pulse: str = _setting(
        "",
        "TOCSIN_PULSE",
        "File that a process touches every second while it lives, for whoever supervises it; empty: none.",
    )
    log_level: str = _setting("info", "TOCSIN_LOG_LEVEL", "debug, info, warning or error.")
    demonstration: bool = _setting(
        True, "TOCSIN_DEMONSTRATION", "Whether `make up` runs the demonstration gateway.", _flag
    )
    allow_private: bool = _setting(
        False,
        "TOCSIN_ALLOW_PRIVATE_WEBHOOKS",
        "Whether any webhook may call private and loopback addresses.",
        _flag,
    )
    maven: str = _setting(
        "",
        "TOCSIN_MAVEN_REPOSITORY",
        "Address of a Maven repository to fetch Kafka's jars from; empty: the usual one.",
    )
    java: str = _setting(
        "", "TOCSIN_JAVA", "Java to run the embedded broker with; empty: the one that a Python wheel carries."
    )

    @classmethod
    def read(cls, environment: Mapping[str, str], file: Callable[[str], str] | None = None) -> Settings:
        """Settings from a mapping; Misconfigured names the variable and the fix. `file` reads `…_FILE` values."""
        values: dict[str, Any] = {}
        for setting in fields(cls):
            name, parse = setting.metadata["name"], setting.metadata["parse"]
            text = environment.get(name)
            if text is None and file is not None and (path := environment.get(name + "_FILE")):
                text = file(path).strip()
            if text is None or text == "":
                continue
            try:
                values[setting.name] = parse(text)
            except ValueError as why:
                shown = (
                    "its value cannot be read"
                    if setting.metadata["secret"]
                    else f"{text!r} cannot be read ({why})"
                )
                raise Misconfigured(f"{name}: {shown}; {setting.metadata['says']}") from None
        _refuse_unknown(environment, {setting.metadata["name"] for setting in fields(cls)})
        return cls(**values)


def _refuse_unknown(environment: Mapping[str, str], known: set[str]) -> None:
    ours = {name.removeprefix(_PREFIX) for name in known if name.startswith(_PREFIX)}
    for name in sorted(environment):
        word = name.removeprefix(_PREFIX).removesuffix("_FILE")
        if name.startswith(_PREFIX) and word not in ours:
            near = get_close_matches(word, ours, 1)
            hint = f"did you mean {_PREFIX}{near[0]}?" if near else "see docs/settings.md"
            raise Misconfigured(f"{name}: there is no such setting; {hint}")
