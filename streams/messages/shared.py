"""What the processes of an installation share besides documents: who may come in, and which gateways are watched.

It lies in the compacted topic `shared` where `TOCSIN_SHARED` says so, for processes that have no folder in common.
How far a gateway's lists were read lies in `cursors`, for whoever polls it next.
"""

from __future__ import annotations

from typing import Any

from streams.messages.envelope import Message

Value = dict[str, Any] | int


class SharedEntry(Message, frozen=True, kw_only=True, tag="shared"):
    """One entry under its type and name. `value`: None takes it away; `claim`: who claims it, and says no value then.

    Of several that claim an entry the first in the log has it.
    """

    type: str
    name: str
    value: Value | None = None
    claim: str = ""

    @property
    def key(self) -> str:
        """Under which the topic keeps it; each claim is kept, since the first of them counts."""
        return "/".join(filter(None, (self.type, self.name, self.claim)))


class CursorMoved(Message, frozen=True, kw_only=True, tag="cursor"):
    """All records up to `position` have been told of. `source`: which list of the gateway, such as `bridge/auth`."""

    gateway: str
    source: str
    position: int
