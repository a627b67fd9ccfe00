"""The keys with which a bridge signs what it says of a gateway, where `require_signed_producers` wants that.

A gateway's key is derived from the system's (`streams.signature`). A bridge on the same machine derives it; one
that is not to know the system's keys is given the gateway's own in a file, which the registry names.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from sources.bridge.registry import Gateway, Registry
from streams import keys
from streams.errors import Misconfigured, Unavailable
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import TELEMETRY

log = structlog.get_logger()


class KeyFile:
    """A gateway's own key, read again whenever its file changes, so that one that comes later needs no restart."""

    def __init__(self, gateway: Gateway) -> None:
        """Nothing is read before it is asked for."""
        self._gateway = gateway
        self._stamp: tuple[int, int] | None = None
        self._signer: Signer | None = None
        self._why = ""

    def __call__(self) -> Signer | None:
        """What signs now; None where the file cannot be read or holds no key, which is said once for each reason."""
        try:
            path = Path(self._gateway.key_file).expanduser()
            stat = path.stat()
            if (stamp := (stat.st_mtime_ns, stat.st_size)) != self._stamp:
                self._signer = Signer([path.read_text().strip().encode()])
                self._stamp, self._why = stamp, ""
        except (OSError, ValueError, RuntimeError) as why:  # gone, not UTF-8, or a home that nobody has
            self._signer = self._stamp = None
            self._log(type(why).__name__)
        except Misconfigured as why:
            self._signer = self._stamp = None
            self._log(str(why))
        return self._signer

    def _log(self, why: str) -> None:
        if why != self._why:
            self._why = why
            log.error(
                "a gateway's key cannot be read: what is said of it goes unsigned",
                gateway=self._gateway.name,
                why=f"{self._gateway.key_file}: {why}",
            )


class Keyring:
    """Signs by gateway; what has no key goes unsigned, and is refused with a reason where a signature is required."""

    def __init__(self, settings: Settings) -> None:
        """Misconfigured where signatures are required and the system's keys cannot be read."""
        self._registry, self._stamp = Registry.of(settings, patience=0), (-1, -1, -1)
        self._files: dict[str, KeyFile] = {}
        self._system = keys.system(settings, Path.read_text) if settings.require_signed_producers else None

    def sign(self, gateway: str, raw: bytes) -> bytes:
        """The message with the signature of its gateway, if there is a key for it."""
        file = self._known().get(gateway)
        signer = (file() if file else None) or (self._system.of(gateway) if self._system else None)
        return raw if signer is None else signer.sign(raw, TELEMETRY)

    def _known(self) -> dict[str, KeyFile]:
        """The gateways with keys of their own, as the registry names them now."""
        if (stamp := self._registry.stamp()) != self._stamp:
            self._stamp = stamp
            try:
                entries = [gateway for gateway in self._registry.read().values() if gateway.key_file]
                self._files = {gateway.name: KeyFile(gateway) for gateway in entries}
            except (Misconfigured, Unavailable) as why:
                log.error("the registry cannot be read; keys of gateways stay as they are", why=str(why))
        return self._files
