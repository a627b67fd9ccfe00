"""Who is told: the order in which what is configured counts."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.document import Owned
from tables.respond import routing
from tables.respond.machine import Respond
from tables.world import World

GROUP: dict[str, Any] = {
    "team": "t",
    "rule": "r",
    "gateway": "g",
    "labels": {"tool": "x"},
    "routing": [],
    "policy": "",
}


def endpoint(name: str, team: str = "t") -> Owned:
    """A place to tell."""
    return registry.read("endpoint", {"name": name, "team": team, "channel": "log"})


def policy(name: str, to: str, team: str = "t") -> Owned:
    """A policy of one step."""
    return registry.read("policy", {"name": name, "team": team, "steps": [{"notify": f"endpoint/{to}"}]})


def route(name: str, to: str, team: str = "t", **more: Any) -> Owned:
    """A route."""
    return registry.read("route", {"name": name, "team": team, "to": to, **more})


def told(known: list[Owned], severity: str = "warning", **group: Any) -> tuple[list[str], str, list[str]]:
    """Whom the first step tells, why, and the warnings."""
    world = World(known, 1_764_547_200_000)
    world.advance(world.now + 1_500)
    machine = world.machines["respond"]
    assert isinstance(machine, Respond)
    plan = routing.snapshot(machine, GROUP | group, severity)
    return plan["steps"][0][1], plan["why"], plan["warnings"]


LAYERS: list[tuple[list[Owned], str]] = [
    ([policy("own", "a")], "policy own of rule r"),
    ([], "routing of rule r"),
    ([route("z", "endpoint/c")], "route z of t"),
    ([route("y", "endpoint/c", "platform")], "route y of platform"),
    ([policy("default", "d")], "default policy of t"),
    ([endpoint("default")], "default endpoint of t"),
    ([policy("default", "d", "platform")], "default policy of platform"),
    ([endpoint("default", "platform")], "default endpoint of platform"),
    ([], "nothing is configured"),
]


@pytest.mark.parametrize("first", range(len(LAYERS)))
def test_what_comes_first_counts(first: int) -> None:
    """Rule's policy, rule's endpoints, routes of team and platform, defaults of team and platform, the log."""
    known = [document for documents, _ in LAYERS[first:] for document in documents]
    own = {"policy": "own"} if first == 0 else {"routing": ["endpoint/b"]} if first == 1 else {}
    assert told([*known, *map(endpoint, "abcd")], **own)[1].startswith(LAYERS[first][1])


def test_a_teams_own_documents_come_first() -> None:
    """Of two of the same name, the team's own is told; the platform's stands in where there is none."""
    assert told([endpoint("a"), endpoint("a", "platform")], routing=["endpoint/a"])[0] == ["endpoint/t/a"]
    assert told([endpoint("a", "platform")], routing=["endpoint/a"])[0] == ["endpoint/platform/a"]
    assert told([endpoint("a", "u")], routing=["endpoint/a"])[0] == ["endpoint/platform/log"]


def test_routes_go_by_order_then_name() -> None:
    """The first that matches wins; labels, severity, team, rule and gateway may be asked for."""
    known = [
        route("a", "endpoint/c", when="severity=critical"),
        route("b", "endpoint/b", when="tool=x, team=t, rule=r, gateway=g"),
        route("z", "endpoint/a", order=1, when="severity=info"),
        *map(endpoint, "abc"),
    ]
    assert [told(known, severity)[0] for severity in ("critical", "warning", "info")] == [
        ["endpoint/t/c"], ["endpoint/t/b"], ["endpoint/t/a"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "group", "warning"),
    [
        ([], {"policy": "gone"}, "rule r names policy gone, which does not exist"),
        ([route("z", "policy/gone")], {}, "route z names policy gone, which does not exist"),
        ([], {"routing": ["endpoint/gone"]}, "endpoint gone does not exist: the log is told instead"),
    ],
)
def test_a_reference_that_does_not_resolve_falls_back(known: list[Owned], group: Any, warning: str) -> None:
    """Somebody is told all the same, and the warning says what is missing."""
    to, _, warnings = told([*known, endpoint("default")], **group)
    assert warnings == [warning]
    assert to == (["endpoint/platform/log"] if group.get("routing") else ["endpoint/t/default"])


def test_the_log_is_no_missing_endpoint() -> None:
    """Whoever writes `endpoint/log` means the log."""
    assert told([], routing=["endpoint/log"])[::2] == (["endpoint/platform/log"], [])


@pytest.mark.parametrize("own", [{"policy": "own"}, {"routing": ["endpoint/a"]}, {}])
def test_the_demonstration_reaches_its_own_alone(own: dict[str, Any]) -> None:
    """Whatever the platform has configured and its rules say, only its own documents count."""
    platform = [
        policy("own", "a", "platform"),
        endpoint("a", "platform"),
        policy("default", "a", "platform"),
        route("r", "endpoint/a", "platform"),
    ]
    assert told(platform, team="demonstration", **own)[0] == ["endpoint/platform/log"]
    catcher = endpoint("default", "demonstration")
    assert told([*platform, catcher], team="demonstration", **own)[0] == ["endpoint/demonstration/default"]
