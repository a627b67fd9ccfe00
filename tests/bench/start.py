"""`make up`, for the first time without what is fetched over a network, and for the second time, to a sample evaluated.

The first run is in a copy of the repository that has no virtual environment; packages come from a folder that was
filled before, jars from a cache without Java's memory of a former start. A sample counts as evaluated when a tick says
that the record was applied; ticks come once a second, so the figure is up to that much too long.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from deploy.embedded.jars import cache_directory
from deploy.ports import free_port
from streams.topics import TELEMETRY
from tests.bench.options import Options
from tests.chaos.process import ROOT

LIMIT = 300.0  # seconds for one start
LOCK = "deploy/run.lock"


def measure(options: Options) -> dict[str, Any]:
    """Seconds from the command to the first sample in the log, and to the tick after its evaluation."""
    folder = options.folder.absolute()
    copy, wheels, cache = folder / "copy", folder / "wheels", folder / "cache"
    _copy(copy)
    _download(wheels)
    shutil.copytree(cache_directory(os.environ) / "jars", cache / "jars")
    environment = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "TOCSIN_CACHE": str(cache),
        "TOCSIN_DATA": str(folder / "data"),
        "TOCSIN_PORT": str(free_port()),
    }
    return {name: _up(copy, environment, folder / f"{name}.log") for name in ("first", "second")}


def _copy(copy: Path) -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)


def _download(wheels: Path) -> None:
    """What pip would fetch, fetched before the clock runs; pip finds its index in its own configuration."""
    words = ["pip", "download", "--quiet", "--require-hashes", "--requirement", LOCK, "--dest", str(wheels)]
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True, timeout=600)


def _up(copy: Path, environment: Mapping[str, str], log: Path) -> dict[str, float]:
    began = time.time()
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "up"],
            cwd=copy,
            env=_clean(environment),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        sampled, evaluated = asyncio.run(asyncio.wait_for(_evaluated(environment, began), LIMIT))
    finally:
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C, to this group alone
        stopped = time.time()
        process.wait(60)
    return {
        "first_sample_s": round(sampled - began, 2),
        "evaluated_s": round(evaluated - began, 2),
        "stopped_in_s": round(time.time() - stopped, 2),
    }


def _clean(more: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what belongs to the environment that runs the benchmark."""
    own = ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    return {name: value for name, value in os.environ.items() if name not in own} | dict(more)


async def _evaluated(environment: Mapping[str, str], began: float) -> tuple[float, float]:
    """Times of day: of the first record with samples since `began`, and of the first tick that finds it applied."""
    consumer = await _connected(Path(environment["TOCSIN_DATA"]) / "broker.properties", began)
    first: dict[int, int] = {}
    try:
        async for record in consumer:
            if record.timestamp < began * 1_000:
                continue
            said = orjson.loads(record.value)
            if said["kind"] == "samples":
                first.setdefault(record.partition, record.timestamp)
            elif said["kind"] == "tick" and said["processed"] >= first.get(record.partition, 1 << 62):
                return first[record.partition] / 1_000, said["at"] / 1_000
    finally:
        await consumer.stop()
    raise TimeoutError("no sample was evaluated")


async def _connected(properties: Path, began: float) -> AIOKafkaConsumer:
    """A reader of `telemetry`, as soon as this start's broker has it."""
    while True:
        await asyncio.sleep(0.2)
        if not (address := _address(properties, began)):
            continue
        consumer = AIOKafkaConsumer(
            bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False
        )
        try:
            await consumer.start()
            if TELEMETRY in await consumer.topics():
                consumer.subscribe([TELEMETRY])
                return consumer
        except (KafkaError, OSError):
            pass
        await consumer.stop()


def _address(properties: Path, began: float) -> str | None:
    """Where this start's broker will listen, once that has been written."""
    if not properties.exists() or properties.stat().st_mtime < began:
        return None
    found = re.search(r"PLAIN://([0-9.:]+)", properties.read_text())
    return found[1] if found else None
