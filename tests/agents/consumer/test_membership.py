"""What a worker tells Faust of its settings."""

from __future__ import annotations

from dataclasses import replace

from agents.consumer.membership import options
from tests.agents.doubles import worker_config


def test_brokers_are_found_however_they_are_listed() -> None:
    """A blank behind a comma is none of an address, as all other clients have it."""
    config = worker_config()
    settings = replace(config.settings, bootstrap="a:9092, b:9092")
    assert options(replace(config, settings=settings))["broker"] == "kafka://a:9092;kafka://b:9092"
