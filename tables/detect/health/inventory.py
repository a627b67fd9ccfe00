"""What an inventory tells of a gateway: who owns it and its upstreams, and why some cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson

from streams.documents.document import TEAM
from streams.errors import Refused
from tables.detect.health.state import Gateway, Inventory

OWNERS, OWNED = 2_000, 50_000  # upstreams whose owners are remembered, and their bytes
CAUSE, CAUSED = 160, 6_000  # characters of why an upstream is down, and bytes of all of them
Told = dict[str, Any]


def registered(entry: Gateway) -> bool:
    """Whether an inventory has told whose the gateway is; else anybody may have made up its name."""
    return entry.inventory is not None


def owners(inventory: Mapping[str, Any]) -> Inventory:
    """Who owns the gateway and its upstreams, from an inventory's attributes; Refused where a team has no such name."""
    upstreams: Any = inventory.get("upstreams", {})
    if not isinstance(upstreams, dict):
        raise Refused("event inventory: `attributes.upstreams` must map each upstream to what is known of it")
    listed = sorted(cast(dict[str, Any], upstreams).items())
    teams = [(name, _team(cast(Told, of).get("team"))) for name, of in listed if isinstance(of, dict)]
    owned: dict[str, list[str]] = {}
    room, known = OWNED, [(name, owner) for name, owner in teams if owner]
    for name, owner in known[:OWNERS]:
        room -= weight(name) + (0 if owner in owned else weight(owner) + 3)
        if room < 0:
            break
        owned.setdefault(owner, []).append(name)
    unowned = len(known) - sum(map(len, owned.values()))
    team = _team(inventory.get("team"))
    held = {owner: tuple(names) for owner, names in owned.items()}
    return Inventory(team, held, unowned, _causes(listed))


def _causes(listed: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Why upstreams cannot be reached, by name, as far as the gateway says it and there is room."""
    causes: dict[str, str] = {}
    room = CAUSED
    for name, of in listed:
        error = cast(Told, of).get("error") if isinstance(of, dict) else ""
        if isinstance(error, str) and error:
            room -= weight(name) + weight(error[:CAUSE])
            if room < 0:
                break
            causes[name] = error[:CAUSE]
    return causes


def cause(entry: Gateway, upstream: str) -> str:
    """What the gateway says of why it cannot reach an upstream; "" where it says nothing."""
    return "" if entry.inventory is None else entry.inventory.causes.get(upstream, "")


def _team(said: Any) -> str:
    if said and not (isinstance(said, str) and TEAM.fullmatch(said)):
        raise Refused(
            f"event inventory: {said!r:.60} is not a team: write its slug, small letters and figures"
        )
    return said or ""


def team(entry: Gateway, upstream: str, rule_team: str) -> tuple[str, str]:
    """The team that an alert belongs to, and why."""
    known = entry.inventory or Inventory()
    if upstream and (near := _owner(known, upstream)):
        return near, f"owns upstream {upstream}"
    unowned = known.unowned if upstream else 0
    cut = (
        f"; the inventory names owners of {unowned} upstreams more than can be remembered" if unowned else ""
    )
    if known.team:
        return known.team, f"owns the gateway{cut}"
    return rule_team, f"owns the rule{cut}"


def _owner(known: Inventory, upstream: str) -> str:
    """The upstream's owner, "" where nobody is known."""
    return next((team for team, names in known.owned.items() if upstream in names), "")


def weight(text: str) -> int:
    """How many bytes a text takes in a row, with what parts it from the next."""
    return len(orjson.dumps(text)) + 1
