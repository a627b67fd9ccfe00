"""A person and what they change about how they are reached in, the person as they are from then on out."""

from __future__ import annotations

from collections.abc import Mapping

from streams.documents.oncall.person import ADDRESSES, Contact, PersonDocument
from streams.errors import Refused

OWN_FIELDS = (
    "full_name", "email", "phone", "handles", "time_zone", "quiet_hours", "quiet_for", "contact",
)  # fmt: skip


def edited(before: PersonDocument, fields: Mapping[str, object], vouches: bool, now: int) -> PersonDocument:
    """The person with other fields. `vouches`: whether who edits may say `confirmed: yes`; others send a code back.

    What was confirmed stays so for as long as the address is the same, whoever confirmed it.
    """
    if foreign := sorted(set(fields) - set(OWN_FIELDS)):
        raise Refused(f"`{foreign[0]}` is not for the person to change: {', '.join(OWN_FIELDS)} are")
    after = PersonDocument.read(before.body() | dict(fields))
    if not vouches:
        contact = [_unvouched(place, each, before, after) for place, each in enumerate(after.contact)]
        after = after.model_copy(update={"contact": contact})
    return after.taking_effect(before, now)


def _unvouched(place: int, contact: Contact, before: PersonDocument, after: PersonDocument) -> Contact:
    """A contact of somebody who cannot vouch for it: an address that changes is not confirmed any more."""
    if not contact.confirmed:
        return contact
    was = before.contact_by(contact.method)
    if was is None or not was.confirmed:
        words = f"a code confirms it: `tocsin people confirm {after.name} {contact.method}`"
        raise Refused(f"`contact.{place}.confirmed`: {words}; leave it out")
    field = ADDRESSES.get(contact.method, "")
    moved = field and getattr(after, field) != getattr(before, field)
    return contact.model_copy(update={"confirmed": None}) if moved else contact
