"""The text of an endpoint's address in, what is called out: its secrets as they were written, and no login in it."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from socket import inet_aton, inet_ntoa
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from yarl import URL

from sinks.outcome import Rejected

_PLAIN = "".join(map(chr, range(0x21, 0x7F)))  # what a request line carries as it is
_UNREADABLE = Rejected("the endpoint's `url` cannot be read: write https://host/path")
_UNCALLABLE = Rejected(
    "the endpoint's `url` must begin with https:// or http:// and name a host and port that can be"
)


class CalledAddress(NamedTuple):
    """What is called. `place`: scheme and host, for reasons; `login`: the header that its login makes, or ""."""

    url: URL
    place: str
    login: str


@lru_cache(4096)
def address_of(text: str) -> CalledAddress | Rejected:
    """The address; the reason never repeats it, since it may hold a password.

    Its path and query are sent as they were written: a signature in them must not be spelled anew.
    """
    if any(not letter.isprintable() for letter in text):
        return _UNREADABLE
    try:
        url = URL(text)
        host, port = url.raw_host or "", url.port
    except (ValueError, UnicodeError):
        return _UNREADABLE
    if url.scheme not in ("http", "https") or not host or not 0 < (port or 0) < 65_536:
        return _UNCALLABLE
    if " " in host or "%" in host:
        return _UNREADABLE
    path = quote(_path(text), safe=_PLAIN)
    origin = url.with_host(_canonical(host)).origin()
    return CalledAddress(URL(f"{origin}{path}", encoded=True), f"{url.scheme}://{host}", _login(url))


def _canonical(host: str) -> str:
    """An IPv4 address that is written in one of its old forms, 127.1 or 2130706433, in the usual one."""
    try:
        return inet_ntoa(inet_aton(host))
    except OSError:
        return host


def _path(text: str) -> str:
    """Path and query as they were written."""
    parts = urlsplit(text)
    return f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}"


def _login(url: URL) -> str:
    if url.raw_user is None and url.raw_password is None:
        return ""
    words = f"{unquote(url.raw_user or '')}:{unquote(url.raw_password or '')}"
    return f"Basic {b64encode(words.encode()).decode()}"
