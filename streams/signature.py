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

from streams.errors import Forged, Misconfigured
from streams.topics import CONFIG, TELEMETRY

OPEN = frozenset({"samples", "event"})  # what outside producers may say; all else is ours
SHORTEST = 16  # bytes of a key
RESERVED = "the source `recording` is what rules record themselves: give the producer another name"
REMEMBERED = 1024  # gateways whose keys are kept at hand
_HEAD, _TAIL = b',"signature":"', b'"}'
_LENGTH = len(_HEAD) + 64 + len(_TAIL)


def bound(kind: str, topic: str) -> str:
    """The topic that a message's signature names: a document is signed for `config`, whichever log it is copied to."""
    return CONFIG if kind == "config" else topic


class Signer:
    """Signs with the first key and accepts any of them, so that keys can be rotated without a stop."""

    def __init__(self, keys: Sequence[bytes], strict: bool = False) -> None:
        """`keys`: newest first; at least one, of 16 bytes or more, or Misconfigured.

        `strict`: outside producers have to sign too.
        """
        if not keys or min(map(len, keys)) < SHORTEST:
            raise Misconfigured(
                f"a key that signs has {SHORTEST} bytes or more (TOCSIN_SYSTEM_KEYS, a key file): "
                "make it with `python -m deploy keys`"
            )
        self._keys, self._strict = list(keys), strict
        self._gateways: dict[str, Signer] = {}
        self._macs: dict[str, list[hmac.HMAC]] = {}  # by topic, which they have taken in already

    def sign(self, raw: bytes, topic: str) -> bytes:
        """The same JSON object with its signature for `topic` as the last member."""
        return raw[:-1] + _HEAD + _digest(self._keyed(topic)[0], raw) + _TAIL

    def verify(self, raw: bytes, topic: str) -> None:
        """Forged unless `raw` ends in the signature of all that stands before it, made for `topic`."""
        body, mark = raw[:-_LENGTH] + b"}", raw[-_LENGTH:]
        if not (mark.startswith(_HEAD) and mark.endswith(_TAIL)):
            raise Forged("a message of an internal kind carries no signature: only the system may say it")
        signature = mark[len(_HEAD) : -len(_TAIL)]
        for mac in self._keyed(topic):
            if hmac.compare_digest(signature, _digest(mac, body)):
                return
        raise Forged(
            "the signature of an internal message does not match: wrong key, changed bytes, or a message "
            f"that was signed for another topic than {topic}"
        )

    def of(self, gateway: str) -> Signer:
        """Signs and verifies what is said of one gateway, with keys that derive from ours and tell nothing of them."""
        if gateway not in self._gateways:
            if len(self._gateways) >= REMEMBERED:  # names come from outside
                self._gateways.clear()
            self._gateways[gateway] = Signer([gateway_key(key, gateway) for key in self._keys])
        return self._gateways[gateway]

    def admit(self, raw: bytes, gateway: str, reserved: bool = False) -> None:
        """Forged where an outside producer has to sign and this message does not carry its gateway's signature.

        `reserved`: it bears the name of a source of ours, so it has to be signed in any case.
        """
        if not (self._strict or reserved):
            return
        try:
            self.of(gateway).verify(raw, TELEMETRY)
        except Forged as why:
            if reserved:
                raise Forged(f"{RESERVED} ({why})") from None
            raise Forged(
                f"TOCSIN_REQUIRE_SIGNED_PRODUCERS is on, and this message of gateway {gateway!r:.80} is not signed "
                f"with that gateway's key ({why}): make the key with `python -m deploy keys --gateway NAME`, "
                "give it to the producer, or switch the setting off"
            ) from None

    def _keyed(self, topic: str) -> list[hmac.HMAC]:
        if topic not in self._macs:
            begin = topic.encode() + b"\0"
            self._macs[topic] = [hmac.new(key, begin, hashlib.sha256) for key in self._keys]
        return self._macs[topic]


def unsigned(raw: bytes) -> tuple[bytes, str]:
    """What a signature stands over, and the signature, unchecked; all of it and "" where there is none."""
    mark = raw[-_LENGTH:]
    signature = mark[len(_HEAD) : -len(_TAIL)]
    if not (mark.startswith(_HEAD) and mark.endswith(_TAIL) and signature.isalnum()):
        return raw, ""
    return raw[:-_LENGTH] + b"}", signature.decode()


def gateway_key(key: bytes, gateway: str) -> bytes:
    """The key of a gateway: HMAC-SHA256 of its name under a key of the system, as hexadecimal text."""
    return hmac.new(key, b"tocsin gateway\0" + gateway.encode(), hashlib.sha256).hexdigest().encode()


def _digest(keyed: hmac.HMAC, raw: bytes) -> bytes:
    mac = keyed.copy()
    mac.update(raw)
    return mac.hexdigest().encode()
