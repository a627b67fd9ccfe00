"""A person's address in, the endpoint that reaches it out: one of that channel, its recipient replaced."""

from __future__ import annotations

from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import ADDRESSES, PersonDocument
from tables.kernel.configuration import Configured

DEMONSTRATION = "demonstration"  # reaches nothing but its own documents


def personal_endpoint(machine: Configured, path: str, unconfirmed: bool = False) -> Endpoint | None:
    """The endpoint for a path `team/name/channel`; None where the person or what sends to them does not exist.

    `unconfirmed`: also where nobody has confirmed the address, as whoever is sent a code to confirm it.
    """
    team, name, channel = (*path.split("/", 2), "", "")[:3]
    person = machine.document(PersonDocument, team, name)
    contacts = (contact for contact in person.contact if contact.channel == channel) if person else ()
    counting = (contact for contact in contacts if person and (unconfirmed or person.counts(contact)))
    contact = next(counting, None)
    if person is None or contact is None:
        return None
    for owner in (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM):
        if (endpoint := machine.document(Endpoint, owner, contact.sender)) is not None:
            address = getattr(person, ADDRESSES[channel])
            return endpoint.model_copy(update={"to": address}) if endpoint.channel == channel else None
    return None
