"""The detect machine with very many gateways and rules, without Kafka: what edits cost, how late others' alerts are.

Anybody who may write telemetry can invent names of gateways; an edit of a rule must not cost what they are.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from streams.documents import registry
from streams.messages.config import ConfigRevision
from streams.telemetry import samples
from streams.topics import CONFIG, INBOX
from tables.detect.machine import Detect
from tests.bench.machine import SIGNER, START, Log
from tests.bench.options import Options

GATEWAYS, RULES, EDITS = 10_000, 1_000, 60


class Wide(Detect):
    """Detect that takes up so many gateways."""

    terms = Detect.terms._replace(gateways=2 * GATEWAYS)


def measure(options: Options) -> dict[str, Any]:
    """Gateways of which each sends something that a rule reads and something that none reads; edits; an alert."""
    log = Log(Wide("detect-0", SIGNER))
    log.pass_second()
    for n in range(RULES):
        _put(log, n, 1, {"last": f"m{n}", "above": "5", "for": "0s"})
    end = ConfigRevision(id="end", at=0, owner="", type="", name="", revision=0, body=None, complete=True)
    log.put(SIGNER.sign(end.encode(), CONFIG))
    log.at = START + 60_000
    log.pass_second()
    arriving = _timed(lambda: _second(log))
    log.pass_second()
    one = _timed(lambda: _put(log, 0, 2, {"last": "m0", "above": "6", "for": "0s"}))
    wide = _timed(lambda: _put(log, 1, 2, {"last": "unread", "above": "6", "for": "0s"}))
    _second(log, 1_000)
    all_ = _timed(lambda: _put(log, 1, 3, {"last": "unread", "above": "7", "for": "0s"}))
    many = _timed(lambda: _edits(log))
    late = _timed(lambda: _alert(log))
    return {
        "gateways": GATEWAYS, "rules": RULES, "arriving_us_per_gateway": round(arriving / GATEWAYS * 1e3, 1),
        "edit_ms": one,
        "edit_of_what_nobody_read_ms": wide, "edit_of_what_all_read_ms": all_, f"{EDITS}_edits_ms": many,
        "alert_of_another_ms_late": round(many + late, 1),
    }  # fmt: skip


def _second(log: Log, later: int = 0) -> None:
    """Each gateway is heard."""
    for n in range(GATEWAYS):
        _frame(log, f"g{n}", {f"m{n % RULES}": 1.0, "unread": 1.0}, later)


def _edits(log: Log) -> None:
    for n in range(2, 2 + EDITS):
        _put(log, n, 2, {"last": f"m{n}", "above": "6"})


def _put(log: Log, rule: int, revision: int, condition: Mapping[str, Any]) -> None:
    name = f"rule-{rule}"
    body = registry.read("rule", {"name": name, **condition}).body()
    said = ConfigRevision(
        id=f"{name}/{revision}", at=0, owner="platform", type="rule", name=name, revision=revision, body=body
    )
    log.put(SIGNER.sign(said.encode(), CONFIG))


def _frame(log: Log, gateway: str, series: Mapping[str, float], later: int = 0) -> None:
    for raw in samples.frame(gateway, "s", log.at + later, list(series), list(series.values())):
        log.put(raw)


def _alert(log: Log) -> None:
    """One gateway's value rises: its verdict has been said when this returns."""
    log.at += 2_000
    _frame(log, "g999", {"m999": 9.0, "unread": 1.0})
    assert any(output.topic == INBOX for output in log.machine.out)


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return round((time.process_time() - began) * 1e3, 1)
