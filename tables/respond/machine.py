"""The respond machine: verdicts, commands and receipts of a team in; changes, notifications and configuration out."""

from __future__ import annotations

from typing import Any, cast

from streams import access
from streams.codes import RefusalCode
from streams.duration import spell
from streams.errors import Refused
from streams.message import Body
from streams.portion import Portion
from streams.said import Change, Command, Receipt, Verdict, Verdicts
from streams.topics import CHANGES
from tables.alarm import LETTERS
from tables.configured import Configured
from tables.respond import acknowledgement, alert, document, escalation, order, receipt, summary
from tables.respond.lifecycle import Status
from tables.row import Row

REMEMBERED = 256  # command ids of a team, so that a repeated request is answered once


class Respond(Configured):
    """Alerts, groups and escalations of the teams of one partition, and the configuration that they own."""

    stage = "respond"
    levels = (
        "head", "config", "team", "document", "alert", "inhibition", "mute", "group", "escalation", "summary",
    )  # fmt: skip
    kinds = ("endpoint", "policy", "route")

    def begin(self, offset: int) -> None:
        """Turn to the next input: nothing of the last one lingers."""
        super().begin(offset)
        self.own = False  # whether the input is our alarm about dead letters
        self.hasty: set[str] = set()  # escalations that are due as soon as the input has been taken in whole

    def shelf(self, row: Row) -> str:
        """Alerts are looked for by their group."""
        return alert.shelf(row) if row.key[0] == "4" else ""

    def on_verdicts(self, message: Body) -> None:
        """What detect judged; each verdict stands by itself."""
        self.own = LETTERS in _rules(message.get("verdicts"))
        said = Verdicts.read(message)
        if self.enter(said.team) is None:
            return
        for n, verdict in enumerate(said.verdicts):
            if why := self.unit(self._hear, said, verdict):
                self.bury(f"verdict {n}", why, "verdicts")
        self.hurry()

    def hurry(self) -> None:
        """Tell people now of what must not wait for the next tick: once for all that one input brought."""
        keys, self.hasty = sorted(self.hasty), set()
        for key in keys:
            row = self.rows.get(key)
            due = row is not None and row.wake == self.clock.attended + 1
            if self.speaking and due and not self.newer(key):
                self.wake(key)

    def _hear(self, said: Verdicts, verdict: Verdict) -> None:
        alert.hear(self, said, verdict)

    def on_command(self, message: Body) -> None:
        """What a person wants: done or refused, and either is told with its reason."""
        command = Command.read(message)
        entry = self.enter(command.team)
        if entry is None or command.id in entry.value.get("commands", []):
            return
        entry.value["commands"] = [*entry.value.get("commands", []), command.id][-REMEMBERED:]
        done: list[str] = []
        why = self.unit(self._obey, command, done)
        if why is not None and not isinstance(why, Refused):
            self.bury("command", why, "command")
        if self.replaying:
            return  # what it decides about may be newer than it; it was answered then
        what, reason = ("refused", f"{why}") if why else ("accepted", done[0])
        self.send(
            CHANGES, command.team, Change, f"command/{command.id}", team=command.team, subject="command",
            subject_id=command.id, what=what, reason=reason, by=command.by.name, alert_id=command.alert_id,
            snapshot={"command": command.id, "result": what, "do": command.do, "digest": command.digest,
                      "code": why.code if isinstance(why, Refused) else "failed" if why else ""},
        )  # fmt: skip

    def _obey(self, command: Command, done: list[str]) -> None:
        if (
            command.deadline is not None and self.clock.now > command.deadline
        ):  # by record time: a replay says the same
            raise Refused(overdue(self.clock.now - command.deadline), RefusalCode.EXPIRED)
        access.require(command.by, access.Action(command.do), command.team)
        work = {"acknowledge": acknowledgement.acknowledge, "resolve": alert.resolve}.get(
            command.do, document.write
        )
        done.append(work(self, command))

    def on_portion(self, message: Body) -> None:
        """The next alerts of a group obey an order."""
        said = Portion.read(message)
        if self.enter(said.team) is not None:
            acknowledgement.carry_on(self, said)

    def on_receipt(self, message: Body) -> None:
        """What became of a notification."""
        said = Receipt.read(message)
        if self.enter(said.team) is not None:
            receipt.receive(self, said)

    def summarise(self, alert: dict[str, Any]) -> None:
        """An alert fired and ended while we were away."""
        summary.add(self, alert)

    def alarm(self, what: str, reason: str) -> None:
        """As every machine does, but never about such an alarm itself, which would go round for ever."""
        if not self.own:
            super().alarm(what, reason)

    def fire(self, row: Row) -> None:
        """Something is due: an acknowledgement or a resolved alert's rest ends, a portion, a summary, an escalation."""
        if row.key[0] == "4" and row.value["status"] == Status.ACKNOWLEDGED:
            acknowledgement.expire(self, row)
        elif row.key[0] == "4":
            self.kill(row)
        elif row.key[0] == "7":
            order.again(self, row)
        elif row.key[0] == "9":
            summary.due(self, row)
        else:
            escalation.due(self, row)


def overdue(late: int) -> str:
    """Why a command is refused that arrived so many ms after its deadline."""
    return f"it came {spell(late)} after its deadline, when nobody waited for it any more: ask again"


def _rules(verdicts: object) -> list[object]:
    """The rules whose verdicts a message brings, whether it can be read or not."""
    said = cast(list[object], verdicts) if isinstance(verdicts, list) else []
    return [cast(Body, one).get("rule_id") for one in said if isinstance(one, dict)]
