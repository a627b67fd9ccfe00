"""The plugin with a clock around each hook; runs in a gateway's process beside the folder `tocsin_plugin`.

Each second it writes how long its hooks took, in ns, and what it would have told, to the file that
TIMED_HOOKS names.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tocsin_plugin.plugin import TocsinPlugin  # type: ignore[import-not-found]
from tocsin_plugin.process import PROCESS  # type: ignore[import-not-found]

TOOK: list[int] = []


def report() -> None:
    """How long hooks took, and what waits for a Kafka that is not there: events by type, and the newest frame."""
    waiting = [json.loads(message.raw) for message in PROCESS.sender._waiting.copy()]
    frames = [body["series"] for body in waiting if body["kind"] == "samples"]
    told = {
        "took": sorted(TOOK),
        "sent": PROCESS.sender.sent,
        "dropped": PROCESS.sender.dropped,
        "events": Counter(body["type"] for body in waiting if body["kind"] == "event"),
        "series": [text for text in frames[-1] if "_total" in text] if frames else [],
    }
    draft = Path(os.environ["TIMED_HOOKS"] + ".draft")
    draft.write_text(json.dumps(told))
    draft.replace(os.environ["TIMED_HOOKS"])


def report_always() -> None:
    """Each second, since nobody knows how the process ends."""
    while True:
        time.sleep(1)
        if TOOK and PROCESS.sender is not None:
            report()


threading.Thread(target=report_always, daemon=True).start()


class TimedPlugin(TocsinPlugin):  # type: ignore[misc]
    """Each hook as it is, and how long it took."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        """As it is."""
        return await _timed(super().tool_pre_invoke(payload, context))

    async def tool_post_invoke(self, payload: Any, context: Any) -> Any:
        """As it is."""
        return await _timed(super().tool_post_invoke(payload, context))

    async def http_auth_check_permission(self, payload: Any, context: Any) -> Any:
        """As it is."""
        return await _timed(super().http_auth_check_permission(payload, context))

    async def http_post_request(self, payload: Any, context: Any) -> Any:
        """As it is."""
        return await _timed(super().http_post_request(payload, context))


async def _timed(hook: Any) -> Any:
    begun = time.perf_counter_ns()
    result = await hook
    TOOK.append(time.perf_counter_ns() - begun)
    return result
