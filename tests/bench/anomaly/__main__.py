"""The anomaly benchmark: one JSON with everything that is claimed about the model.

    python -m tests.bench.anomaly [DATA] [--seeds 101 102 103] [--quick]

DATA is the folder of labelled series with `score.py` and `metamorphic.py` (default `../shared/anomaly`). Where it is
absent, what needs it is left out and the JSON says so. The synthetic traffic is made afresh from the seeds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from api.cli.verbs.score import score_folder
from tables.anomaly.stream import THRESHOLD
from tests.bench.anomaly import cost, traffic
from tests.bench.anomaly.stock import MODELS, score_folder_with

DEFAULT = Path("../shared/anomaly")


def report(data: Path, scores: Path, labels: Path) -> dict[str, Any]:
    """What `score.py` says at the shipped threshold and in hindsight, per set."""
    command = [sys.executable, str(data / "score.py"), "--scores", str(scores), "--labels", str(labels)]
    out = subprocess.run(
        [*command, "--threshold", str(THRESHOLD), "--json"], capture_output=True, check=True, text=True
    )
    told = json.loads(out.stdout)
    return {name: short(result) for name, result in told["sets"].items()}


def short(result: dict[str, Any]) -> dict[str, Any]:
    """The lines of one set's report that the goals name."""
    given, best = result["at given"], result["best"]
    return {
        "standard at the shipped threshold": round(given["standard"], 2),
        "standard error": round(given["standard error"], 1),
        "low-FP at the shipped threshold": round(given["low-FP"], 2),
        "false alerts per series-day": round(given["false alerts per series-day"], 3),
        "caught": f"{given['caught']} of {given['windows']}",
        "F1 at the shipped threshold": round(given["F1"], 3),
        "standard at its own threshold": round(best["standard"][0], 2),
        "low-FP at its own threshold": round(best["low-FP"][0], 2),
        "best F1": round(result["best F1"][0], 3),
    }


def labelled(data: Path, work: Path) -> dict[str, Any]:
    """The labelled sets with our model."""
    score_folder(data, work / "ours")
    return report(data, work / "ours", data / "labels.json")


def unchanged(data: Path, work: Path, base: dict[str, Any]) -> dict[str, Any]:
    """Points lost at the shipped threshold under each change that should mean nothing."""
    subprocess.run(
        [sys.executable, str(data / "metamorphic.py"), str(work / "changed")], check=True, capture_output=True
    )
    key = "standard at the shipped threshold"
    lost: dict[str, Any] = {}
    for folder in sorted((work / "changed").iterdir()):
        score_folder(folder, work / "changed-scores" / folder.name)
        told = report(data, work / "changed-scores" / folder.name, folder / "labels.json")
        lost[folder.name] = {name: round(base[name][key] - told[name][key], 2) for name in base}
    return {"lost": lost, "worst": max(max(each.values()) for each in lost.values())}


def against_stock(data: Path, work: Path) -> dict[str, list[str]]:
    """Our lead over stock River models, each at its own best threshold, with the paired bootstrap's error."""
    lines: dict[str, list[str]] = {}
    for name in MODELS:
        score_folder_with(name, data, work / name)
        command = [
            sys.executable,
            str(data / "score.py"),
            "--scores",
            str(work / "ours"),
            "--against",
            str(work / name),
        ]
        out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        lines[name] = [line.split(" against")[0] for line in out.splitlines() if " against " in line]
    return lines


def synthetic(data: Path, work: Path, seeds: list[int]) -> dict[str, Any]:
    """The synthetic traffic of each seed, with kinds given."""
    told = {}
    for seed in seeds:
        folder, scores = work / f"traffic-{seed}", work / f"traffic-scores-{seed}"
        traffic.write(folder, seed)
        score_folder(folder, scores)
        told[str(seed)] = report(data, scores, folder / "labels.json")["traffic"]
    key = "standard at the shipped threshold"
    return {"mean": round(sum(each[key] for each in told.values()) / len(told), 2), "seeds": told}


def main() -> None:
    """Run everything and print it."""
    ask = argparse.ArgumentParser(description="The anomaly benchmark.")
    ask.add_argument("data", type=Path, nargs="?", default=DEFAULT)
    ask.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    ask.add_argument("--quick", action="store_true", help="without stock models and changed copies")
    args = ask.parse_args()
    told: dict[str, Any] = {"threshold": THRESHOLD, "cost": cost.measured()}
    if not (args.data / "score.py").exists():
        told["skipped"] = f"no labelled series and no scorer in {args.data}"
        print(json.dumps(told, indent=1))
        return
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        told["labelled"] = labelled(args.data, work)
        told["synthetic"] = synthetic(args.data, work, args.seeds)
        if not args.quick:
            told["meaningless changes"] = unchanged(args.data, work, told["labelled"])
            told["against stock River"] = against_stock(args.data, work)
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
