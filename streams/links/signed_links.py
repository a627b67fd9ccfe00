"""Addresses of ours that carry a claim and its signature: whoever has one may do what it says, and nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence


class Links:
    """Signs and reads them; the newest key signs, any key is believed, so that keys can be rotated."""

    def __init__(self, address: str, seal_keys: Sequence[str]) -> None:
        """`address`: at which people reach the API from outside; "": there are no links."""
        self.address, self._keys = address.rstrip("/"), [key.encode() for key in seal_keys]

    def signed(self, path: str, purpose: bytes, content: bytes) -> str:
        """The address below a path that carries a content; "" where nobody could reach it."""
        if not (self.address and self._keys):
            return ""
        return f"{self.address}{path}{_text(content)}.{_text(_mac(self._keys[0], purpose, content))}"

    def content(self, purpose: bytes, token: str) -> bytes | None:
        """The content of a token that was signed for this purpose; None where it is none of ours."""
        body, _, signature = token.partition(".")
        content, mac = _bytes(body), _bytes(signature)
        known = any(hmac.compare_digest(mac, _mac(key, purpose, content)) for key in self._keys)
        return content if known else None


def _mac(key: bytes, purpose: bytes, content: bytes) -> bytes:
    of_purpose = hmac.new(key, purpose, hashlib.sha256).digest()
    return hmac.new(of_purpose, content, hashlib.sha256).digest()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
