"""Scenarios as timetables: at t this comes in, between t1 and t2 that is sent, to whom and why.

claim: A critical rule pages at once and stops when somebody has it.
documents: {rules: […], endpoints: […], policies: […], routes: […]}
at:
- {t: 0s, until: 60s, every: 1s, samples: {gateway: gw, series: {"cpu": 1}}}
- {t: 0s, until: 60s, every: 1s, samples: {series: {"calls_total": 0}, rise: {"calls_total": 5}}}
- {t: 70s, samples: {at: 5s, series: {"cpu": 1}}}    # it comes late, or once more; an event may say `at` too
- {t: 20s, acknowledge: {rule: high, by: anna}}
- {t: 25s, snooze: {rule: high, by: anna, length: 10m}}
- {t: 30s, away: [detect, respond, deliver], for: 10m}
- {t: 40s, receiver: retry}
until: 2m
expect:
- {between: [10s, 12s], subject: call, what: firing, to: endpoint/platform/ops, times: 1}
- {never: true, subject: call, what: escalated}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from streams.calendar.duration import milliseconds
from streams.documents import registry
from streams.documents.document import Owned
from streams.documents.registry import SECTIONS
from streams.errors import Refused

ACTIONS = (
    "samples", "event", "raw", "acknowledge", "resolve", "snooze", "unsnooze", "comment", "assign", "escalate", "put",
    "delete", "apply_policy", "away", "receiver",
)  # fmt: skip
_FIELDS = {"claim", "start", "documents", "at", "until", "expect"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. `at`: ms from the start; `action`: one of ACTIONS."""

    at: int
    action: str
    what: Any
    length: int = 0  # ms, for `away`


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must (or must never) be in the timeline between two instants, `times` times."""

    first: int
    last: int
    fields: dict[str, Any]
    times: int | None  # None: at least once
    never: bool


@dataclass(frozen=True, slots=True)
class Timetable:
    """A whole scenario."""

    claim: str
    start: int  # ms UTC
    documents: tuple[Owned, ...]
    steps: tuple[Step, ...]
    until: int
    expect: tuple[Expectation, ...]


def read(table: Mapping[str, Any]) -> Timetable:
    """A timetable from a parsed file; Refused names the entry that is wrong."""
    if unknown := sorted(set(table) - _FIELDS):
        raise Refused(f"timetable: there is no field `{unknown[0]}`; there are {', '.join(sorted(_FIELDS))}")
    steps = sorted(
        (step for entry in table.get("at") or () for step in _steps(entry)), key=lambda step: step.at
    )
    until = milliseconds(str(table.get("until", "0"))) or (steps[-1].at if steps else 0) + 60_000
    expect = tuple(_expectation(entry, until) for entry in table.get("expect") or ())
    start = int(table.get("start", 1_764_547_200_000))
    return Timetable(
        str(table.get("claim", "")),
        start,
        tuple(said(table.get("documents") or {})),
        tuple(steps),
        until,
        expect,
    )


def said(sections: Mapping[str, Any]) -> Iterator[Owned]:
    """The documents in the sections of a file: rules, endpoints, policies, routes."""
    for section, entries in sections.items():
        if section not in SECTIONS:
            raise Refused(f"there is no section `{section}`; there are {', '.join(SECTIONS)}")
        for entry in entries or ():
            yield registry.read(SECTIONS[section], entry)


def _steps(entry: Mapping[str, Any]) -> Iterator[Step]:
    actions = [name for name in ACTIONS if name in entry]
    if len(actions) != 1 or "t" not in entry:
        raise Refused(
            f"timetable: an entry says `t` and exactly one of {', '.join(ACTIONS)}, not {dict(entry)!r:.80}"
        )
    at, action = milliseconds(str(entry["t"])), actions[0]
    every = milliseconds(str(entry.get("every", "0")))
    last = milliseconds(str(entry["until"])) if "until" in entry else at
    if last > at and every < 1:
        raise Refused(f"timetable: `until` needs `every` of at least 1ms: {dict(entry)!r:.80}")
    length = milliseconds(str(entry.get("for", "0")))
    for n, moment in enumerate(range(at, last + 1, every or 1) if last > at else (at,)):
        yield Step(moment, action, _risen(entry[action], n), length)


def _risen(what: Any, times: int) -> Any:
    """Samples of which some series rise with every repetition."""
    if not isinstance(what, Mapping) or "rise" not in what:
        return cast(object, what)
    samples = cast(Mapping[str, Any], what)
    more = {name: float(samples["series"][name]) + times * float(by) for name, by in samples["rise"].items()}
    return {**samples, "series": {**samples["series"], **more}}


def _expectation(entry: Mapping[str, Any], until: int) -> Expectation:
    first, last = entry.get("between", ["0s", f"{until}ms"])
    fields = {name: value for name, value in entry.items() if name not in ("between", "times", "never")}
    times = int(entry["times"]) if "times" in entry else None
    never = str(entry.get("never", "")).lower() in ("true", "yes")
    return Expectation(milliseconds(str(first)), milliseconds(str(last)), fields, times, never)
