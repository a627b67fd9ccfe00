"""What others push: Prometheus, OpenTelemetry and a SIEM export become alerts; what a rule records another reads."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, until
from tests.acceptance.rows import alerts, applied, in_force
from tests.api.harness import SIEM, siem_post, written

pytestmark = pytest.mark.cluster
RULES = """rules:
  - {name: pushed-load, last: pushed_load, above: 5, for: 0s}
  - {name: pushed-depth, last: pushed_depth, above: 5, for: 0s}
  - {name: pushed-limit, event: rate_limit_exceeded, where: 'gateway="pushed"', by: [dimension]}
  - {name: pushed-record, last: pushed_load, record: 'pushed:load:last', record_to: pushed-fleet}
  - {name: pushed-fleet, max: 'pushed:load:last', over: 1m, above: 5, for: 0s}
"""


def test_whatever_is_pushed_is_judged(product: Product, admin: httpx.Client) -> None:
    """With a token of a service of the platform, which may do nothing else."""
    applied(product, "pushed", RULES)
    in_force(product, admin, "pushed")
    with product.client("pusher", "--team", "platform", "--role", "responder") as service:
        labels = (("__name__", "pushed_load"), ("instance", "a:1"), ("job", "j"))

        def push() -> Any:
            at = time.time_ns() // 1_000_000
            body, headers = written({labels: [(at, 7.0)]})
            answer = service.post("/api/v1/write?gateway=pushed", content=body, headers=headers)
            assert answer.status_code == 204, answer.text
            return alerts(admin, "pushed-load")

        (load,) = until(push)
        assert (load["gateway"], load["labels"]["instance"]) == ("pushed", "a:1")
        point = {"timeUnixNano": str(time.time_ns()), "asDouble": 8}
        metric = {"name": "pushed.depth", "gauge": {"dataPoints": [point]}}
        export = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
        assert service.post("/otlp/v1/metrics?gateway=pushed", json=export).json() == {}
        until(lambda: alerts(admin, "pushed-depth"))
        key = (product.folder / "data" / "keys" / "system.key").read_text().strip()
        happened = SIEM | {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        raw, signature = siem_post("pushed", happened, key)
        assert service.post("/v1/siem/pushed", content=raw, headers=signature).status_code == 202
        (limit,) = until(lambda: alerts(admin, "pushed-limit"))
        assert limit["labels"]["dimension"] == "ip:127.0.0.1"
        (fleet,) = until(lambda: push() and alerts(admin, "pushed-fleet"))
        assert (fleet["gateway"], fleet["labels"]["origin"]) == ("pushed-fleet", "pushed")
