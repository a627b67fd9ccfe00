"""The system's Alertmanager beside our body for its receivers: the same alert, the same fields of the same kinds."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from sinks.channels.webhook.alertmanager_payload import alertmanager
from tests.bench.theirs import PROGRAMS, Alertmanager
from tests.patience import PATIENCE
from tests.sinks.receiver import responding

LABELS = {"gateway": "prod", "upstream": "search"}
STARTS = "1970-01-01T00:00:01.000Z"


@pytest.fixture
async def theirs(receiver: Any, tmp_path: Path) -> list[dict[str, Any]]:
    """What it sends of an alert that fires, and once it is over."""
    if shutil.which(PROGRAMS[1]) is None:
        pytest.skip("Alertmanager is not installed: apt-get install prometheus-alertmanager")
    receiver.answer = responding("200 OK")
    alert = {
        "labels": {"alertname": "tool-errors", "severity": "critical", **LABELS},
        "annotations": {"summary": "80 % fail", "status": "firing"},
        "startsAt": STARTS,
    }
    manager = Alertmanager(tmp_path, receiver.port)
    await asyncio.to_thread(manager.__enter__)
    try:
        for number, more in enumerate(({}, {"endsAt": "2025-11-24T16:00:00.000Z"}), 1):
            await asyncio.to_thread(manager.post, [alert | more])
            async with asyncio.timeout(PATIENCE):
                while len(receiver.got) < number:  # noqa: ASYNC110 - the receiver wakes nobody
                    await asyncio.sleep(0.02)
    finally:
        await asyncio.to_thread(manager.__exit__)
    return [orjson.loads(request.body) for request in receiver.got]


def kinds(value: Any, name: str = "") -> Any:
    """The names of fields and the kinds of what they hold; a map of texts may hold any names."""
    if name.lower().endswith(("labels", "annotations")):
        return {type(each).__name__ for each in value.values()}
    if isinstance(value, dict):
        return {field: kinds(each, field) for field, each in value.items()}
    return [kinds(each) for each in value] if isinstance(value, list) else type(value).__name__


async def test_the_same_alert(theirs: list[dict[str, Any]], attempt: Any) -> None:
    """Firing, then over: fields, kinds, state, labels and instants agree."""
    for body, what in zip(theirs, ("firing", "resolved"), strict=True):
        ours = orjson.loads(orjson.dumps(alertmanager(attempt(what=what, labels=LABELS))))
        assert kinds(ours) == kinds(body)
        assert (ours["version"], ours["status"], ours["truncatedAlerts"]) == ("4", body["status"], 0)
        assert ours["commonLabels"] == body["commonLabels"]
        (alert,), (other,) = ours["alerts"], body["alerts"]
        assert (alert["status"], alert["labels"]) == (other["status"], other["labels"])
        assert alert["annotations"]["summary"] == other["annotations"]["summary"]
        for name in ("startsAt", "endsAt"):
            assert datetime.fromisoformat(alert[name]) == datetime.fromisoformat(other[name])
