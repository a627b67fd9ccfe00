"""The manifest: what our topic tool has made of each topic, so that workers can tell one incarnation from another.

Kafka's own topic ids cannot be read through our client; so the tool gives each topic that it creates a
random incarnation id and says it here, keyed by the topic's name, in the compacted topic `manifest`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from streams.errors import Failure, Forged, Refused
from streams.messages.envelope import Message, decode
from streams.signature import Signer
from streams.topics import MANIFEST


class Incarnation(Message, frozen=True, kw_only=True, tag="manifest"):
    """One topic as it was created, or given more partitions; `broker_time`: whether records carry the broker's clock.

    `counted_from`: the number that the inputs of its stage count from since it was given more; 0: never. `growing_to`:
    how many it is just being given; 0 when that is done. `dealt`: whether its rows lie where they belong by then.
    """

    topic: str
    incarnation: str
    partitions: int
    broker_time: bool = False
    counted_from: int = 0
    growing_to: int = 0
    dealt: bool = False


class Record(Protocol):
    """What is read of a record of Kafka."""

    @property
    def key(self) -> bytes | None:
        """The topic's name."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its bytes; None: there is nothing under this key any more."""
        ...


Some = TypeVar("Some", bound=Record)


def newest(
    records: Iterable[Some], signer: Signer, refuse: Callable[[Some, Failure], None] | None = None
) -> dict[str, Incarnation]:
    """The newest incarnation of each topic, from the records in their order.

    `refuse` hears of what is not ours and has not been replaced by a later record of the same key. Forged where
    nothing at all is ours: then it is our keys that are wrong.
    """
    incarnations: dict[str, Incarnation] = {}
    bad: dict[bytes | None, list[tuple[Some, Failure]]] = {}
    for record in records:
        try:
            incarnation = _read(record, signer)
        except Failure as why:
            bad.setdefault(record.key, []).append((record, why))
            continue
        bad.pop(record.key, None)
        if incarnation is not None:
            incarnations[incarnation.topic] = incarnation
    refused = [each for some in bad.values() for each in some]
    if refused and not incarnations:
        raise Forged(
            f"nothing in the topic `manifest` is signed with our keys ({refused[0][1]}): give every process the same "
            "TOCSIN_SYSTEM_KEYS as made the topics"
        )
    if refuse is not None:
        for each in refused:
            refuse(*each)
    return incarnations


def _read(record: Record, signer: Signer) -> Incarnation | None:
    if record.value is None:
        return None
    signer.verify(record.value, MANIFEST)
    incarnation = Incarnation.read(decode(record.value))
    if record.key != incarnation.topic.encode():
        raise Refused(f"the topic {incarnation.topic} is described under the key {record.key!r:.80}")
    return incarnation
