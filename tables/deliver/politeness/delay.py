"""A contact that is to be told later than the others: how long what comes by it waits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from streams.calendar.duration import spell
from streams.codes import HoldReason
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.hold import HoldUntil
from tables.kernel.clock import Moment


class Delay(msgspec.Struct, frozen=True):
    """The row of a group's delay for a recipient: what is told of it meanwhile waits no longer than the first.

    `until`: ms on the active clock.
    """

    until: int


def deadline(delay: Delay) -> int | None:
    """When it is forgotten."""
    return delay.until


def delayed(
    addressees: Sequence[Addressee], known: Delay | None, moment: Moment
) -> tuple[Delay, HoldUntil] | None:
    """The delay of what comes by contacts, the shortest of several; None where one of them wants it at once."""
    waits = [each.contact.delay for each in addressees]
    if not waits or not min(waits):
        return None
    shortest = min(waits)
    began = known is not None and known.until > moment.active
    delay = known if known is not None and began else Delay(moment.active + shortest)
    addressee = addressees[waits.index(shortest)]
    words = f"{addressee.called} wants to hear this way {spell(shortest)} after the others"
    hold = HoldUntil(HoldReason.DELAYED, moment.instant(delay.until), words, document=addressee.document)
    return delay, hold
