"""A reply by SMS becomes a command: whose number it is, which group is meant, and what to say back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    people = (
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
            people.append(NumberOwner(f"person/{known.team}/{known.name}/sms", known.called))
    return people


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

    A reply names a group, or a bundle, by its code. One without is of the only group that there is, or of the bundle
    that told of all; where there are several else, nothing is done, since nobody can say which was meant.
    """
    known = {each.to: each.name for each in await recipients(deps, endpoint, reply.number)}
    if not known:
        return ""
    told = await deps.database.read(lambda c: groups.told_groups(c, known))
    meant = {group.group: group for group in told if group.key.startswith(reply.code)}
    bundle = _bundle(reply, told, meant)
    if not meant and not bundle:
        return (
            f"Nothing open has the code {reply.code}."
            if reply.code
            else "Nothing that you were told of is open."
        )
    if len(meant) > 1 and not bundle:
        return _several(reply, list(meant.values()))
    group = next(each for each in told if bundle in each.bundles) if bundle else next(iter(meant.values()))
    provider_answer = ProviderAnswer(
        reply.do, bundle or group.key, person(known[group.to], "SMS"), f"{reply.do}/{reply.id}", reply.at
    )
    return outcome(provider_answer, await obey(deps, group.to, provider_answer), group.message)


def _bundle(reply: SmsReply, told: Sequence[ToldGroup], meant: Mapping[str, ToldGroup]) -> str:
    """The key of the bundle that a reply means; "" where it means a group, or nobody can say which.

    Without a code it is the only one that told of all groups that are open.
    """
    if len(meant) == 1:
        return ""
    keys = frozenset[str]().union(*(group.bundles for group in told))
    if meant:
        whole = [key for key in keys if all(_in(key, name, told) for name in meant)]
    else:
        whole = [key for key in keys if key.startswith(reply.code)]
    return whole[0] if len(whole) == 1 else ""


def _in(key: str, name: str, told: Sequence[ToldGroup]) -> bool:
    return any(key in group.bundles for group in told if group.group == name)


def _several(reply: SmsReply, several: Sequence[ToldGroup]) -> str:
    word = WORDS[reply.do]
    named = "; ".join(f"{word} {group.key[:CODE]} for {group.message[:40]}" for group in several[:LISTED])
    return f"{len(several)} are open. Reply with the code: {named}"


def outcome(provider_answer: ProviderAnswer, decisions: Sequence[CommandDecision], about: str) -> str:
    """What came of an answer, for whoever gave it: of a bundle, of how many of its groups, and why not of the rest."""
    taken = sum(decision.status == "accepted" for decision in decisions)
    refused = [decision.reason for decision in decisions if decision.status == "refused"]
    of_all = f" {taken} of {len(decisions)}" if len(decisions) > 1 else ""
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    why = f"Not done: {refused[0][:150]}{more}" if refused else ""
    if taken:
        return f"{DONE[provider_answer.do]}{of_all}: {about[:100]}{f'. {why}' * bool(why)}"
    if why:
        return why
    return "Taken: it is under way." if decisions else "Somebody has it already, or it is over."
