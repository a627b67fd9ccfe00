"""What a channel would say, from the process that would send it: the sinks' own renderings, and no second ones here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

import api
from api import instant
from streams.errors import Refused

SECONDS = 60.0  # for a process to begin and to answer
STATES = {"acknowledged": "acknowledged", "resolved": "resolved"}


def preview(endpoint: Mapping[str, Any], alert: Mapping[str, Any] | None) -> str:
    """The message to an endpoint about an alert, as the API shows both; Refused with the reason where there is none."""
    asked = {"endpoint": dict(endpoint), "notification": about(alert) if alert else None}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sinks", "preview"],
            input=orjson.dumps(asked),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=Path(api.__file__).parents[1],
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"the sinks have not shown it in {SECONDS:.0f} s: ask again") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason was given"]
        raise Refused(f"the sinks cannot show it: {lines[-1]}")
    return done.stdout.decode()


def about(alert: Mapping[str, Any]) -> dict[str, Any]:
    """A notification about one alert, as it would be told now."""
    excerpt = {
        "alert_id": alert["id"],
        "since": instant.read(alert["triggered_at"], "triggered_at"),
        **{
            name: alert[name]
            for name in ("status", "severity", "message", "labels", "runbook", "data_quality")
        },
    }
    return {
        "what": STATES.get(str(alert["status"]), "firing"),
        "at": instant.read(alert["updated_at"], "updated_at"),
        "severity": alert["severity"],
        "title": alert["message"],
        "team": alert["team"],
        "group": next(iter(alert["groups"]), f"{alert['team']}/preview"),
        "reason": alert["reason"],
        "count": 1,
        "alerts": [excerpt],
        "others": [],
        "next": "",
        "next_to": [],
        "next_at": None,
    }
