"""Links in mails by which whoever got the mail acknowledges its group: signed, for one group, for a day."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import NamedTuple

PATH = "/a/"
LASTS = 86_400_000  # ms from the notification on
_PURPOSE = b"tocsin acknowledge link"


class LinkClaim(NamedTuple):
    """What a link allows: to acknowledge the group of a key (`group_key`) that `to` was told of."""

    key: str
    to: str
    expires: int  # ms UTC


class Links:
    """Makes links and reads them; the newest key signs, any key is believed, so that keys can be rotated."""

    def __init__(self, address: str, seal_keys: Sequence[str]) -> None:
        """`address`: at which people reach the API from outside; "": there are no links."""
        self.address = address.rstrip("/")
        self._keys = [hmac.new(key.encode(), _PURPOSE, hashlib.sha256).digest() for key in seal_keys]

    def link(self, claim: LinkClaim) -> str:
        """The address that carries a claim; "" where nobody could reach it."""
        if not (self.address and self._keys):
            return ""
        content = f"{claim.expires}|{claim.key}|{claim.to}".encode()
        return f"{self.address}{PATH}{_text(content)}.{_text(_mac(self._keys[0], content))}"

    def read(self, token: str, now: int) -> LinkClaim | None:
        """The claim behind the path; None where it is none of ours or has expired. `now`: ms UTC."""
        body, _, signature = token.partition(".")
        content, mac = _bytes(body), _bytes(signature)
        if not any(hmac.compare_digest(mac, _mac(key, content)) for key in self._keys):
            return None
        expires, key, to = content.decode().split("|", 2)
        claim = LinkClaim(key, to, int(expires))
        return claim if now < claim.expires else None


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
