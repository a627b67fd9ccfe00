"""People: a name, what they can be reached by, and which of that counts for which severity."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from streams.calendar.zone import zone
from streams.channels.email import addresses, joined
from streams.channels.shared.provider import shape_flaw
from streams.channels.shared.twilio import NUMBER, NUMBER_SAYS
from streams.documents.document import Flag, Length, Name, Owned, Part, Several, length_of
from streams.documents.endpoint import Sealing, Secret, is_open
from streams.documents.oncall.quiet_hours import QuietHours, quiet_until
from streams.messages.envelope import Severity

# channels that reach an address, and the field that holds it
ADDRESSES = {"email": "email", "sms": "phone", "voice": "phone"}
LONGEST_DELAY = 3_600_000  # ms: what comes later than that is of no use
Severities = Annotated[list[Severity], Several]
_WHOLE = "say either `endpoint: NAME`, or `channel: email`, `sms` or `voice`"


class Contact(Part):
    """One way to reach somebody: an endpoint of their own, or their address through an endpoint of that channel.

    `through`: the endpoint that sends, by default the one named like the channel; `when`: severities, none for all;
    `confirmed`: whether somebody who administers the team knows that it reaches them. An endpoint counts unless it says
    no; an address once it says yes, or once the person has sent back a code (`PersonDocument.confirmations`).
    `delay`: how much later it is told than others; `quiet_hours`, `quiet_for`: instead of the person's own.
    """

    endpoint: Name | None = None
    channel: Literal["email", "sms", "voice"] | None = None
    through: Name | None = None
    when: Severities = Field(default=[], max_length=3)
    confirmed: Flag | None = None
    delay: Annotated[Length, length_of(most=LONGEST_DELAY)] = Field(default=0, le=LONGEST_DELAY)
    quiet_hours: QuietHours | None = None
    quiet_for: Severities | None = Field(default=None, max_length=3)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.endpoint is None) == (self.channel is None):
            raise ValueError(_WHOLE)
        if self.through is not None and self.channel is None:
            raise ValueError("`through` belongs to a `channel`: leave it out")
        return self

    @property
    def method(self) -> str:
        """What names it among the person's: the channel of an address, or `endpoint/NAME`."""
        return self.channel or f"endpoint/{self.endpoint}"

    @property
    def vouched(self) -> bool:
        """Whether it counts without a code."""
        return self.endpoint is not None if self.confirmed is None else self.confirmed

    @property
    def sender(self) -> str:
        """The endpoint that is told, or that sends to the address."""
        return self.endpoint or self.through or str(self.channel)

    @property
    def named(self) -> str:
        """The way in a sentence."""
        return f"endpoint {self.endpoint}" if self.endpoint else str(self.channel)


class Confirmation(Part):
    """That a code came back which was sent by a method: when (RFC 3339), and who sent it back."""

    at: str = Field(max_length=40)
    by: str = Field(max_length=200)


