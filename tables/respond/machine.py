"""The respond machine: verdicts, commands and receipts of a team in; changes, notifications and configuration out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal, cast

from streams import access
from streams.calendar.duration import spell
from streams.codes import CommandReason, RefusalCode
from streams.documents.document import Owned
from streams.documents.policy import Policy
from streams.documents.report import ScheduledReport
from streams.documents.suppression.inhibition import Inhibition
from streams.errors import Refused
from streams.messages.bulk import BulkChunk, SuppressionChunk
from streams.messages.change import Change, CommandSnapshot
from streams.messages.command import AlertAction, Command
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.receipt import Receipt
from streams.messages.tick import Tick
from streams.messages.verdict import Verdict, Verdicts
from streams.signature import Signer
from streams.topics import CHANGES
from tables.kernel.alarm import LETTERS
from tables.kernel.configuration import Configured
from tables.kernel.level import level_name, owner_of
from tables.kernel.row import AnyRow
from tables.respond import pipeline
from tables.respond.commands import COMMANDS
from tables.respond.context import Context
from tables.respond.escalation.pipeline import escalation_due, receipt_came
from tables.respond.escalation.state import deadline
from tables.respond.group import pipeline as group
from tables.respond.levels import (
    ALERT,
    CONTACT,
    COVER,
    DIGEST,
    ESCALATION,
    GROUP,
    LEVELS,
    PATH,
    REPORT,
    SHIFT,
    SUPPRESSION,
    TEAM,
    Team,
)
from tables.respond.oncall import pipeline as oncall
from tables.respond.oncall.path_pipeline import path_due, policy_changed
from tables.respond.report import pipeline as report
from tables.respond.suppression import pipeline as suppression
from tables.respond.suppression.suppressors import KINDS, Suppressors, sources

PLANS = 1_000  # resolved ones that are kept at hand
REMEMBERED = 256  # command ids of a team, so that a repeated request is answered once


class Respond(Configured):
    """Alerts, groups and escalations of the teams of one partition, and the configuration that they own."""

    stage = "respond"
    levels = LEVELS
    entry = TEAM
    kinds = ("endpoint", "policy", "route", "person", "team", "schedule", "override", "report", *KINDS)
    reads: ClassVar[Mapping[str, type[Message]]] = {
        "tick": Tick, "config": ConfigRevision, "verdicts": Verdicts, "command": Command, "chunk": BulkChunk,
        "recheck": SuppressionChunk, "receipt": Receipt,
    }  # fmt: skip

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """As every machine."""
        self.ctx = Context(self)
        super().__init__(name, signer, stored)

    def begin(self, offset: int) -> None:
        """Turn to the next input: nothing of the last one lingers."""
        super().begin(offset)
        self._about_ourselves = False  # whether the input is our alarm about dead letters
        self.ctx.urgent.clear()
        self.ctx.sources.clear()
        if len(self.ctx.plans) > PLANS:
            self.ctx.plans.clear()

    def on_verdicts(self, verdicts: Verdicts) -> None:
        """What detect judged; each verdict stands by itself."""
        self._about_ourselves = any(verdict.rule_id == LETTERS for verdict in verdicts.verdicts)
        if self.open_entry_row(verdicts.team) is None:
            return
        for number, verdict in enumerate(verdicts.verdicts):
            if why := self.savepoint(self._on_verdict, verdicts, verdict):
                self.dead_letter(f"verdict {number}", why, "verdicts")

    def _on_verdict(self, verdicts: Verdicts, verdict: Verdict) -> None:
        pipeline.verdict_came(self.ctx, verdicts, verdict)

    def after_input(self, kind: str) -> None:
        """What one input has brought is told of once it has all been taken in, and what it explains is left out."""
        if self.ctx.sources:
            self._letters(suppression.sources_changed(self.ctx), kind)
        self.notify_urgent()

    def compile(self) -> None:
        """Parse the documents anew, and find again which alerts inhibit others."""
        super().compile()
        self.ctx.plans.clear()
        self.ctx.suppressors = Suppressors(self.documents.values())
        self._index_sources()

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A document that suppresses has come, changed or gone: what it concerns is looked at anew."""
        self.ctx.plans.clear()
        known = after or before
        if known is not None and known.type in oncall.KINDS:
            oncall.schedule_changed(self.ctx, before, after)
        if isinstance(known, Policy):
            policy_changed(self.ctx, cast("Policy | None", before), cast("Policy | None", after))
        if isinstance(known, ScheduledReport):
            report.report_changed(self.ctx, known)
        if known is None or known.type not in KINDS:
            return
        self.ctx.suppressors.put(after, before)
        if known.type == Inhibition.type:
            self._index_sources()
        self._letters(suppression.document_changed(self.ctx, before, after), "config")

    def _index_sources(self) -> None:
        """Let alerts stand under the names of the inhibitions of which they are sources."""
        self._derived.clear()
        for row in self.scan(ALERT.name):
            self.index_keys.put(row.key, self._names(row))

    def more_names(self, row: AnyRow) -> tuple[str, ...]:
        """An open alert is looked for as a source of inhibitions."""
        if level_name(row.key) != ALERT.name:
            return ()
        names = sources(self.ctx.suppressors, row.value)
        return tuple(f"{ALERT.name}/{name}" for name in names)

    def _letters(self, failures: Iterable[suppression.FailedRow], kind: str) -> None:
        for failure in failures:
            self.dead_letter(ALERT.key(failure.alert), failure.why, kind)

    def on_recheck(self, chunk: SuppressionChunk) -> None:
        """The next alerts are looked at anew, since what suppresses has begun, changed or ended."""
        if self.open_entry_row(chunk.team) is not None:
            self._letters(suppression.chunk_came(self.ctx, chunk), "recheck")

    def notify_urgent(self) -> None:
        """Tell people now of what must not wait for the next tick: once for all that one input brought."""
        for key in sorted(self.ctx.urgent):
            row = self.rows.get(key)
            due = deadline(row.value) if row is not None and row.value is not None and not row.dead else None
            if self.may_emit and due is not None and due <= self.clock.active and not self.newer(key):
                self.act(key)

    def on_command(self, command: Command) -> None:
        """What a person wants: done or refused, and either is told with its reason."""
        entry = self.open_entry_row(command.team)
        known: Team = (entry.value if entry is not None else None) or Team()
        if entry is None or command.id in known.commands:
            return
        entry.value = Team((*known.commands, command.id)[-REMEMBERED:])
        done: list[str | Refused] = []
        why = self.savepoint(self._carry_out, command, done)
        if why is not None and not isinstance(why, Refused):
            self.dead_letter("command", why, "command")
        if not self.replaying:  # what it decides about may be newer than it; it was answered then
            self._answer(command, why or done[0])
        self.notify_urgent()

    def _answer(self, command: Command, outcome: Exception | str) -> None:
        """Tell what became of a command: what was done in words, or why it was refused."""
        action, code, failure = command.action, CommandReason.DONE.value, isinstance(outcome, Exception)
        if isinstance(outcome, Exception):
            code = (outcome.code if isinstance(outcome, Refused) else RefusalCode.FAILED).value
        result: Literal["accepted", "refused"] = "refused" if failure else "accepted"
        self.emit(CHANGES, command.team, Change(
            id=f"command/{command.id}", at=self.clock.now, team=command.team, subject="command",
            subject_id=command.id, what=result, reason_code=code, reason=f"{outcome}", by=command.by.name,
            alert_id=action.alert_id if isinstance(action, AlertAction) else "",
            command=CommandSnapshot(
                command=command.id, result=result, do=action.do, digest=command.digest
            ),
        ))  # fmt: skip

    def _carry_out(self, command: Command, done: list[str | Refused]) -> None:
        permission = access.Permission(command.action.do)
        if permission not in access.OF_ONESELF:  # else the step asks: the document says whose data it is
            access.require(command.by, permission, command.team, command.action.document)
        if command.deadline is not None and (late := self.clock.now - command.deadline) > 0:
            words = f"it came {spell(late)} after its deadline, when nobody waited for it any more: ask again"
            raise Refused(words, RefusalCode.EXPIRED)  # by record time: a replay says the same
        done.append(COMMANDS[type(command.action)](self.ctx, command))

    def on_chunk(self, chunk: BulkChunk) -> None:
        """The next alerts of a group obey an acknowledgement."""
        if self.open_entry_row(chunk.team) is not None:
            for owner, why in group.chunk_came(self.ctx, chunk):
                self.dead_letter(ALERT.key(owner), why, "chunk")

    def on_receipt(self, receipt: Receipt) -> None:
        """What became of a notification."""
        if self.open_entry_row(receipt.team) is not None:
            receipt_came(self.ctx, receipt)

    def alarm(self, what: str, reason: str) -> None:
        """As every machine does, but never about such an alarm itself, which would go round for ever."""
        if not self._about_ourselves:
            super().alarm(what, reason)

    def on_deadline(self, row: AnyRow) -> None:
        """Something is due: an alert, a chunk of its group, an escalation, a digest."""
        owner = owner_of(row.key)
        match level_name(row.key):
            case ALERT.name:
                pipeline.alert_due(self.ctx, row)
            case COVER.name:
                self._letters(suppression.cover_due(self.ctx, row, owner), "tick")
            case SUPPRESSION.name:
                suppression.snooze_due(self.ctx, row, owner)
            case GROUP.name:
                group.group_due(self.ctx, row)
            case ESCALATION.name:
                escalation_due(self.ctx, row, owner)
            case SHIFT.name | CONTACT.name | PATH.name | REPORT.name:
                self._of_calendar_due(row, owner)
            case DIGEST.name:
                pipeline.digest_due(self.ctx, row, owner)
            case other:
                raise AssertionError(f"rows of level {other} have no deadline")

    def _of_calendar_due(self, row: AnyRow, owner: str) -> None:
        """A shift may be somebody else's now, a policy is walked, a report is due, or codes sent count no more."""
        match level_name(row.key):
            case SHIFT.name:
                oncall.shift_due(self.ctx, row, owner)
            case PATH.name:
                path_due(self.ctx, row, owner)
            case REPORT.name:
                report.report_due(self.ctx, row, owner)
            case _:
                self.mark_deleted(row)
