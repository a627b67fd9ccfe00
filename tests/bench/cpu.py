"""Processor time a sample of all processes together, beside Prometheus and Alertmanager on the same series."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.ports import free_port
from streams.topics import TELEMETRY
from tests.bench import theirs as other
from tests.bench.account import Account, spent
from tests.bench.audit import audit
from tests.bench.bridge import RAMP
from tests.bench.catcher import Catcher
from tests.bench.load import MIXED, Load, rules
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.theirs import Theirs
from tests.chaos.process import Process

LAG = 5_000  # ms: further behind than that, detect did not keep up


@contextmanager
def targets(folder: Path, load: Load) -> Iterator[tuple[int, Process]]:
    """The gateways' expositions on a port, by a process that is not counted."""
    port = free_port()
    words: tuple[str, ...] = ("tests.bench.targets", str(port), str(load.gateways), str(load.series))
    words += ("mixed",) if load.mixed else ()
    process = Process("targets-0", folder, {}, *words)
    try:
        process.until("serving")
        yield port, process
    finally:
        process.end()


def measure(options: Options) -> dict[str, Any]:
    """Both systems in turn; ratios are of medians."""
    load = Load(options.gateways, options.series, mixed=options.rules == MIXED)
    rounds: dict[str, list[dict[str, Any]]] = {"ours": [], "theirs": []}
    for number in range(options.rounds):
        rounds["ours"].append(_told(_ours(options, load, options.folder / f"ours-{number}")))
        if options.theirs and other.present():
            rounds["theirs"].append(_told(_theirs(options, load, options.folder / f"theirs-{number}")))
    found: dict[str, Any] = {
        "samples_per_second": load.rate,
        "rules": len(rules(options.rules)),
        "shape": options.rules,
        **rounds,
    }
    return found | (_ratios(rounds) if rounds["theirs"] else {"skipped": other.ABSENT})


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    """A round takes minutes: whoever waits sees it at once."""
    sys.stderr.write(f"{json.dumps(figures)}\n")
    return figures


def _ratios(rounds: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Rounds in which a system did all of its work count; where theirs never did, the ratio is the most it can be.

    Who skips evaluations spends nothing on them.
    """
    whole = {who: [one for one in some if one["kept_up"]] for who, some in rounds.items()}
    if not whole["ours"]:
        return {"ratio": None, "because": "detect did not keep up in any round: the machine was too busy"}
    yours = statistics.median(one["total"] for one in whole["theirs"] or rounds["theirs"])
    mine = statistics.median(one["total"] for one in whole["ours"])
    detect = statistics.median(one["us_per_sample"]["detect"] for one in whole["ours"])
    ratios = {"ratio": round(mine / yours, 3), "detect_ratio": round(detect / yours, 3)}
    return ratios | {"at_most": not whole["theirs"]}


def _ours(options: Options, load: Load, folder: Path) -> dict[str, Any]:
    with targets(folder, load) as (port, server), Catcher() as catcher, Ours(folder, catcher.port) as ours:
        ours.configure(rules(options.rules))
        bridge = ours.run("bridge", "tests.bench.bridge", str(port), str(load.gateways))
        time.sleep(load.gateways / RAMP + options.warm)
        begin, account, before = _now(), Account(ours.pids), spent(server._process.pid)
        kept = ours.log_bytes(TELEMETRY)
        time.sleep(options.seconds)
        ours.alive()
        kept = ours.log_bytes(TELEMETRY) - kept
        figures = account.close(round(load.rate * options.seconds), spent(server._process.pid) - before)
        window = (begin, _now())
        bridge.end()
        said = bridge.until(r"polls=(\d+) waiting=(\d+) latest=([\d.]+)")
        ends = asyncio.run(ours.ends(TELEMETRY))
        ours.processes["detect"].end()
        committed = asyncio.run(ours.committed())
        found = asyncio.run(audit(ours, ends, window))
        frames = found["frames"] / (load.gateways * options.seconds)
        applied = all(done >= end for done, end in zip(committed, ends, strict=True))
        return figures | {
            "kept_up": applied and frames > 0.98 and found["lag_ms"] < LAG,
            "published_share": round(frames, 3),
            "telemetry_bytes_per_sample": round(kept / (load.rate * options.seconds), 1),
            "lag_ms": found["lag_ms"],
            "bridge_latest_s": float(said[3]),
            "all_applied": applied,
            "webhooks": len(catcher.caught),
            "alerts": len(catcher.heard()),
        }


def _theirs(options: Options, load: Load, folder: Path) -> dict[str, Any]:
    with (
        targets(folder, load) as (port, server),
        Catcher() as catcher,
        Theirs(folder, catcher.port, port, load.gateways, shape=options.rules) as theirs,
    ):
        time.sleep(load.gateways / RAMP + options.warm)
        first, account, before = theirs.counters(), Account(theirs.pids), spent(server._process.pid)
        time.sleep(options.seconds)
        figures = account.close(round(load.rate * options.seconds), spent(server._process.pid) - before)
        last = theirs.counters()
        appended = (last["appended"] - first["appended"]) / (load.rate * options.seconds)
        missed = last["missed"] - first["missed"]
        return figures | {
            "kept_up": appended > 0.98 and missed <= options.seconds / 20,
            "published_share": round(appended, 3),
            "targets_up": theirs.query("up"),
            "evaluations_missed": missed,
            "evaluation_seconds": round(last["evaluation_seconds"], 3),
            "webhooks": len(catcher.caught),
            "alerts": len(catcher.heard()),
        }


def _now() -> int:
    return time.time_ns() // 1_000_000
