"""A bridge tells how much it has to do, where the settings say."""

from __future__ import annotations

import httpx
import pytest

from deploy.ports import free_port
from sources.metrics import BridgeMetrics, listen
from streams.errors import Misconfigured
from streams.settings import Settings


def test_what_a_bridge_tells() -> None:
    """It is looked up at each scrape; an address that is taken is the operator's to change."""
    settings, held = Settings(metrics=("127.0.0.1", free_port())), [3.0]
    listen(Settings())
    listen(settings, BridgeMetrics(lambda: held[0], lambda: 5, lambda: 7))

    def scraped() -> str:
        return httpx.get("http://{}:{}/metrics".format(*settings.metrics or ())).text

    assert "tocsin_bridge_gateways 3.0" in scraped()
    held[0] = 4.0
    said = scraped()
    assert "tocsin_bridge_gateways 4.0" in said
    assert "tocsin_bridge_waiting_messages 5.0" in said
    assert "tocsin_bridge_dropped_messages_total 7.0" in said
    with pytest.raises(Misconfigured, match="TOCSIN_METRICS_LISTEN"):
        listen(settings)
