"""What keeps a process from Kafka, in words that name the fix.

aiokafka tells the cause of a failed start to its own log, and raises the same "unable to bootstrap" for a wrong
password as for a broker that is down. So whoever waits asks a broker once more; `connect` is aiokafka's, handed in
since this room touches no transport.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

Connect = Callable[..., Awaitable[Any]]
ACLS = "let its user do that: `python -m deploy acls` prints the commands"
START = "start Kafka, or correct TOCSIN_KAFKA_BOOTSTRAP"
_FIXES: tuple[tuple[str, str], ...] = (  # by an error's name and words; the first that is found
    ("Sasl(Mechanism|State)|UnsupportedSasl", "correct TOCSIN_KAFKA_SASL_MECHANISM or TOCSIN_KAFKA_SECURITY"),
    ("Authentication", "correct TOCSIN_KAFKA_USER and TOCSIN_KAFKA_PASSWORD"),
    ("Authorization", ACLS),
    ("certificate has expired|not yet valid", "renew its certificate, or correct the clock of this machine"),
    ("mismatch|not valid for", "spell TOCSIN_KAFKA_BOOTSTRAP as its certificate does"),
    ("CERTIFICATE_VERIFY_FAILED", "let TOCSIN_KAFKA_CA name a file with the authority of its certificate"),
    ("CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA", "correct TOCSIN_KAFKA_CERTIFICATE"),
    ("SSL|closed|Reset", "if it is up, correct TOCSIN_KAFKA_SECURITY or the port"),
)
_HOW = frozenset(
    ("security_protocol", "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")
)


class Hindrance(NamedTuple):
    """An error in its own words, and what an operator does about it."""

    why: str
    fix: str

    def __str__(self) -> str:
        """Both in one line."""
        return f"{self.why}: {self.fix}"


def told(why: BaseException) -> Hindrance:
    """An error of a connection or of a request."""
    words = " ".join(str(why).split()) or type(why).__name__
    named = f"{type(why).__name__}: {words}"
    return Hindrance(words, next((fix for sign, fix in _FIXES if re.search(sign, named)), START))


async def hindrance(client: Mapping[str, Any], connect: Connect, failure: BaseException) -> Hindrance:
    """Why no broker takes us, and the fix. `client`: how we connect; `failure`: what the start raised."""
    if "Authorization" in type(failure).__name__:
        return told(failure)
    how = {name: value for name, value in client.items() if name in _HOW}
    host, _, port = str(client["bootstrap_servers"]).split(",")[0].strip().rpartition(":")
    try:
        connection = await connect(host.strip("[]"), int(port), request_timeout_ms=5_000, **how)
    except Exception as why:  # noqa: BLE001 - whatever it is, it is the answer
        return told(why)
    connection.close()
    return Hindrance(
        f"{host}:{port} takes the connection and no request", "if that goes on, correct TOCSIN_KAFKA_SECURITY"
    )
