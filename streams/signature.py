"""Who may say what: a keyed signature over every message that only the system may say, and over where it says it.

The signature is the last member of the JSON object and has a fixed length, so it is checked on the
bytes as they came, before anything is parsed. HMAC-SHA256 (RFC 2104) over the topic, a zero byte and all that
stands before it: what was signed for one topic is not believed on another. What tells one place of a topic from
another stands in the body, where the reader compares it: a document's owner, kind and name with its key, a
tick's machine with the one that it reached.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from streams.errors import Forged
from streams.topics import CONFIG

OPEN = frozenset({"samples", "event"})  # what outside producers may say; all else is ours
_HEAD, _TAIL = b',"signature":"', b'"}'
_LENGTH = len(_HEAD) + 64 + len(_TAIL)


def bound(kind: str, topic: str) -> str:
    """The topic that a message's signature names: a document is signed for `config`, whichever log it is copied to."""
    return CONFIG if kind == "config" else topic


class Signer:
    """Signs with the first key and accepts any of them, so that keys can be rotated without a stop."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: newest first; at least one, of 16 bytes or more."""
        self._keys = list(keys)
        self._macs: dict[str, list[hmac.HMAC]] = {}  # by topic, which they have taken in already

    def sign(self, raw: bytes, topic: str) -> bytes:
        """The same JSON object with its signature for `topic` as the last member."""
        return raw[:-1] + _HEAD + _digest(self._keyed(topic)[0], raw) + _TAIL

    def verify(self, raw: bytes, topic: str) -> None:
        """Forged unless `raw` ends in the signature of all that stands before it, made for `topic`."""
        body, mark = raw[:-_LENGTH] + b"}", raw[-_LENGTH:]
        if not (mark.startswith(_HEAD) and mark.endswith(_TAIL)):
            raise Forged("a message of an internal kind carries no signature: only the system may say it")
        said = mark[len(_HEAD) : -len(_TAIL)]
        if not any(hmac.compare_digest(said, _digest(mac, body)) for mac in self._keyed(topic)):
            raise Forged(
                "the signature of an internal message does not match: wrong key, changed bytes, or a message "
                f"that was signed for another topic than {topic}"
            )

    def _keyed(self, topic: str) -> list[hmac.HMAC]:
        if topic not in self._macs:
            begin = topic.encode() + b"\0"
            self._macs[topic] = [hmac.new(key, begin, hashlib.sha256) for key in self._keys]
        return self._macs[topic]


def _digest(keyed: hmac.HMAC, raw: bytes) -> bytes:
    mac = keyed.copy()
    mac.update(raw)
    return mac.hexdigest().encode()
