"""Homes: under which record key the messages come that a row remembers, told from the row's own key.

All that is remembered of a gateway, a team or a recipient lies in the partition that the log's partitioner finds for
its name; so whoever moves rows to other partitions has to know that name.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from tables.deliver import levels as deliver
from tables.detect import block_key
from tables.detect import levels as detect
from tables.detect.budget.state import BUDGET, BURN
from tables.detect.events import pipeline as events
from tables.detect.events.state import COMPOSITE, EVENT
from tables.kernel.configuration import CONFIG
from tables.kernel.level import level_name, owner_of
from tables.kernel.machine import ALARM, HEAD
from tables.respond import levels as respond


class Whole(Enum):
    """Whose a row is that belongs to a partition as a whole."""

    EACH = "each"  # every successor goes on with a copy of its own
    FIRST = "first"  # what the partition has said of itself under its own name stays with it
    PARTS = "parts"  # what it says of many is divided: `tables.repartition.divided`


Home = str | Whole

SHARED: dict[str, Home] = {HEAD.name: Whole.EACH, CONFIG.name: Whole.EACH, ALARM.name: Whole.FIRST}
_BLOCKS = frozenset({
    block_key.SERIES, block_key.DEPARTED, block_key.AGGREGATE, block_key.MODEL, block_key.PAST, block_key.INSTANCE,
    BUDGET.name, BURN.name,
})  # fmt: skip
_OF_A_GATEWAY = frozenset({detect.GATEWAY.name, detect.LAYOUTS.name, detect.CANARY.name})
_SEGMENTS = {
    "endpoint": 3,
    "person": 4,
}  # of a recipient's name: kind, team, name, and a person's channel


def of_detect(key: str) -> Home:
    """The gateway that a row of detect is about."""
    level, owner = level_name(key), owner_of(key)
    if level in _BLOCKS:
        return block_key.gateway_of(key)
    if level in _OF_A_GATEWAY:
        return owner
    if level == detect.LAYOUT.name:
        return owner.rpartition("/")[0]
    if level in (EVENT.name, COMPOSITE.name):
        return events.parts(key)[0]
    return {detect.LOOKING.name: Whole.EACH, detect.ROSTER.name: Whole.PARTS}[level]


def of_respond(key: str) -> Home:
    """The team whose row it is; what a document suppresses is looked at wherever the document is known."""
    if level_name(key) == respond.COVER.name:
        return Whole.EACH
    return owner_of(key).partition("/")[0]


def of_deliver(key: str) -> Home:
    """The recipient whose row it is."""
    if level_name(key) == deliver.CIRCUIT.name:
        return Whole.PARTS
    name = owner_of(key).partition("|")[0]
    segments = name.split("/")
    return "/".join(segments[: _SEGMENTS[segments[0]]])


HOMES: dict[str, Callable[[str], Home]] = {
    "detect": of_detect,
    "respond": of_respond,
    "deliver": of_deliver,
}


def home(stage: str, key: str) -> Home:
    """Whose row it is: the record key of its messages, or what becomes of a row of the partition as a whole.

    LookupError where no level of the stage has such a key.
    """
    level = level_name(key)
    return SHARED[level] if level in SHARED else HOMES[stage](key)
