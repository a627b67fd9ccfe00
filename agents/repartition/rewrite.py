"""Makes one partition of a changelog hold certain rows and no others, however far an earlier attempt has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agents.clients.fence import FencedProducer
from agents.clients.topic_reader import TopicReader
from agents.partition.log_identity import MARK, LogIdentity
from agents.repartition.drain import NAME
from agents.worker_config import WorkerConfig
from streams.errors import Broken


async def rewrite(config: WorkerConfig, number: int, rows: Mapping[str, bytes], reader: TopicReader) -> int:
    """Write what differs, read all of it back, and compare; how many records were written. Broken where it differs."""
    writer = await FencedProducer.start(config.client, config.changelog, number)
    try:
        await writer.fence(NAME, 0)
        differences = _differences(rows, await reader.rows(config.changelog, number))
        await writer.write(differences)
    finally:
        await writer.stop()
    if left := _differences(rows, await reader.rows(config.changelog, number)):
        raise Broken(
            f"{config.changelog}-{number} does not hold what was written: {left[0][0]}, and {len(left) - 1} more"
        )
    return len(differences)


async def mark(config: WorkerConfig, number: int, identity: LogIdentity) -> None:
    """Say from where in which log the rows of a partition go on."""
    writer = await FencedProducer.start(config.client, config.changelog, number)
    try:
        await writer.write([(MARK, identity.encode())])
    finally:
        await writer.stop()


def _differences(wanted: Mapping[str, bytes], present: Mapping[str, bytes]) -> list[tuple[str, bytes | None]]:
    """What has to be written so that `present` becomes `wanted`; records that are no rows are left alone."""
    changed: list[tuple[str, bytes | None]] = [
        (key, value) for key, value in wanted.items() if present.get(key) != value
    ]
    gone: Iterable[str] = (key for key in present if key[0] != "!" and key not in wanted)
    return [*changed, *((key, None) for key in gone)]
