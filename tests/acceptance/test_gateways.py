"""Rows 6 to 8: what the bridge and the prober find at a gateway and at hosts: outages, rate limits, certificates."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.acceptance.product import Product, until
from tests.acceptance.rows import alerts, applied
from tests.acceptance.telemetry import Gateway, Producer, happening, watched
from tests.sources.prober.authority import issue, server

pytestmark = pytest.mark.cluster


def test_row_6_availability(product: Product, admin: httpx.Client) -> None:
    """An upstream that is unreachable for long enough is an alert; then the gateway is gone: that alone is told."""
    applied(
        product,
        "row-6",
        "rules:\n  - {name: row-6-upstream, unreachable: upstream, for: 3s, severity: critical}\n"
        "  - {name: row-6-gateway, unreachable: gateway, for: 2s, severity: critical}\n",
    )
    gateway = Gateway()
    gateway.upstreams = {"search": True, "files": True}
    watched(product, gateway, "row-6")
    try:
        gateway.upstreams["search"] = False
        (down,) = until(lambda: alerts(admin, "row-6-upstream", gateway="row-6"))
        assert (down["labels"]["upstream"], "3s" in down["reason"]) == ("search", True)
        gateway.die()
        (gone,) = until(lambda: alerts(admin, "row-6-gateway", gateway="row-6"))
        assert gone["status"] == "firing"
        held = until(
            lambda: one if (one := alerts(admin, "row-6-upstream", gateway="row-6"))[0]["unknown"] else None
        )
        assert [(one["id"], one["status"]) for one in held] == [
            (down["id"], "firing")
        ]  # it is as it was, unknown
    finally:
        product.run("disconnect", "row-6")


def test_row_7_rate_limits(product: Product, admin: httpx.Client) -> None:
    """Near a limit by what the gateway's answers say; beyond it by its counter of 429, and by an event of a caller."""
    applied(
        product,
        "row-7",
        "rules:\n  - {name: row-7-near, last: rate_limit_used_ratio, at_or_above: {warning: 80%, critical: 95%},\n"
        "     for: 0s, message: '{value} of the limit of {gateway} is used'}\n"
        '  - {name: row-7-refused, increase: \'http_requests_total{status="429", gateway="row-7"}\', over: 1m,\n'
        "     above: 0, for: 0s}\n"
        "  - {name: row-7-caller, event: rate_limit_exceeded, where: 'gateway=\"row-7\"', by: [dimension]}\n",
    )
    gateway = Gateway()
    gateway.metrics = 'http_requests_total{handler="/rpc",status="200"} 100\n'
    watched(product, gateway, "row-7")
    try:
        until(lambda: admin.get("/v1/coverage").json()["gateways"].get("row-7"))
        gateway.remaining = 12
        (near,) = until(lambda: alerts(admin, "row-7-near", gateway="row-7"))
        assert (near["severity"], "88% of the limit" in near["message"]) == ("warning", True)
        gateway.metrics += 'http_requests_total{handler="/rpc",status="429"} 3\n'
        (refused,) = until(lambda: alerts(admin, "row-7-refused"))
        assert refused["value"] == 3.0
        Producer(product).say(
            happening("row-7", "rate_limit_exceeded", "row-7/1", dimension="user:ada", tier="LOW")
        )
        (caller,) = until(lambda: alerts(admin, "row-7-caller"))
        assert caller["labels"]["dimension"] == "user:ada"
    finally:
        product.run("disconnect", "row-7")
        gateway.die()


@contextmanager
def serving(file: Path) -> Iterator[int]:
    """The port of a TLS server with this certificate, beside the test."""
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), [0]
    over = asyncio.Event()

    async def serve() -> None:
        async with server(file) as port[0]:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(30)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def test_row_8_certificates(product: Product, admin: httpx.Client) -> None:
    """The prober shakes hands with real servers: the days that are left make the severity; expired, wrong name."""
    authority = issue(authority=True, subject="row 8")
    made = {
        "month": issue(by=authority, days=20), "fortnight": issue(by=authority, days=10),
        "days": issue(by=authority, days=2), "expired": issue(by=authority, days=-1, age=30),
        "other": issue(by=authority, names=("elsewhere.example",)),
    }  # fmt: skip
    files = {name: one.write(product.folder / f"{name}.pem") for name, one in made.items()}
    with (
        serving(files["month"]) as month,
        serving(files["fortnight"]) as fortnight,
        serving(files["days"]) as days,
        serving(files["expired"]) as expired,
        serving(files["other"]) as other,
    ):
        pem = "".join(f"      {line}\n" for line in authority.pem.splitlines())
        hosts = ", ".join(f'"127.0.0.1:{port}"' for port in (month, fortnight, days, expired, other))
        applied(
            product,
            "row-8",
            f"probes:\n  - name: row-8\n    team: row-8\n    hosts: [{hosts}]\n    every: 1m\n    authority: |\n{pem}",
        )
        ends = until(
            lambda: found if len(found := alerts(admin, "certificate-ends", gateway="row-8")) == 4 else None
        )
        severities = {alert["labels"]["host"].rpartition(":")[2]: alert["severity"] for alert in ends}
        wanted = {month: "info", fortnight: "warning", days: "critical", expired: "critical"}
        assert severities == {str(port): severity for port, severity in wanted.items()}
        wrong = until(
            lambda: (
                found if len(found := alerts(admin, "certificate-invalid", gateway="row-8")) == 2 else None
            )
        )
        reasons = {alert["labels"]["host"].rpartition(":")[2]: alert["labels"]["reason"] for alert in wrong}
        assert reasons == {str(expired): "expired", str(other): "wrong_name"}
