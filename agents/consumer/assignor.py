"""Faust's partition assignor, which also takes an assignment that was made out to its member under another address.

Faust writes each member's address into the group's assignment, and refuses one with another address in an assertion.
aiokafka logs that at a level that nobody sees and stops coordinating, so the worker waits for partitions until its
watchdog ends it. Kafka hands a static member that comes back the assignment of its predecessor, whose address was that
of another host, or of a release that still used the host's name. Addresses serve Faust's web server, which is off.
"""

from __future__ import annotations

from typing import Any

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from faust.assignor.client_assignment import ClientMetadata
from faust.assignor.partition_assignor import PartitionAssignor


class MemberAssignor(PartitionAssignor):
    """Assigns as Faust does."""

    def on_assignment(self, assignment: Any) -> None:
        """Take a ConsumerProtocolMemberAssignment as one that was made out to this member's own address."""
        # Any, since Faust's annotation names another type of the protocol
        metadata = ClientMetadata.loads(self._decompress(assignment.user_data))
        metadata.url = str(self._url)
        user_data = self._compress(metadata.dumps())
        own: Any = ConsumerProtocolMemberAssignment(assignment.version, assignment.assignment, user_data)
        super().on_assignment(own)
