"""The deliver machine: notifications and outcomes of a recipient in; attempts, receipts and changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from streams.messages.attempt import Outcome
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.notification import Cancel, Notification
from streams.messages.tick import Tick
from streams.signature import Signer
from tables.deliver import pipeline
from tables.deliver.context import Context
from tables.deliver.levels import DISPATCH, LEVELS, RECIPIENT
from tables.kernel.configuration import Configured
from tables.kernel.level import level_name, owner_of
from tables.kernel.row import AnyRow


class Deliver(Configured):
    """What the recipients of one partition are told."""

    stage = "deliver"
    levels = LEVELS
    entry = RECIPIENT
    kinds = ("endpoint", "person")
    reads: ClassVar[Mapping[str, type[Message]]] = {
        "tick": Tick, "config": ConfigRevision, "notification": Notification, "cancel": Cancel, "outcome": Outcome,
    }  # fmt: skip

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """As every machine."""
        self.ctx = Context(self)
        super().__init__(name, signer, stored)

    def on_notification(self, notification: Notification) -> None:
        """Somebody shall be told: at once, where anybody may be told anything."""
        if self.open_entry_row(notification.to) is None:
            return
        owner = pipeline.notification_came(self.ctx, notification)
        if owner and self.may_emit:
            self.act(DISPATCH.key(owner))

    def on_cancel(self, cancel: Cancel) -> None:
        """Somebody need not be told any more."""
        if self.open_entry_row(cancel.to) is not None:
            pipeline.cancel_came(self.ctx, cancel)

    def on_outcome(self, outcome: Outcome) -> None:
        """What a sink reports of one attempt."""
        if self.open_entry_row(outcome.to) is not None:
            pipeline.outcome_came(self.ctx, outcome)

    def on_deadline(self, row: AnyRow) -> None:
        """A dispatch is due; all other rows have been kept long enough."""
        if level_name(row.key) == DISPATCH.name:
            pipeline.dispatch_due(self.ctx, row, owner_of(row.key))
        else:
            self.mark_deleted(row)
