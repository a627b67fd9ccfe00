"""The one-time sign-in link of a stand-alone installation: a code in the fragment, good once and for ten minutes.

A fragment never leaves the browser by itself, so the code is in no log and in no referrer. Only its hash is kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import msgspec

from deploy.keys import write_private
from streams.messages.command import Principal

LIVES = 600  # seconds


class SignIn:
    """The open links, a file each in `keys/sign-in`, named by the hash of its code."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the folder of all state, which the one who makes the link and the API share."""
        self._folder = Path(data) / "keys" / "sign-in"

    def new(self, principal: Principal, now: int) -> str:
        """A code that signs in as `principal`, and voids nobody else's; `now` in seconds since 1970."""
        self._forget(now)
        code = secrets.token_urlsafe(24)
        link = {"expires": now + LIVES, "principal": msgspec.to_builtins(principal)}
        write_private(self._file(code), json.dumps(link))
        return code

    def redeem(self, code: str, now: int) -> Principal | None:
        """Whom the code signs in, once; None where it is wrong, too old or used."""
        file = self._file(code)
        link = _read(file)
        if link is None or now >= link["expires"]:
            return None
        try:
            file.unlink()  # of several who come at once, one removes it
        except FileNotFoundError:
            return None
        return msgspec.convert(link["principal"], Principal)

    def _file(self, code: str) -> Path:
        return self._folder / f"{hashlib.sha256(code.encode()).hexdigest()}.json"

    def _forget(self, now: int) -> None:
        """Remove the links that are too old to be used."""
        for file in self._folder.glob("*.json"):
            link = _read(file)
            if link is None or now >= link["expires"]:
                file.unlink(missing_ok=True)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return None
