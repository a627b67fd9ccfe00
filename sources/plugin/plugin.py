"""The plugin as the gateway knows it: each hook puts down what it sees, and says nothing to what is asked."""

from __future__ import annotations

import time
from typing import Any

from cpex.framework import Plugin, PluginResult  # type: ignore[import-not-found]

from .observed import refusal, short, tool_call
from .process import PROCESS


class TocsinPlugin(Plugin):  # type: ignore[misc]
    """Tells Tocsin what happens in this gateway; in mode `fire_and_forget`, and never with a say of its own."""

    async def initialize(self) -> None:
        """Begin to send, if this process does not do so already."""
        PROCESS.begin(self._config.config or {})

    async def shutdown(self) -> None:
        """One of several objects goes; the process goes on sending."""

    async def tool_pre_invoke(self, payload: Any, context: Any) -> Any:
        """A tool is called: the time runs."""
        PROCESS.calls.put(_call(context.global_context.request_id, payload.name), time.monotonic())
        return PluginResult()

    async def tool_post_invoke(self, payload: Any, context: Any) -> Any:
        """A tool has answered: how, and after how long."""
        begun = PROCESS.calls.take(_call(context.global_context.request_id, payload.name))
        PROCESS.note(tool_call(payload, context, None if begun is None else time.monotonic() - begun))
        return PluginResult()

    async def http_auth_check_permission(self, payload: Any, context: Any) -> Any:
        """Somebody needs a permission: if the request is refused, this is which."""
        PROCESS.permissions.put(short(context.global_context.request_id), short(payload.permission))
        return PluginResult()

    async def http_post_request(self, payload: Any, context: Any) -> Any:
        """A request was answered."""
        permission = PROCESS.permissions.take(short(context.global_context.request_id)) or ""
        PROCESS.note(refusal(payload, context, permission, time.time_ns() // 1_000_000))
        return PluginResult()


def _call(request_id: Any, name: Any) -> str:
    """What a call is known by; clients may forge ids, however long."""
    return f"{short(request_id)}/{short(name)}"
