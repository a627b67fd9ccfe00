"""A worker over TLS with name and password, as with a Kafka of somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.certificate import Authority
from deploy.embedded.properties import Security
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.kafka.choice import embedded

pytestmark = pytest.mark.cluster


def test_tls_and_sasl(tmp_path: Path) -> None:
    """Every client of a worker, Faust's included, speaks TLS and SASL; a thread that is left does not hold its end."""
    now = datetime.now(UTC)
    authority = Authority.create("tests", now)
    ground = Ground(tmp_path, partitions=1)
    broker = embedded(ground.broker)
    broker.security = Security(authority.issue(tmp_path / "broker.pem", now), {"tocsin": "secret"})
    ground.start()
    secured = {
        "TOCSIN_KAFKA_BOOTSTRAP": broker.secure_bootstrap,
        "TOCSIN_KAFKA_SECURITY": "SASL_SSL",
        "TOCSIN_KAFKA_USER": "tocsin",
        "TOCSIN_KAFKA_PASSWORD": "secret",
        "TOCSIN_KAFKA_CA": str(authority.write(tmp_path / "ca.pem")),
    }
    words = ("tests.chaos.worker", "detect", "tally", "thread")
    worker = Process("detect-a", tmp_path / "log", ground.environment | secured, *words)
    try:
        worker.until('"owned"')
        assert worker.end() == 0
    finally:
        worker.end()
        broker.stop()
