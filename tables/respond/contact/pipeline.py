"""The path of what people do about how they are reached: have a code sent, send it back, change an address."""

from __future__ import annotations

from streams import access
from streams.calendar.duration import spell
from streams.calendar.instant import rfc3339
from streams.codes import NotifyReason, RefusalCode
from streams.documents.document import derived
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import Confirmation, Contact, PersonDocument
from streams.errors import Refused
from streams.messages.command import Command, ConfirmContact, EditContact, SendCode
from streams.messages.notification import Notification
from streams.topics import NOTIFY
from tables.respond.contact import codes
from tables.respond.contact.edit import edited
from tables.respond.context import Context
from tables.respond.document.pipeline import rewrite_document
from tables.respond.levels import CONTACT
from tables.respond.route.state import owners


def code_id(command_id: str) -> str:
    """The id of the notification by which a code is sent."""
    return f"code/{command_id}"


def send_code(ctx: Context, command: Command, action: SendCode) -> str:
    """A code goes to a person by one of their methods. Returns in words that it is under way."""
    person, contact = _meant(ctx, command, action.person, action.method)
    to, channel = _recipient(ctx, person, contact)
    if channel == "log":
        words = f"endpoint {contact.sender} writes to a log, where no code may stand: write `confirmed: yes`"
        raise Refused(words)
    row = ctx.open(CONTACT, f"{person.team}/{person.name}")
    if row is None:
        return ""
    now = ctx.moment.now
    row.value = codes.sent(row.value, contact.method, action.proof, now)
    words = f"whether this reaches {person.called} is to be confirmed: send the code back within {spell(codes.LASTS)}"
    ctx.emit(NOTIFY, to, Notification(
        id=code_id(command.id), at=now, to=to, team=person.team, group=f"{person.team}/{derived('code', command.id)}",
        what="code", severity="info", title="your code", reason_code=NotifyReason.CONTACT_CODE, reason=words, step=0,
        count=0, alerts=(), deadline=now + codes.LASTS, code=action.code,
    ))  # fmt: skip
    return f"a code goes to {person.called} by {contact.named}"


def confirm_contact(ctx: Context, command: Command, action: ConfirmContact) -> str | Refused:
    """A code comes back. Returns that its method counts now, or why not: a wrong answer is counted all the same."""
    person, contact = _meant(ctx, command, action.person, action.method)
    row = ctx.open(CONTACT, f"{person.team}/{person.name}")
    if row is None:
        return ""
    answer = codes.answered(row.value, contact.method, action.proof, ctx.moment.now)
    row.value = answer.after
    if answer.refusal is not None:
        return answer.refusal
    confirmation = Confirmation(at=rfc3339(ctx.moment.now), by=command.by.name)
    rewrite_document(ctx, command, person, lambda known: known.confirmed_by(contact.method, confirmation))
    return f"{contact.named} of {person.called} is confirmed"


def edit_contact(ctx: Context, command: Command, action: EditContact) -> str:
    """A person is reached otherwise from now on. Returns that in words."""
    person = _person(ctx, command, action.person)
    vouches = access.may(command.by, access.Permission.PUT, person.team, PersonDocument.type) is None
    now = ctx.moment.now
    rewrite_document(
        ctx, command, person, lambda known: edited(known, action.fields, vouches, now), action.revision
    )
    return f"how {person.called} is reached has changed"


def _meant(ctx: Context, command: Command, name: str, method: str) -> tuple[PersonDocument, Contact]:
    """The person and the contact that are meant; Refused where there is none, or where it is not for who asks."""
    person = _person(ctx, command, name)
    contact = person.contact_by(method)
    if contact is None:
        known = ", ".join(dict.fromkeys(each.method for each in person.contact))
        raise Refused(f"`method`: {name} has no {method!r:.60}; there are: {known}", RefusalCode.NOT_FOUND)
    return person, contact


def _person(ctx: Context, command: Command, name: str) -> PersonDocument:
    person = ctx.document(PersonDocument, command.team, name)
    permission = access.Permission(command.action.do)
    access.require_own(command.by, permission, command.team, person.login if person else "")
    if person is None:
        raise Refused(f"team {command.team} has no person {name}", RefusalCode.NOT_FOUND)
    return person


def _recipient(ctx: Context, person: PersonDocument, contact: Contact) -> tuple[str, str]:
    """To whom a code goes, and by which channel; Refused where what would send it does not exist, or cannot."""
    for owner in owners(person.team):
        endpoint = ctx.document(Endpoint, owner, contact.sender)
        if endpoint is None:
            continue
        if contact.channel is None:
            return f"endpoint/{owner}/{contact.sender}", endpoint.channel
        if endpoint.channel != contact.channel:
            sends = f"endpoint {contact.sender} sends by {endpoint.channel}, not by {contact.channel}"
            raise Refused(f"{sends}: name another in `through`")
        return f"person/{person.team}/{person.name}/{contact.channel}", endpoint.channel
    raise Refused(f"there is no endpoint {contact.sender} that could send it", RefusalCode.NOT_FOUND)
