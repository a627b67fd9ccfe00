"""A worker from its settings to its end: connect, verify, run, hand over."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import uvloop
from aiokafka.errors import KafkaError
from faust.exceptions import ConsistencyError

from agents.clients import manifest
from agents.consumer.membership import leave_group
from agents.exits import Exit, leave
from agents.inputs.config_dead_letters import ConfigDeadLetters
from agents.inputs.feed import Feed
from agents.inputs.injector import Injector
from agents.partition import store
from agents.worker import allocator, metrics
from agents.worker.app import StageApp
from agents.worker.pulse import beat
from agents.worker.slot import claim
from agents.worker.watchdog import Limits, Watchdog
from agents.worker_config import WorkerConfig
from streams import keys
from streams.connection import client
from streams.settings import Settings
from streams.signature import Signer
from streams.text.hindrance import told
from tables.kernel.machine import Machine

log = logging.getLogger("tocsin.worker")
CYCLES = 10_000, 10, 10  # objects until Python looks for circles of them: rows make none
GRACE = 12.0  # seconds to stop in after the hand-over


def machine_of(stage: str) -> type[Machine]:
    """The machine of a stage; late, since a worker starts quicker without those of the others."""
    match stage:
        case "detect":
            from tables.detect.machine import Detect

            return Detect
        case "respond":
            from tables.respond.machine import Respond

            return Respond
        case _:
            from tables.deliver.machine import Deliver

            return Deliver


def signer_of(settings: Settings) -> Signer:
    """Signs with the system's keys; those of an embedded installation lie in its data folder."""
    return keys.system(settings, Path.read_text)


async def worker_config(stage: str, settings: Settings, machine: type[Machine]) -> WorkerConfig:
    """Wait for Kafka, and make sure that the topics are as our tool made them."""
    signer, connection = signer_of(settings), client(settings)
    topics = await manifest.read(connection, signer)
    manifest.verify(stage, topics, settings.partitions)
    return WorkerConfig(stage, settings, machine, signer, topics, connection)


@dataclass(frozen=True)
class WorkerFactory:
    """How a worker's parts are made; a test makes other ones."""

    app: Callable[[WorkerConfig], StageApp] = StageApp
    limits: Limits = Limits()


def run(
    stage: str, settings: Settings, machine: type[Machine], factory: WorkerFactory = WorkerFactory()
) -> int:
    """Run one worker until it is told to stop; the exit code. Misconfigured where another one has its slot."""
    claim(stage, settings)  # held until the process ends
    allocator.settle()
    gc.freeze()  # what has been imported stays
    gc.set_threshold(*CYCLES)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(stage, settings, machine, factory))


async def _run(stage: str, settings: Settings, machine: type[Machine], factory: WorkerFactory) -> int:
    stop, farewell = asyncio.Event(), asyncio.Event()
    _on_signals(stop, farewell)
    beating = asyncio.create_task(beat(settings.pulse))
    configuring = asyncio.create_task(worker_config(stage, settings, machine))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((configuring, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not configuring.done():
        configuring.cancel()
        beating.cancel()
        return 0
    config = configuring.result()
    store.prepare(config.folder, config.manifest[config.changelog].incarnation)
    app = factory.app(config)
    await _serve(app, factory.limits, stopping)
    if farewell.is_set():
        leave_group(app)
    log.info("stopping")
    await _stop(app)
    return 0


async def _stop(app: StageApp) -> None:
    """Stop within `GRACE`, or end the process: a wait for what was cancelled might have no end."""
    stopped, _ = await asyncio.wait({asyncio.create_task(app.stop())}, timeout=GRACE)
    if not stopped:
        leave(Exit.BROKER, f"it could not be stopped in {GRACE:.0f} s; what was not written is replayed")
    for task in stopped:
        task.result()


def _on_signals(stop: asyncio.Event, farewell: asyncio.Event) -> None:
    def part() -> None:
        farewell.set()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, part)


async def _serve(app: StageApp, limits: Limits, stopping: asyncio.Task[bool]) -> None:
    feed = Feed(app.config.signer)
    injector = Injector(app.config, app.outputs, feed)
    watchdog = Watchdog(app, injector, limits)
    metrics.listen(app.config.settings, app, injector)
    application = asyncio.create_task(_until_stopped(app), name="the application")
    side_tasks = [
        asyncio.create_task(feed.follow(app.config.client), name="the configuration feed"),
        asyncio.create_task(injector.keep(lambda: dict(app.owned)), name="the injector"),
        asyncio.create_task(watchdog.beat(), name="the heartbeat"),
    ]
    if app.config.stage == "respond":  # whose inbox the alerts are for
        letters = ConfigDeadLetters(app.config.signer, app.outputs)
        following = letters.follow(app.config.client)
        side_tasks.insert(0, asyncio.create_task(following, name="the dead letters of the configuration"))
    watchdog.start()
    await asyncio.wait((application, *side_tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        await _ended(app, next(task for task in (application, *side_tasks) if task.done()))
    for task in side_tasks[:-1]:  # the heartbeat goes on to the end, or the watchdog would take it for stuck
        task.cancel()


async def _ended(app: StageApp, task: asyncio.Task[None]) -> NoReturn:
    why = task.exception() or app.crash_reason
    if isinstance(why, ConsistencyError):
        store.wipe(app.config.folder)  # the local copy is ahead of the changelog: what the log holds counts
    words = told(why) if isinstance(why, KafkaError) else f"{type(why).__name__}: {why}"
    await app.end(Exit.BROKER, f"{task.get_name()} has ended: {words}")


async def _until_stopped(app: StageApp) -> None:
    app.finalize()
    await app.start()
    await app.wait_until_stopped()
