"""What a gateway's SIEM export posts, as an event for `telemetry`. Pure.

{"event_id": "evt_3c2e809c33a6", "timestamp": "2026-11-23T08:28:28Z", "event_type": "rate_limit_exceeded",
 "severity": "MEDIUM", "actor": {"user_id": null, "client_ip": "127.0.0.1"}, "context": {"tier": "CRITICAL"}, …}
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from sources.intake.emitted import VALUE, Instant
from sources.intake.emitted_event import OURS
from sources.intake.foreign.reading import ForeignPart, typed
from streams.errors import Refused
from streams.messages.event import Event
from streams.signature import gateway_key

SOURCE = "siem"
HEADER = "x-siem-signature"
CONTEXT = (  # what of it rules ask for
    "dimension", "tier", "limit", "endpoint", "method", "resource_type", "resource_id", "resource_name", "success",
)  # fmt: skip
UNPROVED = (
    "it is not proved that gateway {gateway!r:.80} says this: `hmac_secret` of its destination must be the text of the "
    "file that `python -m deploy keys --gateway NAME` writes, and `hmac_algorithm` sha256"
)


class SiemActor(ForeignPart):
    """Who it was."""

    user_id: str | None = None
    client_ip: str | None = None


class SiemEvent(ForeignPart):
    """One event as it is exported. `event_id` is the gateway's own, by which a repeat is known."""

    event_id: str = Field(min_length=1, max_length=200)
    timestamp: Instant
    event_type: str = Field(min_length=1, max_length=256)
    severity: str | None = Field(default=None, max_length=20)
    category: str | None = Field(default=None, max_length=100)
    description: str | None = None
    actor: SiemActor = SiemActor()
    context: dict[str, Any] | None = None


def is_proved(raw: bytes, signature: str, gateway: str, keys: Sequence[bytes]) -> bool:
    """Whether a body bears the signature of the gateway: hexadecimal HMAC-SHA256 over the bytes as they came.

    `keys`: the system's, from which those of gateways derive.
    """
    given = signature.strip().lower().removeprefix("sha256=").encode()
    wanted = [hmac.new(gateway_key(key, gateway), raw, hashlib.sha256).hexdigest().encode() for key in keys]
    return any(hmac.compare_digest(given, digest) for digest in wanted)


def event(body: Any, gateway: str) -> Event:
    """The event that a body reports; Refused names the first field that is wrong."""
    sent = typed(SiemEvent, body)
    if sent.event_type in OURS:
        raise Refused(f"`event_type`: {sent.event_type!r} is said by Tocsin's own bridge")
    return Event(
        id=f"{gateway}/{SOURCE}/{sent.event_id}",
        at=sent.timestamp,
        gateway=gateway,
        source=SOURCE,
        type=sent.event_type,
        labels=_labels(sent),
        attributes={"description": (sent.description or "")[:1_000]},
    )


def _labels(sent: SiemEvent) -> dict[str, str]:
    """What rules may ask for, picked by name; what is not known is left out."""
    context = sent.context or {}
    known: Mapping[str, Any] = {
        "severity": (sent.severity or "").lower(), "category": sent.category, "user_id": sent.actor.user_id,
        "ip": sent.actor.client_ip,
        **{name: context.get(name) for name in CONTEXT},
    }  # fmt: skip
    return {
        name: (str(value).lower() if isinstance(value, bool) else str(value))[:VALUE]
        for name, value in known.items()
        if isinstance(value, str | int) and value != ""
    }
