"""The keys that this process needs: from the settings, else from the data folder where `make up` keeps them."""

from __future__ import annotations

from pathlib import Path

from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import Signer


def signer(settings: Settings) -> Signer:
    """Signs and verifies internal messages."""
    return Signer(
        [key.encode() for key in _keys(settings.system_keys, settings, "system", "TOCSIN_SYSTEM_KEYS")]
    )


def seal_keys(settings: Settings) -> list[str]:
    """What opens sealed endpoints, newest first."""
    return _keys(settings.seal_keys, settings, "seal", "TOCSIN_SEAL_KEYS")


def _keys(said: str, settings: Settings, name: str, setting: str) -> list[str]:
    file = Path(settings.data) / "keys" / f"{name}.key"
    try:
        text = said or file.read_text()
    except OSError as why:
        raise Misconfigured(
            f"{setting} is empty and {file} cannot be read ({why.strerror}): set it, or `make up`"
        ) from None
    return [key.strip() for key in text.split(",") if key.strip()]
