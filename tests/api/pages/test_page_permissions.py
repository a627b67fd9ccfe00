"""Default-deny for pages as for the API: every page and form, as every role, about an own and a foreign team.

A page without a line here fails. A line says the least role that may; `None`: whoever is signed in, since what is
shown is narrowed to their teams.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi.routing import APIRoute

from api.auth.token import Session
from api.dependencies import Dependencies
from api.pages import site
from sinks.history.archive import month_file
from streams.access import TeamRole
from streams.archive import FOLDER
from streams.messages.command import Principal
from tests.api.conftest import NOW, History
from tests.api.letters import Letters
from tests.api.pages.harness import BODIES, PEOPLE, TEAMS, put

VIEWER, RESPONDER, EDITOR = TeamRole.VIEWER, TeamRole.RESPONDER, TeamRole.EDITOR
ADMINISTRATOR = "administrator"
MONTH = "2025-01"
RULE_TEXT = "rules:\n- {{name: {name}, team: {team}, last: errors, above: 5%}}\n"
POLICY_TEXT = "policies:\n- {{name: {name}, team: {team}, steps: [{{notify: endpoint/log}}]}}\n"
NEW_TEXT = POLICY_TEXT.replace("{name}", "new-{name}")


class PageCall(NamedTuple):
    """How a page is called: the least role that may, about a document of which section, with which fields."""

    least: TeamRole | str | None
    section: str = ""
    fields: Mapping[str, str] = MappingProxyType({})


PAGES: dict[tuple[str, str], PageCall] = {
    ("GET", "/overview"): PageCall(None),
    ("GET", "/overview/banner"): PageCall(None),
    ("GET", "/overview/first-steps"): PageCall(None),
    ("GET", "/overview/sources"): PageCall(None),
    ("GET", "/rules"): PageCall(None, "rules"),
    ("GET", "/rules/new"): PageCall(None),
    ("GET", "/rules/{rule_id}"): PageCall(VIEWER, "rules"),
    ("GET", "/rules/{rule_id}/seen"): PageCall(VIEWER, "rules"),
    ("POST", "/rules/{rule_id}/enable"): PageCall(EDITOR, "rules"),
    ("POST", "/rules/{rule_id}/disable"): PageCall(EDITOR, "rules"),
    ("POST", "/rules/{rule_id}/shadow"): PageCall(EDITOR, "rules", {"revision": "1", "shadow": "yes"}),
    ("POST", "/rules/trial"): PageCall(EDITOR, "", {"text": RULE_TEXT, "waves": "errors: 0 x3"}),
    ("GET", "/silences"): PageCall(None, "silences"),
    ("POST", "/silences/preview"): PageCall(None, "", {"covers": "gateway=prod"}),
    ("POST", "/silences"): PageCall(
        RESPONDER, "", {"name": "new-{name}", "team": "{team}", "covers": "a=b", "lasts": "2h", "reason": "x"}
    ),
    ("POST", "/silences/{document_id}/end"): PageCall(RESPONDER, "silences"),
    ("GET", "/maintenance"): PageCall(None, "maintenance"),
    ("POST", "/maintenance/preview"): PageCall(None, "", {"covers": "everything"}),
    ("POST", "/maintenance"): PageCall(
        EDITOR,
        "",
        {
            "name": "new-{name}",
            "team": "{team}",
            "covers": "a=b",
            "starts": "2026-01-01T10:00",
            "lasts": "1h",
            "reason": "x",
        },
    ),
    ("POST", "/maintenance/{document_id}/end"): PageCall(EDITOR, "maintenance"),
    ("GET", "/oncall"): PageCall(None, "schedules"),
    ("POST", "/oncall/{document_id}/override"): PageCall(
        RESPONDER,
        "schedules",
        {"person": "somebody", "starts": "2026-01-01T10:00", "until": "2026-01-02T10:00"},
    ),
    ("POST", "/oncall/{document_id}/feed"): PageCall(RESPONDER, "schedules"),
    ("GET", "/people"): PageCall(None, "teams"),
    ("POST", "/people/{document_id}/send-code"): PageCall(
        TeamRole.ADMIN, "people", {"method": "endpoint/log"}
    ),
    ("POST", "/people/{document_id}/confirm"): PageCall(
        TeamRole.ADMIN, "people", {"method": "endpoint/log", "code": "123456"}
    ),
    ("GET", "/routing"): PageCall(None, "routes"),
    ("POST", "/routing/test"): PageCall(EDITOR, "", {"labels": "team={team}", "for": "1m"}),
    ("GET", "/policies"): PageCall(None, "policies"),
    ("POST", "/policies/{document_id}/apply-now"): PageCall(EDITOR, "policies"),
    ("GET", "/endpoints"): PageCall(None, "endpoints"),
    ("POST", "/endpoints/{document_id}/test"): PageCall(EDITOR, "endpoints"),
    ("GET", "/history"): PageCall(None),
    ("GET", "/history/noise"): PageCall(None),
    ("GET", "/archive"): PageCall(None),
    ("GET", "/archive/{month}"): PageCall(None),
    ("GET", "/dead-letters"): PageCall(ADMINISTRATOR),
    ("GET", "/dead-letters/{offset}"): PageCall(ADMINISTRATOR),
    ("POST", "/dead-letters/{offset}/send-back"): PageCall(ADMINISTRATOR),
    ("GET", "/tokens"): PageCall(None),
    ("POST", "/tokens"): PageCall(EDITOR, "", {"teams": "{team}", "lasts": "1h"}),
    ("POST", "/tokens/{token_id}/revoke"): PageCall(ADMINISTRATOR),
    ("GET", "/audit"): PageCall(None, "rules"),
    ("GET", "/audit/verified"): PageCall(None, "rules"),
    ("GET", "/documents/{section}/{document_id}/revisions"): PageCall(VIEWER, "policies"),
    ("POST", "/documents/{section}/{document_id}/revisions/{revision}/restore"): PageCall(
        EDITOR, "policies", {"revision": "1"}
    ),
    ("GET", "/documents/{section}/new"): PageCall(None),
    ("POST", "/documents/{section}/check"): PageCall(None, "", {"text": POLICY_TEXT}),
    ("POST", "/documents/{section}/plan"): PageCall(None, "", {"text": POLICY_TEXT}),
    ("POST", "/documents/{section}/fill"): PageCall(None, "", {"text": RULE_TEXT, "f-name": "{name}"}),
    ("POST", "/documents/{section}"): PageCall(EDITOR, "", {"text": NEW_TEXT}),
    ("GET", "/documents/{section}/{document_id}"): PageCall(VIEWER, "policies"),
    ("POST", "/documents/{section}/{document_id}"): PageCall(
        EDITOR, "policies", {"text": POLICY_TEXT, "revision": "1"}
    ),
    ("POST", "/documents/{section}/{document_id}/delete"): PageCall(EDITOR, "policies", {"revision": "1"}),
}


def test_every_page_has_a_line() -> None:
    """A new page is closed until somebody has said here who may use it; all lie where failures become pages."""
    found = [
        route for screen in site.SCREENS for route in screen.router.routes if isinstance(route, APIRoute)
    ]
    assert {(method, route.path) for route in found for method in route.methods or ()} == set(PAGES)
    assert {f"/{route.path.split('/')[1]}" for route in found} == set(site.PATHS)


@pytest.mark.parametrize("line", PAGES, ids=" ".join)
async def test_page(
    line: tuple[str, str],
    client: Any,
    history: History,
    tmp_path: Path,
    letters: Letters,
    dependencies: Dependencies,
) -> None:
    """Each role may do with what is its team's what its line says, and sees nothing of another team's."""
    call, admin = PAGES[line], client(PEOPLE["administrator"])
    archived = [{"id": team, "team": team, "message": f"secret of {team}"} for team in TEAMS]
    month_file.add(tmp_path / FOLDER / f"alerts-{MONTH}.csv.gz", ["id", "team", "message"], archived)
    await put(admin, "people", "somebody", "platform")
    for name, who in PEOPLE.items():
        for team in TEAMS:
            case = f"{name}-{team}"
            letters.sent.clear()
            expires = NOW // 1000 + 3_600
            dependencies.issued.add(
                Session(Principal(name="x", teams=TEAMS), case, expires), "token", NOW // 1000
            )
            history.alert(f"alert-{case}", team=team, message=f"secret of {team}")
            made = await put(admin, call.section, case, team) if call.section else {"id": ""}
            answer = await _called(client(who), line, call, {"name": case, "team": team, "id": made["id"]})
            allowed = answer.status_code < 300
            assert allowed or answer.status_code in (403, 404), answer.text
            assert allowed is _expected(call.least, name, team), (
                f"{name} of payments on {team}: {answer.text}"
            )
            if line[0] == "GET" and name != "administrator" and team == "search":
                assert "secret of search" not in answer.text
            if name == "nobody":
                assert "secret of" not in answer.text
            stranger = await _called(client(None), line, call, {"name": case, "team": team, "id": made["id"]})
            assert stranger.status_code == 401


def _expected(least: TeamRole | str | None, name: str, team: str) -> bool:
    """Whether somebody who is in payments, if in any team, may do this with what is a team's."""
    if least is None or name == "administrator":
        return True
    if least == ADMINISTRATOR:
        return False
    ranks = list(TeamRole)
    return (
        name != "nobody"
        and team == "payments"
        and ranks.index(TeamRole(name)) >= ranks.index(TeamRole(least))
    )


async def _called(
    client: httpx.AsyncClient, line: tuple[str, str], call: PageCall, about: dict[str, str]
) -> httpx.Response:
    method, path = line
    for field in ("{rule_id}", "{document_id}"):
        path = path.replace(field, about["id"])
    path = path.replace("{section}/fill", "rules/fill")
    path = (
        path.replace("{month}", MONTH)
        .replace("{offset}", "1")
        .replace("{token_id}", about["name"])
        .replace("{section}", "policies")
        .replace("{revision}", "1")
    )
    fields = {name: text.format(**about) for name, text in call.fields.items()}
    return await client.request(method, path, data=fields if method == "POST" else None)


def test_bodies_are_of_every_page() -> None:
    """Each section of which pages are called has a document to be called about."""
    assert {call.section for call in PAGES.values()} - {""} <= set(BODIES)
