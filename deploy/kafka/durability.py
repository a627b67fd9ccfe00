"""On how many brokers a record lies: what is asked of new topics, and what is missing of those that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Kafka's own: how far every group has come, and which epoch every fence has.
INTERNAL = ("__consumer_offsets", "__transaction_state")
IN_SYNC = "min.insync.replicas"
_NAMED = 4  # topics in one line


@dataclass(frozen=True)
class Replication:
    """A topic as it is: on how many brokers it lies, and how many must have a record before it counts as written.

    `in_sync` is 0 where it is not known.
    """

    replicas: int
    in_sync: int = 0


def in_sync(replicas: int) -> dict[str, str]:
    """Kafka's setting for a new topic on so many brokers: of three, two have a record before it is acknowledged.

    So what was acknowledged outlives the loss of any one of them, and one may be away while others write. With fewer
    nothing is asked: of two brokers each would then be needed at every moment.
    """
    return {IN_SYNC: "2"} if replicas >= 3 else {}


def shortcomings(topics: Mapping[str, Replication], wanted: int) -> Iterator[str]:
    """What an operator should know of topics that lie on fewer brokers than wanted: a sentence with its remedy each."""
    few = {name: str(topic.replicas) for name, topic in topics.items() if topic.replicas < wanted}
    if few:
        yield (
            f"{_named(few)}: on fewer brokers than the {wanted} of TOCSIN_REPLICATION; the loss of one stops or loses "
            "them: add replicas with kafka-reassign-partitions"
        )
    least = int(in_sync(wanted).get(IN_SYNC, "1"))
    loose = {name: str(topic.in_sync) for name, topic in topics.items() if 0 < topic.in_sync < least}
    if loose:
        yield (
            f"{_named(loose)}: {IN_SYNC} below {least}; what is acknowledged may lie on one broker alone: set it to "
            f"{least} with kafka-configs"
        )


def _named(values: Mapping[str, str]) -> str:
    words = [f"{name} ({value})" for name, value in sorted(values.items())]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
