"""What an HTTP status means for a notification: taken, worth another try, or hopeless."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sinks.outcome import Answer, Delivered, Rejected, Retry
from sinks.retry_after import wish

TRY_AGAIN = frozenset({408, 425, 429})


def judge(status: int, headers: Mapping[str, str], place: str, now: int) -> Answer:
    """The answer that a response gives. `place`: scheme and host, for the reason; `now`: ms UTC."""
    said = f"{place} answered HTTP {status}"
    if 200 <= status < 300:
        return Delivered(said)
    if status in TRY_AGAIN or status >= 500:
        return Retry(wish(headers.get("retry-after"), now), said)
    if 300 <= status < 400:
        return Rejected(f"{said}, a redirect to {_host(headers)}: set `url` to the final address")
    if status == 410:
        return Rejected(f"{said}: the receiver is gone for good; change or delete the endpoint")
    return Rejected(f"{said}: it will refuse this again; check the endpoint's `url` and `secret`")


def _host(headers: Mapping[str, str]) -> str:
    """Only the host of the new place, since its path or query may hold a secret."""
    try:
        return urlsplit(headers.get("location", "")).hostname or "another path of the same host"
    except ValueError:
        return "an address that cannot be read"
