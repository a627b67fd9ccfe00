"""The verbs that work on Kafka itself: topics, their manifest, dead letters."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from streams.settings import Settings

topics = typer.Typer(
    help="Make every topic and the manifest, before any worker starts.", invoke_without_command=True
)


def _settings() -> Settings:
    return Settings.read(os.environ, lambda path: Path(path).read_text())


@topics.callback()
def create(context: typer.Context, scenario: bool = False) -> None:
    """Make every topic that is missing; refuse one that exists otherwise than it is needed."""
    from deploy.topics import (
        Topics,
        signer_for,
    )  # late: the tool's other verbs start quicker without Kafka's client

    if context.invoked_subcommand is None:
        settings = _settings()
        made = asyncio.run(Topics(settings, signer_for(settings), scenario).create())
        typer.echo(f"made {', '.join(made)}" if made else "all topics are there")


@topics.command()
def rebase(stage: str) -> None:
    """Let a stage go on with the log that there is now, after an alarm that its rows belong to another one."""
    from deploy.rebase import rebase as run
    from deploy.topics import signer_for

    settings = _settings()
    for line in asyncio.run(run(stage, settings, signer_for(settings))):
        typer.echo(line)


def redrive(
    topic: Annotated[str | None, typer.Option(help="Only letters that came from this topic.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many, oldest first.")] = None,
) -> None:
    """Send dead letters back to where they came from, with their own keys."""
    from deploy.redrive import redrive as run

    for line in asyncio.run(run(_settings(), topic, limit)):
        typer.echo(line)
