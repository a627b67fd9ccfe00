"""docker-compose.yml on a container engine, as an operator runs it; skipped where there is no engine, or no image.

Samples of gateways that nobody has heard of before come twice a second, from a process inside; each breaches, so each
is a webhook of its own, whose name says when it was sent.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import yaml

from deploy.ports import free_port
from tests.layout import ROOT

IMAGES = ("apache/kafka:4.4.0", "postgres:17-alpine", "python:3.11-slim")
STAGES = ("detect", "respond", "deliver", "sinks", "history", "bridge", "canary", "api")
EVERY = 0.5  # seconds between two samples
SETTLED = 5.0  # seconds from the first partition that knows a rule to the last one
TEAM = "engine"
OVERRIDE = """
services:
  api: {{ports: !override {ports}}}
  detect: {{environment: {{TOCSIN_STATIC_MEMBERSHIP: "${{STATIC:-true}}"}}}}
  sinks: {{environment: {{TOCSIN_STATIC_MEMBERSHIP: "${{STATIC:-true}}"}}}}
  detect-1: {{extends: {{file: {file}, service: detect}}, profiles: [more], environment: {{TOCSIN_SLOT: "1"}}}}
  sinks-1: {{extends: {{file: {file}, service: sinks}}, profiles: [more], environment: {{TOCSIN_SLOT: "1"}}}}
"""
SENDER = f"""
import asyncio, contextlib, time
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from streams.telemetry import samples
from streams.topics import TELEMETRY

async def main():
    async with AIOKafkaProducer(bootstrap_servers="kafka:9092") as producer:
        while True:
            at = time.time_ns() // 1_000_000
            name = f"sent-{{at}}"
            with contextlib.suppress(KafkaError):  # Kafka is one of those that are killed
                for raw in samples.frame(name, "engine", at, ["engine_value"], [9.0]):
                    await producer.send_and_wait(TELEMETRY, raw, key=name.encode())
                print(at, flush=True)
            await asyncio.sleep({EVERY})

asyncio.run(main())
"""
KILL = """
import contextlib, os
for number in filter(str.isdigit, os.listdir("/proc")):
    with contextlib.suppress(OSError), open(f"/proc/{number}/cmdline") as file:
        if file.read().startswith("python\\0-m"):
            os.kill(int(number), 9)
