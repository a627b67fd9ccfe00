"""The one-time sign-in link of a stand-alone installation: a code in the fragment, good once and for ten minutes.

A fragment never leaves the browser by itself, so the code is in no log and in no referrer. Only its hash is kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from deploy.keys import write_private
from sources.shared.part import SharedPart
from streams.messages.command import Principal

LIVES = 600  # seconds


class SignIn:
    """The open links, a file each in `keys/sign-in`, or in the topic `shared`, named by the hash of its code."""

    def __init__(self, data: str | Path, part: SharedPart | None = None) -> None:
        """`data`: the folder of all state, which whoever makes a link and the API share; `part`: instead of it."""
        self._folder, self._part = Path(data) / "keys" / "sign-in", part

    def new(self, principal: Principal, now: int) -> str:
        """A code that signs in as `principal`, and voids nobody else's; `now` in seconds since 1970."""
        code = secrets.token_urlsafe(24)
        link = {"expires": now + LIVES, "principal": msgspec.to_builtins(principal)}
        if self._part is not None:
            self._part.change(lambda known: {**_good(known, now), _hash(code): link})
            return code
        self._forget(now)
        write_private(self._file(code), json.dumps(link))
        return code

    def redeem(self, code: str, now: int) -> Principal | None:
        """Whom the code signs in, once; None where it is wrong, too old or used."""
        link = self._part.take(_hash(code)) if self._part is not None else self._take(code)
        if link is None or now >= link["expires"]:
            return None
        return msgspec.convert(link["principal"], Principal)

    def _take(self, code: str) -> dict[str, Any] | None:
        file = self._file(code)
        link = _read(file)
        try:
            file.unlink()  # of several who come at once, one removes it
        except FileNotFoundError:
            return None
        return link

    def _file(self, code: str) -> Path:
        return self._folder / f"{_hash(code)}.json"

    def _forget(self, now: int) -> None:
        """Remove the links that are too old to be used."""
        for file in self._folder.glob("*.json"):
            link = _read(file)
            if link is None or now >= link["expires"]:
                file.unlink(missing_ok=True)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _good(links: Mapping[str, Any], now: int) -> dict[str, Any]:
    return {name: link for name, link in links.items() if link["expires"] > now}


def _read(file: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return None
