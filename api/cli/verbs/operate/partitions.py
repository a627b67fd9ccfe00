"""`tocsin partitions`: a stage gets more partitions, while everything but Kafka is stopped."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.composition import Composition
from api.cli.context import surroundings
from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.progress import prepare
from deploy.keys import completed
from streams.errors import Misconfigured
from streams.topics import STAGES


def partitions(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(help="detect, respond or deliver.")],
    count: Annotated[int, typer.Argument(help="How many it is to have: a multiple of what it has.")],
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, and do none of it.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Give a stage more partitions, so that more workers can share it; stop everything but Kafka first.

    Nobody is told anything twice, and timers go on. A run that broke off is run again. Exit code: 0 when it is done.
    """
    if stage not in STAGES:
        raise Misconfigured(f"there is no stage {stage!r:.60}: it is one of {', '.join(STAGES)}")
    around = surroundings(context)
    settings = replace(around.settings, data=str(Path(around.settings.data).absolute()))
    broker = None
    if not settings.bootstrap:
        completed(settings)
        broker = Broker(Path(settings.data), prepare(around.environ, (Profile.DAILY,)))
    flags = [flag for flag, given in (("--dry-run", dry_run), ("--json", json)) if given]
    words = [sys.executable, "-m", "agents", "partitions", stage, str(count), *flags]
    with broker or nullcontext():
        environment = dict(around.environ) | Composition(settings, around.environ, broker, 0).environment()
        return subprocess.run(words, env=environment, check=False).returncode
