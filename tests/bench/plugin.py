"""The gateway's plugin: how long its hooks take, and whether requests fail, with Kafka away.

First with requests made up, as fast as they come; then in each real gateway whose Python TOCSIN_BENCH_GATEWAYS names
(with commas), that calls tools of a small upstream and refuses some requests.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

from deploy.contextforge.administrator import Administrator
from deploy.contextforge.gateway import Gateway
from deploy.contextforge.upstreams import SCRIPT, Upstream
from deploy.ports import free_port
from deploy.supervisor.process import Process
from sources.plugin.process import GatewayProcess
from tests.bench.options import Options
from tests.sources.plugin.harness import answered, called, context, framework

MADE_UP, CALLS = 20_000, 400  # requests
OFFLINE = 15.0  # seconds in which the gateway finds out that its upstream has gone
NOWHERE = "127.0.0.1:1"
PLUGIN = Path(__file__).parents[2] / "sources/plugin"
MUST = 0.2  # ms, of a hook at the 99th percentile
FILE = """
plugin_dirs: []
plugins:
  - name: Tocsin
    kind: tocsin_timed.TimedPlugin
    hooks: [tool_pre_invoke, tool_post_invoke, http_post_request, http_auth_check_permission]
    mode: fire_and_forget
    on_error: ignore
    priority: 1000
    config: {gateway: bench, kafka: "%s", every: 1}
"""


def measure(options: Options) -> dict[str, Any]:
    """Percentiles of the hooks in ms, and how many requests failed."""
    found: dict[str, Any] = {"must_p99_ms": MUST, "made_up": asyncio.run(made_up())}
    for python in filter(None, os.environ.get("TOCSIN_BENCH_GATEWAYS", "").split(",")):
        found[python] = in_gateway(Path(python), options.folder / f"gateway-{len(found)}")
    return found


def percentiles(took: Sequence[int]) -> dict[str, Any]:
    """Of sorted ns, in ms."""
    shown = {
        name: took[int(len(took) * share)] / 1e6
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
    }
    return {"hooks": len(took), **shown, "max": took[-1] / 1e6}


async def made_up() -> dict[str, Any]:
    """All hooks of many requests, one after the other, while the sender's thread looks for Kafka in vain."""
    took: list[int] = []
    failed = 0
    with framework() as module:
        module.PROCESS = process = GatewayProcess()
        plugin = module.TocsinPlugin(
            SimpleNamespace(config={"gateway": "bench", "kafka": NOWHERE, "every": 1})
        )
        await plugin.initialize()
        for number in range(MADE_UP):
            of = context(f"r{number}", user={"email": "anna@example.com"})
            asked = SimpleNamespace(permission="tools.execute")
            hooks = (
                plugin.http_auth_check_permission(asked, of), plugin.tool_pre_invoke(called(), of),
                plugin.tool_post_invoke(called(), of),
                plugin.http_post_request(answered(403 if number % 9 else 200), of),
            )  # fmt: skip
            for hook in hooks:
                begun = time.perf_counter_ns()
                try:
                    await hook
                except Exception:  # noqa: BLE001 - whatever it is, the request would have met it
                    failed += 1
                took.append(time.perf_counter_ns() - begun)
            if number % 100 == 0:
                await asyncio.sleep(0.01)  # the thread has its turn, as between requests
        assert process.sender is not None
        process.sender.stop()
    return percentiles(sorted(took)) | {"failed": failed, "dropped": process.sender.dropped}


@dataclass
class PluggedGateway(Gateway):
    """A gateway that has the plugin, as the manual says how."""

    def environment(self) -> dict[str, str]:
        """With the plugin's file, beside its folder."""
        return super().environment() | {
            "PLUGINS_ENABLED": "true",
            "PLUGINS_CONFIG_FILE": str(self.folder / "plugins.yaml"),
            "PYTHONPATH": str(self.folder / "plugins"),
            "TIMED_HOOKS": str(self.folder / "took.json"),
        }


def in_gateway(python: Path, folder: Path) -> dict[str, Any]:
    """Calls of a tool, and requests that are refused, in a real gateway without a Kafka."""
    shutil.copytree(PLUGIN, folder / "plugins/tocsin_plugin")
    shutil.copy(Path(__file__).with_name("plugin_timed.py"), folder / "plugins/tocsin_timed.py")
    (folder / "plugins.yaml").write_text(FILE % NOWHERE)
    gateway, port = PluggedGateway(folder, python), free_port()
    upstream = Upstream(
        "bench", port, Process([str(python), str(SCRIPT), "bench", str(port)], folder / "upstream.log")
    )
    try:
        upstream.start()
        gateway.start()
        token = gateway.token()
        with Administrator(gateway.url, token) as administrator:
            administrator.register(upstream)
        outcome = _calls(gateway.url, token)
        upstream.process.stop(5.0)
        time.sleep(OFFLINE)
    finally:
        gateway.stop()
        upstream.process.stop(5.0)
    if not (folder / "took.json").exists():
        lines = [
            line[:400] for line in gateway.log.read_text().splitlines() if "ocsin" in line or "cpex" in line
        ]
        raise RuntimeError("the plugin has told nothing; the gateway says: " + "\n".join(lines[:10]))
    told: dict[str, Any] = json.loads((folder / "took.json").read_text())
    return outcome | percentiles(told.pop("took")) | told


def _calls(url: str, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30.0) as client:
        name = _tool(client)
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": {"words": "x"}},
        }
        bad, times = 0, list[float]()
        for number in range(CALLS):
            begun = time.perf_counter()
            answer = client.post("/rpc", json=call)
            times.append(time.perf_counter() - begun)
            bad += answer.status_code != httpx.codes.OK or "error" in answer.json()
            if number % 20 == 0:
                refused = client.get("/v1/tools", headers={"Authorization": "Bearer nobody"})
                bad += refused.status_code != httpx.codes.UNAUTHORIZED
    return {"requests": CALLS + CALLS // 20, "failed": bad, "call_p50_ms": sorted(times)[CALLS // 2] * 1e3}


def _tool(client: httpx.Client) -> str:
    """The tool's name in the gateway, as soon as it is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        listed = client.get("/v1/tools").json()
        tools = listed if isinstance(listed, list) else listed.get("data") or listed.get("tools") or []
        if tools:
            return str(tools[0]["name"])
        time.sleep(0.5)
    raise TimeoutError("the gateway lists no tool")
