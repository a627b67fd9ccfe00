"""A timetable played in the World, and what its expectations say of the outcome."""

from __future__ import annotations

from typing import Any

from streams import samples
from streams.errors import Refused
from streams.event import Event
from streams.said import Command, Principal
from streams.timetable import Expectation, Step, Timetable
from streams.topics import INBOX, TELEMETRY
from tables.world import Answer, World


class Play:
    """One run of a timetable; `timeline` times are ms from its start."""

    def __init__(self, timetable: Timetable) -> None:
        """Documents are told first; nothing has happened yet."""
        self.table, self.answer = timetable, Answer()
        self.world = World(
            timetable.documents,
            timetable.start,
            lambda attempt: self.answer if self.answer.result != "late" else None,
        )
        self.back: list[tuple[int, list[str]]] = []

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
        gateway, source = what.get("gateway", "gw"), what.get("source", "s")
        texts = [str(text) for text in what["series"]]
        values = [float(value) for value in what["series"].values()]
        for raw in samples.frame(gateway, source, at, texts, values):
            self.world.say(at, TELEMETRY, gateway, raw)

    def _event(self, step: Step) -> None:
        at = self.table.start + step.at
        said = Event.read({"id": f"event/{step.at}", "at": at, "source": "s", "gateway": "gw", **step.what})
        self.world.say(at, TELEMETRY, said.gateway, said.encode())

    def _raw(self, step: Step) -> None:
        self.world.say(self.table.start + step.at, step.what["topic"], "", str(step.what["text"]).encode())

    def _acknowledge(self, step: Step) -> None:
        self._command(step, "acknowledge")

    def _resolve(self, step: Step) -> None:
        self._command(step, "resolve")

    def _command(self, step: Step, do: str) -> None:
        rows = self.world.machines["respond"].alive("4/")
        open_ = [
            row.value
            for row in rows
            if row.value.get("rule") == step.what["rule"] and row.value["status"] != "resolved"
        ]
        if not open_:
            raise Refused(f"timetable at {step.at} ms: no open alert of rule {step.what['rule']} to {do}")
        for alert in open_[:1]:
            self._say(
                step,
                do=do,
                team=alert["team"],
                alert=alert["instance"],
                alert_id=alert["id"],
                notes=str(step.what.get("notes", "")),
            )

    def _put(self, step: Step) -> None:
        what = step.what
        self._say(step, do="put", team=what["body"].get("team", "platform"), type=what["type"], name=what["body"]["name"],
                  revision=int(what.get("revision", 0)), body=what["body"])  # fmt: skip

    def _delete(self, step: Step) -> None:
        what = step.what
        self._say(
            step,
            do="delete",
            team=what.get("team", "platform"),
            type=what["type"],
            name=what["name"],
            revision=int(what["revision"]),
        )

    def _say(self, step: Step, **fields: Any) -> None:
        at, by = self.table.start + step.at, Principal(name=str(step.what.get("by", "anna")), admin=True)
        command = Command(id=f"command/{step.at}/{fields['do']}", at=at, by=by, **fields)
        self.world.tell(at, INBOX, command.team, command)

    def _away(self, step: Step) -> None:
        self.world.leave(*step.what)
        self.back.append((step.at + step.length, list(step.what)))

    def _receiver(self, step: Step) -> None:
        self.answer = Answer(step.what, f"the receiver says {step.what}")


def unmet(expectation: Expectation, timeline: list[dict[str, Any]]) -> str:
    """Why an expectation does not hold; empty where it does."""
    inside = [entry for entry in timeline if expectation.first <= entry["at"] <= expectation.last]
    found = [
        entry
        for entry in inside
        if all(_fits(entry, name, value) for name, value in expectation.fields.items())
    ]
    wanted = (
        "never"
        if expectation.never
        else "at least once"
        if expectation.times is None
        else f"{expectation.times} times"
    )
    met = (
        not found
        if expectation.never
        else bool(found)
        if expectation.times is None
        else len(found) == expectation.times
    )
    span = f"between {expectation.first} and {expectation.last} ms"
    return "" if met else f"{expectation.fields} {span}: wanted {wanted}, found {len(found)}: {found[:3]}"


def _fits(entry: dict[str, Any], name: str, value: Any) -> bool:
    have, text = str(entry.get(name, "")), str(value)
    return text[1:] in have if text.startswith("~") else have.lower() == text.lower()
