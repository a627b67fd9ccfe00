"""The verbs that work on Kafka itself: topics with their manifest, and dead letters."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from streams import keys
from streams.settings import Settings


def _settings() -> Settings:
    return Settings.read(os.environ, lambda path: Path(path).read_text())


def topics(scenario: bool = False, embedded: bool = False) -> None:
    """Make every topic that is missing, and the manifest; refuse a topic that exists otherwise than it is needed."""
    from deploy.kafka.topics import Topics  # late: other verbs start quicker without Kafka's client

    # what goes wrong for good is raised, and told in one line
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings = _settings()
    made = asyncio.run(Topics(settings, keys.system(settings, Path.read_text), scenario, embedded).create())
    typer.echo(f"made {', '.join(made)}" if made else "all topics are there")


def acls(
    prefix: Annotated[str, typer.Option(help="What every principal's name begins with.")] = "tocsin-",
    command_config: Annotated[str, typer.Option(help="File with which kafka-acls connects.")] = "",
) -> None:
    """Print the commands of kafka-acls that let each process do what it needs, and no more."""
    from deploy.kafka.acl import commands  # late, as above

    for line in commands(_settings().bootstrap, prefix, command_config):
        typer.echo(line)


def redrive(
    topic: Annotated[str | None, typer.Option(help="Only letters that came from this topic.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many, oldest first.")] = None,
) -> None:
    """Send dead letters back to where they came from, with their own keys."""
    from deploy.kafka.redrive import redrive as run  # late, as above

    for line in asyncio.run(run(_settings(), topic, limit)):
        typer.echo(line)
