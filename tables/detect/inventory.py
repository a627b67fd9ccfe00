"""What an inventory tells of a gateway: who owns it and its upstreams, and why some cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson

from streams.access import reads
from streams.documents.document import PLATFORM, TEAM
from streams.errors import Refused

OWNERS, OWNED = 2_000, 50_000  # upstreams whose owners are remembered, and their bytes
CAUSE, CAUSED = 160, 6_000  # characters of why an upstream is down, and bytes of all of them
SOMEBODY = "?"  # an owner who is not known: no team has such a name
Entry = dict[str, Any]


def registered(entry: Entry) -> bool:
    """Whether an inventory has told whose the gateway is; else anybody may have made up its name."""
    return "owned" in entry or "owners" in entry


def owners(inventory: Mapping[str, Any]) -> Entry:
    """Who owns the gateway and its upstreams, from an inventory's attributes; Refused where a team has no such name."""
    upstreams: Any = inventory.get("upstreams", {})
    if not isinstance(upstreams, dict):
        raise Refused("event inventory: `attributes.upstreams` must map each upstream to what is known of it")
    listed = sorted(cast(dict[str, Any], upstreams).items())
    teams = [(name, _team(cast(Entry, of).get("team"))) for name, of in listed if isinstance(of, dict)]
    owned: dict[str, list[str]] = {}
    room, known = OWNED, [(name, owner) for name, owner in teams if owner]
    for name, owner in known[:OWNERS]:
        room -= weight(name) + (0 if owner in owned else weight(owner) + 3)
        if room < 0:
            break
        owned.setdefault(owner, []).append(name)
    unowned = len(known) - sum(map(len, owned.values()))
    team = _team(inventory.get("team"))
    return {"owners": {}, "owned": owned, "unowned": unowned, "team": team, "causes": _causes(listed)}


def _causes(listed: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Why upstreams cannot be reached, by name, as far as the gateway says it and there is room."""
    causes: dict[str, str] = {}
    room = CAUSED
    for name, of in listed:
        error = cast(Entry, of).get("error") if isinstance(of, dict) else ""
        if isinstance(error, str) and error:
            room -= weight(name) + weight(error[:CAUSE])
            if room < 0:
                break
            causes[name] = error[:CAUSE]
    return causes


def cause(entry: Entry, upstream: str) -> str:
    """What the gateway says of why it cannot reach an upstream; "" where it says nothing."""
    return str(entry.get("causes", {}).get(upstream, ""))


def _team(said: Any) -> str:
    if said and not (isinstance(said, str) and TEAM.fullmatch(said)):
        raise Refused(
            f"event inventory: {said!r:.60} is not a team: write its slug, small letters and figures"
        )
    return said or ""


def team(entry: Entry, upstream: str, rule_team: str) -> tuple[str, str]:
    """The team that an alert belongs to, and why: that of a team's rule is always its own."""
    others = rule_team == PLATFORM
    if upstream and (near := _owner(entry, upstream)) and (others or near == rule_team):
        return near, f"owns upstream {upstream}"
    unowned = entry.get("unowned", 0) if upstream else 0
    cut = (
        f"; the inventory names owners of {unowned} upstreams more than can be remembered" if unowned else ""
    )
    if (owner := entry.get("team")) and (others or owner == rule_team):
        return owner, f"owns the gateway{cut}"
    return rule_team, f"owns the rule{cut}"


def owner(entry: Entry, labels: Mapping[str, str]) -> str:
    """Whose it is what bears these labels on the gateway; "" where it is nobody's.

    Where the inventory names more owners than can be remembered, an upstream that is not among them is somebody's.
    """
    upstream = labels.get("upstream", "")
    if near := _owner(entry, upstream) if upstream else "":
        return near
    return SOMEBODY if upstream and entry.get("unowned", 0) else str(entry.get("team") or "")


def readable(entry: Entry, labels: Mapping[str, str], rule_team: str) -> bool:
    """Whether rules of a team may read what bears these labels on the gateway, by whose it is."""
    return rule_team == PLATFORM or reads(rule_team, owner(entry, labels))


def reassigned(entry: Entry, owners: Entry) -> bool:
    """Whether an inventory says otherwise than before whose something is."""
    names = ("owners", "owned", "unowned", "team")
    return any((entry.get(name) or None) != (owners[name] or None) for name in names)


def _owner(entry: Entry, upstream: str) -> str:
    """The upstream's owner, "" where nobody is known; rows of earlier versions hold one for each name."""
    known = str(entry.get("owners", {}).get(upstream, ""))
    held = (team for team, names in entry.get("owned", {}).items() if upstream in names)
    return known or next(held, "")


def weight(text: str) -> int:
    """How many bytes a text takes in a row, with what parts it from the next."""
    return len(orjson.dumps(text)) + 1
