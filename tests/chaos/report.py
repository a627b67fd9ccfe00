"""The report of a run: what was done to it, what is wrong, what came twice, how soon it went on."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.delivered import calls, notifications
from tests.chaos.disruption import Disruption
from tests.chaos.duties import happened
from tests.chaos.framed import frames
from tests.chaos.ground import Dumps, Ground
from tests.chaos.kind import Kind
from tests.chaos.lines import lines
from tests.chaos.obeyed import commands
from tests.chaos.outside import Outside
from tests.chaos.remembered import remembered
from tests.chaos.resumed import resumed
from tests.chaos.verdict import Ledger, judge


@dataclass(frozen=True)
class Evidence:
    """What a run has left. `outside`: None where the shell ran alone."""

    dumps: Dumps
    ground: Ground
    kind: Kind
    ledger: Ledger
    done: Sequence[Disruption]
    outside: Outside | None

    def keep(self) -> None:
        """Write it down, so that it can be looked at when a run has gone wrong."""
        heard = (self.outside.receiver.calls, self.outside.people.asked) if self.outside else None
        what = (self.dumps, self.ledger, list(self.done), heard)
        (self.ground.folder / "evidence.pickle").write_bytes(pickle.dumps(what))


def report(evidence: Evidence) -> dict[str, Any]:
    """As JSON; `holds` only where no part has faults."""
    dumps, done = evidence.dumps, evidence.done
    told = {"disruptions": len(done), "deeds": deeds(done)}
    verdict = judge(dumps, evidence.ground.signer, evidence.kind.machines, evidence.ledger, done)
    twice = {stage: of["duplicates"] for stage, of in verdict["stages"].items()}
    if evidence.outside:
        verdict |= _whole(evidence, evidence.outside)
        twice |= {f"sink {channel}": verdict["sinks"][channel]["twice"] for channel in verdict["sinks"]}
    verdict["holds"] &= not any(faults(verdict))
    shares = {name: round(count / max(1, len(done)), 2) for name, count in twice.items()}
    all_ = round(sum(twice.values()) / max(1, len(done)), 2)
    return (
        told
        | verdict
        | {
            "duplicates_per_disruption": shares | {"all": all_},
            "resumed_after_kill": resumed(dumps, done),
        }
    )


def _whole(evidence: Evidence, outside: Outside) -> dict[str, Any]:
    """What the whole product has besides its stages."""
    dumps, folder = evidence.dumps, evidence.ground.folder
    heard = {"webhook": outside.receiver.calls, "log": lines(folder / "log")}
    return {
        "sinks": {
            channel: calls(dumps, channel, calls_of, evidence.done) for channel, calls_of in heard.items()
        },
        "notifications": notifications(dumps, outside.receiver.calls),
        "commands": commands(dumps, outside.people.asked),
        "history": remembered(dumps, Path(evidence.ground.settings.data) / "history.sqlite"),
        "bridge": frames(dumps),
        "under_way": happened(dumps),
    }


def deeds(done: Sequence[Disruption]) -> dict[str, dict[str, int]]:
    """How often each deed was done to each kind of process."""
    found: dict[str, Counter[str]] = {}
    for one in done:
        found.setdefault(one.deed, Counter())[one.kind] += 1
    return {deed: dict(sorted(of.items())) for deed, of in sorted(found.items())}


def faults(told: Mapping[str, Any]) -> Iterator[int]:
    """Every count of faults in a report, wherever it stands."""
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from faults(value)
        elif name == "faults":
            yield value
