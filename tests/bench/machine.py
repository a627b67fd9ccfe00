"""The detect machine alone, without Kafka: µs a sample beside a plain loop in Python, and its rows in and out.

The loop is the yardstick: machines differ, its ratio to the machine hardly does. It decodes the same messages and
does by a dictionary and an `if` what the shortest of rules asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from sources.bridge.frames import Frames
from streams.messages.config import ConfigRevision
from streams.messages.tick import Tick
from streams.signature import Signer
from streams.topics import CONFIG, TELEMETRY
from tables.detect.machine import Detect
from tests.bench.load import LIMIT, METRICS, MIXED, SHAPES, TEXTS, Load, head, name, rule, rules
from tests.bench.options import Options

SIGNER = Signer([b"bench-" + b"k" * 32])
START = 1_800_000_000_000
CONDITIONS: dict[str, Mapping[str, Any]] = {
    "last": SHAPES["last"].ours,
    "avg_5m": SHAPES["avg"].ours,
    "ratio_by": SHAPES["ratio"].ours,
    # one row a frame, which is the dearest; by default a row spans a minute of frames
    "anomaly": {"anomaly": "{}", "over": "1s", "above": 0.9},
    "anomaly_between_rows": {"anomaly": "{}", "over": "1h", "above": 0.9},
}


class Log:
    """A log of messages for one machine, each with its offset and a second after the one before where time passes."""

    def __init__(self, machine: Detect) -> None:
        """`machine` gets what is put."""
        self.machine, self.offset, self.at = machine, machine.head.seen + 1, START

    def put(self, raw: bytes) -> None:
        """Apply one message."""
        self.machine.apply(self.offset, self.at, raw)
        self.offset += 1

    def pass_second(self) -> None:
        """A second goes by, and a tick says so."""
        self.at += 1_000
        self.put(SIGNER.sign(Tick(id=f"t{self.at}", at=self.at, processed=self.at).encode(), TELEMETRY))


def measure(options: Options) -> dict[str, Any]:
    """Each kind of rule, and all of them together, over a tenth of the gateways; rows over all of them."""
    load = Load(max(1, options.gateways // 10), options.series)
    frames = _frames(load)
    plain = _yardstick([second(load, turn, bridges(load)) for turn in range(TEXTS)])
    found: dict[str, Any] = {"yardstick_us_per_sample": plain}
    for shape, condition in CONDITIONS.items():
        found[shape] = _cost(frames, _of(condition), plain)
    mixed = replace(load, mixed=True)
    found[MIXED] = _cost(_frames(mixed), rules(MIXED), plain)
    return found | {"rows": _rows(Load(options.gateways, options.series))}


def _frames(load: Load) -> list[list[bytes]]:
    makers = bridges(load)
    return [second(load, turn, makers) for turn in range(TEXTS)]


def bridges(load: Load) -> list[Frames]:
    """New ones, which tell every list of series."""
    return [Frames(name(gateway)) for gateway in range(load.gateways)]


def second(load: Load, turn: int, makers: Sequence[Frames]) -> list[bytes]:
    """All gateways' messages of one second."""
    at = START + 60_000 + turn * 1_000
    texts = [(head(g, 0.0) + load.tail(g, turn)).decode() for g in range(load.gateways)]
    pairs = zip(makers, texts, strict=True)
    return [raw for bridge, text in pairs for raw in bridge.scraped("bench", at, text)]


def configured(rules: Sequence[Mapping[str, Any]]) -> Log:
    """A machine that judges by these rules."""
    log = Log(Detect("detect-0", SIGNER))
    log.pass_second()
    for k, body in enumerate(rules):
        said = ConfigRevision(
            id=f"d{k}", at=0, owner="platform", type="rule", name=body["name"], revision=1, body=dict(body)
        )
        log.put(SIGNER.sign(said.encode(), CONFIG))
    end = ConfigRevision(id="end", at=0, owner="", type="", name="", revision=0, body=None, complete=True)
    log.put(SIGNER.sign(end.encode(), CONFIG))
    log.at = START + 60_000
    return log


def _of(condition: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [rule(k, condition) | {"for": "10s"} for k in range(METRICS)]


def _cost(
    frames: Sequence[Sequence[bytes]], rules: Sequence[Mapping[str, Any]], plain: float
) -> dict[str, float]:
    log, spent = configured(rules), []
    for frame in frames:
        began = time.process_time()
        for raw in frame:
            log.put(raw)
        spent.append(time.process_time() - began)
        log.pass_second()
    cost = _each(min(spent[2:]), frames[0])
    return {"us_per_sample": cost, "to_yardstick": round(cost / plain, 2)}


def _yardstick(frames: Sequence[Sequence[bytes]]) -> float:
    held: dict[str, float] = {}
    spent = []
    for frame in frames:
        began, over = time.process_time(), []
        for raw in frame:
            message = orjson.loads(raw)
            for series, value in zip(message["series"], message["values"], strict=True):
                held[series] = value
                if value > LIMIT:
                    over.append(series)
        spent.append(time.process_time() - began)
    return _each(min(spent[2:]), frames[0])


def _each(seconds: float, frame: Sequence[bytes]) -> float:
    samples = sum(len(orjson.loads(raw)["values"]) for raw in frame)
    return round(seconds / samples * 1e6, 3)


def _rows(load: Load) -> dict[str, float]:
    """All series in one machine: a write-out's snapshot, and a start from its rows."""
    log = configured(_of(CONDITIONS["last"]))
    for raw in second(load, 0, bridges(load)):
        log.put(raw)
    snapshot, rows = _timed(log.machine.snapshot)
    stored = {key: value for key, value in rows if value is not None}
    loading, _ = _timed(lambda: Detect("detect-0", SIGNER, stored.items()))
    megabytes = sum(map(len, stored.values())) / 1e6
    return {
        "series": load.rate,
        "count": len(stored),
        "mb": round(megabytes, 1),
        "snapshot_ms": snapshot,
        "load_ms": loading,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return round((time.process_time() - began) * 1e3, 1), result
