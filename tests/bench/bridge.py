"""`python -m tests.bench.bridge PORT GATEWAYS`: the bridge's way from exposition text to `telemetry`, counted.

Frames and publisher are the bridge's own. The text comes over one plain kept-alive connection a gateway, once a
second, the gateways spread over the second as Prometheus spreads its targets; its other questions are left out.
Gateways come one after the other, two a second: a new series costs detect a hundred times a known one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time

import uvloop

from sources.bridge.frames import METRICS, Frames
from sources.telemetry.publisher import Publisher, producer
from streams.settings import Settings
from tests.bench.load import name

RAMP = 2  # new gateways a second


class Poller:
    """`polls` made, and the latest that one began, in seconds after its moment."""

    def __init__(self, port: int, publisher: Publisher) -> None:
        """`port`: of the targets."""
        self._port, self._publisher = port, publisher
        self.polls, self.latest = 0, 0.0

    async def follow(self, gateway: int, first: float) -> None:
        """Poll one gateway for ever, on the second."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        due, frames = first, Frames(name(gateway))
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.latest = max(self.latest, time.monotonic() - due)
            writer.write(f"GET /{gateway} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
            said = await reader.readuntil(b"\r\n\r\n")
            text = await reader.readexactly(int(said.rsplit(b":", 1)[1]))
            at = time.time_ns() // 1_000_000
            self._publisher.publish(name(gateway), at, frames.scraped(METRICS, at, text.decode()))
            self.polls += 1
            due += 1.0


async def main(port: int, gateways: int) -> None:
    """Poll until SIGTERM, then send what is left and say how many polls there were."""
    settings = Settings.read(os.environ)
    publisher = Publisher(lambda: producer(settings))
    poller, stop = Poller(port, publisher), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    begin = time.monotonic() + 0.1
    follow = [
        poller.follow(gateway, begin + gateway // RAMP + gateway / gateways) for gateway in range(gateways)
    ]
    tasks = [asyncio.ensure_future(one) for one in (*follow, publisher.run(), stop.wait())]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await publisher.close(10.0)
    for task in done:
        task.result()
    sys.stderr.write(f"polls={poller.polls} waiting={publisher.waiting} latest={poller.latest:.3f}\n")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the bridge
        runner.run(main(int(sys.argv[1]), int(sys.argv[2])))
