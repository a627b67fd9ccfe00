"""The deliver machine: intents and outcomes of a recipient in; attempts, receipts and changes out."""

from __future__ import annotations

from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.messages.envelope import Body
from streams.messages.said import Cancel, Notification, Outcome
from tables.deliver import notification
from tables.kernel.configuration import Configured
from tables.kernel.row import Row

LOG = f"endpoint/{PLATFORM}/log"


class Deliver(Configured):
    """The ledger of the recipients of one partition."""

    stage = "deliver"
    levels = ("head", "config", "recipient", "notification")
    kinds = ("endpoint",)

    def shelf(self, row: Row) -> str:
        """Notifications are looked for by recipient and group."""
        return notification.shelf(row) if row.key[0] == "3" else ""

    def endpoint(self, to: str) -> Endpoint | None:
        """The endpoint that a notification names; the platform's log exists without a document."""
        _, owner, name = (*to.split("/", 2), "", "")[:3]
        found = self.documents.get(f"1/{owner}/endpoint/{name}")
        if isinstance(found, Endpoint):
            return found
        return Endpoint(name="log", channel="log") if to == LOG else None

    def on_notification(self, message: Body) -> None:
        """Somebody shall be told."""
        said = Notification.read(message)
        if self.enter(said.to) is not None:
            notification.take(self, said)

    def on_cancel(self, message: Body) -> None:
        """Somebody need not be told any more."""
        said = Cancel.read(message)
        if self.enter(said.to) is not None:
            notification.cancel(self, said)

    def on_outcome(self, message: Body) -> None:
        """What a sink reports of one attempt."""
        said = Outcome.read(message)
        if self.enter(said.to) is not None:
            notification.hear(self, said)

    def fire(self, row: Row) -> None:
        """A notification's deadline has come."""
        notification.due(self, row)
