"""One look at a gateway: the same questions every time, asked together once it is known to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sources.contextforge.answer import Answer, Limited, Outcome, Trouble, Unauthorised
from sources.contextforge.client import Client
from sources.contextforge.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Poll:
    """What one look brought; `at` in ms UTC. None is what was not asked: where /health did not answer, or not yet."""

    at: int
    health: Outcome[str]
    ready: Outcome[list[str]] | None = None
    metrics: Outcome[str] | None = None
    upstreams: Outcome[list[Upstream]] | None = None
    limits_used: Mapping[int, float] = field(default_factory=dict)  # limit a minute → share that we used

    @property
    def down(self) -> Trouble | None:
        """Why the gateway counts as down; None where it answers at all, be it with a refusal."""
        return None if isinstance(self.health, Answer | Limited | Unauthorised) else self.health


async def poll(client: Client, at: int, upstreams: bool = True) -> Poll:
    """Ask /health, and where something answers, all else at once. `upstreams`: whether their list is due."""
    first = Poll(at, await client.health())
    if first.down:
        return first
    ready, metrics, listed = await asyncio.gather(
        client.ready(), client.metrics(), client.upstreams() if upstreams else _nothing()
    )
    return Poll(at, first.health, ready, metrics, listed, client.limits_used())


async def _nothing() -> None:
    """What is not due brings nothing."""
