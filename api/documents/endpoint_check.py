"""What makes an endpoint unusable before the first call: no address, a private one, a secret that cannot sign."""

from __future__ import annotations

import base64
import binascii
from ipaddress import ip_address
from urllib.parse import urlsplit

from api.documents.seal import HIDDEN
from api.documents.seal import PREFIX as SEALED
from streams.document import Owned
from streams.endpoint import Endpoint

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret: Standard Webhooks 1.0, "Signature scheme"
MAKE = "make one with: echo whsec_$(openssl rand -base64 32)"


def flaws(document: Owned) -> list[tuple[str, str]]:
    """Each field that cannot be used and why; never a word of its content, which is secret."""
    if not isinstance(document, Endpoint):
        return []
    texts = {"url": document.url, "secret": document.secret}
    judged = {"url": _address, "secret": _secret}
    found = [(field, _taken(text) or judged[field](text)) for field, text in texts.items() if text]
    return [(field, says) for field, says in found if says]


def _taken(text: str) -> str:
    """Why a text is what we show or keep instead of a secret, and no secret itself; empty else."""
    if text.startswith(SEALED):
        return f"must not begin with `{SEALED}`, which is how Tocsin keeps what it has sealed: enter it in plain text"
    return (
        f"holds the mask {HIDDEN}, which stands for what is hidden: enter it in full"
        if HIDDEN in text
        else ""
    )


def private(document: Owned) -> str:
    """Why nothing sent there arrives, where the address itself says so; empty else. Names are judged at the call."""
    if not isinstance(document, Endpoint) or document.allow_private or document.url.startswith(SEALED):
        return ""
    host = (urlsplit(document.url).hostname or "").rstrip(".")
    try:
        inside = not ip_address(host.partition("%")[0]).is_global
    except ValueError:
        inside = host == "localhost" or host.endswith(".localhost")
    if not inside:
        return ""
    return f"{host} is no public address, so nothing is sent there: set `allow_private: true` (administrators only)"


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    return "" if fine else "must be an address such as https://host/path"


def _secret(secret: str) -> str:
    if not secret.startswith(PREFIX):
        return f"must begin with {PREFIX} (Standard Webhooks): {MAKE}"
    text = secret.removeprefix(PREFIX)
    try:
        size = len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError):
        return f"must be base 64 behind {PREFIX}: {MAKE}"
    if SHORTEST <= size <= LONGEST:
        return ""
    return f"holds {size} bytes, and must hold {SHORTEST} to {LONGEST}: {MAKE}"
