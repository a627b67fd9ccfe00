"""A stream of alerts through respond, deliver and all sinks, each of which is killed now and then, as is the broker."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.documents.document import PLATFORM
from streams.messages.command import Command, Principal, PutDocument
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import CONFIG, INBOX, NOTIFY
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.patience import PATIENCE
from tests.sinks.kills.judge import BROKER, SINKS, Killed, Told, judged
from tests.sinks.kills.providers import Providers, lane, opened

RULE = "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"
VICTIMS = (SINKS, "deliver", SINKS, "respond", BROKER)  # in an order of chance, each before any comes again
WORDS = {"respond": ("agents", "respond"), "deliver": ("agents", "deliver"), SINKS: ("sinks", "all")}
PACE = 0.05  # s between two alerts
BETWEEN = (1.0, 3.0)  # s between two kills
SETTLES, LOOK = 5.0, 0.5  # s without another call; between two looks


@dataclass
class Storm:
    """One run. `stream`: what the brokers have acknowledged; `kills`: in their order."""

    ground: Ground
    processes: dict[str, Process]
    providers: Providers
    chance: random.Random
    stream: list[Told] = field(default_factory=list)
    kills: list[Killed] = field(default_factory=list)

    async def run(self, kills: int) -> dict[str, Any]:
        """Tell, kill, wait until all was heard, and judge."""
        await self._configured()
        over = asyncio.Event()
        telling = asyncio.create_task(self._tell(over))
        for victim in self._victims(kills):
            await asyncio.sleep(self.chance.uniform(*BETWEEN))
            await self._kill(victim)
        over.set()
        await telling
        await self._settled()
        calls = self.providers.calls({told.token for told in self.stream})
        return judged(self.stream, calls, await self._outcomes(), self.kills)

    def _victims(self, kills: int) -> list[str]:
        drawn: list[str] = []
        while len(drawn) < kills:
            drawn += self.chance.sample(VICTIMS, len(VICTIMS))
        return drawn[:kills]

    async def _kill(self, victim: str) -> None:
        """Kill one, and start it again as a supervisor does."""
        self.kills.append(Killed(victim, time.time()))
        if victim == BROKER:
            self.ground.broker.kill()
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))
            await asyncio.to_thread(self.ground.broker.start)
            return
        process = self.processes[victim]
        process.signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        process.start()
        self._revive()

    def _revive(self) -> None:
        """Start whatever has ended by itself, as it may when the broker goes."""
        for process in self.processes.values():
            if process.exit_code is not None:
                process.start()

    async def _configured(self) -> None:
        """An endpoint for each provider, and a route to it for the alerts of its lane."""
        endpoints = list(self.providers.endpoints())
        documents = [("endpoint", endpoint) for endpoint in endpoints]
        for each in endpoints:
            name = each["name"]
            route = {"name": name, "when": f"lane={name}", "to": f"endpoint/{name}", "group_wait": "0s"}
            documents.append(("route", route))
        async with self._producer() as producer:
            for kind, body in documents:
                await self._say(producer, _command(kind, body))
        await _until(lambda: self._has_published(len(documents)))
        await asyncio.sleep(2.0)  # for their way from `config` into the logs of the stages

    async def _has_published(self, documents: int) -> bool:
        return sum(map(len, (await self.ground.dump(CONFIG)).values())) >= documents

    async def _tell(self, over: asyncio.Event) -> None:
        """Alerts of all lanes in turn; each is told of as soon as the brokers have it."""
        lanes = [lane(name) for name in self.providers.places]
        async with self._producer() as producer:
            number = 0
            while not over.is_set():
                told = Told(lanes[number % len(lanes)], _token(number))
                await self._say(producer, _alert(told, critical=number % 2 == 0))
                self.stream.append(told)
                number += 1
                await asyncio.sleep(PACE)

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = self.ground.producer()
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def _say(self, producer: AIOKafkaProducer, message: Command | Verdicts) -> None:
        """Until the brokers have it; said twice, it is the same."""
        raw = self.ground.signer.sign(message.encode(), INBOX)
        while True:
            try:
                await producer.send_and_wait(INBOX, raw, key=PLATFORM.encode())
            except KafkaError:
                await asyncio.sleep(LOOK)
            else:
                return

    async def _settled(self) -> None:
        """Wait until every alert was heard and no further call has come for a while, or for as long as is sensible."""
        tokens, until, seen, since = (
            {told.token for told in self.stream},
            time.time() + PATIENCE,
            -1,
            time.time(),
        )
        while time.time() < until:
            self._revive()
            calls = self.providers.calls(tokens)
            if len(calls) != seen:
                seen, since = len(calls), time.time()
            if time.time() - since > SETTLES and {call.told for call in calls} >= set(self.stream):
                return
            await asyncio.sleep(LOOK)

    async def _outcomes(self) -> dict[Told, float]:
        """When the first outcome of each was told."""
        names, outcomes = dict[str, Told](), dict[Told, float]()
        known = {told.token: told for told in self.stream}
        records = [each for of in (await self.ground.dump(NOTIFY)).values() for each in of]
        messages = [(record.stamp / 1_000, orjson.loads(record.value or b"{}")) for record in records]
        for _, body in messages:
            if body.get("kind") == "notification" and body["alerts"]:
                token = body["alerts"][0]["message"].split()[0]
                names |= {body["id"]: known[token]} if token in known else {}
        for at, body in sorted(messages, key=lambda pair: pair[0]):
            if body.get("kind") == "outcome" and body["notification"] in names:
                outcomes.setdefault(names[body["notification"]], at)
        return outcomes


async def storm(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """A run from nothing to its judgement; whatever it started has ended when it returns."""
    ground = Ground(folder)
    await asyncio.to_thread(ground.start)
    processes: dict[str, Process] = {}
    try:
        for name, words in WORDS.items():
            processes[name] = Process(f"{name}-0", folder / "log", ground.environment, *words)
        await _until(lambda: _all_up(processes))
        async with opened(processes[SINKS].log) as providers:
            return await Storm(ground, processes, providers, random.Random(seed)).run(kills)
    finally:
        for process in processes.values():
            await asyncio.to_thread(process.end)
        ground.broker.stop()


async def _all_up(processes: dict[str, Process]) -> bool:
    return all(process.up for process in processes.values())


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    until = time.time() + PATIENCE
    while not await is_so():
        if time.time() > until:
            raise TimeoutError("it did not come up")
        await asyncio.sleep(LOOK)


def _token(number: int) -> str:
    """A word of letters alone, so that every medium says it as it is."""
    return "storm" + "".join("abcdefghij"[int(digit)] for digit in f"{number:05d}")


def _command(kind: str, body: dict[str, Any]) -> Command:
    action = PutDocument(type=kind, name=body["name"], body=body)
    by = Principal(name="storm", admin=True)
    return Command(id=f"storm/{kind}/{body['name']}", at=_now(), team=PLATFORM, by=by, action=action)


def _alert(told: Told, critical: bool) -> Verdicts:
    at, token = _now(), told.token
    verdict = Verdict(
        fingerprint=f"{token}|{RULE}", sequence=1, state="firing", severity="critical" if critical else "warning",
        rule_id=RULE, rule="storm", gateway=token, labels={"gateway": token, "lane": told.channel}, at=at, since=at,
        value=1.0, message=f"{token} fails", rule_team=PLATFORM, reason="past its threshold",
    )  # fmt: skip
    return Verdicts(id=f"storm/{token}", at=at, team=PLATFORM, why_team="nobody owns it", verdicts=[verdict])


def _now() -> int:
    return time.time_ns() // 1_000_000
