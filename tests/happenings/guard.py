"""A plugin of the gateway that refuses what is forbidden; it runs in the gateway's own process."""

from __future__ import annotations

from typing import Any

from cpex.framework import Plugin, PluginResult, PluginViolation  # type: ignore[import-not-found]

FORBIDDEN = "forbidden"


class Guard(Plugin):  # type: ignore[misc]
    """Blocks each call whose arguments hold the word."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        """Let it pass, or say why not."""
        if FORBIDDEN not in str(payload.args):
            return PluginResult()
        violation = PluginViolation(
            reason="Forbidden word", description="The arguments hold a forbidden word", code="FORBIDDEN_WORD"
        )
        return PluginResult(continue_processing=False, violation=violation)
