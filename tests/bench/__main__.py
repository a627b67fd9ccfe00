"""`python -m tests.bench [NAME…]`: measure, on loopback and on the embedded Kafka, and print one JSON object.

Every run is bounded, ends what it started by process id, and says how busy the machine was with other things.
Without names all of it takes about forty minutes. `anomaly` has options of its own.
"""

from __future__ import annotations

import json
import platform
import runpy
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import (
    apply,
    backup,
    canary,
    compose,
    cpu,
    deliver,
    first_call,
    gateways,
    history,
    hostile,
    latency,
    machine,
    memory,
    open_alerts,
    page,
    pages,
    plugin,
    respond,
    restart,
    resume,
    scale,
    schema,
    start,
    storm,
    streams,
    timers,
    trial,
    typed,
)
from tests.bench.account import CORES
from tests.bench.options import Options, read

BENCHMARKS: dict[str, Callable[[Options], dict[str, Any]]] = {
    "machine": machine.measure,
    "scale": scale.measure,
    "trial": trial.measure,
    "gateways": gateways.measure,
    "hostile": hostile.measure,
    "cpu": cpu.measure,
    "latency": latency.measure,
    "deliver": deliver.measure,
    "first_call": first_call.measure,
    "memory": memory.measure,
    "resume": resume.measure,
    "restart": restart.measure,
    "start": start.measure,
    "typed": typed.measure,
    "history": history.measure,
    "respond": respond.measure,
    "open": open_alerts.measure,
    "storm": storm.measure,
    "timers": timers.measure,
    "canary": canary.measure,
    "page": page.measure,
    "pages": pages.measure,
    "plugin": plugin.measure,
    "streams": streams.measure,
    "apply": apply.measure,
    "backup": backup.measure,
    "schema": schema.measure,
    "compose": compose.measure,
}


def main(words: list[str]) -> int:
    """Run what was named; a benchmark that fails is said and stops no other."""
    if words[:1] == ["anomaly"]:
        sys.argv[1:] = words[1:]
        runpy.run_module("tests.bench.anomaly", run_name="__main__")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        options = read(words, list(BENCHMARKS), Path(temporary))
        found: dict[str, Any] = {"machine_is": {"cores": CORES, "python": platform.python_version()}}
        for name in options.names:
            print(f"{name} …", file=sys.stderr, flush=True)
            found[name] = _one(name, replace(options, folder=options.folder / name))
    print(json.dumps(found, indent=1))
    return int(any("failed" in one for one in found.values()))


def _one(name: str, options: Options) -> dict[str, Any]:
    try:
        return BENCHMARKS[name](options)
    except Exception as why:  # noqa: BLE001 whatever it is, the others shall run
        return {"failed": f"{type(why).__name__}: {why}"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
