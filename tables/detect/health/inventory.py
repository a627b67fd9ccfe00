"""What an inventory tells of a gateway: who owns it and its upstreams, and why some cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
import orjson

from streams.access import reads
from streams.canary.names import not_reserved
from streams.documents.document import PLATFORM, TEAM
from streams.errors import Refused

OWNERS, OWNED = 2_000, 50_000  # upstreams whose owners are remembered, and their bytes
CAUSE, CAUSED = 160, 6_000  # characters of why an upstream is down, and bytes of all of them
SOMEBODY = "?"  # an owner who is not known: no team has such a name
Told = dict[str, Any]


class Inventory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who owns the gateway and its upstreams. `owned`: upstreams by team; `unowned`: those that did not fit.

    `causes`: why upstreams cannot be reached, by name.
    """

    team: str = ""
    owned: dict[str, tuple[str, ...]] = {}
    unowned: int = 0
    causes: dict[str, str] = {}


UNKNOWN = Inventory()  # nothing is owned by anybody


def owners(inventory: Mapping[str, Any]) -> Inventory:
    """Who owns the gateway and its upstreams, from an inventory's attributes; Refused where a team has no such name."""
    upstreams: Any = inventory.get("upstreams", {})
    if not isinstance(upstreams, dict):
        raise Refused("event inventory: `attributes.upstreams` must map each upstream to what is known of it")
    listed = sorted(cast(dict[str, Any], upstreams).items())
    teams = [
        (name, _team(cast(Told, of).get("team"), f"upstreams.{name:.60}.team"))
        for name, of in listed
        if isinstance(of, dict)
    ]
    owned: dict[str, list[str]] = {}
    room, known = OWNED, [(name, owner) for name, owner in teams if owner]
    for name, owner in known[:OWNERS]:
        room -= weight(name) + (0 if owner in owned else weight(owner) + 3)
        if room < 0:
            break
        owned.setdefault(owner, []).append(name)
    unowned = len(known) - sum(map(len, owned.values()))
    team = _team(inventory.get("team"), "team")
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


def cause(known: Inventory | None, upstream: str) -> str:
    """What the gateway says of why it cannot reach an upstream; "" where it says nothing."""
    return "" if known is None else known.causes.get(upstream, "")


def _team(name: Any, field: str) -> str:
    """The name of a team, "" for none; Refused where it cannot be one. `field`: which of the attributes says it."""
    if name and not (isinstance(name, str) and TEAM.fullmatch(name)):
        raise Refused(
            f"event inventory: {name!r:.60} is not a team: write its slug, small letters and figures, as "
            f"`attributes.{field}`"
        )
    return str(not_reserved(name or ""))


def team(known: Inventory | None, upstream: str, rule_team: str) -> tuple[str, str]:
    """The team that an alert belongs to, and why: that of a team's rule is always its own."""
    known, others = known or UNKNOWN, rule_team == PLATFORM
    if upstream and (near := _owner(known, upstream)) and (others or near == rule_team):
        return near, f"owns upstream {upstream}"
    unowned = known.unowned if upstream else 0
    cut = (
        f"; the inventory names owners of {unowned} upstreams more than can be remembered" if unowned else ""
    )
    if known.team and (others or known.team == rule_team):
        return known.team, f"owns the gateway{cut}"
    return rule_team, f"owns the rule{cut}"


def owner(known: Inventory | None, labels: Mapping[str, str]) -> str:
    """Whose it is what bears these labels on the gateway; "" where it is nobody's.

    Where the inventory names more owners than can be remembered, an upstream that is not among them is somebody's.
    """
    known, upstream = known or UNKNOWN, labels.get("upstream", "")
    if near := _owner(known, upstream) if upstream else "":
        return near
    return SOMEBODY if upstream and known.unowned else known.team


def readable(known: Inventory | None, labels: Mapping[str, str], rule_team: str) -> bool:
    """Whether rules of a team may read what bears these labels on the gateway, by whose it is."""
    return rule_team == PLATFORM or reads(rule_team, owner(known, labels))


def reassigned(before: Inventory | None, after: Inventory) -> bool:
    """Whether an inventory says otherwise than before whose something is."""
    before = before or UNKNOWN
    return (before.team, before.owned, before.unowned) != (after.team, after.owned, after.unowned)


def _owner(known: Inventory, upstream: str) -> str:
    """The upstream's owner, "" where nobody is known."""
    return next((team for team, names in known.owned.items() if upstream in names), "")


def weight(text: str) -> int:
    """How many bytes a text takes in a row, with what parts it from the next."""
    return len(orjson.dumps(text)) + 1
