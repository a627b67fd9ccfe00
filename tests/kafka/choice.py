"""Which Kafka the tests run on: the embedded one, several of them as one, or an image on a container engine.

`TEST_KAFKA=docker` chooses the image, `TEST_KAFKA_IMAGE` names it; they are no settings of Tocsin, whose processes
would refuse them under its prefix. Tests that need what only the embedded one has, its files or its process, are
skipped there with a word.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.brokers import Brokers
from deploy.embedded.java import Profile
from deploy.embedded.runtime import install
from tests.kafka.container import ContainerKafka

EMBEDDED, DOCKER = "embedded", "docker"
IMAGE = "apache/kafka:4.4.0"


class Kafka(Protocol):
    """A Kafka of one run. `settings`: the brokers', by Kafka's names; they count at the next start."""

    settings: Mapping[str, str]

    @property
    def bootstrap(self) -> str:
        """The addresses for clients."""
        ...

    def start(self) -> object:
        """Start it, and return when it serves."""
        ...

    def stop(self) -> None:
        """End it in order."""
        ...

    def kill(self) -> None:
        """End it as a crash would; what was acknowledged is there after the next start."""
        ...


def choose(folder: Path, brokers: int = 1) -> Kafka:
    """What the environment asks for, not started. `folder`: of its files; `brokers`: 1, or at least 3."""
    which = os.environ.get("TEST_KAFKA", EMBEDDED)
    assert which in (EMBEDDED, DOCKER), f"TEST_KAFKA is {which}: {EMBEDDED} or {DOCKER}?"
    if brokers > 1:
        return Brokers(folder, install(os.environ), brokers, Profile.TEST)
    if which == DOCKER:
        return ContainerKafka(os.environ.get("TEST_KAFKA_IMAGE", IMAGE))
    return Broker(folder, install(os.environ), profile=Profile.TEST)


def embedded(kafka: Kafka) -> Broker:
    """The same, as the embedded broker; where it is another, the test that asks is skipped."""
    if not isinstance(kafka, Broker):
        pytest.skip("it needs the files or the process of the embedded Kafka")
    return kafka
