"""What a decision of deliver may use: the moment, endpoints, the rows of a level, and a way to say something."""

from __future__ import annotations

from typing import TypeVar

from streams.canary.names import canary_channel, is_canary
from streams.channels.log import LogEndpoint
from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.messages.envelope import Message, Severity
from streams.topics import CHANGES
from tables.deliver.contacts import Addressee, ContactEndpoints, addressees
from tables.deliver.personal_endpoint import personal_endpoint, personal_endpoint_unheard_of
from tables.kernel.clock import Moment
from tables.kernel.configuration import CONFIG, Configured
from tables.kernel.level import Level, owner_of
from tables.kernel.row import Row

V = TypeVar("V")
KEPT = 4_096  # recipients whose endpoint is kept at hand
LOG = f"endpoint/{PLATFORM}/log"  # exists without a document


class Context:
    """One partition as the present input finds it."""

    def __init__(self, machine: Configured) -> None:
        """Looks at a machine; one for its whole life."""
        self._machine = machine
        self.contact_endpoints = ContactEndpoints()
        self._endpoints: dict[tuple[str, bool], Endpoint | None] = {}  # by recipient, as documents are now

    @property
    def machine_name(self) -> str:
        """What tells the partition from others."""
        return self._machine.name

    @property
    def moment(self) -> Moment:
        """The input's place in the log and on both clocks."""
        return self._machine.moment

    def endpoint(self, to: str, unconfirmed: bool = False) -> Endpoint | None:
        """The endpoint that a notification names; the platform's log and those of canaries exist without a document.

        A person's address is told by the endpoint that sends to such ones; `unconfirmed`: also one that does not count.
        """
        asked = to, unconfirmed
        if asked not in self._endpoints:
            if len(self._endpoints) >= KEPT:
                self._endpoints.clear()
            self._endpoints[asked] = self._found_endpoint(to, unconfirmed)
        return self._endpoints[asked]

    def documents_changed(self) -> None:
        """What was read from documents is read anew."""
        self._endpoints.clear()

    def _found_endpoint(self, to: str, unconfirmed: bool) -> Endpoint | None:
        if channel := canary_channel(to):
            return Endpoint(name=channel, channel=channel)
        kind, owner, name = (*to.split("/", 2), "", "")[:3]
        if kind == "person":
            return personal_endpoint(self._machine, f"{owner}/{name}", unconfirmed)
        endpoint = self._machine.document(Endpoint, owner, name)
        if endpoint is None and to == LOG:
            return LogEndpoint(name="log", channel="log")
        return endpoint

    def deleted_endpoint(self, to: str) -> Endpoint | None:
        """The endpoint as it was before it was deleted, where what it was told of would else stay open there."""
        _, owner, name = (*to.split("/", 2), "", "")[:3]
        endpoint = self._machine.deleted.get(CONFIG.key(f"{owner}/{Endpoint.type}/{name}"))
        return endpoint if isinstance(endpoint, Endpoint) and endpoint.shows_acknowledgements else None

    def unheard_of(self, to: str, unconfirmed: bool = False) -> bool:
        """Whether no document of what a notification names was ever heard of: it may be on its way, in another log."""
        kind, owner, name = (*to.split("/", 2), "", "")[:3]
        if kind == "person":
            return personal_endpoint_unheard_of(self._machine, f"{owner}/{name}", unconfirmed)
        return self.endpoint(to) is None and not self._machine.revision(owner, Endpoint.type, name)

    def addressees(self, to: str, severity: Severity) -> tuple[Addressee, ...]:
        """Whom a recipient reaches with something of a severity, as far as documents say."""
        return addressees(self._machine, self.contact_endpoints, to, severity)

    def get(self, level: Level[V], owner: str) -> V | None:
        """What the living row of an owner holds."""
        return self._machine.get(level, owner)

    def open(self, level: Level[V], owner: str) -> Row[V | None] | None:
        """The row, for writing; None where it is newer than the input, which was done then."""
        return self._machine.open(level.key(owner))

    def owners(self, level: Level[V], name: str) -> list[str]:
        """Whose rows are looked for under a name, sorted."""
        return [owner_of(row.key) for row in self._machine.scan_sorted(f"{level.name}/{name}")]

    def mark_deleted(self, row: Row[V | None]) -> None:
        """End an open row."""
        self._machine.mark_deleted(row)

    def next_id(self, row: Row[V | None]) -> str:
        """The id of the next message that an open row decides."""
        return self._machine.next_id(row)

    def emit(self, topic: str, key: str, message: Message) -> None:
        """Send one message; of a canary the product's memory keeps nothing."""
        if topic == CHANGES and is_canary(key):
            return
        self._machine.emit(topic, key, message)
