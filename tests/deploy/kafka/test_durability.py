"""What a new topic is asked for, and what is said of one that would not outlive the loss of a broker."""

from __future__ import annotations

import pytest

from deploy.kafka.durability import Replication, in_sync, shortcomings


@pytest.mark.parametrize(("replicas", "wanted"), [(1, {}), (2, {}), (3, {"min.insync.replicas": "2"})])
def test_what_is_asked_of_a_new_topic(replicas: int, wanted: dict[str, str]) -> None:
    """Only of three brokers one may be away while two must have every record."""
    assert in_sync(replicas) == wanted


@pytest.mark.parametrize(
    ("found", "wanted", "said"),
    [
        ({"inbox": Replication(3, 2), "__consumer_offsets": Replication(3)}, 3, []),
        ({"inbox": Replication(1, 1)}, 1, []),
        ({"inbox": Replication(1, 2)}, 3, ["inbox (1): on fewer brokers than the 3"]),
        ({"__transaction_state": Replication(2)}, 3, ["__transaction_state (2): on fewer brokers"]),
        ({"inbox": Replication(3, 1)}, 3, ["inbox (1): min.insync.replicas below 2"]),
        ({f"t{n}": Replication(1, 1) for n in range(6)}, 3, ["t0 (1), t1 (1), t2 (1), t3 (1) and 2 more: on", "t0"]),
    ],
)  # fmt: skip
def test_what_is_said(found: dict[str, Replication], wanted: int, said: list[str]) -> None:
    """Each shortcoming is one sentence that names topics and the remedy; nothing is said where nothing is missing."""
    sentences = list(shortcomings(found, wanted))
    assert len(sentences) == len(said)
    assert all(sentence.startswith(words) for sentence, words in zip(sentences, said, strict=True))
    assert all("kafka-" in sentence for sentence in sentences)
