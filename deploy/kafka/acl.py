"""Who may do what in a Kafka of your own: the commands of `kafka-acls` that let each process do what it needs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.topics import (
    CHANGES,
    CHANNELS,
    CONFIG,
    CURSORS,
    DEAD_LETTER,
    INBOX,
    MANIFEST,
    NOTIFY,
    SHARED,
    STAGES,
    TELEMETRY,
    TOPICS,
    changelog,
    send,
)

SENDS = tuple(send(channel, critical) for channel in CHANNELS for critical in (False, True))
SINKS = tuple(f"sink-{channel}" for channel in CHANNELS)


@dataclass(frozen=True)
class Role:
    """One kind of process. `groups`: those that it is a member of; `looks`, `sees`: groups, topics to look at only."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    fences: str = ""  # prefix of the transactional ids that it takes
    creates: bool = False


def _stage(stage: str, says: tuple[str, ...], *more: str, groups: tuple[str, ...] = ()) -> Role:
    """A stage reads its input and puts time and configuration into it; it alone writes its rows."""
    own = (STAGES[stage], changelog(stage))
    reads, writes = (*own, CONFIG, MANIFEST, *more), dict.fromkeys((*own, *says, DEAD_LETTER))
    return Role(reads, tuple(writes), (stage, *groups), fences=f"{changelog(stage)}-")


def _sink(channel: str) -> Role:
    reads = (send(channel, False), send(channel, True))
    return Role(reads, (NOTIFY, DEAD_LETTER), (f"sink-{channel}",))


ROLES: dict[str, Role] = {
    "topics": Role((*STAGES.values(), MANIFEST), (MANIFEST, DEAD_LETTER), tuple(STAGES), creates=True),
    "detect": _stage("detect", (INBOX,)),
    "respond": _stage("respond", (CHANGES, NOTIFY, CONFIG, INBOX), DEAD_LETTER, groups=("refusals",)),
    "deliver": _stage("deliver", (*SENDS, INBOX, CHANGES)),
    **{f"sink-{channel}": _sink(channel) for channel in CHANNELS},
    "sinks": Role(SENDS, (NOTIFY, DEAD_LETTER), SINKS),  # all of them in one process
    "canary": Role((), (TELEMETRY,), sees=(INBOX, NOTIFY)),  # how many partitions there are
    "history": Role((CHANGES, MANIFEST), (DEAD_LETTER,), ("sink-history",)),
    "traces": Role((INBOX, CHANGES, NOTIFY, *SENDS)),  # reads on without a group
    "api": Role(
        (*STAGES.values(), CHANGES, SHARED, DEAD_LETTER, *SENDS),
        (INBOX, TELEMETRY, NOTIFY, SHARED),  # to `notify` goes what providers say later of a notification
        looks=(*STAGES, *SINKS, "sink-history"),
        sees=tuple(topic.name for topic in TOPICS),  # whether all of them are there
    ),
    "bridge": Role((TELEMETRY, CONFIG, SHARED, CURSORS), (TELEMETRY, CURSORS), ("bridge",)),
    "demonstration": Role((CHANGES,), (TELEMETRY,)),
    "producer": Role((), (TELEMETRY,)),
    "redrive": Role((DEAD_LETTER,), (*STAGES.values(), CONFIG, CHANGES, *SENDS), ("redrive",)),
}


def commands(bootstrap: str, prefix: str, configuration: str) -> Iterator[str]:
    """A line for each permission; principals are `User:<prefix><role>`. `configuration`: the administrator's file."""
    base = ["kafka-acls.sh", "--bootstrap-server", bootstrap or "HOST:PORT"]
    base += ["--command-config", configuration] if configuration else []
    for name, role in ROLES.items():
        yield f"# {name}"
        for words in _grants(role):
            yield shlex.join([*base, "--add", "--allow-principal", f"User:{prefix}{name}", *words])


def _grants(role: Role) -> Iterator[list[str]]:
    """One command for all that is allowed alike, since each command starts a Java."""
    alike = (
        (("Read",), "--topic", role.reads),
        (("Write",), "--topic", role.writes),
        (
            ("Describe", "DescribeConfigs"),
            "--topic",
            [topic.name for topic in TOPICS] if role.creates else (),
        ),
        (("Describe",), "--topic", role.sees),
        (("Read",), "--group", role.groups),
        (("Describe",), "--group", role.looks),
    )
    for operations, kind, names in alike:
        if names:
            yield [*_each("--operation", operations), *_each(kind, names)]
    if role.fences:
        words = ["--transactional-id", role.fences, "--resource-pattern-type", "prefixed"]
        yield [*_each("--operation", ("Write", "Describe")), *words]
    if role.creates:
        yield ["--operation", "Create", "--cluster"]


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
