"""The headers by which a receiver knows that a webhook is ours and whether it has seen it before.

Standard Webhooks 1.0: `webhook-id` is the same on every retry, `webhook-timestamp` is the time of the
call in seconds, `webhook-signature` is HMAC-SHA256 over `id.timestamp.body`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from urllib.parse import quote

from sinks.outcome import Rejected

PREFIX = "whsec_"
_PLAIN = "".join(chr(n) for n in range(0x21, 0x7F) if chr(n) != "%")  # what a header carries as it is
_LONGEST = 200  # characters of an id that every proxy lets through


def signed_headers(name: str, body: bytes, secret: str, now: int) -> dict[str, str] | Rejected:
    """The headers of one call for notification `name` at `now` (seconds UTC); no secret, no signature; two, two."""
    headers = {"webhook-id": header_id(name), "webhook-timestamp": str(now)}
    if not secret:
        return headers
    content = f"{headers['webhook-id']}.{now}.".encode() + body
    signatures = []
    for each in secret.split():
        key = _key(each)
        if key is None:
            return Rejected("the endpoint's secret is not of the form whsec_<base64>: set `secret` again")
        mac = hmac.new(key, content, hashlib.sha256).digest()
        signatures.append("v1," + base64.b64encode(mac).decode())
    return headers | {"webhook-signature": " ".join(signatures)}


def header_id(name: str) -> str:
    """An id as a header can carry it: percent-encoded where needed, hashed where it is too long."""
    text = quote(name, safe=_PLAIN)
    return text if len(text) <= _LONGEST else hashlib.sha256(name.encode()).hexdigest()


def _key(secret: str) -> bytes | None:
    text = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except binascii.Error:
        return None
