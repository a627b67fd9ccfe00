"""The settings with which a gateway tells us by itself what no poll can read: its plugin, and its SIEM export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.acceptance.product import Product
from tests.layout import ROOT

HERE = Path(__file__).parent
EVENTS = ("authentication_failure", "rate_limit_exceeded", "brute_force_attempt", "audit_delete_gateway")
HOOKS = ["tool_pre_invoke", "tool_post_invoke", "http_post_request", "http_auth_check_permission"]
EVERY = 2  # seconds between two frames of the plugin: as long as a poll of the bridge
CLIENT = "aiokafka==0.14.0"


def telling(product: Product, name: str, folder: Path, python: Path) -> dict[str, str]:
    """Environment of the gateway. `name`: what it is called with us; `folder`: of its plugins; `python`: its own."""
    return {
        "SSO_ENABLED": "true",
        "TOOL_TIMEOUT": "31",
        **_plugin(product, name, folder, python),
        **_export(product, name),
    }


def _plugin(product: Product, name: str, folder: Path, python: Path) -> dict[str, str]:
    """Our plugin, and one that refuses what is forbidden."""
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", CLIENT, "async-timeout"], check=True
    )
    shutil.copytree(ROOT / "sources" / "plugin", folder / "tocsin_plugin")
    shutil.copy(HERE / "guard.py", folder / "guard.py")
    port = json.loads((product.folder / "data" / "tocsin.json").read_text())["port"]
    plugins = [
        {
            "name": "Tocsin", "kind": "tocsin_plugin.plugin.TocsinPlugin", "hooks": HOOKS, "mode": "fire_and_forget",
            "on_error": "ignore", "priority": 1_000,
            "config": {"gateway": name, "kafka": f"127.0.0.1:{port}", "every": EVERY},
        },
        {
            "name": "Guard", "kind": "guard.Guard", "hooks": ["tool_pre_invoke"], "mode": "sequential", "priority": 1,
            "config": {},
        },
    ]  # fmt: skip
    file = folder / "plugins.yaml"
    file.write_text(yaml.safe_dump({"plugins": plugins}))
    return {"PLUGINS_ENABLED": "true", "PLUGINS_CONFIG_FILE": str(file), "PYTHONPATH": str(folder)}


def _export(product: Product, name: str) -> dict[str, str]:
    """Security and audit events, each posted within a second and signed with the gateway's key."""
    settings = {**os.environ, "TOCSIN_DATA": str(product.folder / "data")}
    words = [sys.executable, "-m", "deploy", "keys", "--gateway", name]
    made = subprocess.run(words, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    key = Path(made.stdout.partition(" lies in ")[2].partition(";")[0])
    token = product.tocsin("token", "siem", "--team", "platform", "--role", "responder", "--lasts", "1d")
    destination = {
        "name": "tocsin", "type": "webhook", "url": f"{product.address}/v1/siem/{name}",
        "hmac_secret": key.read_text().strip(), "headers": {"Authorization": f"Bearer {token.text.strip()}"},
        "filters": {"event_types": list(EVENTS)},
    }  # fmt: skip
    return {
        "SIEM_EXPORT_ENABLED": "true",
        "SIEM_DESTINATIONS": json.dumps([destination]),
        "SIEM_EXPORT_FLUSH_INTERVAL_SECONDS": "1",
    }
