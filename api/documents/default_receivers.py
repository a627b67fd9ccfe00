"""The settings of receivers as documents: endpoints, and for each severity the policy that tells the right ones.

One receiver alone hears of everything, save that nobody is paged for info. Several share: critical goes to all, a
warning to webhook and mail and to a pager only where there is neither, info to the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.channels.shared.channel_of import channel_of
from streams.documents.document import PLATFORM, Owned
from streams.documents.endpoint import SEALED, Endpoint
from streams.documents.registry import read
from streams.errors import Misconfigured, Refused
from streams.settings import Settings

WEBHOOK, EMAIL = "MCPGATEWAY_ALERT_WEBHOOK_URL", "MCPGATEWAY_ALERT_EMAIL_ENABLED"
PAGERDUTY, OPSGENIE = "MCPGATEWAY_PAGERDUTY_API_KEY", "MCPGATEWAY_OPSGENIE_API_KEY"
NEEDED = {  # of the mail that one setting switches on
    "TOCSIN_EMAIL_SERVER": "the mail server, host or host:port",
    "TOCSIN_EMAIL_FROM": "who sends, for instance tocsin@example.com",
    "TOCSIN_EMAIL_TO": "who gets it, for instance ops@example.com",
}
FIELDS = {  # the setting of each field that can be wrong
    "email": {
        "server": "TOCSIN_EMAIL_SERVER",
        "sender": "TOCSIN_EMAIL_FROM",
        "to": "TOCSIN_EMAIL_TO",
        "security": "TOCSIN_EMAIL_SECURITY",
        "user": "TOCSIN_EMAIL_USER",
        "password": "TOCSIN_EMAIL_PASSWORD",
    },
    "pagerduty": {
        "routing_key": PAGERDUTY,
        "region": "TOCSIN_PAGERDUTY_REGION",
        "api_url": "TOCSIN_PAGERDUTY_URL",
    },
    "opsgenie": {
        "api_key": OPSGENIE,
        "region": "TOCSIN_OPSGENIE_REGION",
        "service": "TOCSIN_OPSGENIE_SERVICE",
        "api_url": "TOCSIN_OPSGENIE_URL",
    },
    "slack": {"url": WEBHOOK},
    "teams": {"url": WEBHOOK},
    "webhook": {"url": WEBHOOK},
}
CHOICES = {
    "TOCSIN_EMAIL_SECURITY": ("starttls", "tls", "none"),
    "TOCSIN_PAGERDUTY_REGION": ("us", "eu"),
    "TOCSIN_OPSGENIE_REGION": ("us", "eu"),
    "TOCSIN_OPSGENIE_SERVICE": ("opsgenie", "jsm"),
}
OPSGENIE_KEY = 36  # characters of a key of Opsgenie, which is a UUID


def default_receivers(settings: Settings) -> list[Owned]:
    """The platform's documents that the settings stand for, endpoints first; Misconfigured names the wrong setting."""
    pagers = [*_pagerduty(settings), *_opsgenie(settings)]
    others = [*_webhook(settings), *_email(settings)]
    if not pagers and not others:
        return []
    alone = len(others) == 1 and not pagers
    told = {
        "critical": pagers + others,
        "warning": others or pagers,
        "info": others if alone else [],
    }
    return [*pagers, *others, *(_policy(severity, receivers) for severity, receivers in told.items())]


def _policy(severity: str, receivers: list[Endpoint]) -> Owned:
    names = [f"endpoint/{endpoint.name}" for endpoint in receivers] or ["endpoint/log"]
    body = {"name": f"default-{severity}", "team": PLATFORM, "steps": [{"notify": names}], "repeat": 1}
    return read("policy", body | {"description": SAYS})


SAYS = "Made from the settings. Whoever changes it owns it from then on."


def _webhook(settings: Settings) -> list[Endpoint]:
    url = settings.webhook_url
    if not url:
        return []
    return [_endpoint(channel_of(url), "webhook", {"url": url})]


def _email(settings: Settings) -> list[Endpoint]:
    if not settings.email_enabled:
        return []
    given = (settings.email_server, settings.email_from, settings.email_to)
    if missing := [name for name, text in zip(NEEDED, given, strict=True) if not text]:
        words = "; ".join(f"{name} ({NEEDED[name]})" for name in missing)
        raise Misconfigured(f"{EMAIL}: mail needs {words}: set it, or unset {EMAIL}")
    body = {
        "server": settings.email_server,
        "sender": settings.email_from,
        "to": settings.email_to,
        "security": settings.email_security,
        "user": settings.email_user,
        "password": settings.email_password,
    }
    return [_endpoint("email", "email", body)]


def _pagerduty(settings: Settings) -> list[Endpoint]:
    if not settings.pagerduty_key:
        return []
    body = {"routing_key": settings.pagerduty_key, "region": settings.pagerduty_region}
    return [_endpoint("pagerduty", "pagerduty", body | _called(settings.pagerduty_url, settings))]


def _opsgenie(settings: Settings) -> list[Endpoint]:
    key = settings.opsgenie_key
    if not key:
        return []
    if settings.opsgenie_service == "opsgenie" and (len(key), key.count("-")) != (OPSGENIE_KEY, 4):
        raise Misconfigured(
            f"{OPSGENIE}: must be the key of an API integration, 36 characters such as "
            "00000000-0000-0000-0000-000000000000; one of Jira Service Management needs TOCSIN_OPSGENIE_SERVICE=jsm"
        )
    body = {"api_key": key, "region": settings.opsgenie_region, "service": settings.opsgenie_service}
    return [_endpoint("opsgenie", "opsgenie", body | _called(settings.opsgenie_url, settings))]


def _called(url: str, settings: Settings) -> dict[str, Any]:
    """The fields of where a provider is called, and whether that may be inside: as of any webhook."""
    return {"api_url": url, "allow_private": settings.allow_private and bool(url)}


def _endpoint(channel: str, name: str, body: Mapping[str, Any]) -> Endpoint:
    """The endpoint `default-<name>`; Misconfigured names the setting of the field that is wrong, never its content."""
    settings = FIELDS[channel]
    for field, setting in settings.items():
        if (choices := CHOICES.get(setting)) and body[field] not in choices:
            raise Misconfigured(f"{setting}: {body[field]!r:.40} is none of {', '.join(choices)}")
    for field in (field for field in settings if str(body.get(field, "")).startswith(SEALED)):
        raise Misconfigured(
            f"{settings[field]}: must be the plain text: what is sealed stands in documents alone"
        )
    whole = {"name": f"default-{name}", "team": PLATFORM, "channel": channel, "description": SAYS, **body}
    try:
        endpoint = read("endpoint", whole)
    except Refused as why:
        raise Misconfigured(f"{' or '.join(settings.values())}: {why}") from None
    assert isinstance(endpoint, Endpoint)
    if flaws := endpoint.flaws():
        field, says = flaws[0]
        raise Misconfigured(f"{settings.get(field, next(iter(settings.values())))}: {says}")
    return endpoint
