"""Routes: which alerts are told of to whom, and what is told of together.

Routes within a route are tried once that one matches, and go before it: it stands for what none of them takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from streams.calendar.hours import read_zoned_hours
from streams.documents.coverage import covers
from streams.documents.document import Flag, Length, Name, Owned, Several, length_of
from streams.documents.oncall.target import RouteTarget
from streams.documents.policy import Times, readable_times
from streams.matcher import matchers
from streams.text.fault import LABEL

INHERITED = ("to", "group_by", "group_wait", "group_interval", "repeat_interval")
DEEPEST = 8  # routes within routes; what is deeper, or goes round in a circle, is never reached
Label = Annotated[str, Field(pattern=f"^{LABEL}$")]


class Route(Owned):
    """Which alerts go to which target; the first route that matches wins, in the order of `order`, then name.

    `within`: the route of the same team that has to match first, and from which it inherits what it does not say;
    `at`: hours of the week outside of which it does not match.
    """

    type = "route"
    when: str = Field(default="", max_length=2_000)
    at: Times = Field(default_factory=list[str])
    within: Name | None = None
    to: RouteTarget | None = None
    order: int = Field(default=100, ge=-1_000_000, le=1_000_000)
    continue_: Flag = Field(default=False, alias="continue")
    group_by: Annotated[list[Label], Several] = Field(default=[], max_length=20)  # none: by rule and gateway
    group_wait: Length | None = None  # before a group that is not critical is told of first
    group_interval: Length | None = None  # between a notification and one about later joiners
    # between repeats once all steps are through
    repeat_interval: Annotated[Length, length_of(1_000)] | None = None

    @field_validator("when")
    @classmethod
    def _readable(cls, text: str) -> str:
        matchers(text)
        return text

    @field_validator("at")
    @classmethod
    def _hours(cls, at: list[str]) -> list[str]:
        return readable_times(at)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.to is None and self.within is None:
            raise ValueError("`to` is missing: say whom it tells, for instance policy/payments")
        if self.within == self.name:
            raise ValueError("`within`: a route is not within itself: name another, or leave it out")
        return self

    def holds_at(self, at: int) -> bool:
        """Whether an instant, ms UTC, lies within its hours."""
        return not self.at or any(read_zoned_hours(text).includes(at) for text in self.at)

    def inheriting(self, above: Self) -> Self:
        """The route with what it does not say itself as the route says that it is within."""
        told = {name: getattr(above, name) for name in INHERITED if getattr(self, name) in (None, [])}
        return self.model_copy(update=told)


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
    below: list[Route] = []
    for route in routes if depth < DEEPEST else ():
        inside = (route.team, route.within) == (above.team, above.name) if above else route.within is None
        if not inside or not _matches(route, question):
            continue
        whole = route.inheriting(above) if above else route
        inner = _below(whole, routes, question, depth + 1)
        if not inner and not question.usable(whole):
            continue
        below += inner or [whole]
        if not route.continue_:
            break
    return below


def _matches(route: Route, question: Question) -> bool:
    return route.holds_at(question.now) and covers(route.when, question.labels)
