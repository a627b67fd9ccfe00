"""`/rules/<id>`: one rule with what it sees, its switches and its editor."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.pages.screens.rules_screen import metrics_of
from api.pages.surface import editor, outcome, trial_form
from api.pages.surface.editor import Editor
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.pages.surface.open_alerts import OPEN
from api.queries.documents import DocumentRow
from api.queries.page import Filters, page
from api.routes import documents, rules
from api.routes.documents import Edit
from streams.access import readable_teams
from streams.documents.rule import Rule
from streams.messages.command import Principal

router = APIRouter(prefix="/rules", include_in_schema=False)
SHOWN = 20  # open alerts of one rule


@router.get("/new")
async def new(request: Request, deps: Deps, who: Who, team: str = "") -> Response:
    """An editor with the beginning of a rule, in shadow at first."""
    made = editor.fresh(who, "rules", team)
    _, rule = await editor.accepted(deps, who, made.text, "rules")
    return _page(request, made, rule)


@router.get("/{rule_id}")
async def look(request: Request, deps: Deps, who: Who, rule_id: str) -> Response:
    """One rule, its open alerts, and an editor."""
    made = await editor.stored(deps, who, "rules", rule_id)
    row = await _row(deps, who, rule_id)
    filters = Filters(readable_teams(who), statuses=OPEN.split(","), rule=rule_id)
    alerts = await deps.database.read(lambda c: page(c, filters, None, SHOWN))
    return _page(request, made, row.document(deps.sealer), alerts=alerts)


@router.get("/{rule_id}/seen")
async def seen(request: Request, deps: Deps, who: Who, rule_id: str) -> Response:
    """What the rule sees, metric by metric; it takes a moment, so the page asks for it by itself."""
    await _row(deps, who, rule_id)
    known, trouble = await metrics_of(deps, who)
    return render(request, "rule_seen.html", metrics=(known or {}).get(rule_id, []), trouble=trouble)


@router.post("/{rule_id}/enable")
async def enable(deps: Deps, who: Who, rule_id: str) -> Response:
    """Let the rule be judged again."""
    return outcome.went_on(
        await rules.enable(deps, who, rule_id, None), f"/rules/{rule_id}", "The rule is enabled."
    )


@router.post("/{rule_id}/disable")
async def disable(deps: Deps, who: Who, rule_id: str) -> Response:
    """Stop judging the rule; its alerts end."""
    answer = await rules.disable(deps, who, rule_id, None)
    return outcome.went_on(answer, f"/rules/{rule_id}", "The rule is disabled; its alerts end.")


@router.post("/{rule_id}/shadow")
async def shadow(deps: Deps, who: Who, rule_id: str, fields: Fields) -> Response:
    """Let people be told of the rule's alerts, or not; recorded they are all the same."""
    wanted, row = fields.get("shadow") == "yes", await _row(deps, who, rule_id)
    edit = Edit(None, fields.get("revision"), None)
    answer = await documents.update(deps, who, "rules", rule_id, row.body | {"shadow": wanted}, edit)
    words = "The rule is in shadow: nobody is told." if wanted else "People are told of the rule's alerts."
    return outcome.went_on(answer, f"/rules/{rule_id}", words)


async def _row(deps: Dependencies, who: Principal, rule_id: str) -> DocumentRow:
    row: DocumentRow = found(await document_commands.row(deps, who, "rule", rule_id), f"rule {rule_id}")
    return row


def _page(request: Request, made: Editor, rule: Any, alerts: Any = None) -> Response:
    assert isinstance(rule, Rule)
    waves = trial_form.suggested(rule)
    return render(
        request, "rule.html", editor=made, rule=rule, alerts=alerts, waves=waves, every=trial_form.EVERY
    )
