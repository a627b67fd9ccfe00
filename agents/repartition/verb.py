"""`python -m agents partitions STAGE COUNT [--dry-run] [--json]`: what the operator types, and what they read."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import orjson

from agents.clients.group_members import members, refuse_running
from agents.clients.manifest import read
from agents.clients.topic_reader import TopicReader
from agents.repartition.growth import StageGrowth, plan
from agents.repartition.growth_report import GrowthReport
from agents.worker_config import WorkerConfig
from streams.connection import client
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import CHANNELS, STAGES, changelog
from tables.kernel.machine import Machine
from tables.repartition.deal import check_multiple

FLAGS = frozenset({"--dry-run", "--json"})
# groups whose members write to stages
WRITERS = (*STAGES, "bridge", *(f"sink-{channel}" for channel in CHANNELS))
MOST = 1_000  # partitions of a stage: each is a producer of its worker, and a tick a second
USAGE = (
    "say which stage, and how many partitions: python -m agents partitions detect|respond|deliver COUNT [--dry-run] "
    "[--json]"
)


async def partitions(
    words: Sequence[str], settings: Settings, signer: Signer, machine: type[Machine]
) -> list[str]:
    """Do, or with `--dry-run` only plan, what the words say; the lines to print. Misconfigured names what to change."""
    stage, after = words[0], _count(words)
    connection = client(settings)
    manifest = await read(connection, signer)
    for topic in (STAGES[stage], changelog(stage)):
        if topic not in manifest:
            raise Misconfigured(
                f"topic {topic} is missing from the manifest: run `python -m deploy topics` first"
            )
    config = WorkerConfig(stage, settings, machine, signer, manifest, connection)
    if config.partitions == after and not manifest[config.input].growing_to:
        return _told(
            GrowthReport(stage, after, after, "--dry-run" in words),
            words,
            [f"{stage} has {after} partitions"],
        )
    _check(config, after)
    async with TopicReader(connection) as reader:
        if "--dry-run" in words:
            return _told(await plan(config, after, reader), words)
        await _refuse_writers(config)
        return _told(await StageGrowth(config, after, reader, _say).run(), words)


def _count(words: Sequence[str]) -> int:
    if len(words) < 2 or not words[1].isdecimal() or not FLAGS.issuperset(words[2:]):
        raise Misconfigured(USAGE)
    if (count := int(words[1])) > MOST:
        raise Misconfigured(
            f"{count} partitions are more than {MOST}: each costs a tick a second and a connection"
        )
    return count


def _check(config: WorkerConfig, after: int) -> None:
    under_way = config.manifest[config.input].growing_to
    if under_way and under_way != after:
        raise Misconfigured(
            f"{config.stage} is just being given {under_way} partitions: run that to its end first"
        )
    check_multiple(config.partitions, after)


async def _refuse_writers(config: WorkerConfig) -> None:
    await refuse_running(config.client, config.stage, config.settings.session)
    others = sorted(await members(config.client, WRITERS))
    if others:
        raise Misconfigured(
            f"{', '.join(others)} still run, and may write to {config.input}: stop every process but Kafka, wait "
            f"{config.settings.session / 1_000:g} s, and try again"
        )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - for the operator who waits


def _told(report: GrowthReport, words: Sequence[str], lines: Sequence[str] = ()) -> list[str]:
    if "--json" in words:
        return [orjson.dumps(report.document(), option=orjson.OPT_NON_STR_KEYS).decode()]
    return list(lines or report.lines())
