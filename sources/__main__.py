"""`python -m sources bridge`: polls all registered gateways; `python -m sources demonstration`: pretends to be one."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog
import uvloop
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

from sources.bridge.bridges import Bridges
from sources.bridge.observer import farewell
from sources.bridge.registry import RESERVED, Registry
from sources.demonstration.demonstration import Demonstration
from sources.metrics import BridgeMetrics, listen
from sources.prober.probe_documents import ProbeDocuments
from sources.prober.probes import Probes
from sources.telemetry.cursors import Cursors, CursorTopic
from sources.telemetry.keyring import Keyring
from sources.telemetry.lease import Lease
from sources.telemetry.publisher import Publisher, producer
from streams import connection, keys
from streams.errors import Broken, Misconfigured
from streams.settings import Settings
from streams.text.hindrance import hindrance, told

MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: to start it again would not help
GRACE = 3.0  # seconds that the last messages are given at the end


def clock() -> int:
    """Now in ms UTC."""
    return time.time_ns() // 1_000_000


async def bridge(settings: Settings, publisher: Publisher) -> None:
    """Poll what the registry in the data folder names."""
    if not settings.demonstration:  # it may have been on before: nobody waits for it any more
        at = clock()
        publisher.publish(RESERVED, at, farewell(RESERVED, at))
    lease = Lease(settings)
    store = CursorTopic(settings)
    cursors = Cursors(store, publisher.settled, clock)
    bridges = Bridges(Registry.of(settings, patience=0), publisher.publish, clock, lease.mine, cursors.open)
    listen(
        settings, BridgeMetrics(lambda: bridges.polled, lambda: publisher.waiting, lambda: publisher.dropped)
    )
    documents = probe_documents(settings)
    probes = Probes(documents, settings.data, publisher.publish, clock, lease.mine) if documents else None

    async def rest() -> None:
        await asyncio.gather(bridges.rest(), *([probes.rest()] if probes else []))

    async def look() -> None:
        await asyncio.gather(bridges.look(), *([probes.look()] if probes else []))

    work = [bridges.run(), lease.keep(rest), _on(lease.changed, look), cursors.run()]
    work += [documents.follow(settings), probes.run()] if documents and probes else []
    parts = [asyncio.create_task(part) for part in work]
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for part in parts:
            part.cancel()
        for end in await asyncio.gather(*parts, return_exceptions=True):
            if isinstance(end, Exception):
                raise end
        await store.close()


def probe_documents(settings: Settings) -> ProbeDocuments | None:
    """What is to be probed; None on a machine without the system's keys, which cannot tell whose a document is."""
    try:
        return ProbeDocuments(keys.system(settings, Path.read_text))
    except Misconfigured as why:
        structlog.get_logger().info(
            "probes of documents are left to a bridge with the system's keys", why=str(why)
        )
        return None


async def _on(event: asyncio.Event, do: Callable[[], Awaitable[None]]) -> None:
    """Do it whenever the event is set."""
    while True:
        await event.wait()
        event.clear()
        await do()


async def demonstration(settings: Settings, publisher: Publisher) -> None:
    """Serve and poll the demonstration gateway."""
    await Demonstration(settings, publisher.publish, clock).run()


WORK: dict[str, Callable[[Settings, Publisher], Awaitable[None]]] = {
    "bridge": bridge,
    "demonstration": demonstration,
}


def log_to_stderr(settings: Settings) -> None:
    """JSON lines on standard error; aiokafka's own would only repeat ours, once a second."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def touch(file: str) -> None:
    """One beat; a disk that is full or gone has worse consequences than a missing one."""
    with suppress(OSError):
        Path(file).touch()


async def beat(file: str) -> None:
    """Touch `file` every second, for whoever supervises this process; without a name, never."""
    while file:
        touch(file)
        await asyncio.sleep(1.0)


async def run(settings: Settings, work: Callable[[Settings, Publisher], Awaitable[None]]) -> None:
    """Work until SIGTERM or SIGINT, then send what is left; a failure of any part ends all."""
    client = connection.client(settings)
    explain = partial(hindrance, client, create_conn)
    publisher = Publisher(lambda: producer(settings), Keyring(settings).sign, explain)
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    tasks = [
        asyncio.ensure_future(part) for part in (work(settings, publisher), publisher.run(), stop.wait())
    ]
    beating = asyncio.create_task(beat(settings.pulse))
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await publisher.close(GRACE)
    beating.cancel()
    for task in done:
        task.result()


def main(arguments: list[str]) -> int:
    """The exit code; what an operator has to change is said in one line."""
    if len(arguments) != 1 or arguments[0] not in WORK:
        print(f"usage: python -m sources {{{','.join(WORK)}}}", file=sys.stderr)
        return 2
    try:
        settings = Settings.read(os.environ, file=lambda path: Path(path).read_text())
        log_to_stderr(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, WORK[arguments[0]]))
    except Misconfigured as why:
        print(f"sources: {why}", file=sys.stderr)
        return MISCONFIGURED
    except (Broken, KafkaError) as why:  # to be started again
        print(f"sources: {told(why) if isinstance(why, KafkaError) else why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is closed: to take the modules apart would only delay whoever waits for the end
