"""A reply by SMS becomes a command: whose number it is, which group is meant, and what to say back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.commands.command_client import CommandDecision
from api.commands.provider_answers import obey
from api.dependencies import Dependencies
from api.queries import documents as reading
from api.queries import groups
from api.queries.groups import ToldGroup
from sources.intake.answers import ProviderAnswer, person
from sources.intake.twilio import SmsReply
from streams.channels.sms import SmsEndpoint
from streams.channels.voice import VoiceEndpoint
from streams.documents.document import PLATFORM
from streams.documents.oncall.person import PersonDocument
from streams.documents.registry import identity

CODE = 6  # digits of a group's key that a message shows
LISTED = 4  # groups that an answer names
WORDS = {"acknowledge": "ACK", "resolve": "RESOLVE", "escalate": "ESCALATE"}
DONE = {"acknowledge": "Acknowledged", "resolve": "Resolved", "escalate": "The next step goes now"}


class NumberOwner(NamedTuple):
    """Who has a number: as a notification names them, and in words."""

    to: str
    name: str


async def recipients(deps: Dependencies, endpoint: SmsEndpoint, number: str) -> list[NumberOwner]:
    """Whose number it is, of those whom the endpoint tells: its own, or people's who are told through it."""
    found = (
        [NumberOwner(f"endpoint/{endpoint.team}/{endpoint.name}", endpoint.name)]
        if endpoint.to == number
        else []
    )
    teams = None if endpoint.team == PLATFORM else [endpoint.team]
    rows = await deps.database.read(lambda c: reading.all_of(c, "person", teams))
    for known in reading.readable(rows, deps.sealer):
        contact = (
            known.contact_by("sms") if isinstance(known, PersonDocument) and known.phone == number else None
        )
        if isinstance(known, PersonDocument) and contact is not None and contact.sender == endpoint.name:
            found.append(NumberOwner(f"person/{known.team}/{known.name}/sms", known.called))
    return found


async def tells(deps: Dependencies, endpoint: SmsEndpoint | VoiceEndpoint, to: str) -> bool:
    """Whether the endpoint is what tells a recipient: its own number, or people who name it as their way."""
    if to == f"endpoint/{endpoint.team}/{endpoint.name}":
        return True
    kind, team, name, method = (*to.split("/"), "", "", "", "")[:4]
    if kind != "person" or endpoint.team not in (PLATFORM, team):
        return False
    id_ = str(identity(team, kind, name))
    row = await deps.database.read(lambda c: reading.one(c, id_, None))
    known = next(iter(reading.readable([row] if row else [], deps.sealer)), None)
    contact = known.contact_by(method) if isinstance(known, PersonDocument) else None
    return contact is not None and contact.sender == endpoint.name


async def answer(deps: Dependencies, endpoint: SmsEndpoint, reply: SmsReply) -> str:
    """Do what a reply asks for, and say what came of it; "" to a number that is nobody's.

    A reply names a group by its code. One without is of the only group that there is; where there are several, nothing
    is done, since nobody can say which was meant.
    """
    known = {each.to: each.name for each in await recipients(deps, endpoint, reply.number)}
    if not known:
        return ""
    told = await deps.database.read(lambda c: groups.told_groups(c, known))
    meant = {group.group: group for group in told if group.key.startswith(reply.code)}
    if not meant:
        return (
            f"Nothing open has the code {reply.code}."
            if reply.code
            else "Nothing that you were told of is open."
        )
    if len(meant) > 1:
        return _several(reply, list(meant.values()))
    (group,) = meant.values()
    said = ProviderAnswer(
        reply.do, group.key, person(known[group.to], "SMS"), f"{reply.do}/{reply.id}", reply.at
    )
    return outcome(said, await obey(deps, group.to, said), group.message)


def _several(reply: SmsReply, several: Sequence[ToldGroup]) -> str:
    word = WORDS[reply.do]
    named = "; ".join(f"{word} {group.key[:CODE]} for {group.message[:40]}" for group in several[:LISTED])
    return f"{len(several)} are open. Reply with the code: {named}"


def outcome(said: ProviderAnswer, decisions: Sequence[CommandDecision], about: str) -> str:
    """What came of an answer, in words for whoever gave it."""
    if any(decision.status == "accepted" for decision in decisions):
        return f"{DONE[said.do]}: {about[:100]}"
    refused = next((decision.reason for decision in decisions if decision.status == "refused"), "")
    if refused:
        return f"Not done: {refused}"[:200]
    return "Taken: it is under way." if decisions else "Somebody has it already, or it is over."
