"""A Kafka that denies by default: what each user may do there is what `python -m deploy acls` prints."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.certificate import Authority
from deploy.embedded.properties import Security
from deploy.kafka.acl import ROLES, commands
from streams.connection import client
from streams.settings import Settings
from tests.chaos.ground import Ground
from tests.kafka.choice import embedded

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",  # whoever comes without TLS: the broker itself, and a test that prepares
}
KINDS = {"topic": 2, "group": 3, "cluster": 4, "transactional_id": 5}  # Kafka's numbers
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
LITERAL, PREFIXED, ALLOW = 3, 4, 3


class Guarded:
    """A ground with a user `tocsin-ROLE` for each role; its password is the role's name."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        now = datetime.now(UTC)
        authority = Authority.create("tests", now)
        self._ca = authority.write(folder / "ca.pem")
        users = {f"tocsin-{role}": role for role in ROLES}
        self.ground = Ground(folder, partitions=1)
        self.broker = embedded(self.ground.broker)
        self.broker.security = Security(authority.issue(folder / "broker.pem", now), users)
        self.broker.settings = AUTHORIZER

    def environment(self, role: str) -> dict[str, str]:
        """How a process of this role is started."""
        return self.ground.environment | {
            "TOCSIN_KAFKA_BOOTSTRAP": self.broker.secure_bootstrap,
            "TOCSIN_KAFKA_SECURITY": "SASL_SSL",
            "TOCSIN_KAFKA_USER": f"tocsin-{role}",
            "TOCSIN_KAFKA_PASSWORD": role,
            "TOCSIN_KAFKA_CA": str(self._ca),
            "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true",
        }

    def settings(self, role: str) -> Settings:
        """The same, read."""
        return Settings.read(self.environment(role))

    async def permit(self) -> None:
        """Do what the printed commands say."""
        admin = AIOKafkaAdminClient(**client(self.ground.settings))
        await admin.start()
        try:
            for line in commands(self.ground.broker.bootstrap, "tocsin-", ""):
                for request in requests(line):
                    answer = await admin._send_request(request)
                    assert not answer.creation_responses[0][0], (line, answer)
        finally:
            await admin.close()


def requests(line: str) -> Iterator[CreateAclsRequest]:
    """What one command of kafka-acls asks of the broker; it fails on a word that kafka-acls does not know."""
    parser = argparse.ArgumentParser()
    for option in ("--bootstrap-server", "--allow-principal"):
        parser.add_argument(option, required=True)
    for option in ("--topic", "--group", "--transactional-id", "--operation"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--cluster", action="store_const", const=["kafka-cluster"], default=[])
    parser.add_argument("--resource-pattern-type", choices=["literal", "prefixed"], default="literal")
    parser.add_argument("--add", action="store_true", required=True)
    words = shlex.split(line, comments=True)[1:]
    said = parser.parse_args(words) if words else argparse.Namespace(operation=[])
    for operation in said.operation:
        for kind, number in KINDS.items():
            for name in vars(said)[kind]:
                pattern = PREFIXED if said.resource_pattern_type == "prefixed" else LITERAL
                yield CreateAclsRequest(
                    number, name, pattern, said.allow_principal, "*", OPERATIONS[operation], ALLOW
                )
