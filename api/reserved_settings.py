"""Settings whose channel does not exist yet are refused, since a setting that does nothing is worse than none."""

from __future__ import annotations

from streams.errors import Misconfigured
from streams.settings import Settings


def refuse_reserved(settings: Settings) -> None:
    """Misconfigured where a setting asks for a channel that does not exist yet."""
    asked = {
        "MCPGATEWAY_ALERT_EMAIL_ENABLED": settings.email_enabled,
        "MCPGATEWAY_PAGERDUTY_API_KEY": settings.pagerduty_key,
        "MCPGATEWAY_OPSGENIE_API_KEY": settings.opsgenie_key,
    }
    if found := [name for name, value in asked.items() if value]:
        raise Misconfigured(
            f"{found[0]}: this channel does not exist yet; unset it, and use a webhook endpoint instead"
        )
