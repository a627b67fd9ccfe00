"""Says a word by each way until it is taken, and says its end to exactly those who heard it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import structlog

from sinks.canary import word
from sinks.channel import Channel
from sinks.outcome import Delivered
from streams.documents.endpoint import Endpoint

log = structlog.get_logger()
FIRST, LONGEST = 10.0, 300.0  # seconds between two tries


class DirectWay(NamedTuple):
    """A way that needs no Kafka: where to, and what calls there."""

    endpoint: Endpoint
    channel: Channel


class Spoken(NamedTuple):
    """The word that was said last, over restarts: since when it holds, ms UTC, and by which ways it was heard."""

    id: str
    since: int
    heard: frozenset[str]


class Speaker:
    """Words in, calls of each way out, one word at a time: that canaries are lost, and that they are back."""

    def __init__(
        self,
        ways: Sequence[DirectWay],
        file: Path,
        clock: Callable[[], int],
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        """`file`: keeps who has heard a word that has not ended; `clock`: ms UTC."""
        self._ways = {way.endpoint.name: way for way in ways}
        self._file, self._clock, self._sleep = file, clock, sleep
        spoken = _read(file)  # a way that has left the settings hears no end
        self._spoken = spoken._replace(heard=spoken.heard.intersection(self._ways))
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_spoken(self) -> bool:
        """Whether somebody has heard a word whose end nobody has heard."""
        return bool(self._spoken.heard)

    def lost(self, words: str, since: int) -> None:
        """Say by each way that canaries are lost, since an instant, ms UTC; whoever has not heard its end knows it."""
        self._stop()
        if not self._spoken.heard:
            self._keep(Spoken(f"canary/{since}", since, frozenset()))
        for name in self._ways.keys() - self._spoken.heard:
            self._start(self._tell(name, words, over=False))

    def back(self, words: str) -> None:
        """Say to those who heard it that it is over."""
        self._stop()
        for name in self._ways.keys() & self._spoken.heard:
            self._start(self._tell(name, words, over=True))

    @property
    def since(self) -> int:
        """Since when the word holds that was said last, ms UTC."""
        return self._spoken.since

    async def close(self) -> None:
        """What has not been taken yet is not said any more."""
        tasks = set(self._tasks)
        self._stop()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _tell(self, name: str, words: str, *, over: bool) -> None:
        way, pause = self._ways[name], FIRST
        spoken = self._spoken
        call = word.attempt(way.endpoint, spoken.id, words, spoken.since, self._clock(), over=over)
        while True:
            answer = await way.channel.send(call)
            if isinstance(answer, Delivered):
                log.warning("said without Kafka", way=name, what=words)
                heard = self._spoken.heard - {name} if over else self._spoken.heard | {name}
                self._keep(self._spoken._replace(heard=heard))
                return
            log.error("nobody could be told without Kafka", way=name, why=answer.reason, what=words)
            await self._sleep(pause)
            pause = min(2 * pause, LONGEST)

    def _keep(self, spoken: Spoken) -> None:
        self._spoken = spoken
        content = {"id": spoken.id, "since": spoken.since, "heard": sorted(spoken.heard)}
        with suppress(OSError):  # a full disk is one of the reasons to speak
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_bytes(orjson.dumps(content))


def _read(file: Path) -> Spoken:
    """What an earlier process has said; nothing, where the file is none of ours."""
    try:
        content = orjson.loads(file.read_bytes())
        return Spoken(str(content["id"]), int(content["since"]), frozenset(map(str, content["heard"])))
    except (OSError, ValueError, KeyError, TypeError):
        return Spoken("", 0, frozenset())
