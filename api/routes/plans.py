"""`POST /v1/plan`: what a set of documents would change, before anything is changed."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from aiokafka.errors import KafkaError
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, FailFast, Field, StrictBool
from sqlalchemy import Connection

from api.commands import bulk, document_commands
from api.coverage.readable import Views
from api.dependencies import Dependencies, Deps, Who
from api.documents.endpoint_check import private
from api.documents.forecast import Documents, warnings
from api.documents.plan import Plan, Stored, plan
from api.documents.reference import DocumentKey
from api.documents.seal import Sealer
from api.queries import documents as reading
from api.routes.suppression import previews
from api.trials.coverage_trial import CoveredStates, Covering
from streams.access import Permission, may, readable_teams
from streams.documents.document import PLATFORM, Owned
from streams.documents.rule import Rule
from streams.documents.suppression.maintenance import Maintenance
from streams.documents.suppression.silence import Silence
from streams.messages.command import Principal

Beside = dict[DocumentKey, Owned | None]  # None: it cannot be read
router = APIRouter(prefix="/v1/plan", tags=["documents"])
PREVIEWED = 50  # silences and windows of one plan of which it is said what they cover
NOT_LOOKED_AT = f"what it and those after it cover was not looked at: a plan looks at {PREVIEWED}"


class Wish(BaseModel):
    """What there shall be. Each document: its fields and its kind as `type`."""

    model_config = ConfigDict(extra="forbid")
    documents: Annotated[list[dict[str, Any]], FailFast()] = Field(max_length=10_000)
    prune: StrictBool = False


@router.post("")
async def planned(deps: Deps, who: Who, wish: Wish) -> dict[str, Any]:
    """The steps in sentences and what forbids them."""
    rows = await deps.database.read(lambda c: reading.all_of(c, "", readable_teams(who)))
    beside = await deps.database.read(partial(_of_platform, teams=readable_teams(who)))
    wanted, comparison, forecast = await run_in_threadpool(
        _compared, deps.sealer, wish, rows, beside, deps.now()
    )
    refusals = [(document, may(who, Permission.PUT, document.team, document.type)) for document in wanted]
    foreign = [_said(document, "team", refusal.says) for document, refusal in refusals if refusal]
    everything = may(who, Permission.READ_TELEMETRY, PLATFORM) is None
    changed = {step.id for step in comparison.steps if step.do in ("create", "update")}
    watching = [
        document
        for document in wanted
        if isinstance(document, Rule)
        and document.id in changed
        and may(who, Permission.READ, document.team) is None
    ]
    quiet = [
        document
        for document in wanted
        if isinstance(document, Silence | Maintenance) and document.id in changed
    ]
    covers = await _covering(deps, who, quiet)
    doubts = [_said(document, "covers", says) for document, reached in covers for says in reached.warnings]
    doubts += [_said(document, "covers", NOT_LOOKED_AT) for document in quiet[PREVIEWED : PREVIEWED + 1]]
    return {
        "steps": [step._asdict() for step in comparison.steps],
        "complaints": [complaint._asdict() for complaint in comparison.complaints] + foreign,
        "warnings": await _blind(deps, watching, everything) + _private(deps, wanted) + forecast + doubts,
        "previews": [_said(document, "covers", reached.words) for document, reached in covers],
    }


@router.get("/warnings")
async def standing_warnings(deps: Deps, who: Who) -> dict[str, Any]:
    """What may be wrong with what holds now: gaps, steps that reach nobody tonight, people without a way."""
    teams = readable_teams(who)
    documents = await deps.database.read(lambda c: reading.readable(reading.all_of(c, "", teams)))
    beside = await deps.database.read(partial(_of_platform, teams=teams))
    known = [*_there(beside), *documents]
    return {"items": await run_in_threadpool(_foreseen, documents, deps.now(), known)}


def _of_platform(connection: Connection, teams: list[str] | None) -> Beside:
    """What a team's documents may refer to besides: of the platform, where its own are not among those of `teams`."""
    if teams is None or PLATFORM in teams:
        return {}
    rows = reading.all_of(connection, "", [PLATFORM])
    return {row.key: next(iter(reading.readable([row])), None) for row in rows}


def _there(beside: Beside) -> list[Owned]:
    return [document for document in beside.values() if document is not None]


def _foreseen(wanted: list[Owned], now: int, documents: list[Owned]) -> list[dict[str, str]]:
    doubts = warnings(wanted, Documents(documents), now)
    return [
        {"kind": each.key[0], "team": each.key[1], "name": each.key[2], "path": each.path, "says": each.says}
        for each in doubts
    ]


async def _covering(
    deps: Dependencies, who: Principal, quiet: list[Silence | Maintenance]
) -> list[tuple[Silence | Maintenance, CoveredStates]]:
    """What the first silences and windows cover of the alerts that somebody may see."""
    some = quiet[:PREVIEWED]
    reached = await previews.look_at(
        deps, who, [Covering(suppressor.covers, suppressor.team) for suppressor in some]
    )
    return list(zip(some, reached, strict=True))


def _compared(
    sealer: Sealer, wish: Wish, rows: list[reading.DocumentRow], beside: Beside, now: int
) -> tuple[list[Owned], Plan, list[dict[str, str]]]:
    """The documents of a wish, the plan for them and what is foreseen; beside the event loop."""
    known = {row.id: row for row in rows}
    puts = [bulk.put_of(body | {"revision": 0}) for body in wish.documents]
    wanted = [document_commands.readable(put.kind, _unmasked(sealer, put, known.get(put.id))) for put in puts]
    stored = [Stored(row.key, row.id, row.revision, _opened(row, sealer)) for row in rows]
    made = plan(wanted, stored, wish.prune, now, beside)
    staying = [stored_row.document for stored_row in stored if stored_row.document is not None]
    return wanted, made, _foreseen(wanted, now, [*_there(beside), *staying, *wanted])


def _unmasked(sealer: Sealer, put: bulk.Put, before: reading.DocumentRow | None) -> dict[str, Any]:
    """The body of a wish, where a mask stands for the secret that is stored."""
    return put.body if before is None else sealer.unmasked(put.kind, put.body, before.body)


def _opened(row: reading.DocumentRow, sealer: Sealer) -> Owned | None:
    return next(iter(reading.readable([row], sealer)), None)


async def _blind(deps: Dependencies, rules: list[Rule], everything: bool) -> list[dict[str, str]]:
    """A warning for each metric of these rules that they do not see; none where that cannot be known."""
    try:
        seen = await deps.telemetry.seen() if rules else {}
    except (KafkaError, OSError):
        return []
    return await run_in_threadpool(_unseen, Views(seen, deps.telemetry.owners(), everything), rules)


def _unseen(views: Views, rules: list[Rule]) -> list[dict[str, str]]:
    return [
        _said(rule, "", f"blind as it stands: {why}")
        for rule in rules
        for why in dict.fromkeys(view.why for view in views.coverage(rule) if view.at is None)
    ]


def _private(deps: Dependencies, wanted: list[Owned]) -> list[dict[str, str]]:
    """A warning for each endpoint whose address is private and may not be called."""
    if deps.settings.allow_private:
        return []
    return [_said(document, "url", says) for document in wanted if (says := private(document))]


def _said(document: Owned, path: str, says: str) -> dict[str, str]:
    return {"kind": document.type, "team": document.team, "name": document.name, "path": path, "says": says}
