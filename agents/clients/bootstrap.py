"""Which brokers answer now: one whose machine is gone without a word holds up every client that asks it first.

A client asks the addresses that it was given in any order, and waits for each as long as for any answer. A worker
starts several clients before it may own anything, and has less time for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

LIMIT = 1.0  # seconds; a broker that lives answers in some milliseconds
_HOW = ("security_protocol", "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


async def answering(client: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments `client` of a client of Kafka, with the addresses that answer now; with all of them if none do."""
    addresses = str(client["bootstrap_servers"]).split(",")
    if len(addresses) == 1:
        return client
    how = {name: client[name] for name in _HOW if name in client}
    answers = await asyncio.gather(*(_answers(address.strip(), how) for address in addresses))
    alive = [address for address, answered in zip(addresses, answers, strict=True) if answered]
    return {**client, "bootstrap_servers": ",".join(alive or addresses)}


async def _answers(address: str, how: Mapping[str, Any]) -> bool:
    """Whether a broker answers the first question of every connection."""
    host, _, port = address.rpartition(":")
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(LIMIT):
            connection = await create_conn(
                host.strip("[]"), int(port), request_timeout_ms=int(LIMIT * 1_000), **how
            )
        connection.close()
        return True
    return False
