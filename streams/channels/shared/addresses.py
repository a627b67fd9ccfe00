"""What an address in an endpoint document says of itself, before anybody calls it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from streams.documents.endpoint import is_open


def address_flaw(url: str) -> str:
    """Why `url` is no address to call, empty where it is one; sealed and missing ones are not judged."""
    if not is_open(url):
        return ""
    if url != url.strip():
        return "begins or ends with a blank: leave it out"
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    return "" if fine else "must be an address such as https://host/path"


def inside_host(host: str) -> str:
    """`host` where it is plainly no public one, empty else. Names are judged at the call."""
    name = host.rstrip(".").lower()
    try:
        inside = not ip_address(name.partition("%")[0]).is_global
    except ValueError:
        inside = name == "localhost" or name.endswith(".localhost")
    return name if inside else ""


def private_words(host: str, allowed: bool) -> str:
    """Why nothing is sent to `host`, a private one; empty where there is none or the endpoint allows it."""
    if not host or allowed:
        return ""
    return f"{host} is no public address, so nothing is sent there: set `allow_private: true` (administrators only)"


def private_address(url: str, allowed: bool) -> str:
    """Why nothing sent to `url` arrives, where its host is no public one and the endpoint does not allow that."""
    return private_words(inside_host(urlsplit(url).hostname or ""), allowed) if is_open(url) else ""
