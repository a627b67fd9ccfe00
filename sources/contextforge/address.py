"""Whether an address leads out of the networks that one can trust with an unencrypted token."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc")  # RFC 6761, RFC 8375, and custom


def exposed(url: str) -> bool:
    """True where a token would travel unencrypted to a host that is not evidently inside."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "http" or ("." not in host and ":" not in host):
        return False
    try:
        return ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return not host.endswith(INSIDE)
