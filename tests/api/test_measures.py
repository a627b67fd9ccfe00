"""What the API counts: of what clients make up nothing is kept, and gateways are named to those who may see them."""

from __future__ import annotations

import httpx

from api.coverage.coverage import Origin
from api.dependencies import Dependencies
from tests.api.conftest import Broker


async def test_methods_that_clients_make_up(admin: httpx.AsyncClient, dependencies: Dependencies) -> None:
    """Thousands of names of methods, with or without a token, are one line."""
    before = dependencies.measures.text().count(b"tocsin_api_requests_total{")
    for number in range(200):
        await admin.request(f"MADEUP{number}", "/v1/alerts")
    text = dependencies.measures.text()
    assert b'method="other"' in text
    assert b"MADEUP" not in text
    assert text.count(b"tocsin_api_requests_total{") <= before + 2


async def test_gateways(admin: httpx.AsyncClient, member: httpx.AsyncClient, broker: Broker) -> None:
    """Names of gateways are for administrators, here as everywhere."""
    broker.unknown = {Origin("prod-of-others", "mine"): 3}
    await admin.get("/v1/coverage")
    shown = [(await one.get("/metrics")).text for one in (admin, member)]
    assert ["prod-of-others" in text for text in shown] == [True, False]
    assert all("tocsin_api_requests_total{" in text for text in shown)
