"""Whom a route tells: the order in which what is configured counts, and what stands in for what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents.document import Owned
from tables.respond.route.routing import WARNINGS, find_routes, resolve_plan
from tables.respond.route.state import (
    GROUP_INTERVAL,
    GROUP_WAIT,
    LARGEST,
    LOG,
    REPEAT_INTERVAL,
    EscalationPlan,
    Routed,
    RouteKey,
)
from tests.tables.respond.harness import facts
from tests.tables.respond.route.harness import context, endpoint, policy, route


def plans(known: list[Owned], severity: Any = "warning", **fields: Any) -> list[EscalationPlan]:
    """The plans of the routes that an alert takes."""
    ctx, about = context(*known), facts(**fields)
    return [
        resolve_plan(ctx, Routed(about.team, about.rule, match.route, about.routing, match.warnings))
        for match in find_routes(ctx, about, severity).values()
    ]


def told(known: list[Owned], severity: Any = "warning", **fields: Any) -> tuple[list[str], str, list[str]]:
    """Whom the first step of the first route tells, why, and the warnings."""
    plan = plans(known, severity, **fields)[0]
    return list(plan.steps[0].to), plan.why, list(plan.warnings)


LAYERS: list[tuple[list[Owned], str]] = [
    ([policy("own", "a")], "policy own of rule high"),
    ([], "routing of rule high"),
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
    own = {"escalation_policy": "own"} if first == 0 else {"routing": ("endpoint/b",)} if first == 1 else {}
    assert told([*known, *map(endpoint, "abcd")], **own)[1].startswith(LAYERS[first][1])


def test_a_teams_own_documents_come_first() -> None:
    """Of two of the same name, the team's own is told; the platform's stands in where there is none."""
    to_a = {"routing": ("endpoint/a",)}
    assert told([endpoint("a"), endpoint("a", "platform")], **to_a)[0] == ["endpoint/t/a"]
    assert told([endpoint("a", "platform")], **to_a)[0] == ["endpoint/platform/a"]
    assert told([endpoint("a", "u")], **to_a)[0] == [LOG]


def test_routes_go_by_order_then_name() -> None:
    """The first that matches wins; labels, severity, team, rule and gateway may be asked for."""
    known = [
        route("a", "endpoint/c", when="severity=critical"),
        route("b", "endpoint/b", when="tool=x, team=t, rule=high, gateway=g"),
        route("z", "endpoint/a", order=1, when="severity=info"),
        *map(endpoint, "abc"),
    ]
    assert [told(known, severity)[0] for severity in ("critical", "warning", "info")] == [
        ["endpoint/t/c"], ["endpoint/t/b"], ["endpoint/t/a"],
    ]  # fmt: skip


def test_each_route_has_a_plan_of_its_own() -> None:
    """Neither steps nor delays of one are mixed with those of another."""
    slow = {"steps": [{"notify": "endpoint/a"}, {"after": "1h", "notify": "endpoint/b"}], "repeat": 1}
    known = [
        route("one", "policy/slow", **{"continue": True}), route("two", "policy/quick"),
        policy("slow", "a", **slow), policy("quick", "c", last_resort="endpoint/a"), *map(endpoint, "abc"),
    ]  # fmt: skip
    one, two = plans(known)
    assert [(step.after, step.to) for step in one.steps] == [
        (0, ("endpoint/t/a",)),
        (3_600_000, ("endpoint/t/b",)),
    ]
    assert (one.repeat, one.last_resort, one.why) == (1, (), "route one of t to policy slow")
    assert ([step.to for step in two.steps], two.repeat) == ([("endpoint/t/c",)], 3)
    assert two.last_resort == ("endpoint/t/a",)


def test_a_route_says_how_long_things_wait() -> None:
    """Where it says nothing, the usual lengths hold; a rule's own policy knows no others."""
    waits = {"group_wait": "0s", "group_interval": "1m", "repeat_interval": "2h"}
    (plan,) = plans([route("r", "endpoint/a", **waits), endpoint("a")])
    assert (plan.group_wait, plan.group_interval, plan.repeat_interval) == (0, 60_000, 7_200_000)
    for usual in (plans([route("r", "endpoint/a"), endpoint("a")])[0], plans([])[0]):
        lengths = usual.group_wait, usual.group_interval, usual.repeat_interval
        assert lengths == (GROUP_WAIT, GROUP_INTERVAL, REPEAT_INTERVAL)


@pytest.mark.parametrize(
    ("known", "fields", "warning"),
    [
        ([], {"escalation_policy": "gone"}, "rule high names policy gone, which does not exist"),
        ([route("z", "policy/gone")], {}, "route z names policy gone, which does not exist"),
        ([], {"routing": ("endpoint/gone",)}, "endpoint gone does not exist: the log is told instead"),
    ],
)
def test_a_reference_that_does_not_resolve_falls_back(known: list[Owned], fields: Any, warning: str) -> None:
    """Somebody is told all the same, and the warning says what is missing."""
    to, _, warnings = told([*known, endpoint("default")], **fields)
    assert warnings == [warning]
    assert to == ([LOG] if fields.get("routing") else ["endpoint/t/default"])


@pytest.mark.parametrize("kind", ["route", "policy"])
def test_a_route_that_has_gone_since_falls_back(kind: Any) -> None:
    """An escalation that begins anew after its document was deleted goes to the default, and says so."""
    routed = Routed("t", "high", RouteKey(kind, "t", "gone"), ())
    plan = resolve_plan(context(endpoint("default")), routed)
    assert plan.steps[0].to == ("endpoint/t/default",)
    assert plan.warnings == (f"{kind} gone of t does not exist any more",)


def test_the_log_is_no_missing_endpoint() -> None:
    """Whoever writes `endpoint/log` means the log."""
    assert told([], routing=("endpoint/log",))[::2] == ([LOG], [])


@pytest.mark.parametrize("own", [{"escalation_policy": "own"}, {"routing": ("endpoint/a",)}, {}])
def test_the_demonstration_reaches_its_own_alone(own: dict[str, Any]) -> None:
    """Whatever the platform has configured and its rules say, only its own documents count."""
    platform = [
        policy("own", "a", "platform"),
        endpoint("a", "platform"),
        policy("default", "a", "platform"),
        route("r", "endpoint/a", "platform"),
    ]
    assert told(platform, team="demonstration", **own)[0] == [LOG]
    catcher = endpoint("default", "demonstration")
    assert told([*platform, catcher], team="demonstration", **own)[0] == ["endpoint/demonstration/default"]


def test_a_plan_fits_into_a_row() -> None:
    """Targets beyond its bound are left out, the latest steps first; so are warnings, and both are counted."""
    long = [f"{n:03}{'e' * 97}" for n in range(400)]
    steps = [
        {"after": "1m", "notify": [f"endpoint/{name}" for name in long[n : n + 20]]}
        for n in range(0, 400, 20)
    ]
    (plan,) = plans([policy("default", "a", steps=steps), *map(endpoint, long)])
    assert sum(len(to) for step in plan.steps for to in step.to) <= LARGEST
    assert [step.to[0] for step in plan.steps][:2] == [f"endpoint/t/{long[0]}", f"endpoint/t/{long[20]}"]
    assert "targets are not told" in plan.warnings[0]
    (missing,) = plans([policy("default", "a", steps=steps)])
    assert len(missing.warnings) == WARNINGS + 1
    assert missing.warnings[-1].startswith("and ")
