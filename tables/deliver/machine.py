"""The deliver machine: notifications and outcomes of a recipient in; attempts, receipts and changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from streams.documents.document import Owned
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import Outcome
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.notification import Amend, Cancel, Hurry, Notification
from streams.messages.receipt import BundleOver, MissingOutcome
from streams.messages.tick import Tick
from streams.signature import Signer
from tables.deliver import pipeline
from tables.deliver.circuit import pipeline as circuit
from tables.deliver.contacts import ContactEndpoints
from tables.deliver.context import Context
from tables.deliver.levels import BUNDLE, CIRCUIT, DISPATCH, LEVELS, QUEUE, RECIPIENT
from tables.deliver.politeness import pipeline as politeness
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
        "bundle_over": BundleOver, "hurry": Hurry, "amend": Amend, "missing_outcome": MissingOutcome,
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

    def on_amend(self, amend: Amend) -> None:
        """What is still to be told is another thing by now."""
        if self.open_entry_row(amend.to) is not None:
            pipeline.amend_came(self.ctx, amend)

    def on_hurry(self, hurry: Hurry) -> None:
        """Somebody who was to hear later hears now."""
        if self.open_entry_row(hurry.to) is None:
            return
        for owner in pipeline.hurry_came(self.ctx, hurry):
            if self.may_emit:
                self.act(DISPATCH.key(owner))

    def on_outcome(self, outcome: Outcome) -> None:
        """What a sink reports of one attempt."""
        if self.open_entry_row(outcome.to) is not None:
            pipeline.outcome_came(self.ctx, outcome)

    def on_bundle_over(self, over: BundleOver) -> None:
        """What a bundle stood for has arrived with it, or has not."""
        if self.open_entry_row(over.to) is not None:
            politeness.bundle_over_came(self.ctx, over)

    def on_missing_outcome(self, missing: MissingOutcome) -> None:
        """An endpoint has said nothing of an attempt."""
        if self.open_entry_row(missing.to) is not None:
            circuit.outcome_missing(self.ctx, missing)

    def compile(self) -> None:
        """Parse the documents anew, and find again whose contacts endpoints are."""
        super().compile()
        self.ctx.documents_changed()
        self.ctx.contact_endpoints = ContactEndpoints(self.documents.values())

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A person names other endpoints, or an endpoint that failed is another one."""
        self.ctx.documents_changed()
        self.ctx.contact_endpoints.put(before, after)
        if isinstance(before, Endpoint) and before != after:
            circuit.endpoint_edited(self.ctx, before)

    def on_deadline(self, row: AnyRow) -> None:
        """A dispatch, a queue or a circuit is due; all other rows have been kept long enough."""
        match level_name(row.key):
            case DISPATCH.name:
                pipeline.dispatch_due(self.ctx, DISPATCH, row, owner_of(row.key))
            case BUNDLE.name:
                pipeline.dispatch_due(self.ctx, BUNDLE, row, owner_of(row.key))
            case QUEUE.name:
                pipeline.queue_due(self.ctx, row)
            case CIRCUIT.name:
                circuit.circuit_due(self.ctx, row)
            case _:
                self.mark_deleted(row)
