"""The slot of a sink: its name in a group of Kafka, held by one process at a time; the second one says what to change.

Kafka takes a static member's name from whoever had it and gives it to whoever comes last, so two sinks of one slot
would take it from each other for ever. On one machine, or one shared volume, a lock keeps the second from starting;
elsewhere the one that has lost its name asks the group who has it now. Workers do the same (`agents/worker/slot.py`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.errors import Misconfigured
from streams.settings import Settings

log = structlog.get_logger()
LIMIT = 2.0  # seconds to ask who has the name
UUID = 36  # characters: Kafka makes a static member's id of its name, "-" and one of these


@contextmanager
def held(groups: Iterable[str], settings: Settings) -> Iterator[None]:
    """Hold the slot in each of these groups for the length of a block; Misconfigured where another process has one.

    Members that are not static have no names, so their slots mean nothing.
    """
    with ExitStack() as locks:
        for group in groups if settings.static_membership else ():
            locks.callback(os.close, _claim(group, settings))
        yield


def _claim(group: str, settings: Settings) -> int:
    """The descriptor that holds the slot."""
    file = Path(settings.data) / "slots" / f"{member_name(group, settings)}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise taken(group, settings, f"a process that holds {file}") from None
    return descriptor


def member_name(group: str, settings: Settings) -> str:
    """What Kafka knows this member of a group by."""
    return f"{group}-{settings.slot}"


def taken(group: str, settings: Settings, by: str) -> Misconfigured:
    """The error of a slot that another one has; `by`: who that is."""
    return Misconfigured(
        f"slot {settings.slot} is taken: give each its own TOCSIN_SLOT ({group}; the other is {by})"
    )


async def refuse_succeeded(
    group: str, settings: Settings, member_id: str, admin: AIOKafkaAdminClient
) -> None:
    """Misconfigured where another member than `member_id` has this one's name in its group."""
    if not settings.static_membership:
        return
    try:
        answers: list[Any] = await asyncio.wait_for(admin.describe_consumer_groups([group]), LIMIT)
    except (KafkaError, OSError, TimeoutError) as why:
        log.warning("who has this sink's name is not known", group=group, why=f"{type(why).__name__}: {why}")
        return
    members = [member for answer in answers for described in answer.groups for member in described[5]]
    ours = member_name(group, settings)
    for id, _, host, *_ in members:
        if id != member_id and id[: -UUID - 1] == ours:
            raise taken(group, settings, f"a sink on {host.lstrip('/')}")
