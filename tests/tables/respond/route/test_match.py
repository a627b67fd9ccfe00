"""Which routes an alert takes, and which groups it joins by them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.documents.document import Owned
from tables.respond.route.routing import find_routes, group_key
from tables.respond.route.state import RouteKey, RouteMatch, lookup_order, owners
from tests.tables.respond.harness import RULE, facts
from tests.tables.respond.route.harness import context, endpoint, policy, route

DEFAULT = RouteKey("default")


def taken(known: list[Owned], severity: Any = "warning", **fields: Any) -> list[RouteMatch]:
    """The routes that an alert takes, in their order."""
    return list(find_routes(context(*known), facts(**fields), severity).values())


def names(matches: list[RouteMatch]) -> list[str]:
    """What the routes are called."""
    return [match.route.name or match.route.kind for match in matches]


def test_the_rules_own_words_come_first() -> None:
    """Its policy, then its routing, then what documents say, then the default."""
    known = [policy("own", "a"), route("z", "endpoint/a"), endpoint("a")]
    own: dict[str, Any]
    routing: dict[str, Any]
    own, routing = {"escalation_policy": "own"}, {"routing": ("endpoint/a",)}
    assert taken(known, **own, **routing)[0].route == RouteKey("policy", "t", "own")
    assert taken(known, **routing)[0].route == RouteKey("routing", "platform")
    assert taken(known)[0].route == RouteKey("route", "t", "z")
    assert taken([])[0].route == DEFAULT


def test_the_first_that_matches_wins_unless_it_says_continue() -> None:
    """By order, then name; the team's before the platform's."""
    known = [
        route("c", "endpoint/a", **{"continue": True}),
        route("a", "endpoint/a", "platform"),
        route("b", "endpoint/a", order=200),
        route("d", "endpoint/a", order=1, when="severity=critical", **{"continue": True}),
    ]
    assert names(taken(known)) == ["c", "b"]
    assert names(taken(known, "critical")) == ["d", "c", "b"]
    assert names(taken([*known[:2], known[3]], "critical")) == ["d", "c", "a"]


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ("tool=x, team=t, rule=high, gateway=g, severity=warning", True),
        ("tool=y", False),
        ("severity=critical", False),
        ('other=""', True),
        ("tool=~x|y", True),
    ],
)
def test_labels_and_what_an_alert_is_about_may_be_asked_for(when: str, matches: bool) -> None:
    """Severity, team, rule and gateway beside its labels; a label that is missing is an empty one."""
    assert names(taken([route("r", "endpoint/a", when=when)])) == (["r"] if matches else ["default"])


def test_labels_cannot_pretend() -> None:
    """What the alert is about counts, whatever its labels of that name say."""
    known = [route("r", "endpoint/a", when="team=u")]
    assert names(taken(known, labels={"team": "u"})) == ["default"]


def test_each_route_groups_what_takes_it() -> None:
    """By its own labels, or by rule and gateway; two routes never share a group."""
    known = [
        route("a", "endpoint/a", group_by=["severity", "tool", "missing"], **{"continue": True}),
        route("b", "endpoint/a"),
    ]
    first, second = find_routes(context(*known), facts(), "warning").items()
    assert first[1].labels == {"severity": "warning", "tool": "x", "missing": ""}
    assert second[1].labels == {"rule": "high", "gateway": "g"}
    assert first[0] != second[0]
    assert [key.startswith("t/") for key, _ in (first, second)] == [True, True]


@given(
    st.dictionaries(st.sampled_from("abc"), st.text(max_size=2)),
    st.dictionaries(st.sampled_from("abc"), st.text(max_size=2)),
)
def test_groups_are_told_apart_by_what_they_share(one: dict[str, str], other: dict[str, str]) -> None:
    """The same labels of the same route, in whatever order they stand; nothing else gives the same key."""
    route = RouteKey("route", "t", "r")
    keys = [group_key(facts(), route, labels) for labels in (one, other, dict(reversed(one.items())))]
    assert (keys[0] == keys[1]) == (one == other)
    assert keys[0] == keys[2]
    assert group_key(facts(), RouteKey("route", "t", "q"), one) != keys[0]
    assert group_key(facts(team="u"), route, one) != keys[0]


def test_a_rule_that_is_renamed_keeps_its_groups() -> None:
    """A group is told by the rule's id, and shows its name."""
    keys = [group_key(facts(rule=name), DEFAULT, {"rule": name}) for name in ("high", "higher")]
    assert keys[0] == keys[1]
    assert group_key(facts(rule_id=RULE[::-1]), DEFAULT, {"rule": "high"}) != keys[0]


@pytest.mark.parametrize(
    ("known", "fields", "warning"),
    [
        ([], {"escalation_policy": "gone"}, "rule high names policy gone, which does not exist"),
        ([route("z", "policy/gone")], {}, "route z names policy gone, which does not exist"),
    ],
)
def test_what_does_not_resolve_is_told_and_passed_over(known: list[Owned], fields: Any, warning: str) -> None:
    """The alert takes the next route, with a warning of what is missing."""
    (match,) = taken(known, **fields)
    assert (match.route, match.warnings) == (DEFAULT, (warning,))


def test_warnings_are_told_once() -> None:
    """By the first of several routes."""
    known = [
        route("a", "policy/gone"), route("b", "endpoint/a", **{"continue": True}), route("c", "endpoint/a"),
    ]  # fmt: skip
    assert [len(match.warnings) for match in taken(known)] == [1, 0]


@pytest.mark.parametrize("own", [{"escalation_policy": "own"}, {"routing": ("endpoint/a",)}, {}])
def test_the_demonstration_takes_its_own_routes_alone(own: dict[str, Any]) -> None:
    """Whatever its rules say and the platform has configured."""
    platform = [policy("own", "a", "platform"), route("r", "endpoint/a", "platform")]
    assert taken(platform, team="demonstration", **own)[0].route == DEFAULT
    mine = route("m", "endpoint/a", "demonstration")
    assert names(taken([*platform, mine], team="demonstration", **own)) == ["m"]


def test_whose_documents_count() -> None:
    """A team's own before the platform's; the platform's documents look at the alert's team first."""
    assert owners("t") == ("t", "platform")
    assert owners("platform") == ("platform",)
    assert lookup_order("u", "t") == ("u", "t", "platform")
    assert lookup_order("t", "t") == ("t", "platform")
    assert lookup_order("platform", "t") == ("t", "platform")


def test_a_default_policy_may_be_of_a_severity() -> None:
    """Where a team has no default of all severities; routes, and defaults of all severities, come first."""
    by_severity = policy("default-critical", "log", "platform")
    assert taken([by_severity], "critical")[0].route == RouteKey("default", "platform", "critical")
    assert taken([by_severity], "warning")[0].route == DEFAULT
    for other in (policy("default", "log"), policy("default", "log", "platform"), endpoint("default")):
        assert taken([by_severity, other], "critical")[0].route == DEFAULT
    own = policy("default-critical", "log")
    assert taken([own, by_severity], "critical")[0].route == RouteKey("default", "t", "critical")
    assert names(taken([by_severity, route("r", "endpoint/log")], "critical")) == ["r"]
