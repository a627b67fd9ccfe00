"""A person's address in, the endpoint that reaches it out: one of that channel, its recipient replaced."""

from __future__ import annotations

from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import ADDRESSES, Contact, PersonDocument
from tables.kernel.configuration import Configured

DEMONSTRATION = "demonstration"  # reaches nothing but its own documents


def personal_endpoint(machine: Configured, path: str, unconfirmed: bool = False) -> Endpoint | None:
    """The endpoint for a path `team/name/channel`; None where the person or what sends to them does not exist.

    `unconfirmed`: also where nobody has confirmed the address, as whoever is sent a code to confirm it.
    """
    team, name, channel = (*path.split("/", 2), "", "")[:3]
    person = machine.document(PersonDocument, team, name)
    contact = _contact(person, channel, unconfirmed)
    if person is None or contact is None:
        return None
    for owner in _senders(team):
        if (endpoint := machine.document(Endpoint, owner, contact.sender)) is not None:
            address = getattr(person, ADDRESSES[channel])
            return endpoint.model_copy(update={"to": address}) if endpoint.channel == channel else None
    return None


def personal_endpoint_unheard_of(machine: Configured, path: str, unconfirmed: bool = False) -> bool:
    """Whether nothing was ever heard of the person, or of what sends to them: their documents may be on their way."""
    team, name, channel = (*path.split("/", 2), "", "")[:3]
    if not machine.revision(team, PersonDocument.type, name):
        return True
    contact = _contact(machine.document(PersonDocument, team, name), channel, unconfirmed)
    owners = _senders(team)
    return contact is not None and not any(
        machine.revision(owner, Endpoint.type, contact.sender) for owner in owners
    )


def _contact(person: PersonDocument | None, channel: str, unconfirmed: bool) -> Contact | None:
    """How a person is reached by a channel; None where they are not, or nobody has confirmed that they are."""
    contacts = (contact for contact in person.contact if contact.channel == channel) if person else ()
    counting = (contact for contact in contacts if person and (unconfirmed or person.counts(contact)))
    return next(counting, None)


def _senders(team: str) -> tuple[str, ...]:
    """Whose endpoints send to the people of a team, the nearest first."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)
