"""A worker's slot: taken by one process at a time, or the second one ends and says what to change.

Kafka takes a static member's name from whoever had it and gives it to whoever comes last. Two workers of one slot would
take it from each other for ever. On one machine, or one shared volume, a lock keeps the second from starting. Elsewhere
the one that lost its name asks the group for it: a member that was only late has no successor there.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from agents.exits import Exit, Leave
from agents.worker_config import WorkerConfig
from streams.errors import Misconfigured
from streams.settings import Settings

log = logging.getLogger("tocsin.slot")
LIMIT = 2.0  # seconds to ask who has the name
UUID = 36  # characters: Kafka makes a static member's id of its name, "-" and one of these


def claim(stage: str, settings: Settings) -> int | None:
    """Take the slot for the life of this process: the descriptor that holds it; Misconfigured where it is taken.

    None where members are not static, since their slots mean nothing.
    """
    if not settings.static_membership:
        return None
    file = Path(settings.data) / "rows" / f"{stage}-{settings.slot}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Misconfigured(taken(stage, settings.slot, f"a process that holds {file}")) from None
    return descriptor


def taken(stage: str, slot: str, by: str) -> str:
    """What the operator has to do where a slot of a stage is taken; `by`: who has it."""
    return f"slot {slot} is taken: give each its own TOCSIN_SLOT ({stage}; the other is {by})"


async def end_if_succeeded(config: WorkerConfig, member_id: str, leave: Leave) -> None:
    """End the process where another member than `member_id` has this worker's name in its group."""
    if not config.settings.static_membership:
        return
    try:
        host = await asyncio.wait_for(_successor(config, member_id), LIMIT)
    except (KafkaError, OSError, TimeoutError) as why:
        words = f"{type(why).__name__}: {why}"
        log.warning("who has this worker's name is not known", extra={"why": words})
    else:
        if host is not None:
            leave(Exit.OPERATOR, taken(config.stage, config.settings.slot, f"a worker on {host}"))


async def _successor(config: WorkerConfig, member_id: str) -> str | None:
    """The host of the other member that has the name; None where there is none."""
    admin = AIOKafkaAdminClient(**config.client)
    try:
        await admin.start()
        answers: list[Any] = await admin.describe_consumer_groups([config.stage])
    finally:
        await admin.close()
    members = [member for answer in answers for group in answer.groups for member in group[5]]
    hosts = [host for id, _, host, *_ in members if id != member_id and id[: -UUID - 1] == config.name]
    return hosts[0].lstrip("/") if hosts else None
