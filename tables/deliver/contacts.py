"""A recipient in, the people whom it reaches out: whose address it is, or whose contact the endpoint is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from streams.documents.document import PLATFORM, Owned
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import Contact, PersonDocument
from streams.messages.envelope import Severity
from tables.kernel.configuration import Configured


class Addressee(NamedTuple):
    """A person whom something reaches, and the contact by which something comes."""

    person: PersonDocument
    contact: Contact

    @property
    def called(self) -> str:
        """The person's name in a sentence."""
        return self.person.called

    @property
    def document(self) -> str:
        """The person's document: `person/team/name`."""
        return f"person/{self.person.team}/{self.person.name}"


class ContactEndpoints:
    """Which people name an endpoint among their contacts, by the endpoint's name; derived from documents."""

    def __init__(self, documents: Iterable[Owned] = ()) -> None:
        """`documents`: all that there are."""
        self._people: dict[str, set[tuple[str, str]]] = {}
        for document in documents:
            self.put(None, document)

    def put(self, before: Owned | None, after: Owned | None) -> None:
        """A document has come, changed or gone."""
        for name, person in _named(before):
            self._people[name].discard(person)
        for name, person in _named(after):
            self._people.setdefault(name, set()).add(person)

    def people(self, name: str) -> list[tuple[str, str]]:
        """The teams and names of the people who name an endpoint of this name, sorted."""
        return sorted(self._people.get(name, ()))


def _named(document: Owned | None) -> list[tuple[str, tuple[str, str]]]:
    if not isinstance(document, PersonDocument):
        return []
    who = document.team, document.name
    return [(contact.endpoint, who) for contact in document.contact if contact.endpoint]


def addressees(
    machine: Configured, endpoints: ContactEndpoints, to: str, severity: Severity
) -> tuple[Addressee, ...]:
    """Whom a recipient reaches with something of a severity; nobody that we know where it is a room or a program."""
    kind, team, name, channel = (*to.split("/", 3), "", "", "")[:4]
    if kind == "person":
        contacts = [(team, name, channel)]
    else:
        holders = [who for who in endpoints.people(name) if _sends(machine, who[0], name) == team]
        contacts = [(*who, f"endpoint/{name}") for who in holders]
    people: list[Addressee] = []
    for owner, called, method in contacts:
        person = machine.document(PersonDocument, owner, called)
        contact = person.contact_for(method, severity) if person else None
        if person is not None and contact is not None:
            people.append(Addressee(person, contact))
    return tuple(people)


def _sends(machine: Configured, team: str, name: str) -> str:
    """Whose endpoint somebody of a team means by a name."""
    return team if machine.document(Endpoint, team, name) is not None else PLATFORM
