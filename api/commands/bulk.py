"""Many documents in one request: each is checked, asked for and answered as if it came alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from api.commands import document_commands
from api.commands.answer import open_words
from api.commands.command_client import CommandDecision, command
from api.commands.document_commands import QUOTA
from api.commands.idempotency import IdempotencyKey, identified
from api.dependencies import Dependencies
from api.documents.reference import DocumentKey, key, kind_beside
from api.documents.seal import Sealer
from api.error_answer import error_code
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from streams.access import Permission, readable_teams, require
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM, Owned, derived
from streams.documents.endpoint import Endpoint
from streams.documents.registry import identity
from streams.errors import Failure, Refused
from streams.messages.command import Command, Principal, PutDocument

UNCHANGED = CommandDecision("", "accepted", "unchanged")


class Put(NamedTuple):
    """One document that is to be there, with the revision that was edited; 0: it is new."""

    kind: str
    body: dict[str, Any]
    revision: int

    @property
    def id(self) -> str:
        """The id that it has or gets, as far as its body names it."""
        team, name = self.body.get("team") or PLATFORM, self.body.get("name")
        return str(identity(str(team), self.kind, str(name)))


def put_of(body: dict[str, Any]) -> Put:
    """One document of a request."""
    revision = body.get("revision", 0)
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision < 10**18:
        raise Refused(f"`revision` must be a whole number, not {revision!r:.40}")
    return Put(
        str(body.get("type")), {name: value for name, value in body.items() if name != "type"}, revision
    )


class _Known(NamedTuple):
    """What there is: the documents that are put again, by id; the names of all; how many each team has.

    `beside`: those that some are held against.
    """

    rows: dict[str, DocumentRow]
    keys: set[DocumentKey]
    beside: list[Owned]
    counts: Counter[str]


async def put_all(
    deps: Dependencies, who: Principal, puts: Sequence[Put], key_: IdempotencyKey | None, origin: str | None
) -> list[CommandDecision | Failure]:
    """What became of each, in their order; one that is refused keeps no other from being done."""
    rows = await _rows(deps, who, puts)
    read = await run_in_threadpool(
        lambda: [_typed(deps.sealer, put, rows.get(put.id), origin) for put in puts]
    )
    known = await _known(deps, rows, [document for document in read if isinstance(document, Owned)])
    asked = await run_in_threadpool(_asked, deps.sealer, who, puts, read, known)
    keys = [_key(key_, n) for n in range(len(puts))]
    commands: dict[int, Command] = {
        n: command(document, keys[n], deps.now(), who, team)
        for n, (document, team) in enumerate(asked)
        if isinstance(document, PutDocument)
    }
    decided = dict(zip(commands, await deps.command_client.ask_all(list(commands.values())), strict=True))
    for decision in decided.values():
        status = decision.status if isinstance(decision, CommandDecision) else "failed"
        deps.measures.commands.labels("put", status).inc()
    return [decided[n] if n in decided else _outcome(document) for n, (document, _) in enumerate(asked)]


def _key(key_: IdempotencyKey | None, number: int) -> IdempotencyKey | None:
    """The key of one document of a request, by that of the request; Refused where that is none."""
    return key_ and IdempotencyKey(str(derived(identified(key_).id, str(number))), key_.digest)


def _outcome(asked: PutDocument | Failure | None) -> CommandDecision | Failure:
    return asked if isinstance(asked, Failure) else UNCHANGED


async def _rows(deps: Dependencies, who: Principal, puts: Sequence[Put]) -> dict[str, DocumentRow]:
    """By id, those of the documents that are there already, as far as who asks may see them."""
    ids, teams = {put.id for put in puts}, readable_teams(who)
    return await deps.database.read(lambda c: reading.some(c, ids, teams))


def _typed(sealer: Sealer, put: Put, before: DocumentRow | None, origin: str | None) -> Owned | Failure:
    """The typed document, masks being what is stored; or why there is none."""
    try:
        document_commands.editable(before, origin)
        body = put.body if before is None else sealer.unmasked(put.kind, put.body, before.body)
        return document_commands.readable(put.kind, body)
    except Refused as why:
        return why


async def _known(deps: Dependencies, rows: dict[str, DocumentRow], documents: Sequence[Owned]) -> _Known:
    keys = await deps.database.read(reading.keys)
    kinds = sorted({kind_beside(document) for document in documents} - {""})
    stored: list[Owned] = []
    for kind in kinds:
        stored += await deps.database.read(partial(_of_kind, kind))
    wanted = {key(document) for document in documents}
    beside = [*stored, *(owned for owned in documents if owned.type in kinds)]
    return _Known(rows, keys | wanted, beside, Counter(team for _, team, _ in keys | wanted))


def _of_kind(kind: str, connection: Connection) -> list[Owned]:
    return reading.readable(reading.all_of(connection, kind, None))


def _asked(
    sealer: Sealer,
    who: Principal,
    puts: Sequence[Put],
    read: Sequence[Owned | Failure],
    known: _Known,
) -> list[tuple[PutDocument | Failure | None, str]]:
    """For each what is to be asked and of which team, or why not; None: it is there already."""
    asked: list[tuple[PutDocument | Failure | None, str]] = []
    for put, document in zip(puts, read, strict=True):
        try:
            if isinstance(document, Failure):
                raise document
            asked.append((_action(sealer, who, put, document, known), document.team))
        except Refused as why:
            asked.append((why, ""))
    return asked


def _action(sealer: Sealer, who: Principal, put: Put, document: Owned, known: _Known) -> PutDocument | None:
    """The same checks as for a document that comes alone."""
    before = known.rows.get(document.id)
    require(who, Permission.PUT, document.team, document.type)
    current = before is not None and put.revision == before.revision
    if before is not None and current and document_commands.same(sealer, before, document):
        return None
    if isinstance(document, Endpoint) and document.reaches_private:
        document_commands.require_reach(who, document)
    if before is None and not who.admin and known.counts[document.team] > QUOTA:
        raise Refused(document_commands.no_room(document.team), RefusalCode.NOT_PERMITTED)
    if wrong := document_commands.flaws_of(document, known.keys, known.beside):
        raise Refused(document_commands.told(document, wrong))
    body = sealer.sealed(document.type, document.body(), before.body if before else None)
    return PutDocument(type=document.type, name=document.name, revision=put.revision, body=body)


def shown(result: CommandDecision | Failure) -> dict[str, Any]:
    """As the answer to a document that comes alone would say it."""
    if isinstance(result, Failure):
        return {"status": "refused", "code": error_code(result).value, "detail": str(result)}
    if result.status == "refused":
        code = result.code or RefusalCode.INVALID
        return {"status": "refused", "code": str(code), "detail": result.reason or "refused without a reason"}
    if result.status == "pending":
        open_ = {"status": "pending", "command": result.id, "location": f"/v1/commands/{result.id}"}
        return open_ if result.deadline is None else open_ | {"detail": open_words(result, result.deadline)}
    return {"status": "unchanged" if not result.id else "accepted"}
