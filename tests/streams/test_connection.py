"""How clients of Kafka connect, and what contradicts itself."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from streams.connection import answer_limit, client, heartbeat, longest_pause
from streams.errors import Misconfigured
from streams.settings import Settings


def test_plain() -> None:
    """Without security there are servers and nothing else."""
    assert client(Settings(bootstrap="k:9092")) == {
        "bootstrap_servers": "k:9092",
        "security_protocol": "PLAINTEXT",
        "request_timeout_ms": 20_000,
    }


def test_sasl_over_tls() -> None:
    """Both together: a context that verifies, and the user."""
    settings = Settings(bootstrap="k:9092", kafka_security="SASL_SSL", kafka_user="u", kafka_password="p")
    found = client(settings)
    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert (found["sasl_mechanism"], found["sasl_plain_username"]) == ("PLAIN", "u")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(), "TOCSIN_KAFKA_BOOTSTRAP: say host:port"),
        (Settings(bootstrap="k:9092,j"), "TOCSIN_KAFKA_BOOTSTRAP: .j. is no host:port"),
        (Settings(bootstrap="k:9092", kafka_security="TLS"), "TOCSIN_KAFKA_SECURITY: 'TLS' is none of"),
        (Settings(bootstrap="k:9092", kafka_security="SASL_PLAINTEXT", kafka_user="u"), "SASL needs both"),
        (Settings(bootstrap="k:9092", kafka_security="SSL", kafka_ca="/nowhere"), "cannot be loaded"),
    ],
)
def test_contradictions(settings: Settings, words: str) -> None:
    """The setting and what it needs are named."""
    with pytest.raises(Misconfigured, match=words):
        client(settings)


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    """A file that holds no certificate is the operator's to mend."""
    (tmp_path / "c.pem").write_text("nothing")
    with pytest.raises(Misconfigured, match="TOCSIN_KAFKA_CERTIFICATE cannot be loaded"):
        client(Settings(bootstrap="k:9092", kafka_security="SSL", kafka_certificate=str(tmp_path / "c.pem")))


@pytest.mark.parametrize(("session", "limit"), [(1_000, 20_000), (10_000, 20_000), (60_000, 120_000)])
def test_an_answer_is_waited_for(session: int, limit: int) -> None:
    """For less than aiokafka's 40 s, but never for less than a group may take to share its partitions out."""
    assert answer_limit(session) == limit


@pytest.mark.parametrize("session", [1_000, 2_000, 10_000, 60_000])
def test_whoever_pauses_for_long_knows_it_before_the_session_ends(session: int) -> None:
    """Even where the last sign of life was as old as it can be."""
    assert 0 < longest_pause(session) * 1_000 + heartbeat(session) < session
