"""`GET /v1/export`: all documents that you may see as one YAML file, which `tocsin apply` takes back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict

from api.dependencies import Dependencies, Deps, Who
from api.documents.seal import secret_fields
from api.files.yaml_export import Exported, LostDocument, exported
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from api.words import words
from streams.access import Permission, readable_teams, require
from streams.documents.registry import SECTIONS
from streams.errors import Refused

router = APIRouter(prefix="/v1/export", tags=["documents"])
YAML = "application/yaml; charset=utf-8"


class Sought(BaseModel):
    """Which documents: of which sections, several with commas, and of which team; all where nothing is said."""

    model_config = ConfigDict(extra="forbid", str_max_length=500)
    section: str = ""
    team: str = ""


@router.get("", response_class=Response)
async def export(deps: Deps, who: Who, asked: Annotated[Sought, Query()]) -> Response:
    """Each document as a person would write it; secrets are masked, and a mask stands for the secret that is stored."""
    if asked.team:
        require(who, Permission.READ, asked.team)
    sections = words(asked.section, tuple(SECTIONS), "section") or list(SECTIONS)
    teams, team = readable_teams(who), asked.team
    rows: list[DocumentRow] = []
    for section in sections:
        kind = SECTIONS[section]
        rows += await deps.database.read(lambda c, kind=kind: reading.all_of(c, kind, teams, team))  # type: ignore[misc]
    headers = {"Content-Disposition": 'attachment; filename="tocsin.yaml"'}
    return StreamingResponse(exported(_readable(deps, rows)), headers=headers, media_type=YAML)


def _readable(deps: Dependencies, rows: list[DocumentRow]) -> Iterator[Exported | LostDocument]:
    for row in rows:
        try:
            document = row.document()
        except Refused:
            yield LostDocument(row.type, row.team, row.name)
            continue
        masked, secrets = deps.sealer.masked(row.type, row.body), secret_fields(row.type, row.body)
        yield Exported(document, masked, secrets)
