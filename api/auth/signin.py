"""The one-time sign-in link of a stand-alone installation: a code in the fragment, good once and for ten minutes.

A fragment never leaves the browser by itself, so the code is in no log and in no referrer. Only its hash is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path

import msgspec

from deploy.keys import write_private
from streams.messages.command import Principal

LIVES = 600  # seconds


class SignIn:
    """At most one open link at a time, in `keys/signin.json`; a new one replaces it."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the folder of all state, which the one who makes the link and the API share."""
        self._file = Path(data) / "keys" / "signin.json"

    def new(self, principal: Principal, now: int) -> str:
        """A code that signs in as `principal`; `now` in seconds since 1970."""
        code = secrets.token_urlsafe(24)
        kept = {"hash": _hash(code), "expires": now + LIVES, "principal": msgspec.to_builtins(principal)}
        write_private(self._file, json.dumps(kept))
        return code

    def redeem(self, code: str, now: int) -> Principal | None:
        """Whom the code signs in, once; None where it is wrong, too old or used."""
        try:
            kept = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return None
        if now >= kept["expires"] or not hmac.compare_digest(kept["hash"], _hash(code)):
            return None
        try:
            self._file.unlink()  # of several who come at once, one removes it
        except FileNotFoundError:
            return None
        return msgspec.convert(kept["principal"], Principal)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
