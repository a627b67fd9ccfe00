"""How a worker belongs to its group, and every other option of Faust's that we depend on, with the reason."""

from __future__ import annotations

from typing import Any

import faust
from faust.types.auth import SASLMechanism

from agents.consumer.assignor import MemberAssignor
from agents.consumer.floors import HELD
from agents.consumer.recovery import PromptTableManager
from agents.worker_config import WorkerConfig
from streams.connection import answer_limit, encryption
from streams.settings import Settings


def options(config: WorkerConfig) -> dict[str, Any]:
    """Arguments of the Faust application. All times in seconds."""
    session, static = config.settings.session / 1_000, config.settings.static_membership
    return {
        "broker": ";".join(f"kafka://{address.strip()}" for address in config.settings.bootstrap.split(",")),
        "broker_credentials": credentials(config.settings),
        "broker_session_timeout": session,
        "broker_heartbeat_interval": min(3.0, session / 4),
        "broker_rebalance_timeout": 2 * session,
        "broker_request_timeout": answer_limit(config.settings.session) / 1_000,
        "broker_commit_interval": 0.5,
        "broker_max_poll_records": HELD,
        # travels in the group's assignment: the default, the host's name, differs after every start of a container
        "canonical_url": f"http://{config.name}" if static else None,
        "consumer_group_instance_id": config.name if static else None,
        "consumer_max_fetch_size": 4 << 20,
        "datadir": str(config.folder),
        "store": "rocksdb://",
        "PartitionAssignor": MemberAssignor,
        "TableManager": PromptTableManager,
        "stream_buffer_maxsize": 16_384,
        "stream_recovery_delay": 0.0,
        "stream_wait_empty": False,  # floors leave nothing to wait for, and waiting can hang a rebalance
        "table_standby_replicas": 0,
        "topic_allow_declare": False,  # our own tool creates every topic before any worker starts
        "topic_disable_leader": True,
        "topic_partitions": config.partitions,
        "web_enabled": False,  # Faust's web server shows tables to everybody
        "worker_redirect_stdouts": False,
    }


def credentials(settings: Settings) -> Any:
    """Faust's spelling of the same security settings that all other clients use; None for plain text."""
    context = encryption(settings) if settings.kafka_security.endswith("SSL") else None
    if settings.kafka_security.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.kafka_user,
            password=settings.kafka_password,
            ssl_context=context,
            mechanism=SASLMechanism(settings.kafka_mechanism),
        )
    return faust.SSLCredentials(context) if context is not None else None


def leave_group(app: Any) -> None:
    """Make the coming stop of a static member a farewell: its partitions move at once, not after the session."""
    consumer = app.consumer._thread._consumer  # noqa: SLF001 - there is no public way
    if consumer is not None and consumer._coordinator is not None:  # noqa: SLF001
        consumer._coordinator._group_instance_id = None  # noqa: SLF001
