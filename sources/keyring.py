"""The keys with which a bridge signs what it says of a gateway, where `require_signed_producers` wants that.

A gateway's key is derived from the system's (`streams.signature`). A bridge on the same machine derives it; one
that is not to know the system's keys is given the gateway's own in a file, which the registry names.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from sources.registry import Gateway, Registry
from streams import keys
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import TELEMETRY

log = structlog.get_logger()


class Keyring:
    """Signs by gateway; what has no key goes unsigned, and is refused with a reason where a signature is required."""

    def __init__(self, settings: Settings) -> None:
        """Misconfigured where signatures are required and the system's keys cannot be read."""
        self._registry, self._stamp = Registry(settings.data), (-1, -1)
        self._files: dict[str, Signer] = {}
        self._system = keys.system(settings, Path.read_text) if settings.require_signed_producers else None

    def sign(self, gateway: str, raw: bytes) -> bytes:
        """The message with the signature of its gateway, if there is a key for it."""
        signer = self._from_files().get(gateway) or (self._system.of(gateway) if self._system else None)
        return raw if signer is None else signer.sign(raw, TELEMETRY)

    def _from_files(self) -> dict[str, Signer]:
        """Read anew whenever the registry changes."""
        if (stamp := self._registry.stamp()) != self._stamp:
            self._stamp, self._files = stamp, {}
            try:
                entries = [one for one in self._registry.read().values() if one.key_file]
            except Misconfigured as why:
                log.error(
                    "the registry cannot be read: gateways with keys of their own go unsigned", why=str(why)
                )
                entries = []
            self._files = {one.name: signer for one in entries if (signer := _read(one))}
        return self._files


def _read(gateway: Gateway) -> Signer | None:
    """The signer of one key file; one that cannot be read costs no other gateway its signatures."""
    try:
        return Signer([Path(gateway.key_file).expanduser().read_text().strip().encode()])
    except (OSError, ValueError, RuntimeError) as why:  # gone, not UTF-8, or a home that nobody has
        log.error(
            "a gateway's key cannot be read: what is said of it goes unsigned",
            gateway=gateway.name,
            why=f"{gateway.key_file}: {type(why).__name__}",
        )
        return None
