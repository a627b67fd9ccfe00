"""Who hears, without Kafka, where canaries do not arrive: the settings in, endpoints out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.channels.shared.channel_of import channel_of
from streams.documents.endpoint import Endpoint
from streams.documents.registry import read
from streams.errors import Misconfigured, Refused
from streams.settings import Settings

WEBHOOK, EMAIL = "TOCSIN_CANARY_WEBHOOK_URL", "TOCSIN_CANARY_EMAIL_TO"


def canary_receivers(settings: Settings) -> list[Endpoint]:
    """An endpoint for each way that the settings have; Misconfigured names the wrong setting, never its content."""
    receivers: list[Endpoint] = []
    if url := settings.canary_webhook or settings.webhook_url:
        setting = WEBHOOK if settings.canary_webhook else "MCPGATEWAY_ALERT_WEBHOOK_URL"
        receivers.append(_endpoint("webhook", setting, {"channel": channel_of(url), "url": url}))
    if to := settings.canary_email_to or (settings.email_to if settings.email_enabled else ""):
        setting = EMAIL if settings.canary_email_to else "TOCSIN_EMAIL_TO"
        if not (settings.email_server and settings.email_from):
            raise Misconfigured(f"{setting}: mail needs TOCSIN_EMAIL_SERVER and TOCSIN_EMAIL_FROM: set them")
        body = {
            "channel": "email",
            "to": to,
            "server": settings.email_server,
            "sender": settings.email_from,
            "security": settings.email_security,
            "user": settings.email_user,
            "password": settings.email_password,
        }
        receivers.append(_endpoint("email", setting, body))
    return receivers


def _endpoint(name: str, setting: str, body: Mapping[str, Any]) -> Endpoint:
    try:
        endpoint = read("endpoint", {"name": name, **body})
    except Refused as why:
        raise Misconfigured(f"{setting}: {why}") from None
    assert isinstance(endpoint, Endpoint)
    if flaws := endpoint.flaws():
        field, says = flaws[0]
        raise Misconfigured(f"{setting}: `{field}` {says}")
    return endpoint
