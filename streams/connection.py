"""How every client of Kafka connects, from the settings: the arguments that aiokafka's classes share."""

from __future__ import annotations

import re
import ssl
from typing import Any

from streams.errors import Misconfigured
from streams.settings import Settings

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


def heartbeat(session: int) -> int:
    """Milliseconds between two signs of life of a member whose session is so long, ms."""
    return max(100, min(3_000, session // 4))


def longest_pause(session: int) -> float:
    """Seconds that a member may stand still: its last sign of life may be old, and after it others get its share."""
    return (session - 1.5 * heartbeat(session)) / 1_000


def answer_limit(session: int) -> int:
    """Milliseconds that a broker's answer is waited for, where a member's session is so long, ms.

    Long enough for a broker's restart, and for the others of a group to come when it shares its partitions out. Not
    longer: a broker whose machine is gone without a word is given up by nothing else (aiokafka's default is 40 s).
    """
    return max(20_000, 2 * session)


def client(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for any aiokafka client; Misconfigured where settings contradict each other."""
    if not settings.bootstrap:
        raise Misconfigured(
            "TOCSIN_KAFKA_BOOTSTRAP: say host:port of a Kafka broker, or start the embedded one with `make up`"
        )
    for address in settings.bootstrap.split(","):
        if not re.fullmatch(r"\S+:\d+", address.strip()):
            raise Misconfigured(f"TOCSIN_KAFKA_BOOTSTRAP: {address!r} is no host:port")
    _among("TOCSIN_KAFKA_SECURITY", settings.kafka_security, SECURITY)
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "security_protocol": settings.kafka_security,
        "request_timeout_ms": answer_limit(settings.session),
    }
    if settings.kafka_security.endswith("SSL"):
        arguments["ssl_context"] = encryption(settings)
    return arguments | (_login(settings) if settings.kafka_security.startswith("SASL") else {})


def _login(settings: Settings) -> dict[str, Any]:
    """The SASL side of a connection: who we are."""
    if not (settings.kafka_user and settings.kafka_password):
        raise Misconfigured("TOCSIN_KAFKA_USER and TOCSIN_KAFKA_PASSWORD: SASL needs both")
    _among("TOCSIN_KAFKA_SASL_MECHANISM", settings.kafka_mechanism, MECHANISMS)
    return {
        "sasl_mechanism": settings.kafka_mechanism,
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": settings.kafka_password,
    }


def _among(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Misconfigured(f"{name}: {value!r} is none of {', '.join(known)}")


def encryption(settings: Settings) -> ssl.SSLContext:
    """The TLS side of a connection: whose certificates are believed, and which one we show."""
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca or None)
        if settings.kafka_certificate:
            context.load_cert_chain(settings.kafka_certificate)
    except (OSError, ssl.SSLError) as why:
        raise Misconfigured(f"TOCSIN_KAFKA_CA or TOCSIN_KAFKA_CERTIFICATE cannot be loaded: {why}") from None
    return context
