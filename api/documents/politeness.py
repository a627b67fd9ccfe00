"""A recipient and an alert in, what holds a message about it out: deliver's own rules, on the documents as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.codes import NotifyReason
from streams.messages.alert import AlertSnapshot
from streams.messages.notification import Notification

if TYPE_CHECKING:
    from tables.deliver.politeness.hold import HoldUntil
    from tables.world import World


class Politeness:
    """The rules of one world's deliver. What depends on what a recipient has had lately stands in the timeline."""

    def __init__(self, world: World) -> None:
        """`world`: with all documents."""
        from tables.deliver.machine import Deliver  # late: the API starts sooner without the machines

        machine = world.machines["deliver"]
        assert isinstance(machine, Deliver)
        self._ctx = machine.ctx

    def hold(self, to: str, alert: AlertSnapshot, at: int) -> HoldUntil | None:
        """What holds a message about an alert to a recipient, `endpoint/…` or `person/…`, at an instant, ms UTC."""
        from tables.deliver.politeness.decide import Destination, consider
        from tables.deliver.recipient import Recipient

        endpoint = self._ctx.endpoint(to)
        addressees = self._ctx.addressees(to, alert.severity)
        destination = Destination(endpoint, addressees) if endpoint else None
        notification = Notification(
            id="explain", at=at, to=to, team=alert.team, group="", what="firing", severity=alert.severity, title="",
            reason_code=NotifyReason.FIRST_ALERT, reason="", step=0, count=1, alerts=(), deadline=at,
        )  # fmt: skip
        moment = self._ctx.moment._replace(now=at)
        return consider(Recipient(), notification, destination, None, moment).hold
