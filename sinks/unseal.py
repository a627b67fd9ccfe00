"""Opens what the API sealed: the address and the secret of an endpoint.

A sealed value reads `sealed:<Fernet token>`; every other value is taken as it stands, so that an
endpoint in a file on the operator's own disk needs no sealing. Nothing opened here is logged or kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sinks.outcome import Rejected
from streams.errors import Misconfigured

PREFIX = "sealed:"
_FOREIGN = Rejected("sealed with a key that is not configured: TOCSIN_SEAL_KEYS")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a webhook goes. `url` and `secret` stay out of every log, for both may grant access."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    allow_private: bool


class Unsealer:
    """Opens with any of the keys, so that keys can be rotated without a stop."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: Fernet keys, newest first; Misconfigured where one is none."""
        try:
            self._keys = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise Misconfigured(
                "TOCSIN_SEAL_KEYS: each key is 32 bytes in URL-safe base 64, as Fernet.generate_key() makes them"
            ) from None

    def receiver(self, endpoint: Mapping[str, Any]) -> Receiver | Rejected:
        """The endpoint document's address and secret in the clear, or why they cannot be had."""
        url, secret = self._open(endpoint.get("url")), self._open(endpoint.get("secret"))
        if isinstance(url, Rejected):
            return url
        if isinstance(secret, Rejected):
            return secret
        return Receiver(url, secret, endpoint.get("allow_private") is True)

    def _open(self, value: object) -> str | Rejected:
        text = value if isinstance(value, str) else ""
        if not text.startswith(PREFIX):
            return text
        if self._keys is None:
            return _FOREIGN
        try:
            return self._keys.decrypt(text.removeprefix(PREFIX).encode()).decode()
        except (InvalidToken, UnicodeDecodeError):
            return _FOREIGN
