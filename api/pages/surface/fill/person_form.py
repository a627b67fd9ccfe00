"""The form of a person: a name, addresses, and by which of them they are told."""

from __future__ import annotations

from typing import Any

from api.pages.surface.fill.form_field import Body, FormField, Given, in_order, plain, put, several, text_of

LINES = ("name", "team", "full_name", "login", "email", "phone", "time_zone")
ORDER = (*LINES, "contact")
FOR = " for "


def fields(body: Body) -> list[FormField]:
    """What the form shows of a person's fields."""
    hints = {"login": "their name in tokens", "phone": "+4930123456", "time_zone": "Europe/Berlin"}
    shown = [plain(body, name, hints.get(name, "")) for name in LINES]
    ways = "\n".join(_said(contact) for contact in _contacts(body))
    hint = "one a line: email, sms, or the name of an endpoint; `sms for critical`"
    return [*shown, FormField("ways", "Told by", ways, hint, lines=True)]


def _contacts(body: Body) -> list[Body]:
    contacts: Any = body.get("contact")
    return (
        [contact for contact in contacts if isinstance(contact, dict)] if isinstance(contacts, list) else []
    )


def _way(contact: Body) -> str:
    return text_of(contact.get("channel") or contact.get("endpoint"))


def _said(contact: Body) -> str:
    when = contact.get("when")
    return _way(contact) + (f"{FOR}{text_of(when)}" if when else "")


def written(body: Body, given: Given) -> Body:
    """The fields of the person as the form says them; what a way has besides, such as its confirmation, stays."""
    made = dict(body)
    for name in LINES:
        put(made, name, given.get(name))
    known = {_way(contact): contact for contact in _contacts(body)}
    put(
        made,
        "contact",
        [_contact(line, known) for line in given.get("ways", "").splitlines() if line.strip()],
    )
    return in_order(made, ORDER)


def _contact(line: str, known: dict[str, Body]) -> Body:
    way, _, when = (part.strip() for part in line.partition(FOR))
    contact = dict(known.get(way) or ({"channel": way} if way in ("email", "sms") else {"endpoint": way}))
    put(contact, "when", several(when))
    return contact
