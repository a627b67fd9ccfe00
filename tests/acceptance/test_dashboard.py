"""Row 22: a dashboard of all active alerts, live, in a real browser; skipped where there is no Chromium."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.acceptance.product import Product
from tests.api.browser import PROGRAM, called, chromium

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not PROGRAM, reason="no `chromium` on the path: the page was not looked at"),
]
LIVE = "/live/.test(document.getElementById('count').textContent)"


async def test_row_22_dashboard(product: Product, admin: httpx.Client, tmp_path: Path) -> None:
    """On a phone an alert appears by itself, is taken by one tap on its own page, and leaves when it is over."""
    link = (await asyncio.to_thread(product.tocsin, "sign-in", "anna")).text.strip()
    with chromium(tmp_path) as address:
        async with called(address) as browser:
            page = await browser.page(390, 844)
            await page.open(link)
            await page.until(LIVE)
            alert = await asyncio.to_thread(product.raised, "row 22")
            await page.until(f"document.getElementById('alert-{alert['id']}')", 60)
            await page.evaluate(f"void (location.hash = '#alert={alert['id']}')")
            await page.until("document.querySelector('#panel .heard .delivered')", 60)
            await page.click("Acknowledge")
            await page.until(f"document.body.innerText.includes({json.dumps('anna has it')})", 60)
            shown = (await asyncio.to_thread(admin.get, f"/v1/alerts/{alert['id']}")).json()
            assert (shown["status"], shown["acknowledged_by"]) == ("acknowledged", "anna")
            await asyncio.to_thread(product.tocsin, "alerts", "resolve", alert["id"])
            await page.click("← Back to the list")
            await page.until(f"!document.getElementById('alert-{alert['id']}')", 60)
            assert page.errors == []
