"""Who is told of a group at the same time as one of its recipients: what a notification says of them."""

from __future__ import annotations

from typing import NamedTuple

from streams.messages.notification import CALLS
from tables.respond.escalation.state import Notify

SHOWN = 5  # names in one notification


class Others(NamedTuple):
    """The names of the first of them, and how many more there are."""

    names: tuple[str, ...] = ()
    more: int = 0


def others(notify: Notify, to: str) -> Others:
    """Who else hears what one recipient hears; nobody where there is nothing to do."""
    if notify.what not in CALLS:
        return Others()
    names = tuple(recipient_name(each) for each in notify.to[: SHOWN + 1] if each != to)[:SHOWN]
    return Others(names, max(0, len(notify.to) - 1 - len(names)))


def recipient_name(to: str) -> str:
    """A recipient without kind and team: `pager`, `anna/sms`."""
    return "/".join(to.split("/")[2:])
