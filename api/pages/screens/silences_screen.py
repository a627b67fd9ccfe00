"""`/silences`: active, coming and past; they are made with a look at what they cover, and ended early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.instant import spell
from api.pages.surface import outcome
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.pages.surface.reader_zone import reader_zone
from api.pages.surface.suppression_form import silence_body
from api.queries import documents as reading
from api.queries.alert import covered as counting
from api.routes import documents
from api.routes.documents import Edit
from api.routes.suppression import previews
from api.routes.suppression.previews import Matchers
from streams.access import Permission, may, readable_teams
from streams.documents.document import PLATFORM, Owned
from streams.documents.suppression.inhibition import Inhibition
from streams.documents.suppression.silence import Silence
from streams.messages.command import Principal

router = APIRouter(prefix="/silences", include_in_schema=False)
SHOWN = 10  # alerts of a preview


class SilenceLine(NamedTuple):
    """A silence with its revision, and how many open alerts it covers now."""

    silence: Silence
    revision: int
    covers: int


@router.get("")
async def listed(request: Request, deps: Deps, who: Who, covers: str = "", team: str = "") -> Response:
    """All silences that you may see; `covers` and `team` fill in the form, as a link from an alert does."""
    lines, now = await _lines(deps, who), deps.now()
    inhibitions = [
        stored for _, stored in await _stored(deps, who, "inhibition") if isinstance(stored, Inhibition)
    ]
    return render(
        request, "silences.html", covers=covers, team=team, teams=teams_for(who, "silence"), inhibitions=inhibitions,
        active=[line for line in lines if line.silence.is_active(now)],
        coming=[line for line in lines if line.silence.starts_at > now],
        past=sorted((line for line in lines if line.silence.ends_at <= now), key=lambda line: -line.silence.ends_at),
    )  # fmt: skip


@router.post("/preview")
async def preview(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """What the form would cover among the alerts that are open now."""
    return render(
        request, "covered.html", covered=await look(deps, who, fields) if "covers" in fields else None
    )


@router.post("")
async def create(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """Put the silence of the form."""
    body = silence_body(fields, who.name, deps.now(), reader_zone(request))
    return outcome.went_on(
        await documents.create(deps, who, "silences", body, None), "/silences", "Silenced."
    )


@router.post("/{document_id}/end")
async def end(deps: Deps, who: Who, document_id: str) -> Response:
    """Let the silence end now: what still fires is told."""
    row = found(await document_commands.row(deps, who, "silence", document_id), f"silence {document_id}")
    body = row.body | {"ends": spell(deps.now())}
    answer = await documents.update(
        deps, who, "silences", document_id, body, Edit(None, str(row.revision), None)
    )
    return outcome.went_on(answer, "/silences", "The silence has ended; what still fires is told.")


async def look(deps: Dependencies, who: Principal, fields: Mapping[str, str]) -> dict[str, Any]:
    """The answer of the API to what a form would cover."""
    wanted = {"covers": fields["covers"], "team": fields.get("team", PLATFORM), "limit": SHOWN}
    asked = checked(Matchers, wanted)
    return await previews.would_cover(deps, who, asked)


def teams_for(who: Principal, kind: str) -> list[str]:
    """The teams for which somebody may write documents of a kind, the platform among them for administrators."""
    own = [team for team in who.teams if may(who, Permission.PUT, team, kind) is None]
    return [PLATFORM, *(team for team in own if team != PLATFORM)] if who.admin else own


async def _stored(deps: Dependencies, who: Principal, kind: str) -> list[tuple[int, Owned]]:
    """The documents of a kind that somebody may read, each with its revision."""
    teams = readable_teams(who)

    def read(connection: Connection) -> list[tuple[int, Owned]]:
        rows = reading.all_of(connection, kind, teams)
        return [(row.revision, document) for row in rows for document in reading.readable([row])]

    return await deps.database.read(read)


async def _lines(deps: Dependencies, who: Principal) -> list[SilenceLine]:
    """The silences with what those that hold now cover."""
    stored = await _stored(deps, who, "silence")
    silences = [(revision, silence) for revision, silence in stored if isinstance(silence, Silence)]
    asked = [(silence.covers, silence.team) for _, silence in silences if silence.is_active(deps.now())]
    counts = await deps.database.read(lambda c: counting.counts(c, asked, readable_teams(who)))
    covers = dict(zip(asked, counts, strict=True))
    return [
        SilenceLine(silence, revision, covers.get((silence.covers, silence.team), 0))
        for revision, silence in silences
    ]
