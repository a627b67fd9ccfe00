"""The names of canaries and of those who are told of them.

One flies through each partition: its gateway and its team bear its name, so one name decides through which. Nobody is
told of it but the endpoints of its own team, which exist without a document, and the product's memory keeps nothing.
"""

from __future__ import annotations

import re
from typing import Any

from streams.errors import Refused

PREFIX = "tocsin-canary-"
EVENT = "tocsin_canary"  # the type of the event that lets one fly
CHANNEL = "webhook"  # whose sink it goes through, where nothing else is said
_NAME = re.compile(r"tocsin-canary-[1-9][0-9]{0,4}")


def is_canary(name: str) -> bool:
    """Whether a gateway or a team is a canary's."""
    return name.startswith(PREFIX) and _NAME.fullmatch(name) is not None


def canary_channel(to: str) -> str:
    """The channel of a canary's endpoint, `endpoint/TEAM/CHANNEL`; "" where the recipient is none."""
    if PREFIX not in to:
        return ""
    kind, team, channel = (*to.split("/", 2), "", "")[:3]
    return channel if kind == "endpoint" and is_canary(team) else ""


def recipient(team: str, channel: str) -> str:
    """Who is told of a canary."""
    return f"endpoint/{team}/{channel}"


def not_reserved(team: Any) -> Any:
    """A team's name; Refused where it is a canary's."""
    if isinstance(team, str) and is_canary(team):
        raise Refused(f"{team} is a name that Tocsin keeps for itself: choose another one")
    return team
