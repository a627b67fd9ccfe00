"""Upstreams as a gateway lists them: MCP servers that it federates. ContextForge itself calls them gateways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streams.errors import Refused


@dataclass(frozen=True, slots=True)
class Upstream:
    """One entry of GET /v1/gateways. `team`: its id, or its slug once `named` has been asked; "" for none."""

    id: str
    name: str
    team: str
    owner: str
    reachable: bool
    watched: bool  # enabled and fully registered: others are nobody's outage


def read(entry: Any) -> Upstream:
    """Our words for one entry of the gateway's; Refused names the field that it lacks."""
    if not isinstance(entry, dict):
        raise Refused(f"an upstream must be an object, not {entry!r:.60}")
    for name in ("id", "name"):
        if not isinstance(entry.get(name), str):
            raise Refused(f"an upstream without the text `{name}`: {sorted(entry)!r:.100}")
    return Upstream(
        id=entry["id"],
        name=entry["name"],
        team=str(entry.get("teamId") or ""),
        owner=str(entry.get("ownerEmail") or ""),
        reachable=bool(entry.get("reachable", True)),
        watched=bool(entry.get("enabled", True)) and entry.get("status", "active") == "active",
    )


def distinct(upstreams: Sequence[Upstream]) -> list[Upstream]:
    """The same, sorted by name; upstreams of the same name show a piece of their id, so that none hides another."""
    counts = Counter(upstream.name for upstream in upstreams)
    renamed = (
        upstream
        if counts[upstream.name] == 1
        else replace(upstream, name=f"{upstream.name} ({upstream.id[:8]})")
        for upstream in upstreams
    )
    return sorted(renamed, key=lambda upstream: (upstream.name, upstream.id))


def named(upstreams: Sequence[Upstream], teams: Mapping[str, str]) -> list[Upstream]:
    """The same, with teams by slug where `teams` (id → slug) knows them."""
    return [replace(upstream, team=teams.get(upstream.team, upstream.team)) for upstream in upstreams]
