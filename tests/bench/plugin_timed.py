"""The plugin with a clock around each hook; runs in a gateway's process beside the folder `tocsin_plugin`.

At the end of the process it writes how long its hooks took, in ns, sorted, to the file that TIMED_HOOKS names.
"""

from __future__ import annotations

import atexit
import json
import os
import time
from pathlib import Path
from typing import Any

from tocsin_plugin.plugin import TocsinPlugin  # type: ignore[import-not-found]
from tocsin_plugin.process import PROCESS  # type: ignore[import-not-found]

TOOK: list[int] = []
atexit.register(
    lambda: Path(os.environ["TIMED_HOOKS"]).write_text(
        json.dumps({"took": sorted(TOOK), "sent": PROCESS.sender.sent, "dropped": PROCESS.sender.dropped})
    )
)


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
