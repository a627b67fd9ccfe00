"""The gateway's framework as far as the plugin needs it, requests as hooks see them, and a Kafka that may be away."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from sources.plugin.settings import PluginSettings

SECRET = "geheim"
SETTINGS = PluginSettings("prod", "127.0.0.1:1", {}, b"", 15.0, "")


class Framework:
    """What a plugin is derived from."""

    def __init__(self, config: Any) -> None:
        """`config`: of one plugin."""
        self._config = config


@contextmanager
def framework() -> Iterator[Any]:
    """The plugin's module, loaded as the gateway does; the framework is gone afterwards."""
    modules = {"cpex": ModuleType("cpex"), "cpex.framework": ModuleType("cpex.framework")}
    modules["cpex.framework"].__dict__.update(Plugin=Framework, PluginResult=SimpleNamespace)
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield import_module("sources.plugin.plugin")
    finally:
        sys.modules.pop("sources.plugin.plugin", None)
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def context(request: str = "r1", upstream: str = "search", user: Any = None) -> Any:
    """What hooks are told besides: entities with all their fields, some of which are secret."""
    gateway = SimpleNamespace(name=upstream, auth_token=SECRET, headers={"authorization": SECRET})
    metadata = {"gateway": gateway, "tool": {"name": "find", "auth_value": SECRET}}
    return SimpleNamespace(
        global_context=SimpleNamespace(request_id=request, user=user, tenant_id=SECRET, metadata=metadata)
    )


def called(tool: str = "find", failed: bool = False) -> Any:
    """A payload of `tool_pre_invoke` and `tool_post_invoke`."""
    result = {"isError": failed, "content": [{"text": SECRET}], "structuredContent": {"a": SECRET}}
    return SimpleNamespace(name=tool, args={"q": SECRET}, headers={"x": SECRET}, result=result)


def answered(status: int, path: str = "/v1/tools/17?x=geheim") -> Any:
    """A payload of `http_post_request`."""
    headers = {"authorization": SECRET, "x-ratelimit-remaining": "1"}
    return SimpleNamespace(
        path=path, method="POST", client_host="192.0.2.7", client_port=1, headers=headers,
        response_headers=headers, status_code=status,
    )  # fmt: skip


@dataclass
class Kafka:
    """What a sender's producers write to; while `away`, nobody answers."""

    away: bool = False
    log: list[bytes] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)
    made: int = 0

    def make(self, settings: PluginSettings) -> Kafka:
        """Its own producer."""
        self.made += 1
        return self

    async def start(self) -> None:
        if self.away:
            raise OSError("no broker")

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(self, topic: str, value: bytes, key: bytes) -> asyncio.Future[None]:
        if self.away:
            raise OSError("no broker")
        self.log.append(value)
        self.keys.add(key)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done