"""
DOCUMENTS: dict[str, dict[str, Any]] = {
    "endpoints": {"name": "hook", "channel": "webhook", "url": "http://catcher:8401/", "allow_private": True},
    "policies": {"name": "default", "steps": [{"notify": ["endpoint/hook"]}]},
    "rules": {"name": "high", "last": "engine_value", "above": "5", "for": "0s", "severity": "critical"},
}


class Composed:
    """One project of its own; `with` ends it, volumes and all."""

    def __init__(self, folder: Path) -> None:
        """`folder`: of what overrides the file: a port that is free here, and nothing that outlives the project."""
        self._port = free_port()
        self._override = folder / "override.yml"
        folder.mkdir(parents=True, exist_ok=True)
        ports = yaml.safe_dump([f"127.0.0.1:{self._port}:8400"], default_flow_style=True).strip()
        self._override.write_text(OVERRIDE.format(ports=ports, file=ROOT / "docker-compose.yml"))
        self._sent, self._caught, self._since = folder / "sent.log", folder / "caught.log", 0.0
        self._beside: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str, check: bool = True, **settings: str) -> str:
        """`docker compose …`: what it printed."""
        done = subprocess.run(
            self._command(words), cwd=ROOT, env=self._environment | settings, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stderr[-2_000:]
        return done.stdout

    def _command(self, words: Iterable[str]) -> list[str]:
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override))
        return ["docker", "compose", "-p", f"tocsin-{self._port}", *files, *words]

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"POSTGRES_PASSWORD": "p@ss/word"}

    def __enter__(self) -> Self:
        """Built and started; returns when a first sample has been heard of."""
        missing = needs()
        if missing:
            pytest.skip(missing)
        try:
            self.run("up", "--build", "--detach")
            self._configure()
            self._send()
            first = min(self.until(self.heard))
            self._since = first + SETTLED
            self.heard_again(self._since)
        except BaseException:
            self.__exit__()
            raise
        return self

    def kill(self, name: str) -> None:
        """What a crash does: the engine starts a service of ours again; it does not where it was asked to kill."""
        if name == "kafka":
            self.run("kill", name)
            self.run("start", name)
        else:
            self.run("exec", "-T", name, "python", "-c", KILL)

    def down_and_up(self) -> None:
        """Ended, and started with the volumes that it had; what sends samples ended with its container."""
        self.run("down")
        self.run("up", "--detach")
        self._send()

    def __exit__(self, *_: object) -> None:
        """Nothing of it is left."""
        for process in self._beside:
            process.kill()
            process.wait()
        self.run("down", "--volumes", "--timeout", "5", check=False)

    def _configure(self) -> None:
        token = self.run("exec", "-T", "api", "python", "-m", "api", "token", "ops", "--admin").strip()
        address, headers = f"http://127.0.0.1:{self._port}/v1", {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
            for kind, body in DOCUMENTS.items():
                self.until(partial(_put, client, kind, body | {"team": TEAM}))

    def _send(self) -> None:
        """The catcher has our image, and nobody disturbs it: the sender runs in it. What it catches is followed."""
        for process in self._beside:
            process.wait()
        sends = ("exec", "-T", "catcher", "python", "-c", SENDER)
        follows = ("logs", "--follow", "--no-log-prefix", "--timestamps", "catcher")
        self._beside = [self._start(sends, self._sent), self._start(follows, self._caught)]

    def _start(self, words: Iterable[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                self._command(words), cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=out
            )

    def sent(self) -> set[float]:
        """When the samples were sent that Kafka has taken since every partition knew the rule; s UTC."""
        sent = {int(line) / 1_000 for line in self._sent.read_text().splitlines()}
        return {at for at in sent if at >= self._since}

    def heard(self) -> dict[float, float]:
        """By when a sample was sent: when the first webhook came that said that it fires; s UTC."""
        first: dict[float, float] = {}
        for sent, came in self._webhooks():
            first.setdefault(sent, came)
        return first

    def calls(self) -> Counter[float]:
        """By when a sample was sent: how many webhooks said that it fires."""
        return Counter(sent for sent, _ in self._webhooks())

    def _webhooks(self) -> Iterator[tuple[float, float]]:
        for line in self._caught.read_text().splitlines():
            gateway = re.search(r'"gateway": ?"sent-(\d+)"', line)
            if gateway and '"what": "firing"' in line:
                stamp = re.sub(r"(\.\d{6})\d*Z", r"\1+00:00", line.split()[0])
                yield int(gateway[1]) / 1_000, datetime.fromisoformat(stamp).timestamp()

    def all_heard(self) -> bool:
        """Whether every sample that was sent until now has been heard of, once it had time to."""
        sent = self.sent()
        return bool(self.until(lambda: sent <= self.heard().keys()))

    def heard_again(self, since: float) -> float:
        """When the first sample was heard of that was sent after an instant; s UTC."""
        heard: list[float] = self.until(lambda: [came for at, came in self.heard().items() if at >= since])
        return heard[0]

    def until(self, holds: Callable[[], Any], limit: float = 180.0) -> Any:
        """What a question answers once it is true; `limit` is for a hang."""
        end = time.monotonic() + limit
        while not (answer := holds()):
            assert time.monotonic() < end, self.run("ps", "--all", check=False)
            time.sleep(0.3)
        return answer


def _put(client: httpx.Client, kind: str, body: dict[str, Any]) -> bool:
    """Whether a document is there; what is not ready yet is asked again."""
    try:
        answer = client.post(f"/{kind}", json=body)
    except httpx.TransportError:
        return False
    assert answer.status_code in (200, 201, 202, 409, 503), answer.text
    return answer.status_code != 503


def needs() -> str:
    """Why it cannot run here; empty where it can."""
    if not shutil.which("docker"):
        return "no docker on the path"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return "docker has no compose"
    for image in IMAGES:
        if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode:
            return f"no engine, or no image {image} on it"
    return ""
