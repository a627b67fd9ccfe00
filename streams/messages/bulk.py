"""What a machine says to itself: the next portion of a work that concerns too many rows for one input.

A portion lies in the log like any other input. So others come in between, a crash loses none, and a replay does in
each portion what was done in it then.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from streams.messages.said import Said


class Order(BaseModel):
    """An acknowledgement on its way through a group. `offset`: of its command in the log; instants are of then."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    offset: int
    at: int  # ms UTC at which the person said it
    now: int  # ms UTC at which the machine heard it
    attended: int  # the same on the machine's clock
    by: str
    notes: str = ""
    parts: int = 0  # in how many portions it goes


class Portion(Said):
    """The alerts of one part of a group, counted from 0, obey an order."""

    kind = "portion"
    team: str
    group: str
    part: int
    order: Order


class Debt(Said):
    """What blocks owe the world is said. `keys`: of their rows; so few that it says no more than a portion."""

    kind = "debt"
    keys: tuple[str, ...] = ()


def span(prefix: str, part: int, parts: int) -> dict[str, Any]:
    """The keys of one of so many equal parts of all UUIDs behind a prefix: `first` belongs to it, `last` does not."""
    edges = [f"{prefix}{part_ * (1 << 32) // parts:08x}" for part_ in (part, part + 1)]
    return {"first": edges[0], "last": edges[1] if part + 1 < parts else f"{prefix}g"}
