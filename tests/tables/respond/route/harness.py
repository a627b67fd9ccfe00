"""What tests of routes share: documents, and a context that knows them."""

from __future__ import annotations

from typing import Any

from streams.documents import registry
from streams.documents.document import Owned
from tables.respond.context import Context
from tables.respond.machine import Respond
from tables.world import World
from tests.tables.respond.harness import START


def endpoint(name: str, team: str = "t") -> Owned:
    """A place to tell."""
    return registry.read("endpoint", {"name": name, "team": team, "channel": "log"})


def policy(name: str, to: str, team: Any = "t", **more: Any) -> Owned:
    """A policy of one step."""
    body = {"name": name, "team": team, "steps": [{"notify": f"endpoint/{to}"}]}
    return registry.read("policy", body | more)


def route(name: str, to: str, team: Any = "t", **more: Any) -> Owned:
    """A route."""
    return registry.read("route", {"name": name, "team": team, "to": to, **more})


def context(*documents: Owned) -> Context:
    """What a decision may use where these are all the documents that there are."""
    world = World(documents, START)
    world.advance(START + 1_500)
    machine = world.machines["respond"]
    assert isinstance(machine, Respond)
    return machine.ctx
