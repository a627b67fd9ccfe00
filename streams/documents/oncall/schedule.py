"""Schedules: layers of rotations with overrides and swaps in, and who is on call at any instant out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple, Self, cast
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar.zone import local_time, zone
from streams.documents.document import Flag, Owned, Several
from streams.documents.oncall.override import OnCallOverride, Override, StandIn, Swap
from streams.documents.oncall.rotation import FOREVER, Layer, Turn
from streams.documents.oncall.target import StepTarget
from streams.errors import Refused

LONGEST = 1_000  # stretches of one look ahead; who asks for more gets those


class Shift(NamedTuple):
    """Who is on call, by which layer or exception; `person` "" for nobody. `until`: when that may change, ms UTC.

    `override`: whether an exception says so and no layer does.
    """

    person: str
    source: str
    until: int
    override: bool = False


class Segment(NamedTuple):
    """A span of the final schedule, half-open, ms UTC; `person` "" is a gap."""

    begins: int
    ends: int
    person: str
    source: str
    override: bool = False


class OnCallSchedule(Owned):
    """Who is on call when. The first layer that has somebody counts; overrides and swaps go before all layers.

    In files the fields of a single layer may stand beside the schedule's own. `owner`: who hears where nobody is on
    call; the team's leads where it is left out. `turns` is kept by Tocsin: whose turn it is since people changed.
    """

    type = "schedule"
    kept_fields = frozenset({"turns"})
    time_zone: str = Field(max_length=100)
    layers: list[Layer] = Field(min_length=1, max_length=20)
    overrides: list[Override] = Field(default=[], max_length=500)
    swaps: list[Swap] = Field(default=[], max_length=200)
    owner: Annotated[list[StepTarget], Several] = Field(default=[], max_length=20)
    hand_off_notice: Flag = False  # whether whoever comes on call is told
    turns: dict[str, Turn] = Field(default_factory=dict[str, Turn])

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, body: Any) -> Any:
        """The fields of a single layer may stand beside the schedule's own."""
        if not isinstance(body, dict):
            return cast(object, body)
        fields = cast(dict[str, Any], body)
        inner = {name: fields[name] for name in _flat_fields() if name in fields}
        if "layers" in fields and inner:
            raise ValueError(f"`{next(iter(inner))}`: leave it out, or put it into one of the `layers`")
        if not inner:
            return fields
        return {name: fields[name] for name in fields if name not in inner} | {"layers": [inner]}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        zone(name)
        return name

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [layer.name for layer in self.layers]
        if twice := [name for n, name in enumerate(names) if name in names[:n]]:
            raise ValueError(f"`layers`: two of them are called {twice[0]}: give each a `name` of its own")
        return self

    @classmethod
    def fields(cls) -> list[str]:
        """Its own fields and, as in files, those of a single layer."""
        return [*super().fields(), *_flat_fields()]

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """The schema with the fields of a single layer beside the schedule's own, as files hold them."""
        whole = super().model_json_schema(*args, **options)
        layer = whole["$defs"]["Layer"]["properties"]
        whole["properties"] |= {name: layer[name] for name in _flat_fields()}
        whole["required"] = [name for name in whole["required"] if name != "layers"]
        return whole

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return zone(self.time_zone)

    def people(self) -> list[tuple[str, str]]:
        """Everybody whom it names, each with the path of the field."""
        named = [
            (f"layers.{n}.people.{k}", name)
            for n, layer in enumerate(self.layers)
            for k, name in enumerate(layer.people)
        ]
        for n, override in enumerate(self.overrides):
            named.append((f"overrides.{n}.person", override.person))
            named += [(f"overrides.{n}.instead_of", override.instead_of)] if override.instead_of else []
        return named + [
            (f"swaps.{n}.between.{k}", name)
            for n, swap in enumerate(self.swaps)
            for k, name in enumerate(swap.between)
        ]

    def on_call(self, at: int, beside: Iterable[OnCallOverride] = ()) -> Shift:
        """Who is on call at an instant, ms UTC. `beside`: exceptions that are documents of their own."""
        return self._shift(at, [*self._stand_ins(beside)])

    def _shift(self, at: int, stand_ins: list[StandIn]) -> Shift:
        person, source, until = "", "", FOREVER
        for layer in self.layers:
            stretch = layer.stretch(at, self.zone)
            until = min(until, stretch.until)
            if stretch.number is not None:
                person, source = layer.person(stretch.number, self.turns.get(layer.name)), layer.name
                break
        shift = Shift(person, source, until)
        for each in stand_ins:
            until = min(edge for edge in (shift.until, each.begins, each.ends) if edge > at)
            shift = shift._replace(until=until)
            if each.begins <= at < each.ends and each.instead_of in (None, person):
                shift = Shift(each.person, each.source, until, override=True)
        return shift

    def segments(
        self, first: int, last: int, beside: Iterable[OnCallOverride] = (), most: int = LONGEST
    ) -> list[Segment]:
        """The final schedule from an instant until before another, ms UTC: no overlap, and each gap a segment."""
        segments: list[Segment] = []
        stand_ins, at = [*self._stand_ins(beside)], first
        while at < last and len(segments) < most:
            shift = self._shift(at, stand_ins)
            segment = Segment(at, min(shift.until, last), shift.person, shift.source, shift.override)
            if segments and segments[-1][2:] == segment[2:]:
                segments[-1] = segments[-1]._replace(ends=segment.ends)
            else:
                segments.append(segment)
            at = segment.ends
        return segments

    def gaps(self, first: int, last: int, beside: Iterable[OnCallOverride] = ()) -> list[Segment]:
        """The spans in which nobody is on call."""
        return [segment for segment in self.segments(first, last, beside) if not segment.person]

    def taking_effect(self, before: Owned | None, now: int) -> Self:
        """The schedule as it holds from now on: whoever is on duty stays until the hand-off, though people changed.

        Refused where an override or swap that is new is over already.
        """
        known = before if isinstance(before, OnCallSchedule) else None
        self._refuse_past(known, now)
        return self.model_copy(update={"turns": dict(self._turns(known, now))})

    def _refuse_past(self, before: OnCallSchedule | None, now: int) -> None:
        old = [*before.overrides, *before.swaps] if before else []
        for field, spans in (("overrides", self.overrides), ("swaps", self.swaps)):
            for place, span in enumerate(spans):
                if span not in old and span.instants(self.zone)[1] <= now:
                    clock = f"{local_time(now, self.zone):%Y-%m-%d %H:%M}"
                    says = f"`{field}.{place}.ends`: {span.ends} is over, it is {clock}: leave it out"
                    raise Refused(f"schedule {self.name}: {says}")

    def _turns(self, before: OnCallSchedule | None, now: int) -> Iterator[tuple[str, Turn]]:
        old = {layer.name: layer for layer in before.layers} if before else {}
        for layer in self.layers:
            was = old.get(layer.name)
            if before is None or was is None or was.order() != layer.order() or before.zone != self.zone:
                continue
            turn = before.turns.get(layer.name)
            if was.people != layer.people:
                turn = _goes_on(
                    was, layer, turn, was.model_copy(update={"only": []}).stretch(now, self.zone).number
                )
            if turn is not None:
                yield layer.name, turn

    def _stand_ins(self, beside: Iterable[OnCallOverride]) -> Iterator[StandIn]:
        """All exceptions, the weaker first: swaps, overrides, then documents, the one that begins last strongest."""
        exceptions: tuple[Swap | Override, ...] = (*self.swaps, *self.overrides)
        for exception in exceptions:
            yield from exception.stand_ins(self.zone)
        mine = (each for each in beside if (each.team, each.schedule) == (self.team, self.name))
        for each in sorted(mine, key=lambda each: (each.span[0], each.name)):
            yield from each.stand_ins()


def _goes_on(was: Layer, layer: Layer, turn: Turn | None, number: int | None) -> Turn | None:
    """Where the order of a layer goes on once its people change in a shift: whoever is on duty stays."""
    if number is None:
        return None  # it has not begun: the new order holds from the first hand-off
    person, people = was.person(number, turn), layer.people
    if person in people:
        return Turn(number=number, person=person, next=people[(people.index(person) + 1) % len(people)])
    others = (was.person(number + n, turn) for n in range(1, len(was.people) + 1))
    return Turn(
        number=number, person=person, next=next((name for name in others if name in people), people[0])
    )


def _flat_fields() -> list[str]:
    return [name for name in Layer.model_fields if name != "name"]


def spelled(at: int, of: ZoneInfo) -> str:
    """An instant as people on call read it: `Mon 2026-12-07 09:00`."""
    clock: datetime = local_time(at, of)
    return f"{clock:%a %Y-%m-%d %H:%M}"
