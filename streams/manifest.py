"""The manifest: what our topic tool has made of each topic, so that workers can tell one incarnation from another.

Kafka's own topic ids cannot be read through our client; so the tool gives each topic that it creates a
random incarnation id and says it here, keyed by the topic's name, in the compacted topic `manifest`.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.message import decode
from streams.said import Said
from streams.signature import Signer


class Incarnation(Said):
    """One topic as it was created; `broker_time`: whether its records carry the broker's clock."""

    kind = "manifest"
    topic: str
    incarnation: str
    partitions: int
    broker_time: bool = False


def newest(raws: Iterable[bytes], signer: Signer) -> dict[str, Incarnation]:
    """The newest incarnation of each topic, from the records in their order; Forged where one is not the system's."""
    found: dict[str, Incarnation] = {}
    for raw in raws:
        signer.verify(raw)
        one = Incarnation.read(decode(raw))
        found[one.topic] = one
    return found
