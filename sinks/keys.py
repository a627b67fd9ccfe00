"""The keys that this process needs: from the settings, else from the data folder where `make up` keeps them."""

from __future__ import annotations

from pathlib import Path

from streams import keys
from streams.settings import Settings
from streams.signature import Signer


def signer(settings: Settings) -> Signer:
    """What signs and verifies internal messages, with the keys of the system."""
    return keys.system(settings, Path.read_text)


def seal_keys(settings: Settings) -> list[str]:
    """What opens sealed endpoints, newest first."""
    file = keys.path(settings.data, "seal")
    return keys.known(settings.seal_keys, "TOCSIN_SEAL_KEYS", file, Path.read_text)
