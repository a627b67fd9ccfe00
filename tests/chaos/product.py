"""Load for the product's own stages: gateways that go wrong and right again, documents edited, alerts acknowledged.

Every other gateway is quiet; the others' values cross the threshold for some seconds now and then. Whoever
edits and acknowledges reads the topics that a person's page reads, so that most of what is asked for is sensible.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.messages.command import Acknowledge, Action, Command, Principal, PutDocument
from streams.messages.tick import Tick
from streams.telemetry import samples
from streams.topics import CHANGES, INBOX, NOTIFY, TELEMETRY
from tests.chaos import duties
from tests.chaos.duties import Duties
from tests.chaos.ground import Ground
from tests.chaos.verdict import Ledger

GATEWAYS, SERIES = 12, 20
STRANGE = (b"\xff{", b'{"kind":"what"}', b'{"kind":"samples","gateway":1}', b"[]", b"")
TEAM = "platform"
RECEIVER = "receiver"  # of webhooks; its port is the ground's
Documents = dict[tuple[str, str], list[dict[str, Any]]]


def documents(receiver: str) -> Documents:
    """What is configured, by kind and name, and how it may be edited. `receiver`: an address for webhooks."""
    hooks = {name: [{"url": f"{receiver}/{name}", "allow_private": True}] for name in ("hook", "other-hook")}
    first, second = ["endpoint/first", "endpoint/hook"], ["endpoint/second", "endpoint/other-hook"]
    steps = [{"notify": [*first, "schedule/duty"]}, {"after": "5s", "notify": [*second, "user/ben"]}]
    at_once = {"for": "0s", "keep_firing_for": "0s"}
    return {
        ("endpoint", "first"): [{"channel": "log"}],
        ("endpoint", "second"): [{"channel": "log"}],
        **{("endpoint", name): of for name, of in hooks.items()},
        ("policy", "ops"): [{"steps": steps, "rounds": rounds} for rounds in (2, 3)],
        ("rule", "high"): [
            {"last": "cpu", "above": limit, "severity": "critical", "escalation_policy": "ops"} | at_once
            for limit in ("5", "7")
        ],
        ("rule", "busy"): [
            {"rate": "calls_total", "over": "10s", "above": limit, "for": "2s", "keep_firing_for": "0s"}
            for limit in ("40", "60")
        ],
        ("rule", "down"): [{"unreachable": "upstream"} | at_once],
        ("rule", "balance-above"): [{"last": "balance", "by": [], "above": "0.5"} | at_once],
        ("rule", "balance-below"): [{"last": "balance", "by": [], "below": "-0.5"} | at_once],
        ("route", "all"): [{"to": "policy/ops"}],
    }


class ProductLoad:
    """`sent` counts inputs, `failed` those that Kafka did not acknowledge."""

    def __init__(self, ground: Ground, ledger: Ledger, seed: int, pause: float = 0.03) -> None:
        """`pause`: seconds between two inputs."""
        self._ground, self._ledger, self._random, self._pause = ground, ledger, random.Random(seed), pause
        self._calls = [0.0] * GATEWAYS
        self._revisions: dict[tuple[str, str], int] = {}
        self._alerts: list[dict[str, Any]] = []
        self._documents = documents(f"http://127.0.0.1:{ground.port(RECEIVER)}")
        self._documents |= duties.documents(time.time_ns() // 1_000_000)
        self._duties = Duties(self._random)
        self.sent = self.failed = 0

    async def run(self, stopped: Callable[[], bool]) -> None:
        """Feed until told to stop, whatever happens to Kafka in between."""
        self._producer = self._ground.producer()
        await self._producer.start()
        watching = asyncio.create_task(self._watch())
        await self._configure(stopped)
        while not stopped():
            self.sent += 1
            await self._one()
            await asyncio.sleep(self._pause)
        watching.cancel()
        await self._producer.stop()

    async def _configure(self, stopped: Callable[[], bool]) -> None:
        """Put all documents, receivers first, and rules only where receivers are known to whoever delivers."""
        kinds = sorted({kind for kind, _ in self._documents}, key="endpoint".__ne__)
        for wanted in kinds:
            for kind, name in self._documents:
                if kind == wanted:
                    await self._edit(kind, name)
            while wanted == "endpoint" and not stopped() and not await self._known():  # noqa: ASYNC110 - Kafka does not call
                await asyncio.sleep(0.5)

    async def _known(self) -> bool:
        """Whether each partition of deliver's log has every endpoint."""
        names = {name for kind, name in self._documents if kind == "endpoint"}
        log = await self._ground.dump(NOTIFY)
        return all(
            names <= {orjson.loads(record.value or b"{}").get("name") for record in of} for of in log.values()
        )

    async def _one(self) -> None:
        chance = self._random.random()
        if chance < 0.01:
            await self._put(TELEMETRY, "gw0", self._random.choice(STRANGE))
        elif chance < 0.012:
            await self._put(TELEMETRY, "gw0", Tick(id="forged", at=0, processed=0).encode())
        elif chance < 0.02:
            await self._edit(*self._random.choice(list(self._documents)))
        elif chance < 0.05:
            await self._duty()
        elif chance < 0.10 and self._alerts:
            await self._acknowledge(self._alerts.pop(self._random.randrange(len(self._alerts))))
        else:
            await self._frame(self._random.randrange(GATEWAYS))

    async def _frame(self, number: int) -> None:
        at = time.time_ns() // 1_000_000
        wrong = number % 2 == 0 and (at // 6_000 + number // 2) % 3 == 0
        self._calls[number] += 500 if wrong else 5
        series = [f'cpu{{host="h{n}"}}' for n in range(SERIES)] + ["calls_total"]
        values = [9.0 if wrong and n < 3 else 1.0 for n in range(SERIES)] + [self._calls[number]]
        for raw in samples.frame(f"gw{number}", "chaos", at, series, values):
            await self._put(TELEMETRY, f"gw{number}", raw)

    async def _edit(self, kind: str, name: str) -> None:
        revision = self._revisions.get((kind, name), 0)
        body = {"name": name} | self._random.choice(self._documents[kind, name])
        await self._command(PutDocument(type=kind, name=name, revision=revision, body=body))

    async def _duty(self) -> None:
        """Somebody silences, stands in, snoozes, resolves, or does what else people do."""
        now = time.time_ns() // 1_000_000
        if (action := self._duties.next(self._alerts, self._revisions, now)) is not None:
            await self._command(action)

    async def _acknowledge(self, alert: dict[str, Any]) -> None:
        await self._command(Acknowledge(alert=alert["fingerprint"], alert_id=alert["id"]))

    async def _command(self, action: Action) -> None:
        by = Principal(name="chaos", admin=True)
        name = f"command-{self.sent}-{self._random.randrange(10**9)}"
        command = Command(id=name, at=time.time_ns() // 1_000_000, team=TEAM, by=by, action=action)  # type: ignore[arg-type]
        await self._put(INBOX, TEAM, self._ground.signer.sign(command.encode(), INBOX))

    async def _put(self, topic: str, key: str, value: bytes) -> None:
        try:
            sent = await self._producer.send_and_wait(topic, value, key=key.encode())
            self._ledger[sent.topic, sent.partition, sent.offset] = value
        except (KafkaError, OSError):
            self.failed += 1

    async def _watch(self) -> None:
        """Remember alerts to acknowledge and revisions to edit, as a page would show them."""
        reader = AIOKafkaConsumer(
            CHANGES,
            bootstrap_servers=self._ground.broker.bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await reader.start()
        try:
            async for record in reader:
                change = orjson.loads(record.value)
                if change["subject"] == "alert" and change["what"] == "fired":
                    self._alerts.append(change["alert"])
                elif change["subject"] == "document":
                    shown = change["document"]
                    self._revisions[shown["type"], shown["name"]] = shown["revision"]
        finally:
            await reader.stop()
