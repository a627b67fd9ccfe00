"""How far a poller has read one list of a gateway, as the topic `cursors` keeps it for whoever polls next."""

from __future__ import annotations

from streams.messages.envelope import Message


class CursorMoved(Message, frozen=True, kw_only=True, tag="cursor"):
    """All records up to `position` have been told of. `source`: which list of the gateway, such as `bridge/auth`."""

    gateway: str
    source: str
    position: int
