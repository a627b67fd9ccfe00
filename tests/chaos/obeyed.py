"""What became of commands: each that was called accepted took effect exactly once, each refused one not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from streams.topics import CHANGES
from tests.chaos.ground import Dumps
from tests.chaos.people import Asked

EFFECTS = {
    "acknowledge": ("acknowledged", "extended"),  # the latter where somebody had acknowledged it before
    "resolve": ("resolved",),
    "edit": ("changed",),
    "create": ("created",),
    "delete": ("deleted",),
}


def commands(dumps: Dumps, asked: Sequence[Asked]) -> dict[str, Any]:
    """`asked`: as their authors saw them, each author with one command only."""
    changes = _changes(dumps)
    decisions = {one["subject_id"]: one["what"] for one in changes if one["subject"] == "command"}
    effects: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in changes:
        if one["by"] and one["subject"] != "command":
            effects[one["by"]].append(one)
    took = {one.key: _times(one, effects[one.by]) for one in asked}
    accepted = [one for one in asked if one.final == "accepted"]
    refused = [one for one in asked if one.final == "refused"]
    found: dict[str, int] = {
        "asked": len(asked),
        "accepted": len(accepted),
        "refused": len(refused),
        "repeated": sum(len(one.statuses) > 1 for one in asked),
        "unanswered": len(asked) - len(accepted) - len(refused),
        "lost": sum(not took[one.key] for one in accepted),
        "doubled": sum(took[one.key] > 1 for one in asked),
        "done_though_refused": sum(bool(effects[one.by]) for one in refused),
        "otherwise_decided": sum(
            decisions.get(one.key, one.final) != one.final for one in asked if one.final
        ),
    }
    waited = sorted(one.ended - one.began for one in asked if one.final)
    return found | {
        "faults": sum(found[name] for name in list(found)[4:]),
        "statuses": dict(Counter(status for one in asked for status in one.statuses)),
        "waited_s": {"p50": _at(waited, 0.5), "p99": _at(waited, 0.99)},
    }


def _times(asked: Asked, effects: Sequence[dict[str, Any]]) -> int:
    """How often a command did what it asks for: an acknowledgement to all alerts of a group, but once to each."""
    wanted = [one for one in effects if one["what"] in EFFECTS[asked.do]]
    if asked.do != "acknowledge":
        wanted = [one for one in wanted if one["subject_id"].endswith(asked.subject)]
    return max(Counter(one["subject_id"] for one in wanted).values(), default=0)


def _changes(dumps: Dumps) -> list[dict[str, Any]]:
    """All changes, each once."""
    records = (record for records in dumps[CHANGES].values() for record in records)
    return list({(one := orjson.loads(record.value or b""))["id"]: one for record in records}.values())


def _at(sorted_: Sequence[float], share: float) -> float:
    return round(sorted_[int(share * (len(sorted_) - 1))], 2) if sorted_ else 0.0
