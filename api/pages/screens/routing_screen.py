"""`/routing`: the routes as the tree in which they are tried, and what follows from an alert with certain labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface import directory
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.routes.trials import route_trial
from api.routes.trials.route_trial import RouteQuestion
from streams.documents.document import PLATFORM
from streams.documents.route import DEEPEST, Route
from streams.errors import Refused
from streams.matcher import matchers

router = APIRouter(prefix="/routing", include_in_schema=False)
LABELS = 10_000  # characters of them that are looked at


class RouteBranch(NamedTuple):
    """A route with those within it, in the order in which they are tried."""

    route: Route
    within: list[RouteBranch]


@router.get("")
async def tree(request: Request, deps: Deps, who: Who, labels: str = "") -> Response:
    """The routes of each team; `labels` fills in the form of the trial."""
    routes = (await directory.directory(deps, who)).all(Route)
    ordered = sorted(routes, key=lambda route: (route.order, route.name))
    teams = sorted({route.team for route in routes}, key=lambda team: (team == PLATFORM, team))
    trees = {team: branches(None, [route for route in ordered if route.team == team]) for team in teams}
    return render(request, "routing.html", trees=trees, labels=labels or "severity=critical, team=platform")


def branches(above: Route | None, routes: Sequence[Route], depth: int = 0) -> list[RouteBranch]:
    """Those directly within a route, the outermost where there is none; what is deeper than routes go is left out."""
    inside = (route for route in routes if route.within == (above.name if above else None))
    return (
        [RouteBranch(route, branches(route, routes, depth + 1)) for route in inside]
        if depth < DEEPEST
        else []
    )


@router.post("/test")
async def try_out(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """Which groups the alert joins, and who hears of it when."""
    labels = dict(labelled(fields.get("labels", "")[:LABELS]))
    asked = checked(RouteQuestion, {"labels": labels, "for": fields.get("for", "1h")})
    outcome = await route_trial.try_out(deps, who, asked)
    return render(request, "routed.html", outcome=outcome)


def labelled(text: str) -> Iterable[tuple[str, str]]:
    """`severity=critical, gateway="prod"` as labels; Refused names what asks instead of saying."""
    for matcher in matchers(text):
        if matcher.sign != "=":
            raise Refused(
                f"`labels`: {matcher.label}{matcher.sign}{matcher.value:.40} says no value: write name=value"
            )
        yield matcher.label, matcher.value
