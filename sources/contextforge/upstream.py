"""Upstreams as a gateway lists them: MCP servers that it federates. ContextForge itself calls them gateways."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streams.errors import Refused

ERROR = 160  # characters of a cause
_CREDENTIALS = re.compile(r"://[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class Upstream:
    """One entry of GET /v1/gateways. `team`: its id, or its slug once `named` has been asked; "" for none.

    `error`: why the gateway could not reach it, in the gateway's words; "" where it does not say (before 1.1.0).
    `authority` and `client`: PEM texts of what the gateway trusts, and of what it shows, when it calls this upstream.
    """

    id: str
    name: str
    team: str
    owner: str
    reachable: bool
    watched: bool  # enabled and fully registered: others are nobody's outage
    status: str = "active"
    url: str = ""
    error: str = ""
    authority: str = ""
    client: str = ""


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
        status=str(entry.get("status") or "active"),
        url=str(entry.get("url") or ""),
        error=_plain(str(entry.get("lastError") or "")),
        authority=str(entry.get("caCertificate") or ""),
        client=str(entry.get("clientCert") or ""),
    )


def _plain(error: str) -> str:
    """One short line without control characters, and without what an address holds before its host."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in error).split())
    return _CREDENTIALS.sub("://", line)[:ERROR]


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
