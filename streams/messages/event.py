"""Events: single happenings that a gateway, plugin or service reports, spelled as the gateway spells them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from streams.messages.envelope import NAME, Message

STOPPED = "source_stopped"  # the type by which a source says that it will not be heard again, on purpose
LOST = "telemetry_lost"  # the type by which a bridge says why it cannot ask; `status` and `fix`
OWNERS = "inventory"  # the type by which a source says which team owns which upstream
Name = Annotated[str, msgspec.Meta(pattern=rf"\A{NAME.pattern}\Z")]


class Event(Message, frozen=True, kw_only=True, tag="event"):
    """One happening; `id` derives from the gateway's own record id, so that a repeat is known."""

    gateway: Name
    source: Name
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    labels: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    attributes: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
