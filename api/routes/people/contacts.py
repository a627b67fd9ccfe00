"""`/v1/people/…`: codes that confirm how people are reached, and what people change about themselves."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.commands.command_client import CommandDecision, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.documents.document_view import ADDED
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from streams.access import Permission, readable_teams, require_own
from streams.documents.oncall.person import PersonDocument
from streams.errors import Refused
from streams.messages.command import AnyAction, ConfirmContact, EditContact, Principal, SendCode

DIGITS = 6
router = APIRouter(prefix="/v1/people", tags=["people"])


class Method(BaseModel):
    """One way to reach a person: `email`, `sms`, or the name of an endpoint."""

    model_config = ConfigDict(extra="forbid")
    method: str = Field(min_length=1, max_length=200)


class SentBack(Method):
    """The code that came by a method."""

    code: str = Field(min_length=1, max_length=40)


@router.get("/me")
async def me(deps: Deps, who: Who) -> dict[str, Any]:
    """The people whose `login` is the name in your token: you, and how you are reached."""
    rows = await deps.database.read(lambda c: reading.all_of(c, PersonDocument.type, None))
    own = [row for row in rows if row.body.get("login") == who.name]
    return {"items": await document_commands.show(deps, own)}


@router.post("/{document_id}/send-code", response_model=None)
async def send_code(deps: Deps, who: Who, document_id: str, key: Keyed, asked: Method) -> JSONResponse:
    """Send a code to a person by one of their methods; who gets it sends it back, and the method counts."""
    person = await _person(deps, who, document_id, Permission.SEND_CODE)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    method = _method(person, asked.method)
    proof = _proof(deps, person, method, code)
    action = SendCode(person=person.name, method=method, code=deps.sealer.seal(code), proof=proof)
    return _answer(await _ask(deps, who, person, action, key))


@router.post("/{document_id}/confirm", response_model=None)
async def confirm(deps: Deps, who: Who, document_id: str, key: Keyed, back: SentBack) -> JSONResponse:
    """Send a code back: the method by which it came counts from now on."""
    person = await _person(deps, who, document_id, Permission.CONFIRM_CONTACT)
    method = _method(person, back.method)
    proof = _proof(deps, person, method, "".join(back.code.split()))
    action = ConfirmContact(person=person.name, method=method, proof=proof)
    return _answer(await _ask(deps, who, person, action, key))


@router.patch("/{document_id}/contact", response_model=None)
async def edit(
    deps: Deps,
    who: Who,
    document_id: str,
    key: Keyed,
    fields: Annotated[dict[str, Any], Body()],
    match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> JSONResponse | dict[str, Any]:
    """Change how a person is reached: e-mail, phone, handles, time zone, `contact`; what is left out stays."""
    person = await _person(deps, who, document_id, Permission.EDIT_CONTACT)
    document_commands.editable(person, None)
    base = document_commands.revision(fields, match)
    changes = {name: value for name, value in fields.items() if name not in ADDED}
    plain = deps.sealer.opened(PersonDocument.type, person.body) | changes
    body = deps.sealer.unmasked(PersonDocument.type, plain, person.body)
    document = document_commands.readable(PersonDocument.type, body)
    await document_commands.check(deps, document)
    sealed = deps.sealer.sealed(PersonDocument.type, document.body(), person.body)
    action = EditContact(person=person.name, fields={name: sealed[name] for name in changes}, revision=base)
    decision = await _ask(deps, who, person, action, key)
    if not accepted(decision):
        return pending(decision)
    row = await deps.database.read(lambda c: reading.one(c, document_id, None))
    (shown,) = await document_commands.show(deps, [row or person])
    return shown


async def _person(deps: Dependencies, who: Principal, document_id: str, action: Permission) -> DocumentRow:
    """The person, where who asks may see or is them; Refused where they may not do this."""
    row = await deps.database.read(lambda c: reading.one(c, document_id, None))
    teams = readable_teams(who)
    login = row.body.get("login", "") if row else ""
    seen = row is not None and (teams is None or row.team in teams or login == who.name)
    person = found(row if seen and row and row.type == PersonDocument.type else None, f"person {document_id}")
    assert isinstance(person, DocumentRow)
    require_own(who, action, person.team, login)
    return person


def _method(person: DocumentRow, asked: str) -> str:
    """The method as the person's document has it; Refused says which there are."""
    document = person.document()
    assert isinstance(document, PersonDocument)
    contact = document.contact_by(asked)
    if contact is None:
        known = ", ".join(dict.fromkeys(each.method for each in document.contact))
        raise Refused(f"`method`: {person.name} has no {asked!r:.60}; there are: {known}")
    return contact.method


def _proof(deps: Dependencies, person: DocumentRow, method: str, code: str) -> str:
    """What tells a code from others towards whoever has no key of ours, and says it to nobody."""
    return deps.sealer.digest(f"contact code\0{person.team}/{person.name}/{method}\0{code}".encode())


async def _ask(
    deps: Dependencies, who: Principal, person: DocumentRow, action: AnyAction, key: IdempotencyKey | None
) -> CommandDecision:
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, person.team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    return decision


def _answer(decision: CommandDecision) -> JSONResponse:
    return JSONResponse({"says": decision.reason}) if accepted(decision) else pending(decision)
