"""Which tokens and sessions are good: what was issued to whom and until when, never the token itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from api.auth.shared_file import Content, Kept, SharedFile
from api.auth.token import Session

FILE = "issued.json"
MOST = 10_000  # that are remembered, the newest
Kind = Literal["token", "session"]


class IssuedToken(msgspec.Struct, frozen=True):
    """One of them. `issued`, `expires`: seconds since 1970, UTC."""

    id: str
    kind: Kind
    name: str
    admin: bool
    teams: tuple[str, ...]
    issued: int
    expires: int


class IssuedTokens:
    """All that have not expired, in `keys/` or the topic `shared`; a revoked one stays until then too."""

    def __init__(self, data: str | Path, kept: Kept | None = None) -> None:
        """`data`: the folder of all state, which whoever issues tokens shares; `kept`: where they are instead."""
        self._kept: Kept = kept or SharedFile(data, FILE)

    def add(self, session: Session, kind: Kind, now: int) -> None:
        """Remember that it was issued at `now`, seconds since 1970."""
        who = session.principal
        issued = IssuedToken(session.id, kind, who.name, who.admin, who.teams, now, session.expires)

        def step(known: Content) -> Content:
            kept = {id_: of for id_, of in known.items() if of["expires"] > now}
            return dict(list({**kept, session.id: msgspec.to_builtins(issued)}.items())[-MOST:])

        self._kept.change(step)

    def all(self, now: int) -> list[IssuedToken]:
        """Those that have not expired, the newest last."""
        known = [self._read(of) for of in self._kept.read().values()]
        return sorted(
            (token for token in known if token.expires > now), key=lambda token: (token.issued, token.id)
        )

    @staticmethod
    def _read(of: Any) -> IssuedToken:
        return msgspec.convert(of, IssuedToken)
