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
from collections.abc import Callable, Mapping
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
import asyncio, time
from aiokafka import AIOKafkaProducer
from streams.telemetry import samples
from streams.topics import TELEMETRY

async def main():
    async with AIOKafkaProducer(bootstrap_servers="kafka:9092") as producer:
        while True:
            at = time.time_ns() // 1_000_000
            name = f"sent-{{at}}"
            for raw in samples.frame(name, "engine", at, ["engine_value"], [9.0]):
                await producer.send_and_wait(TELEMETRY, raw, key=name.encode())
            print(at, flush=True)
            await asyncio.sleep({EVERY})

asyncio.run(main())
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
        self._log = folder / "sent.log"
        self._sender: subprocess.Popen[bytes] | None = None

    def run(self, *words: str, check: bool = True, **settings: str) -> str:
        """`docker compose …`: what it printed."""
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override))
        command = ["docker", "compose", "-p", f"tocsin-{self._port}", *files, *words]
        environment = os.environ | {"POSTGRES_PASSWORD": "p@ss/word", **settings}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0 or not check, done.stderr[-2_000:]
        return done.stdout

    def __enter__(self) -> Self:
        """Built and started; returns when a first sample has been heard of."""
        missing = needs()
        if missing:
            pytest.skip(missing)
        try:
            self.run("up", "--build", "--detach")
            self._configure()
            self._send()
            self.until(self.heard)
        except BaseException:
            self.__exit__()
            raise
        return self

    def again(self) -> None:
        """Started after `down`; what sends samples ended with its container."""
        self.run("up", "--detach")
        self._send()

    def __exit__(self, *_: object) -> None:
        """Nothing of it is left."""
        if self._sender is not None:
            self._sender.kill()
            self._sender.wait()
        self.run("down", "--volumes", "--timeout", "5", check=False)

    def _configure(self) -> None:
        token = self.run("exec", "-T", "api", "python", "-m", "api", "token", "ops", "--admin").strip()
        address, headers = f"http://127.0.0.1:{self._port}/v1", {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
            for kind, body in DOCUMENTS.items():
                self.until(partial(_put, client, kind, body | {"team": TEAM}))

    def _send(self) -> None:
        """The catcher has our image, and nobody disturbs it: the sender runs in it."""
        if self._sender is not None:
            self._sender.wait()
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override))
        words = [
            "docker",
            "compose",
            "-p",
            f"tocsin-{self._port}",
            *files,
            "exec",
            "-T",
            "catcher",
            "python",
            "-c",
        ]
        with self._log.open("ab") as log:
            self._sender = subprocess.Popen(
                [*words, SENDER], cwd=ROOT, env=os.environ | {"POSTGRES_PASSWORD": "p@ss/word"},
                stdin=subprocess.DEVNULL, stdout=log,
            )  # fmt: skip

    def sent(self) -> set[float]:
        """When the samples were sent that Kafka has taken so far; s UTC."""
        return {int(line) / 1_000 for line in self._log.read_text().splitlines()}

    def heard(self) -> dict[float, float]:
        """By when a sample was sent: when its webhook came first; s UTC."""
        first: dict[float, float] = {}
        for line in self.run("logs", "--no-log-prefix", "--timestamps", "catcher").splitlines():
            if found := re.search(r'^(\S+) caught .*"gateway": ?"sent-(\d+)"', line):
                stamp = re.sub(r"(\.\d{6})\d*Z", r"\1+00:00", found[1])
                first.setdefault(int(found[2]) / 1_000, datetime.fromisoformat(stamp).timestamp())
        return first

    def calls(self) -> Counter[float]:
        """By when a sample was sent: how many webhooks said that it fires."""
        lines = self.run("logs", "--no-log-prefix", "catcher").splitlines()
        fires = (re.search(r'"gateway": ?"sent-(\d+)"', line) for line in lines if '"what": "firing"' in line)
        return Counter(int(gateway[1]) / 1_000 for gateway in fires if gateway)

    def all_heard(self) -> bool:
        """Whether every sample that was sent until now has been heard of, once it had time to."""
        sent = self.sent()
        return bool(self.until(lambda: sent <= self.heard().keys()))

    def heard_again(self, since: float) -> float:
        """When the first sample was heard of that was sent after an instant; s UTC."""
        return self.until(lambda: [came for sent, came in self.heard().items() if sent >= since])[0]

    def until(self, holds: Callable[[], Any], limit: float = 180.0) -> Any:
        """What a question answers once it is true; `limit` is for a hang."""
        end = time.monotonic() + limit
        while not (answer := holds()):
            assert time.monotonic() < end, self.run("ps", "--all", check=False)
            time.sleep(0.3)
        return answer

    def state(self, service: str) -> Mapping[str, Any]:
        """How its containers are, by name."""
        names = self.run("ps", "--all", "--quiet", service).split()
        shown = subprocess.run(
            ["docker", "inspect", *names], capture_output=True, text=True, check=True
        ).stdout
        return {each["Name"]: each["State"] for each in yaml.safe_load(shown)}


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
