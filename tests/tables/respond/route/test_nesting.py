"""Routes within routes: which are taken, what they inherit, by hour and by kind of rule."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.route import Question, Route, matching
from streams.errors import Refused
from tables.respond.route.routing import whole_route
from tests.tables.respond.harness import START
from tests.tables.respond.route.harness import context, route


def routes(*documents: Any) -> list[Route]:
    """These, in their order."""
    return [document for document in documents if isinstance(document, Route)]


def taken(known: list[Route], now: int = START, **labels: str) -> list[str]:
    """The names of the routes that an alert takes."""
    return [one.name for one in matching(known, Question(labels, now, lambda _: True))]


def inner(name: str, within: str, **more: Any) -> Route:
    """A route within another, which says nothing of its own."""
    document = registry.read("route", {"name": name, "team": "t", "within": within, **more})
    assert isinstance(document, Route)
    return document


def test_the_inner_route_goes_before_the_outer_one() -> None:
    """Which is taken where none of them matches; and it has to match first."""
    known = routes(
        route("all", "endpoint/a", when="x=1"), inner("b", "all", when="y=1"), inner("c", "b", when="z=1")
    )
    assert taken(known, x="1") == ["all"]
    assert taken(known, x="1", y="1") == ["b"]
    assert taken(known, x="1", y="1", z="1") == ["c"]
    assert taken(known, y="1", z="1") == []


def test_continue_holds_among_those_of_one_level() -> None:
    """An inner one lets the next inner one be tried, an outer one the next outer one."""
    go = {"continue": True}
    known = routes(
        route("all", "endpoint/a", **go), inner("b", "all", **go), inner("c", "all"), inner("d", "all"),
        route("e", "endpoint/a"),
    )  # fmt: skip
    assert taken(known) == ["b", "c", "e"]


def test_what_is_not_said_is_inherited() -> None:
    """From the nearest that says it."""
    waits = {"group_by": ["x"], "group_wait": "1m", "group_interval": "2m", "repeat_interval": "3m"}
    documents = [route("all", "endpoint/a", **waits), inner("b", "all", group_wait="9s"), inner("c", "b")]
    (found,) = matching(routes(*documents), Question({}, START, lambda _: True))
    assert (found.name, found.to, found.group_by) == ("c", "endpoint/a", ["x"])
    assert (found.group_wait, found.group_interval, found.repeat_interval) == (9_000, 120_000, 180_000)
    assert whole_route(context(*documents), "t", "c") == found
    assert whole_route(context(*documents[1:]), "t", "c") is None


def test_hours_are_asked_for_when_the_alert_fires() -> None:
    """START is a Monday at midnight UTC."""
    known = routes(route("a", "endpoint/a", at="mon 00:00-01:00 UTC"), route("b", "endpoint/a"))
    assert (taken(known), taken(known, START + 3_600_000)) == (["a"], ["b"])


def test_a_circle_ends() -> None:
    """It is refused where it is written; what was stored all the same is taken by nobody."""
    known = routes(inner("a", "b"), inner("b", "a"), route("c", "endpoint/a"))
    assert taken(known) == ["c"]
    assert whole_route(context(*known), "t", "a") is not None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "`to` is missing"),
        ({"within": "r"}, "a route is not within itself"),
        ({"to": "usr/anna"}, "is no target: write user/, team/, schedule/, policy/ or endpoint/"),
        ({"to": "user/anna", "at": "mon-fri 09:00-17:00"}, "names no time zone"),
    ],
)
def test_what_cannot_be_a_route_is_refused(body: dict[str, Any], says: str) -> None:
    """With the field and what to write."""
    with pytest.raises(Refused, match=says):
        registry.read("route", {"name": "r"} | body)
