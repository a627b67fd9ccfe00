"""What is new in a gateway's log of logins, as events: a login that failed, an account that was locked.

The first look only finds where the log ends: what was before is not told. It needs a permission that many tokens do not
have; without it the log is asked for again every five minutes, and nothing else is lost.
"""

from __future__ import annotations

from sources.contextforge.answer import Answer, Unauthorised
from sources.contextforge.auth_event import AuthEvent
from sources.contextforge.client import Client
from streams.messages.event import Event

AGAIN = 300_000  # ms until a log that was refused is asked for again
SOURCE = "bridge/auth"


class AuthLog:
    """The log of one gateway, and how far it has been read. `refused`: why the token may not read it, else None."""

    def __init__(self, gateway: str) -> None:
        """`gateway`: its name with us."""
        self._gateway = gateway
        self._newest: int | None = None  # the id of the newest record; None: nothing was looked at yet
        self._due = 0
        self.refused: Unauthorised | None = None

    async def news(self, client: Client, at: int) -> list[bytes]:
        """Events of what has come since the last look, the oldest first; `at`: ms UTC."""
        if at < self._due:
            return []
        outcome = await client.auth_events(self._newest)
        self.refused = outcome if isinstance(outcome, Unauthorised) else None
        if not isinstance(outcome, Answer):
            self._due = at + AGAIN
            return []
        first, before = self._newest is None, self._newest or 0
        # by id: pages overlap where more comes meanwhile
        fresh = {record.id: record for record in outcome.value if record.id > before}
        self._newest = max(fresh, default=before)
        return [] if first else [self._event(fresh[id]) for id in sorted(fresh)]

    def _event(self, record: AuthEvent) -> bytes:
        return Event(
            id=f"{self._gateway}/auth/{record.id}", at=record.at, gateway=self._gateway, source=SOURCE,
            type=record.type, labels=record.labels(),
        ).encode()  # fmt: skip
