"""Who may say what: a keyed signature over the bytes of every message that only the system may say.

The signature is the last member of the JSON object and has a fixed length, so it is checked on the
bytes as they came, before anything is parsed. HMAC-SHA256, RFC 2104.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from streams.errors import Forged

OPEN = frozenset({"samples", "event"})  # what outside producers may say; all else is ours
_HEAD, _TAIL = b',"signature":"', b'"}'
_LENGTH = len(_HEAD) + 64 + len(_TAIL)


class Signer:
    """Signs with the first key and accepts any of them, so that keys can be rotated without a stop."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: newest first; at least one, of 16 bytes or more."""
        self._macs = [hmac.new(key, digestmod=hashlib.sha256) for key in keys]

    def sign(self, raw: bytes) -> bytes:
        """The same JSON object with its signature as the last member."""
        return raw[:-1] + _HEAD + _digest(self._macs[0], raw) + _TAIL

    def verify(self, raw: bytes) -> None:
        """Forged unless `raw` ends in the signature of all that stands before it."""
        body, mark = raw[:-_LENGTH] + b"}", raw[-_LENGTH:]
        if not (mark.startswith(_HEAD) and mark.endswith(_TAIL)):
            raise Forged("a message of an internal kind carries no signature: only the system may say it")
        said = mark[len(_HEAD) : -len(_TAIL)]
        if not any(hmac.compare_digest(said, _digest(mac, body)) for mac in self._macs):
            raise Forged("the signature of an internal message does not match: wrong key or changed bytes")


def _digest(keyed: hmac.HMAC, raw: bytes) -> bytes:
    mac = keyed.copy()
    mac.update(raw)
    return mac.hexdigest().encode()