class PersonDocument(Sealing):
    """Somebody who can be told. E-mail, phone and handles are sealed; `contact` says which way counts when.

    `login`: the name in their token, by which they may edit their own contact data. `confirmations` is kept by Tocsin:
    the methods by which a code came back, for as long as the address is the same. `quiet_hours`: hours of the week in
    the person's zone in which what is of a severity of `quiet_for` waits until they are over.
    """

    type = "person"
    kept_fields = frozenset({"confirmations"})
    login: str = Field(default="", max_length=200)
    full_name: str = Field(default="", max_length=100)
    email: Secret = Field(default="", max_length=2_000)
    phone: Secret = Field(default="", max_length=2_000)
    handles: Annotated[Secret, BeforeValidator(joined, json_schema_input_type=str | list[str])] = Field(
        default="", max_length=2_000
    )
    time_zone: str = Field(default="UTC", max_length=100)
    quiet_hours: QuietHours = Field(default_factory=list[str])
    quiet_for: Severities = Field(default=["warning", "info"], max_length=3)
    contact: list[Contact] = Field(max_length=20)
    confirmations: dict[str, Confirmation] = Field(default_factory=dict[str, Confirmation])

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        zone(name)
        return name

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.contact:
            raise ValueError("`contact`: nobody could reach them: write for instance [{endpoint: ben-phone}]")
        for place, contact in enumerate(self.contact):
            field = ADDRESSES.get(contact.channel or "", "")
            if field and not getattr(self, field):
                raise ValueError(
                    f"`contact.{place}`: {contact.channel} needs `{field}`: say it, or leave this out"
                )
        return self

    def flaws(self) -> list[tuple[str, str]]:
        """Addresses that are none; never a word of their content."""
        return [(field, says) for field, says in (("email", self._mail()), ("phone", self._number())) if says]

    def _mail(self) -> str:
        try:
            many = len(addresses(self.email)) > 1 if is_open(self.email) else False
        except ValueError:
            return "must be an address such as ben@example.com"
        return "must be one address, not several" if many else ""

    def _number(self) -> str:
        return shape_flaw(self.phone, NUMBER, NUMBER_SAYS) if self.phone else ""

    @property
    def called(self) -> str:
        """The person's name in a sentence."""
        return self.full_name or self.name

    def counts(self, contact: Contact) -> bool:
        """Whether one of their contacts is known to reach them."""
        return contact.vouched or contact.method in self.confirmations

    def ways(self, severity: Severity) -> list[Contact]:
        """The ways that count for a severity."""
        return [contact for contact in self._meant(severity) if self.counts(contact)]

    def unconfirmed(self, severity: Severity) -> list[Contact]:
        """The ways that would count for a severity if somebody had confirmed them."""
        return [contact for contact in self._meant(severity) if not self.counts(contact)]

    def _meant(self, severity: Severity) -> list[Contact]:
        return [contact for contact in self.contact if not contact.when or severity in contact.when]

    def quiet_until(self, contact: Contact, severity: Severity, at: int) -> int | None:
        """When the quiet hours end that hold what comes by a contact at an instant, ms UTC; None where none do."""
        hours = self.quiet_hours if contact.quiet_hours is None else contact.quiet_hours
        held = self.quiet_for if contact.quiet_for is None else contact.quiet_for
        return quiet_until(hours, self.time_zone, at) if severity in held else None

    def contact_for(self, method: str, severity: Severity) -> Contact | None:
        """The contact by which something of a severity comes: one of the method that counts for it, else any."""
        named = [contact for contact in self.contact if contact.method == method]
        meant = (contact for contact in named if not contact.when or severity in contact.when)
        return next(meant, named[0] if named else None)

    def contact_by(self, method: str) -> Contact | None:
        """The contact that a method names; an endpoint also by its name alone."""
        named = (contact for contact in self.contact if method in (contact.method, contact.endpoint))
        return next(named, None)

    def taking_effect(self, before: Owned | None, now: int) -> Self:  # noqa: ARG002  # nothing of it is a matter of time
        """The person as they are from now on: what was confirmed stays so for as long as its address is the same."""
        kept: dict[str, Confirmation] = {}
        if isinstance(before, PersonDocument):
            known = before.confirmations
            kept = {method: known[method] for method in known if self._keeps(method, before)}
        return self.model_copy(update={"confirmations": kept})

    def _keeps(self, method: str, before: PersonDocument) -> bool:
        contact, was, field = self.contact_by(method), before.contact_by(method), ADDRESSES.get(method, "")
        if contact is None or (field and getattr(self, field) != getattr(before, field)):
            return False
        withdrawn = contact.confirmed is False and (was is None or was.confirmed is not False)
        return not withdrawn

    def confirmed_by(self, method: str, confirmation: Confirmation) -> Self:
        """The person with one more method by which a code came back."""
        return self.model_copy(update={"confirmations": {**self.confirmations, method: confirmation}})
