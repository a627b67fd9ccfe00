"""What is new in a gateway's log of logins, as events: a login that failed, an account that was locked.

The first look ever only finds where the log ends: what was before is not told. From then on the cursor says how far it
was read, whoever polls. It needs a permission that many tokens do not have; without it the log is asked for again every
five minutes, and nothing else is lost.
"""

from __future__ import annotations

from sources.bridge.list_cursor import ListCursor
from sources.contextforge.answer import Answer, Unauthorised
from sources.contextforge.auth_event import AuthEvent
from sources.contextforge.client import Client
from streams.messages.event import Event

AGAIN = 300_000  # ms until a log that was refused is asked for again
SOURCE = "bridge/auth"


class AuthLog:
    """The log of one gateway, and how far it has been read. `refused`: why the token may not read it, else None."""

    def __init__(self, gateway: str, cursor: ListCursor) -> None:
        """`gateway`: its name with us."""
        self._gateway, self._cursor = gateway, cursor
        self._due = 0
        self.refused: Unauthorised | None = None

    async def news(self, client: Client, at: int) -> list[bytes]:
        """Events of what has come since the last look, the oldest first; `at`: ms UTC. Publish them at once.

        A log that begins anew, as that of a gateway with another database, is begun anew here too.
        """
        if at < self._due or not self._cursor.settled:
            return []
        after = self._cursor.position
        outcome = await client.auth_events(after)
        self.refused = outcome if isinstance(outcome, Unauthorised) else None
        if not isinstance(outcome, Answer):
            self._due = at + AGAIN
            return []
        records = {
            record.id: record for record in outcome.value
        }  # by id: pages overlap where more comes meanwhile
        newest = max(records, default=after or 0)
        if newest == after:
            return []
        self._cursor.move(newest)
        fresh = () if after is None else sorted(id for id in records if id > after)
        return [self._event(records[id]) for id in fresh]

    def _event(self, record: AuthEvent) -> bytes:
        return Event(
            id=f"{self._gateway}/auth/{record.id}", at=record.at, gateway=self._gateway, source=SOURCE,
            type=record.type, labels=record.labels(),
        ).encode()  # fmt: skip
