"""Row 32: the five settings, on an installation of its own that is told nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.harness import Provider, Providers, told
from tests.acceptance.product import Product, until

pytestmark = pytest.mark.cluster
Receivers = dict[str, Provider]


@pytest.fixture
def receivers(providers: Providers) -> Receivers:
    """A real receiver of each setting."""
    return {name: providers.open(name) for name in ("email", "webhook", "pagerduty", "opsgenie")}


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Product]:
    """An installation that nothing is configured in; it is stopped at the end."""
    made = Product(tmp_path)
    yield made
    made.stop()


def settings(receivers: Receivers) -> dict[str, str]:
    """The five settings, and where their receivers are on this machine."""
    places = {name: receiver.place.endpoint() for name, receiver in receivers.items()}
    return {
        "MCPGATEWAY_ALERTING_ENABLED": "true",
        "MCPGATEWAY_ALERT_EMAIL_ENABLED": "true",
        "TOCSIN_EMAIL_SERVER": places["email"]["server"],
        "TOCSIN_EMAIL_SECURITY": "none",
        "TOCSIN_EMAIL_FROM": places["email"]["sender"],
        "TOCSIN_EMAIL_TO": places["email"]["to"],
        "MCPGATEWAY_ALERT_WEBHOOK_URL": places["webhook"]["url"],
        "MCPGATEWAY_PAGERDUTY_API_KEY": places["pagerduty"]["routing_key"],
        "TOCSIN_PAGERDUTY_URL": places["pagerduty"]["api_url"],
        "MCPGATEWAY_OPSGENIE_API_KEY": places["opsgenie"]["api_key"],
        "TOCSIN_OPSGENIE_SERVICE": "jsm",
        "TOCSIN_OPSGENIE_URL": places["opsgenie"]["api_url"],
        "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true",
    }


def test_row_32_the_five_settings(bare: Product, receivers: Receivers) -> None:
    """Critical goes to all four, a warning to webhook and mail, info to the list within the product alone."""
    bare.start(**settings(receivers))
    for severity in ("info", "warning", "critical"):
        bare.raised(f"row-32-{severity}", team="platform", severity=severity)
    for receiver in receivers.values():
        told(receiver, "row-32-critical", 1)
    for name in ("email", "webhook"):
        told(receivers[name], "row-32-warning", 1)
    with bare.client() as admin:
        until(lambda: _listed(admin, "row-32-info"))
    heard = {name: str(receiver.place.messages()) for name, receiver in receivers.items()}
    assert [name for name, words in heard.items() if "row-32-info" in words] == []
    assert [name for name, words in heard.items() if "row-32-warning" in words] == ["email", "webhook"]
    with bare.client() as admin:
        shown = admin.get("/v1/endpoints", params={"team": "platform"}).text
    keys = [settings(receivers)[f"MCPGATEWAY_{name}_API_KEY"] for name in ("PAGERDUTY", "OPSGENIE")]
    assert [key for key in keys if key in shown] == []
    bare.stop()
    bare.start(MCPGATEWAY_ALERTING_ENABLED="false")
    refused = bare.tocsin("emit", "alert", "row-32-off", "--source", "row-32")
    assert (refused.code, "MCPGATEWAY_ALERTING_ENABLED" in refused.text) == (1, True), refused.text
    assert "alerting is switched off" in bare.tocsin("doctor").text


def _listed(admin: httpx.Client, title: str) -> list[dict[str, Any]]:
    items = admin.get("/v1/notifications", params={"unread": True}).json()["items"]
    return [item for item in items if title in item["title"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"MCPGATEWAY_ALERTING_ENABLED": "perhaps"},
        {"MCPGATEWAY_ALERT_EMAIL_ENABLED": "true"},
        {"MCPGATEWAY_ALERT_WEBHOOK_URL": "geheim"},
        {"MCPGATEWAY_PAGERDUTY_API_KEY": "geheim"},
        {"MCPGATEWAY_OPSGENIE_API_KEY": "geheim"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_row_32_wrong_shapes(bare: Product, wrong: dict[str, str]) -> None:
    """What cannot work ends the start at once, by the name of its setting, without what stands there."""
    said = bare.tocsin("up", **wrong)
    (name,) = wrong
    assert (said.code, name in said.text, "geheim" in said.text) == (1, True, False), said.text
    assert not (bare.folder / "data" / "kafka").exists()
