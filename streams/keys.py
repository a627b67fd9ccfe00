"""Where an installation's keys lie, and how a setting or a file that lists several is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import Signer

Read = Callable[[Path], str]


def path(data: str | Path, name: str) -> Path:
    """The file of the key of this name in a data folder, whether it has been made or not."""
    return Path(data) / "keys" / f"{name}.key"


def several(text: str) -> list[str]:
    """The keys of a text that lists them, newest first, comma separated."""
    return [key.strip() for key in text.split(",") if key.strip()]


def system(settings: Settings, read: Read) -> Signer:
    """Signs and verifies internal messages; Misconfigured where there is no key. `read`: gives a file's text."""
    keys = known(settings.system_keys, "TOCSIN_SYSTEM_KEYS", path(settings.data, "system"), read)
    return Signer([key.encode() for key in keys], settings.require_signed_producers)


def of_gateway(data: str | Path, gateway: str) -> Path:
    """The file in which a gateway's own key is handed over; its name is fit for any file system."""
    return path(data, f"gateway-{quote(gateway, safe='')}")


def known(configured: str, setting: str, file: Path, read: Read) -> list[str]:
    """The keys that `setting` says, else those of the file, newest first; never none."""
    try:
        keys = several(configured or read(file))
    except OSError as why:
        raise Misconfigured(
            f"{setting} is empty and {file} cannot be read ({why.strerror}): give every process the same keys, "
            "or make them with `python -m deploy keys`"
        ) from None
    if not keys:
        raise Misconfigured(f"{setting} or {file} holds no key: give every process the same keys")
    return keys
