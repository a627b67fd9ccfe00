"""The broker's configuration: what a node on one machine needs, alone or beside others; nothing that topics decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.java import Profile

_DAY = 86_400_000

SINGLE_NODE: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "auto.create.topics.enable": "false",  # our topic tool creates every topic, with its manifest
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # One machine's load keeps few threads busy, and each that waits wakes up three times a second.
    "num.network.threads": "1",
    "num.io.threads": "2",
    "background.threads": "2",
    "group.coordinator.threads": "1",
    "share.coordinator.threads": "1",
    "metadata.max.idle.interval.ms": "0",  # else the quorum writes a record that says nothing twice a second
    "log.cleaner.dedupe.buffer.size": str(8 << 20),  # Kafka's 128 MB would be half of the heap
    "message.max.bytes": str(1 << 20),
    # A fence is a producer's epoch, which the broker forgets after a day of silence unless told otherwise (DESIGN 4.5).
    "producer.id.expiration.ms": str(7 * _DAY),
    "transactional.id.expiration.ms": str(24 * _DAY),  # the most that a 32-bit number of milliseconds holds
}

# Where there are at least three brokers, every record lies on three, and is acknowledged when two have it.
_COPIES: Mapping[str, str] = {
    "default.replication.factor": "3",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "share.coordinator.state.topic.replication.factor": "3",
    "min.insync.replicas": "2",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.min.isr": "2",
    "unclean.leader.election.enable": "false",  # who has not all that was acknowledged never leads
}

# A new broker waits for the session of the one before, after a crash and a clean stop alike: 9 s by default.
# Short for tests; for daily use long enough that a busy machine does not lose its broker for a moment.
SESSION: Mapping[Profile, Mapping[str, str]] = {
    Profile.TEST: {"broker.session.timeout.ms": "1000", "broker.heartbeat.interval.ms": "200"},
    Profile.DAILY: {"broker.session.timeout.ms": "1500", "broker.heartbeat.interval.ms": "300"},
}


@dataclass(frozen=True)
class Security:
    """A second listener that speaks TLS and asks for a name and a password (SASL PLAIN)."""

    certificate: Path  # PEM: the private key, then the certificate and its chain
    users: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Node:
    """One broker: its number, its port for clients, and the ports of all controllers, its own included, by number."""

    id: int
    port: int
    controllers: Mapping[int, int]


def properties(
    files: Path, node: Node, secured: tuple[Security, int] | None, more: Mapping[str, str]
) -> dict[str, str]:
    """All settings of a broker; `more` wins over everything."""
    listeners = {"PLAIN": node.port, "CONTROLLER": node.controllers[node.id]}
    listeners |= {"SECURE": secured[1]} if secured else {}
    protocols = "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL"
    return {
        **SINGLE_NODE,
        **(_COPIES if len(node.controllers) > 2 else {}),
        "node.id": str(node.id),
        "listeners": _spell(listeners),
        "advertised.listeners": _spell({name: at for name, at in listeners.items() if name != "CONTROLLER"}),
        "listener.security.protocol.map": protocols,
        "controller.quorum.voters": ",".join(f"{id}@127.0.0.1:{at}" for id, at in node.controllers.items()),
        "log.dirs": str(files),
        **(_secure(secured[0]) if secured else {}),
        **more,
    }


def _spell(listeners: Mapping[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in listeners.items())


def _secure(security: Security) -> dict[str, str]:
    users = " ".join(f"user_{name}={_quoted(password)}" for name, password in sorted(security.users.items()))
    login = f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"
    return {
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.location": str(security.certificate),
        "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": login,
    }


def _quoted(text: str) -> str:
    """A string of the JAAS syntax."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spell_properties(settings: Mapping[str, str]) -> str:
    """The Java properties format, in which a backslash has to be doubled."""
    return "".join(f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in settings.items())
