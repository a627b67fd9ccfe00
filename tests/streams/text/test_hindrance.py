"""What keeps us from Kafka is said with its fix, whatever aiokafka makes of it."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from streams.text.hindrance import ACLS, START, hindrance, told

CLIENT = {
    "bootstrap_servers": "one:1, [::1]:2",
    "security_protocol": "SSL",
    "group_id": "no part of a connection",
}


class GroupAuthorizationFailedError(Exception):
    """As aiokafka names it."""


@pytest.mark.parametrize(
    ("why", "fix"),
    [
        (OSError(111, "Connect call failed ('127.0.0.1', 1)"), START),
        (GroupAuthorizationFailedError("bridge"), ACLS),
        (ssl.SSLError("CERTIFICATE_VERIFY_FAILED: certificate has expired"), "renew its certificate"),
        (ssl.SSLError("CERTIFICATE_VERIFY_FAILED: IP address mismatch"), "spell TOCSIN_KAFKA_BOOTSTRAP"),
        (ssl.SSLError("CERTIFICATE_VERIFY_FAILED: unable to get local issuer"), "let TOCSIN_KAFKA_CA"),
        (ssl.SSLError("SSL: WRONG_VERSION_NUMBER"), "correct TOCSIN_KAFKA_SECURITY"),
        (ConnectionResetError(), "ConnectionResetError: if it is up, correct TOCSIN_KAFKA_SECURITY"),
    ],
)
def test_each_error_has_its_fix(why: Exception, fix: str) -> None:
    """The error's own words come first; there is always one line, and always a fix."""
    assert fix in str(told(why))
    assert "\n" not in told(why).why


async def test_the_brokers_are_asked_why() -> None:
    """A start that failed says too little; a connection of its own says why."""
    asked = list[Any]()

    async def connect(host: str, port: int, **how: Any) -> Any:
        asked.append((host, port, sorted(how)))
        raise OSError("no route")

    assert await hindrance(CLIENT, connect, ValueError("vague")) == ("no route", START)
    assert asked == [("one", 1, ["request_timeout_ms", "security_protocol"])]


async def test_what_a_user_may_not_do_is_no_matter_of_the_connection() -> None:
    """A refusal of permission is told as it came; nobody is asked."""

    async def connect(*_: Any, **__: Any) -> Any:
        raise AssertionError

    assert (await hindrance(CLIENT, connect, GroupAuthorizationFailedError("bridge"))).fix == ACLS
