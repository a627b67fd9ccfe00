"""A timetable played in the World, and what its expectations say of the outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from streams.calendar.duration import milliseconds
from streams.errors import Refused
from streams.messages.attempt import Attempt
from streams.messages.command import (
    Acknowledge,
    Action,
    AlertAction,
    ApplyPolicy,
    Assign,
    Command,
    Comment,
    DeleteDocument,
    Escalate,
    Principal,
    PutDocument,
    Resolve,
    Snooze,
    Unsnooze,
)
from streams.messages.event import Event
from streams.telemetry import samples
from streams.timetable import Expectation, Step, Timetable
from streams.topics import INBOX, TELEMETRY
from tables.world import Answer, World

SAMPLES = {"gateway", "source", "series", "rise", "at"}


class Play:
    """One run of a timetable; `timeline` times are ms from its start."""

    def __init__(self, timetable: Timetable, world: Callable[..., World] = World) -> None:
        """Documents are told first; nothing has happened yet. `world` makes where it is played."""
        self.table, self.answer = timetable, Answer()
        self.world = world(timetable.documents, timetable.start, self._receive)
        self.back: list[tuple[int, list[str]]] = []

    def _receive(self, _: Attempt) -> Answer | None:
        return None if self.answer.result == "late" else self.answer

    def run(self) -> list[dict[str, Any]]:
        """Play all of it; the timeline, relative to the start."""
        for step in self.table.steps:
            self._return(step.at)
            self.world.advance(self.table.start + step.at)
            getattr(self, f"_{step.action}")(step)
        self._return(self.table.until)
        self.world.advance(self.table.start + self.table.until)
        return [{**entry, "at": entry["at"] - self.table.start} for entry in self.world.timeline]

    def _return(self, at: int) -> None:
        for when, names in sorted(self.back):
            if when <= at:
                self.world.advance(self.table.start + when)
                self.world.come_back(*names)
                self.back.remove((when, names))

    def _samples(self, step: Step) -> None:
        what, at = step.what, self.table.start + step.at
        if unknown := sorted(set(what) - SAMPLES):
            raise Refused(
                f"timetable at {step.at} ms: `samples` has no field `{unknown[0]}`; it has {', '.join(sorted(SAMPLES))}"
            )
        gateway, source = what.get("gateway", "gw"), what.get("source", "s")
        texts = [str(text) for text in what["series"]]
        values = [float(value) for value in what["series"].values()]
        for raw in samples.frame(gateway, source, self._claimed(step), texts, values):
            self.world.say(at, TELEMETRY, gateway, raw)

    def _event(self, step: Step) -> None:
        at = self.table.start + step.at
        defaults = {"id": f"event/{step.at}", "source": "s", "gateway": "gw"}
        event = Event.read({**defaults, **step.what, "at": self._claimed(step)})
        self.world.say(at, TELEMETRY, event.gateway, event.encode())

    def _claimed(self, step: Step) -> int:
        """When its sender says that it was: at once, or as far from the beginning as `at` says; ms UTC."""
        return self.table.start + (milliseconds(str(step.what["at"])) if "at" in step.what else step.at)

    def _raw(self, step: Step) -> None:
        self.world.say(self.table.start + step.at, step.what["topic"], "", str(step.what["text"]).encode())

    def _acknowledge(self, step: Step) -> None:
        self._answer(step, Acknowledge)

    def _resolve(self, step: Step) -> None:
        self._answer(step, Resolve)

    def _snooze(self, step: Step) -> None:
        until = self.table.start + step.at + milliseconds(str(step.what["length"]))
        self._answer(step, partial(Snooze, until=until))

    def _unsnooze(self, step: Step) -> None:
        self._answer(step, Unsnooze)

    def _comment(self, step: Step) -> None:
        self._answer(step, Comment)

    def _assign(self, step: Step) -> None:
        self._answer(step, partial(Assign, to=str(step.what["to"])))

    def _escalate(self, step: Step) -> None:
        self._answer(step, Escalate)

    def _answer(self, step: Step, kind: Callable[..., AlertAction]) -> None:
        rule, rows = step.what["rule"], self.world.machines["respond"].scan_sorted("alert")
        alert = next((row.value for row in rows if row.value.facts.rule == rule and row.value.open), None)
        if alert is None:
            raise Refused(f"timetable at {step.at} ms: no open alert of rule {rule} to {step.action}")
        notes, fingerprint = str(step.what.get("notes", "")), alert.facts.fingerprint
        action = kind(alert=fingerprint, alert_id=alert.occurrence.id, notes=notes)
        self._command(step, alert.facts.team, action, fingerprint)

    def _put(self, step: Step) -> None:
        what, body = step.what, step.what["body"]
        type, name, revision = what["type"], body["name"], int(what.get("revision", 0))
        action = PutDocument(type=type, name=name, body=body, revision=revision)
        self._command(step, body.get("team", "platform"), action, f"{type}/{name}")

    def _delete(self, step: Step) -> None:
        what = step.what
        action = DeleteDocument(type=what["type"], name=what["name"], revision=int(what["revision"]))
        self._command(step, what.get("team", "platform"), action, f"{what['type']}/{what['name']}")

    def _apply_policy(self, step: Step) -> None:
        name = str(step.what["policy"])
        self._command(step, step.what.get("team", "platform"), ApplyPolicy(policy=name), f"policy/{name}")

    def _command(self, step: Step, team: str, action: Action, about: str) -> None:
        """`about`: two at one instant are two commands. A step may say by how much its deadline has passed: `late`."""
        at, by = self.table.start + step.at, Principal(name=str(step.what.get("by", "anna")), admin=True)
        id, late = f"command/{step.at}/{action.do}/{about}", step.what.get("late")
        deadline = None if late is None else at - milliseconds(str(late))
        command = Command(id=id, at=at, by=by, team=team, action=action, deadline=deadline)  # type: ignore[arg-type]
        self.world.tell(at, INBOX, team, command)

    def _away(self, step: Step) -> None:
        self.world.leave(*step.what)
        self.back.append((step.at + step.length, list(step.what)))

    def _receiver(self, step: Step) -> None:
        self.answer = Answer(step.what, f"the receiver says {step.what}")


def unmet(expectation: Expectation, timeline: list[dict[str, Any]]) -> str:
    """Why an expectation does not hold; empty where it does."""
    first, last, fields = expectation.first, expectation.last, expectation.fields.items()
    inside = [entry for entry in timeline if first <= entry["at"] <= last]
    entries = [entry for entry in inside if all(_fits(entry, name, value) for name, value in fields)]
    met, wanted = bool(entries), "at least once"
    if expectation.never:
        met, wanted = not entries, "never"
    elif expectation.times is not None:
        met, wanted = len(entries) == expectation.times, f"{expectation.times} times"
    words = f"{expectation.fields} between {first} and {last} ms: wanted {wanted}, found {len(entries)}"
    return "" if met else f"{words}: {entries[:3]}"


def _fits(entry: dict[str, Any], name: str, value: Any) -> bool:
    have, text = str(entry.get(name, "")), str(value)
    return text[1:] in have if text.startswith("~") else have.lower() == text.lower()
