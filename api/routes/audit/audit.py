"""`/v1/audit`: who changed what, before and after, as a list and as a file; and whether its chains hold."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api import instant
from api.dependencies import Dependencies, Deps, Who
from api.documents import revision_view
from api.queries.audit import revisions as reading
from api.queries.audit import verification
from api.queries.audit.revisions import AuditQuestion, RevisionRow
from api.queries.cursor import FOREIGN, LATEST
from streams.access import Permission, readable_teams, require
from streams.codes import RefusalCode
from streams.documents.registry import KINDS
from streams.errors import Refused
from streams.messages.command import Principal

router = APIRouter(prefix="/v1/audit", tags=["audit"])
BATCH = 500  # lines that are read at once
HASH = re.compile(r"[0-9a-f]{64}")
NOTED = 100  # hashes of one question


class Changed(BaseModel):
    """Which lines: of a team, a kind of document, a document by name, by somebody, in a time."""

    model_config = ConfigDict(extra="forbid", str_max_length=200, populate_by_name=True)
    team: str = ""
    kind: str = ""
    name: str = ""
    by: str = ""
    begin: str = Field(default="", alias="from")
    end: str = Field(default="", alias="to")

    def question(self, who: Principal) -> AuditQuestion:
        """The same for the read model; Refused names what cannot be read."""
        if self.team:
            require(who, Permission.READ, self.team)
        if self.kind and self.kind not in KINDS:
            raise Refused(f"`kind`: there is no kind {self.kind!r:.40}: one of {', '.join(KINDS)}")
        since = instant.read(self.begin, "from") if self.begin else None
        until = instant.read(self.end, "to") if self.end else None
        return AuditQuestion(readable_teams(who), self.team, self.kind, self.name, self.by, since, until)


class ChangedPage(Changed):
    """Besides: which page."""

    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=200)


class Noted(BaseModel):
    """`head`: hashes that were noted earlier, which must still stand in a chain; several with commas."""

    model_config = ConfigDict(extra="forbid", str_max_length=7_000)
    head: str = ""


@router.get("")
async def listed(deps: Deps, who: Who, asked: Annotated[ChangedPage, Query()]) -> dict[str, Any]:
    """Who changed what, the newest first, each with what it was before and after; secrets are masked."""
    wanted = asked.question(who)._replace(after=_read(asked.cursor), limit=asked.limit + 1)
    rows = await deps.database.read(lambda c: reading.lines(c, wanted))
    items = await _shown(deps, rows[: asked.limit])
    return {"items": items, "next_cursor": _spell(rows[asked.limit - 1]) if len(rows) > asked.limit else None}


@router.get("/export", response_class=Response)
async def export(deps: Deps, who: Who) -> Response:
    """All lines of your teams, each on a line of JSON in the order of its chain: enough to check the chain alone."""
    headers = {"Content-Disposition": 'attachment; filename="tocsin-audit.jsonl"'}
    return StreamingResponse(_lines(deps, who), headers=headers, media_type="application/x-ndjson")


@router.get("/verify")
async def verify(deps: Deps, who: Who, asked: Annotated[Noted, Query()]) -> dict[str, Any]:
    """Whether each chain of your teams holds, with its `head`; `missing`: noted hashes that stand in none."""
    known = {text.strip() for text in asked.head.split(",") if text.strip()}
    if len(known) > NOTED or not all(HASH.fullmatch(text) for text in known):
        raise Refused(
            f"`head`: write up to {NOTED} hashes of 64 hexadecimal digits, with commas between them"
        )
    teams = await deps.database.read(lambda c: reading.teams(c, readable_teams(who)))
    chains = [
        await deps.database.read(lambda c, own=team: verification.verified(c, own, known))  # type: ignore[misc]
        for team in teams
    ]
    missing = sorted(known - {hash_ for chain in chains for hash_ in chain["found"]})
    return {
        "holds": not missing and not any(chain["fault"] for chain in chains),
        "chains": chains,
        "missing": missing,
    }


async def _lines(deps: Dependencies, who: Principal) -> AsyncIterator[bytes]:
    for team in await deps.database.read(lambda c: reading.teams(c, readable_teams(who))):
        place = 0
        while rows := await deps.database.read(
            lambda c, own=team, after=place: reading.chained(c, own, after, BATCH)  # type: ignore[misc]
        ):
            items = await _shown(deps, [row for row, _ in rows])
            yield b"".join(orjson.dumps(item) + b"\n" for item in items)
            place = items[-1]["place"]


async def _shown(deps: Dependencies, rows: list[RevisionRow]) -> list[dict[str, Any]]:
    return await run_in_threadpool(lambda: [revision_view.audited(row, deps.sealer) for row in rows])


def _spell(row: RevisionRow) -> str:
    place = [row.line.at, row.line.team, row.line.place]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _read(text: str) -> tuple[int, str, int] | None:
    """The inverse of `_spell`; Refused where the text is no cursor of ours."""
    if not text:
        return None
    try:
        at, team, place = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        raise Refused(FOREIGN, RefusalCode.MALFORMED) from None
    if not (type(at) is int and type(team) is str and type(place) is int):
        raise Refused(FOREIGN, RefusalCode.MALFORMED)
    if not (0 <= at < LATEST and 0 <= place < LATEST and "\0" not in team):
        raise Refused(FOREIGN, RefusalCode.MALFORMED)
    return at, team, place
