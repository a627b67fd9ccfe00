"""Routes within routes: a team's routes and an alert's labels in, the routes that it takes out, each whole.

Routes within a route are tried once that one matches, and go before it: it stands for what none of them takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from streams.documents.route import Route
from streams.matcher import matchers
from tables.respond.context import Context

DEEPEST = 8  # routes within routes; what is deeper, or goes round in a circle, is never reached


class Question(NamedTuple):
    """What an alert says of itself; `now`: when it fires, ms UTC; `usable`: whether a route leads anywhere."""

    labels: Mapping[str, str]
    now: int
    usable: Callable[[Route], bool]


def matching(routes: Sequence[Route], question: Question) -> list[Route]:
    """The first route that matches, and the next ones for as long as each says to continue; with what they inherit."""
    return _below(None, routes, question, 0)


def _below(above: Route | None, routes: Sequence[Route], question: Question, depth: int) -> list[Route]:
    """Those directly within a route, the outermost where there is none."""
    found: list[Route] = []
    for route in routes if depth < DEEPEST else ():
        inside = (route.team, route.within) == (above.team, above.name) if above else route.within is None
        if not inside or not _matches(route, question):
            continue
        whole = route.inheriting(above) if above else route
        inner = _below(whole, routes, question, depth + 1)
        if not inner and not question.usable(whole):
            continue
        found += inner or [whole]
        if not route.continue_:
            break
    return found


def _matches(route: Route, question: Question) -> bool:
    return route.holds_at(question.now) and all(
        matcher.matches(question.labels) for matcher in matchers(route.when)
    )


def whole_route(ctx: Context, owner: str, name: str) -> Route | None:
    """A route with what it inherits; None where it, or one that it is within, does not exist."""
    route, depth = ctx.document(Route, owner, name), 0
    above = route
    while route is not None and above is not None and above.within and depth < DEEPEST:
        above, depth = ctx.document(Route, owner, above.within), depth + 1
        if above is None:
            return None
        route = route.inheriting(above)
    return route
