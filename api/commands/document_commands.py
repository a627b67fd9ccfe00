"""What is done with a document between the request and the command: read, compared, sealed, asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from api.commands.command_client import CommandDecision, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies
from api.documents.document_view import ADDED, shown
from api.documents.endpoint_check import flaws
from api.documents.plan import differences
from api.documents.reference import (
    DocumentKey,
    ambiguous,
    circle,
    dangling,
    key,
    kind_beside,
    nested,
    recorded,
    references,
    users,
)
from api.documents.seal import Sealer
from api.files.yaml_documents import FILES
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from streams.access import Permission, may, readable_teams, require
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM, Owned
from streams.documents.endpoint import Endpoint
from streams.documents.registry import identity, read
from streams.errors import Refused
from streams.messages.command import AnyAction, DeleteDocument, Principal, PutDocument

QUOTA = 5_000  # documents of a team, but for the platform's administrators
NUMBER = re.compile(r"[0-9]{1,18}")  # what a revision can be


def readable(kind: str, body: dict[str, Any]) -> Owned:
    """The typed document of a request; what answers add to it (id, revision, …) may come back and is ignored."""
    document = read(kind, {name: value for name, value in body.items() if name not in ADDED})
    if wrong := flaws(document):
        raise Refused(told(document, wrong))
    return document


def revision(body: dict[str, Any], match: str | None) -> int:
    """The revision that an edit is based on; Refused where neither the body nor If-Match (`match`) names one."""
    wanted = match.strip().removeprefix("W/").strip('"') if match else body.get("revision")
    if wanted is None:
        words = "say which revision you edit: `revision` in the body, or the header If-Match"
        raise Refused(words, RefusalCode.NO_REVISION)
    if not NUMBER.fullmatch(str(wanted)):
        raise Refused(f"`revision` must be a whole number, not {wanted!r:.40}")
    return int(wanted)


async def row(deps: Dependencies, who: Principal, kind: str, id_: str) -> DocumentRow | None:
    """The document of this kind and id, where `who` may see it."""
    stored = await deps.database.read(lambda c: reading.one(c, id_, readable_teams(who)))
    return stored if stored is not None and stored.type == kind else None


async def show(deps: Dependencies, rows: Sequence[DocumentRow]) -> list[dict[str, Any]]:
    """The documents as answers have them."""
    ids = await policies(deps, rows)
    return [shown(row, deps.sealer, ids) for row in rows]


async def policies(deps: Dependencies, rows: Sequence[DocumentRow]) -> set[str]:
    """The ids of all policies that have a name which one of these documents says as its escalation policy."""
    names = {str(name) for row in rows if (name := row.body.get("escalation_policy"))}
    known = await deps.database.read(lambda c: reading.keys(c, names)) if names else set()
    return {str(identity(team, kind, name)) for kind, team, name in known if kind == "policy"}


async def named(
    deps: Dependencies, who: Principal, kind: str, body: dict[str, Any], before: DocumentRow | None = None
) -> dict[str, Any]:
    """The body with its policy by name, where a rule names one by id (the gateway's own data model does).

    Of an edit, what differs from `before` is what is meant: whoever changes the id sends the old name back.
    """
    if kind != "rule" or "escalation_policy_id" not in body:
        return body
    (was,) = await show(deps, [before]) if before else ({},)
    id_, name = body["escalation_policy_id"], body.get("escalation_policy")
    kept = name == was.get("escalation_policy")
    if id_ == was.get("escalation_policy_id") and (before or not id_):
        return body  # the name decides, changed or not
    if not id_:
        return body | {"escalation_policy": None if kept else name}
    own = readable_teams(who)
    teams = None if own is None else [*own, PLATFORM]
    stored = await deps.database.read(lambda c: reading.one(c, str(id_), teams))
    if stored is None or stored.type != "policy":
        raise Refused(f"`escalation_policy_id`: there is no policy {id_!s:.60}")
    if name and name != stored.name and not kept:
        raise Refused(
            f"`escalation_policy_id` is that of {stored.name}, `escalation_policy` says {name!s:.60}: leave one out"
        )
    return body | {"escalation_policy": stored.name}


def editable(before: DocumentRow | None, origin: str | None) -> None:
    """Refused for a document that a file owns, unless its edit comes from files (`tocsin apply`, which says so)."""
    if before is not None and origin != FILES and (file := before.body.get("file")):
        name = f"{before.type} {before.name}"
        words = f"{name} is owned by the file {file}: change it there, and `tocsin apply` it"
        raise Refused(words, RefusalCode.OWNED_BY_FILE)


async def put(
    deps: Dependencies,
    who: Principal,
    document: Owned,
    before: DocumentRow | None,
    base: int,
    key_: IdempotencyKey | None,
) -> CommandDecision:
    """Ask for a new revision of what is `before`; `base`: the revision that was edited. Nothing new: nothing asked."""
    require(who, Permission.PUT, document.team, document.type)
    if before is not None and base == before.revision and same(deps.sealer, before, document):
        return CommandDecision("", "accepted", "unchanged")
    if isinstance(document, Endpoint) and document.reaches_private:
        require_reach(who, document)
    if before is None:
        await _require_room(deps, who, document)
    await check(deps, document)
    body = deps.sealer.sealed(document.type, document.body(), before.body if before else None)
    action = PutDocument(type=document.type, name=document.name, revision=base, body=body)
    return await _ask(deps, action, key_, who, document.team)


def require_reach(who: Principal, document: Endpoint) -> None:
    """Refused where no administrator asks for an endpoint that may call private addresses.

    It would let a member reach through us what only this machine's network can; whatever is changed of such an
    endpoint, its address above all, is therefore an administrator's as well.
    """
    if refusal := may(who, Permission.REACH_PRIVATE, document.team):
        words = f"endpoint {document.name}: only an administrator may put one with `allow_private: true`"
        raise Refused(words, refusal.code)


def same(sealer: Sealer, before: DocumentRow, document: Owned) -> bool:
    """Whether a document is what it was, its secrets too."""
    try:
        return not differences(before.document(sealer), document)
    except Refused:  # what is stored cannot be read: whatever is put mends it
        return False


async def _require_room(deps: Dependencies, who: Principal, document: Owned) -> None:
    """Refused where a member would give a team more documents than a team may have: all stages hold each of them."""
    team = document.team
    if not who.admin and await deps.database.read(lambda c: reading.count(c, team)) >= QUOTA:
        raise Refused(no_room(team), RefusalCode.NOT_PERMITTED)


def no_room(team: str) -> str:
    """That a team has as many documents as it may, and what to do."""
    return (
        f"team {team} has as many documents as a team may have, {QUOTA}: delete some, or ask an administrator"
    )


async def check(deps: Dependencies, document: Owned) -> None:
    """Refused where it refers to what does not exist; it costs what it refers to, not what there is."""
    names = {reference.name for reference in references(document)}
    known = await deps.database.read(lambda c: reading.keys(c, names)) if names else set[DocumentKey]()
    if dangling(document, known | {key(document)}):  # then the names that there are help
        known = await deps.database.read(reading.keys)
    beside = await _beside(deps, document)
    if wrong := flaws_of(document, known | {key(document)}, beside):
        raise Refused(told(document, wrong))


def told(document: Owned, wrong: Iterable[tuple[str, str]]) -> str:
    """The sentence about flaws of a document, each with its field."""
    return "; ".join(f"{document.type} {document.name}: `{path}`: {says}" for path, says in wrong)


async def _beside(deps: Dependencies, document: Owned) -> list[Owned]:
    """Those that it is held against: the routes of its team, or the rules that may name it, or be named."""
    kind = kind_beside(document)
    team = document.team if kind == "route" else ""
    if not kind:
        return []
    return await deps.database.read(lambda c: reading.readable(reading.all_of(c, kind, None, team)))


def flaws_of(
    document: Owned, known: Collection[DocumentKey], beside: Iterable[Owned]
) -> list[tuple[str, str]]:
    """What is wrong with what it refers to: the field's path and a sentence; `beside`: what it is held against."""
    by_key: dict[DocumentKey, Owned | None] = {key(owned): owned for owned in beside}
    return [
        *dangling(document, known),
        *ambiguous(document, known),
        *circle(document, by_key | {key(document): document}),
        *nested(document, by_key),
        *recorded(document, by_key),
    ]


async def delete(
    deps: Dependencies, who: Principal, before: DocumentRow, base: int, key_: IdempotencyKey | None
) -> CommandDecision:
    """Ask for the end of what is `before`, at revision `base`; Refused while another document refers to it."""
    require(who, Permission.DELETE, before.team, before.type)
    beside = await deps.database.read(lambda c: reading.readable(reading.mentioning(c, before.name)))
    known = await deps.database.read(lambda c: reading.keys(c, {before.name}))
    if by := users(before.key, beside, known):
        words = f"{before.type} {before.name}: {', '.join(by)} refers to it; change that first"
        raise Refused(words, RefusalCode.REFERENCED)
    action = DeleteDocument(type=before.type, name=before.name, revision=base)
    return await _ask(deps, action, key_, who, before.team)


async def _ask(
    deps: Dependencies, action: AnyAction, key_: IdempotencyKey | None, who: Principal, team: str
) -> CommandDecision:
    decision = await deps.command_client.ask(command(action, key_, deps.now(), who, team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    return decision
