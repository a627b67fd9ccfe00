"""What an HTTP status means for a notification: taken, worth another try, or hopeless."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sinks.http.client import Response
from sinks.http.retry_after import wish
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode

TRY_AGAIN = frozenset({408, 425, 429})
CREDENTIALS = frozenset({401, 403, 407})


def answer_of(response: Response, now: int, check: str, address: str = "api_url") -> Answer:
    """The answer that a response gives by its status; `now`: ms UTC.

    `check`: what to look at where it is refused; `address`: the field that holds the receiver's address.
    """
    status, headers = response.status, response.headers
    words = f"{response.place} answered HTTP {status}"
    if 200 <= status < 300:
        return Delivered(words)
    if status in TRY_AGAIN or status >= 500:
        code = OutcomeCode.BUSY if status in TRY_AGAIN else OutcomeCode.UNAVAILABLE
        return Retry(wish(headers.get("retry-after"), now), words, code)
    if 300 <= status < 400:
        says = f"{words}, a redirect to {_host(headers)}: set `{address}` to the final address"
        return Rejected(says, OutcomeCode.REDIRECTED)
    if status == 410:
        says = f"{words}: the receiver is gone for good; change or delete the endpoint"
        return Rejected(says, OutcomeCode.GONE)
    code = OutcomeCode.CREDENTIALS if status in CREDENTIALS else OutcomeCode.REFUSED
    return Rejected(f"{words}: it will refuse this again; check {check}", code)


def _host(headers: Mapping[str, str]) -> str:
    """Only the host of the new place, since its path or query may hold a secret."""
    try:
        return urlsplit(headers.get("location", "")).hostname or "another path of the same host"
    except ValueError:
        return "an address that cannot be read"
