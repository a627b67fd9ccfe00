"""Events: single happenings that a gateway, plugin or service reports, spelled as the gateway spells them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from streams.messages.envelope import NAME
from streams.messages.said import Said

STOPPED = "source_stopped"  # the type by which a source says that it will not be heard again, on purpose
LOST = (
    "telemetry_lost"  # the type by which a bridge says why it cannot ask what it should; `status` and `fix`
)
OWNERS = "inventory"  # the type by which a source says which team owns which upstream


class Event(Said):
    """One happening; `id` derives from the gateway's own record id, so that a repeat is known."""

    kind = "event"
    gateway: str = Field(pattern=f"^{NAME.pattern}$")
    source: str = Field(pattern=f"^{NAME.pattern}$")
    type: str = Field(min_length=1, max_length=256)
    labels: dict[str, str] = Field(default={})
    attributes: dict[str, Any] = Field(default={})
