"""The assignment of a static member is taken whatever address its predecessor had."""

from __future__ import annotations

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from faust.assignor.client_assignment import ClientAssignment, ClientMetadata
from faust.assignor.partition_assignor import PartitionAssignor
from faust.types import TP

from agents.consumer.assignor import MemberAssignor
from agents.worker.app import StageApp
from tests.agents.doubles import worker_config

TOPICS = ["telemetry", "detect-rows-changelog"]


def assigned(url: str, partitions: list[int]) -> ConsumerProtocolMemberAssignment:
    """What the leader of a group has made out to the member at an address."""
    actives = dict.fromkeys(TOPICS, partitions)
    metadata = ClientMetadata(
        assignment=ClientAssignment(actives=actives, standbys={}),
        url=url,
        changelog_distribution={url: {TOPICS[1]: partitions}},
        external_topic_distribution={url: {TOPICS[0]: partitions}},
        topic_groups=dict.fromkeys(TOPICS, 0),
    )
    user_data = PartitionAssignor._compress(metadata.dumps())
    return ConsumerProtocolMemberAssignment(0, sorted(actives.items()), user_data)


def test_predecessor_at_another_address() -> None:
    """Its partitions are this member's, and that is what the member says of itself when it joins next."""
    app = StageApp(worker_config(slot="3"))
    assert isinstance(app.assignor, MemberAssignor)
    app.assignor.on_assignment(assigned("http://an-older-container:6066", [1, 2]))
    assert app.assignor.assigned_actives() == {TP(topic, p) for topic in TOPICS for p in (1, 2)}
    joining = ClientMetadata.loads(app.assignor.metadata(set(TOPICS)).user_data)
    assert joining.assignment.actives == {topic: [1, 2] for topic in TOPICS}
    assert joining.url == str(app.conf.canonical_url)


def test_address_of_a_static_member() -> None:
    """It is the worker's own name, wherever it runs; two slots have two."""
    assert {StageApp(worker_config(slot=slot)).conf.canonical_url.host for slot in "12"} == {
        "detect-1",
        "detect-2",
    }
