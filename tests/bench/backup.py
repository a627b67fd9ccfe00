"""A backup of a whole product and its restore elsewhere, tried: what was known is known there, and it goes on.

Everything runs as `tocsin up` runs it, on the embedded Kafka, first in one folder and then in the restored one.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.product import Product, until
from tests.bench.options import Options

ALERTS = 20
RULE = {"name": "kept", "team": "payments", "last": "errors", "above": "5%", "severity": "critical"}
HOOK = {"name": "hook", "team": "payments", "url": "https://hooks.example/geheim"}


def measure(options: Options) -> dict[str, Any]:
    """Seconds and bytes of the backup, and what the restored product has kept and can do."""
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.folder / "tocsin.tar.gz"
    before = Product(_folder(options, "one"))
    before.start()
    try:
        known = _furnished(before)
        running = before.tocsin("backup", str(file))
    finally:
        before.stop()
    backed_up, made = _timed(before, "backup", str(file))
    after = Product(_folder(options, "two"))
    restored, put_back = _timed(after, "restore", str(file))
    after.start()
    try:
        kept = _known(after)
        acknowledged = _goes_on(after)
    finally:
        after.stop()
    return {
        "while_running": running.text.strip()[-160:], "backup_s": backed_up, "said": made, "bytes": file.stat().st_size,
        "restore_s": restored, "said_then": put_back, "kept": kept == known, "known": known, "goes_on": acknowledged,
    }  # fmt: skip


def _folder(options: Options, name: str) -> Path:
    folder = options.folder / name
    folder.mkdir()
    return folder


def _timed(product: Product, *words: str) -> tuple[float, str]:
    began = time.perf_counter()
    done = product.tocsin(*words)
    if done.code:
        raise RuntimeError(done.text[-2_000:])
    return round(time.perf_counter() - began, 2), done.text.strip()


def _furnished(product: Product) -> dict[str, Any]:
    with product.client() as client:
        for section, body in (("rules", RULE), ("endpoints", HOOK)):
            client.post(f"/v1/{section}", json=body).raise_for_status()
        for number in range(ALERTS):
            _raise(client, number)
        until(lambda: client.get("/v1/alerts").json()["total"] == ALERTS)
    return _known(product)


def _raise(client: httpx.Client, number: int) -> None:
    body = {"source": "backup", "title": f"kept {number}", "severity": "critical", "team": "payments"}
    client.post("/v1/alerts", json=body | {"dedup_key": str(number)}).raise_for_status()


def _known(product: Product) -> dict[str, Any]:
    """What a person would look for: alerts, rules with their revision, the masked secret, the audit's heads."""
    with product.client() as client:
        alerts = client.get("/v1/alerts", params={"limit": 100}).json()["items"]
        rules = client.get("/v1/rules", params={"team": "payments"}).json()["items"]
        hooks = client.get("/v1/endpoints", params={"team": "payments"}).json()["items"]
        chains = client.get("/v1/audit/verify").json()
    return {
        "alerts": sorted(alert["id"] for alert in alerts),
        "rules": [(rule["name"], rule["revision"]) for rule in rules],
        "hooks": [hook["url"] for hook in hooks],
        "heads": sorted(chain["head"] for chain in chains["chains"]),
        "holds": chains["holds"],
    }


def _goes_on(product: Product) -> bool:
    """Whether an alert of before is acknowledged there, and a new one comes."""
    with product.client() as client:
        (first, *_) = client.get("/v1/alerts").json()["items"]
        answer = client.post(f"/v1/alerts/{first['id']}/acknowledge").raise_for_status()
        _raise(client, ALERTS)
        until(lambda: client.get("/v1/alerts").json()["total"] == ALERTS + 1)
        return answer.status_code in (200, 202)
