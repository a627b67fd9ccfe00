"""Keys of an installation: made once, and kept in files that only their owner can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cryptography.fernet import Fernet

from streams import keys
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import gateway_key

MAKERS: dict[str, Callable[[], str]] = {
    "system": lambda: secrets.token_hex(32),
    "seal": lambda: Fernet.generate_key().decode(),
    "token": lambda: secrets.token_hex(32),
}


class Keys:
    """The folder `keys` in the data folder; each key is one file, mode 0600."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the folder of all state; nothing is made before it is asked for."""
        self._data = data

    def path(self, name: str) -> Path:
        """Where the key of this name lies, whether it has been made or not."""
        return keys.path(self._data, name)

    def text(self, name: str) -> str:
        """The key: read, or made first; two processes that ask at once get the same one."""
        try:
            if not self.path(name).exists():
                write_private(self.path(name), MAKERS[name]() + "\n", replace=False)
            return self.path(name).read_text().strip()
        except OSError as why:
            raise Misconfigured(
                f"key file {self.path(name)}: {why.strerror}; let this user read and write it"
            ) from None


def write_private(file: Path, text: str, replace: bool = True) -> None:
    """Write a file that only its owner can read, whole or not at all; without `replace` the first writer wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    if replace:
        draft.replace(file)
        return
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def completed(settings: Settings) -> Settings:
    """The settings with every key that they leave empty taken from the data folder."""
    made = Keys(settings.data)
    return replace(
        settings,
        system_keys=settings.system_keys or made.text("system"),
        seal_keys=settings.seal_keys or made.text("seal"),
        token_key=settings.token_key or made.text("token"),
    )


def hand_over(settings: Settings, gateway: str) -> Path:
    """Write the key of a gateway into a file of its own, for its producer; where it lies."""
    newest = keys.several(settings.system_keys)[0].encode()
    file = keys.of_gateway(settings.data, gateway)
    write_private(file, gateway_key(newest, gateway).decode() + "\n")
    return file
