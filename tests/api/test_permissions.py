"""Default-deny, proved: every path of the API, asked by every role, about what is its team's and what is another's.

A route without a line here fails. A line says the least role that may; `None`: whoever is signed in, since what is
shown is narrowed to their teams.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jwt
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.auth.guard import is_public
from api.auth.token import Session, Tokens
from api.dependencies import Dependencies
from api.http.app import create
from api.pages import site
from api.queries import stream
from api.queries.database import Database
from sinks.history.archive import month_file
from streams.access import LEAST_OF_DOCUMENT, Permission, TeamRole, may, readable_teams
from streams.access import role as role_in
from streams.archive import FOLDER
from streams.documents.registry import SECTIONS
from streams.errors import Refused
from streams.messages.change import Change, CommandSnapshot
from streams.messages.command import Principal
from tests.api.conftest import NOW, History
from tests.api.harness import ANOMALY, SIEM, created, siem_post, written
from tests.api.letters import Letters

TEAMS = ("payments", "search")
MONTH = "2025-01"
ADMINISTRATOR = "administrator"
Least = TeamRole | str | None


class Target(NamedTuple):
    """What a call is about: a document, an alert and a command of a team, made for this call."""

    team: str
    name: str
    document: str
    alert: str
    command: str


class Call(NamedTuple):
    """How a route is called. `path` knows the fields of a target; `narrowed`: it shows nothing of another team."""

    least: Least
    path: str
    json: Callable[[Target], Any] | None = None
    narrowed: bool = False
    raw: tuple[bytes, dict[str, str]] | None = None  # bytes and headers, where it is no JSON of ours


BODIES: dict[str, dict[str, Any]] = {
    "rules": {"last": "errors", "above": "5%", "severity": "critical"},
    "endpoints": {"url": "https://hooks.example/geheim"},
    "policies": {"steps": [{"notify": "endpoint/log"}]},
    "routes": {"when": "severity=critical", "to": "endpoint/log"},
    "dismissals": {"instance": "prod|x|y", "at": "2025-11-20T00:00:00Z"},
    "probes": {"hosts": ["example.com"]},
    "silences": {
        "covers": "gateway=prod",
        "reason": "known",
        "ends": "2026-12-06T02:00:00Z",
        "owner": "anna",
    },
    "maintenance": {
        "covers": "gateway=prod",
        "reason": "patches",
        "starts": "2025-11-24 15:30",  # it is open at NOW
        "lasts": "90m",
        "time_zone": "UTC",
    },
    "people": {"contact": [{"endpoint": "log"}]},
    "teams": {"members": ["somebody"]},
    "calendars": {"shows": "schedule/somebody", "digest": "0" * 64},
    "overrides": {
        "schedule": "somebody",
        "person": "somebody",
        "starts": "2026-12-06T02:00:00Z",
        "ends": "2026-12-07T02:00:00Z",
    },
    "schedules": {"time_zone": "Europe/Berlin", "starts": "2025-11-03", "people": ["somebody"]},
    "views": {"shows": "severity=critical"},
    "reports": {"to": "endpoint/log", "starts": "2025-11-24 08:00", "repeats": "weekly", "time_zone": "UTC"},
    "inhibitions": {"source": "rule=a", "target": "rule=b", "equal": ["gateway"]},
}
EMITTED = {"source": "backup", "title": "Backup failed", "severity": "critical"}
HAPPENED = {"gateway": "prod", "source": "guard", "type": "plugin_violation"}


def body(section: str, target: Target, **more: Any) -> dict[str, Any]:
    """A document of a team."""
    words = {"name": target.name, "team": target.team, "description": f"secret of {target.team}"}
    return BODIES[section] | words | more


def documents(section: str) -> dict[tuple[str, str], Call]:
    """The lines of one kind of document."""
    writes = LEAST_OF_DOCUMENT.get(SECTIONS[section], TeamRole.EDITOR)
    base, one = f"/v1/{section}", f"/v1/{section}/{{document_id}}"
    own = f"/v1/{section}/{{document}}"
    return {
        ("GET", base): Call(None, base, narrowed=True),
        ("POST", base): Call(writes, base, lambda target: body(section, target, name=f"new-{target.name}")),
        ("GET", one): Call(TeamRole.VIEWER, own),
        ("PUT", one): Call(
            writes, own, lambda target: body(section, target, revision=1, description="another")
        ),
        ("DELETE", one): Call(writes, own),
        ("GET", f"{one}/revisions"): Call(TeamRole.VIEWER, f"{own}/revisions"),
        ("GET", f"{one}/revisions/{{revision}}"): Call(TeamRole.VIEWER, f"{own}/revisions/1"),
        ("POST", f"{one}/revisions/{{revision}}/restore"): Call(writes, f"{own}/revisions/1/restore"),
    }


def tried(target: Target) -> dict[str, Any]:
    """A trial of a rule of a team."""
    wave = {"series": "errors", "values": [0], "every": "30s", "times": 2}
    return {"rule": body("rules", target), "generate": [wave]}


OF_AMTOOL = "/api/v2/silence/{silence_id}"
SILENCED = {
    "matchers": [{"name": "alertname", "value": "x", "isRegex": False}], "startsAt": "2025-11-24T15:55:00.000Z",
    "endsAt": "2026-12-06T02:00:00Z", "createdBy": "anna", "comment": "known",
}  # fmt: skip
ONE_ALERT, ANOMALY_OF = "/v1/alerts/{alert_id}", "/v1/alerts/{alert}/not-an-anomaly"
CALLS: dict[tuple[str, str], Call] = {
    ("GET", "/health/lag"): Call(None, "/health/lag"),
    ("GET", "/health/live"): Call(None, "/health/live"),
    ("GET", "/health/ready"): Call(None, "/health/ready"),
    ("GET", "/metrics"): Call(None, "/metrics"),
    ("GET", "/v1/system"): Call(None, "/v1/system"),
    ("GET", "/v1/session"): Call(None, "/v1/session"),
    ("DELETE", "/v1/session"): Call(None, "/v1/session"),
    ("GET", "/v1/coverage"): Call(None, "/v1/coverage", narrowed=True),
    ("GET", "/v1/commands/{command_id}"): Call(TeamRole.VIEWER, "/v1/commands/{command}"),
    ("GET", "/v1/alerts"): Call(None, "/v1/alerts", narrowed=True),
    ("GET", "/v1/alerts/facets"): Call(None, "/v1/alerts/facets", narrowed=True),
    ("GET", ONE_ALERT): Call(TeamRole.VIEWER, "/v1/alerts/{alert}"),
    ("GET", f"{ONE_ALERT}/silence"): Call(TeamRole.VIEWER, "/v1/alerts/{alert}/silence"),
    ("POST", f"{ONE_ALERT}/acknowledge"): Call(TeamRole.RESPONDER, "/v1/alerts/{alert}/acknowledge"),
    ("POST", f"{ONE_ALERT}/resolve"): Call(
        TeamRole.RESPONDER, "/v1/alerts/{alert}/resolve", lambda _: {"notes": "x"}
    ),
    ("POST", f"{ONE_ALERT}/snooze"): Call(
        TeamRole.RESPONDER, "/v1/alerts/{alert}/snooze", lambda _: {"for": "2h"}
    ),
    ("POST", f"{ONE_ALERT}/escalate"): Call(TeamRole.RESPONDER, "/v1/alerts/{alert}/escalate"),
    ("POST", f"{ONE_ALERT}/unsnooze"): Call(TeamRole.RESPONDER, "/v1/alerts/{alert}/unsnooze"),
    ("POST", f"{ONE_ALERT}/comment"): Call(
        TeamRole.RESPONDER, "/v1/alerts/{alert}/comment", lambda _: {"notes": "x"}
    ),
    ("POST", f"{ONE_ALERT}/assign"): Call(
        TeamRole.RESPONDER, "/v1/alerts/{alert}/assign", lambda _: {"to": "anna"}
    ),
    ("POST", f"{ONE_ALERT}/not-an-anomaly"): Call(TeamRole.RESPONDER, ANOMALY_OF, lambda _: {"notes": "x"}),
    ("DELETE", f"{ONE_ALERT}/not-an-anomaly"): Call(TeamRole.RESPONDER, ANOMALY_OF),
    ("POST", "/v1/alerts"): Call(
        TeamRole.RESPONDER, "/v1/alerts", lambda target: EMITTED | {"team": target.team}
    ),
    ("POST", "/v1/events"): Call(ADMINISTRATOR, "/v1/events", lambda _: HAPPENED),  # they are the platform's
    ("POST", "/v1/endpoints/{document_id}/test"): Call(TeamRole.EDITOR, "/v1/endpoints/{document}/test"),
    ("POST", "/v1/policies/{document_id}/apply-now"): Call(
        TeamRole.EDITOR, "/v1/policies/{document}/apply-now"
    ),
    ("POST", f"{ONE_ALERT}/silence"): Call(
        TeamRole.RESPONDER, "/v1/alerts/{alert}/silence", lambda _: {"for": "2h", "reason": "x"}
    ),
    ("GET", "/v1/escalations/overdue"): Call(None, "/v1/escalations/overdue", narrowed=True),
    ("GET", "/v1/plan/warnings"): Call(None, "/v1/plan/warnings", narrowed=True),
    ("GET", f"{ONE_ALERT}/explain"): Call(TeamRole.VIEWER, "/v1/alerts/{alert}/explain"),
    ("GET", "/v1/oncall"): Call(None, "/v1/oncall", narrowed=True),
    ("GET", "/v1/schedules/{document_id}/segments"): Call(
        TeamRole.VIEWER, "/v1/schedules/{document}/segments"
    ),
    ("POST", "/v1/calendars/feeds"): Call(
        TeamRole.RESPONDER,
        "/v1/calendars/feeds",
        lambda target: {"name": f"feed-{target.name}", "shows": "schedule/somebody", "team": target.team},
    ),
    ("GET", "/v1/people/me"): Call(None, "/v1/people/me", narrowed=True),
    ("POST", "/v1/people/{document_id}/send-code"): Call(
        TeamRole.ADMIN, "/v1/people/{document}/send-code", lambda _: {"method": "log"}
    ),
    ("POST", "/v1/people/{document_id}/confirm"): Call(
        TeamRole.ADMIN, "/v1/people/{document}/confirm", lambda _: {"method": "log", "code": "123456"}
    ),
    ("PATCH", "/v1/people/{document_id}/contact"): Call(
        TeamRole.ADMIN,
        "/v1/people/{document}/contact",
        lambda _: {"time_zone": "Europe/Berlin", "revision": 1},
    ),
    ("POST", "/v1/maintenance/preview"): Call(
        TeamRole.VIEWER, "/v1/maintenance/preview", lambda target: body("maintenance", target)
    ),
    ("GET", "/v1/maintenance/{document_id}/occurrences"): Call(
        TeamRole.VIEWER, "/v1/maintenance/{document}/occurrences"
    ),
    ("POST", "/v1/maintenance/{document_id}/end"): Call(TeamRole.EDITOR, "/v1/maintenance/{document}/end"),
    ("POST", "/v1/rules/test"): Call(TeamRole.EDITOR, "/v1/rules/test", tried),
    ("POST", "/v1/rules/{rule_id}/enable"): Call(TeamRole.EDITOR, "/v1/rules/{document}/enable"),
    ("POST", "/v1/rules/{rule_id}/disable"): Call(TeamRole.EDITOR, "/v1/rules/{document}/disable"),
    ("POST", "/v1/documents"): Call(
        None, "/v1/documents", lambda _: {"documents": [{"type": "rule", "name": "x"}]}, narrowed=True
    ),  # each document is refused by itself (tests/api/test_bulk.py)
    ("POST", "/v1/plan"): Call(None, "/v1/plan", lambda _: {"documents": [], "prune": True}, narrowed=True),
    ("GET", "/v1/covered"): Call(None, "/v1/covered?covers=everything", narrowed=True),
    ("POST", "/v1/routes/test"): Call(
        TeamRole.EDITOR, "/v1/routes/test", lambda target: {"labels": {"team": target.team}, "for": "1m"}
    ),
    ("GET", "/v1/history"): Call(None, "/v1/history", narrowed=True),
    ("GET", "/v1/history/report"): Call(None, "/v1/history/report", narrowed=True),
    ("GET", "/v1/reports/{document_id}/file"): Call(TeamRole.VIEWER, "/v1/reports/{document}/file"),
    ("GET", "/v1/history/metrics"): Call(None, "/v1/history/metrics?by=team", narrowed=True),
    ("GET", "/v1/history/trends"): Call(None, "/v1/history/trends", narrowed=True),
    ("GET", "/v1/history/noise"): Call(None, "/v1/history/noise", narrowed=True),
    ("GET", "/v1/notifications"): Call(None, "/v1/notifications", narrowed=True),
    ("POST", "/v1/notifications/read"): Call(None, "/v1/notifications/read", lambda _: {"sequences": [1]}),
    ("GET", "/v1/tokens"): Call(None, "/v1/tokens"),
    ("POST", "/v1/tokens"): Call(
        TeamRole.EDITOR, "/v1/tokens", lambda target: {"teams": [target.team], "lasts": "1h"}
    ),
    ("DELETE", "/v1/tokens/{token_id}"): Call(ADMINISTRATOR, "/v1/tokens/{alert}"),
    ("GET", "/v1/export"): Call(None, "/v1/export", narrowed=True),
    ("GET", "/v1/dead-letters"): Call(ADMINISTRATOR, "/v1/dead-letters"),
    ("GET", "/v1/dead-letters/{offset}"): Call(ADMINISTRATOR, "/v1/dead-letters/1"),
    ("POST", "/v1/dead-letters/{offset}/send-back"): Call(ADMINISTRATOR, "/v1/dead-letters/1/send-back"),
    ("GET", "/v1/audit"): Call(None, "/v1/audit", narrowed=True),
    ("GET", "/v1/audit/export"): Call(None, "/v1/audit/export", narrowed=True),
    ("GET", "/v1/audit/verify"): Call(None, "/v1/audit/verify", narrowed=True),
    ("GET", "/v1/archives"): Call(None, "/v1/archives"),
    ("GET", "/v1/archives/{month}"): Call(None, f"/v1/archives/{MONTH}", narrowed=True),
    ("GET", "/api/v2/alerts"): Call(None, "/api/v2/alerts", narrowed=True),
    ("POST", "/api/v2/alerts"): Call(
        TeamRole.RESPONDER,
        "/api/v2/alerts",
        lambda target: [{"labels": {"alertname": "x", "team": target.team}}],
    ),
    ("GET", "/api/v2/silences"): Call(None, "/api/v2/silences", narrowed=True),
    ("POST", "/api/v2/silences"): Call(
        TeamRole.RESPONDER, "/api/v2/silences", lambda target: SILENCED | {"id": target.document}
    ),
    ("GET", OF_AMTOOL): Call(TeamRole.VIEWER, "/api/v2/silence/{document}"),
    ("DELETE", OF_AMTOOL): Call(TeamRole.RESPONDER, "/api/v2/silence/{document}"),
    ("POST", "/api/v1/write"): Call(ADMINISTRATOR, "/api/v1/write", raw=written({})),  # so are samples
    ("POST", "/otlp/v1/metrics"): Call(ADMINISTRATOR, "/otlp/v1/metrics", lambda _: {}),
    ("POST", "/v1/siem/{gateway}"): Call(ADMINISTRATOR, "/v1/siem/prod", raw=siem_post("prod", SIEM)),
    **{line: call for section in SECTIONS for line, call in documents(section).items()},
}
# Anybody may ask these: the code of a link, and the signature of a provider, are the proof that it takes.
PUBLIC = {
    ("POST", "/v1/session"),
    ("POST", "/v1/inbound/{provider}/{endpoint_id}"),
    ("POST", "/v2/enqueue"),  # its routing key is a token
}
STREAMS = {
    ("GET", "/v1/stream"),
    ("GET", "/v1/notifications/stream"),
}  # endless: read below as far as what is there
PEOPLE: dict[str, Principal] = {
    "nobody": Principal(name="nobody"),
    **{
        role.value: Principal(
            name=role, teams=("payments",), roles={"payments": role, "search": TeamRole.ADMIN}
        )
        for role in TeamRole
    },
    ADMINISTRATOR: Principal(name="ada", admin=True),
}


def routes(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Every route, those of included routers as well."""
    for route in found:
        inner = getattr(route, "original_router", None)
        yield from routes(inner.routes) if inner is not None else [route]


def test_every_route_has_a_line(dependencies: Dependencies) -> None:
    """A new path is closed until somebody has said here who may use it."""
    every = list(routes(create(dependencies).routes))
    known = [route for route in every if isinstance(route, APIRoute)]
    paths = {(method, one.path) for one in known if one.include_in_schema for method in one.methods or ()}
    assert paths == {*CALLS, *STREAMS, *PUBLIC}
    others = {getattr(route, "path", "?") for route in every if not isinstance(route, APIRoute)}
    pages = tuple(f"{path}/" for path in site.PATHS)  # which have a matrix of their own
    hidden = {route.path for route in known if not route.include_in_schema}
    files = {path for path in hidden if not f"{path}/".startswith(pages)}
    assert (others, files) == (
        {"/static", "/v1/openapi.json"},
        {"/", "/a/{token}", "/r/{token}", "/calendar/{token}.ics"},
    )
    assert all(
        is_public("GET", path) or path == "/static" for path in others | files
    )  # which ask nobody who they are


@pytest.mark.parametrize("line", CALLS, ids=" ".join)
async def test_route(
    line: tuple[str, str],
    client: Any,
    history: History,
    tmp_path: Path,
    letters: Letters,
    dependencies: Dependencies,
) -> None:
    """Each role may do with what is its team's what its line says, and nothing with what is another team's."""
    call, admin = CALLS[line], client(PEOPLE[ADMINISTRATOR])
    archived = [{"id": team, "team": team, "message": f"secret of {team}"} for team in TEAMS]
    month_file.add(tmp_path / FOLDER / f"alerts-{MONTH}.csv.gz", ["id", "team", "message"], archived)
    await created(admin, "people", BODIES["people"] | {"name": "somebody"})  # of the platform
    for team in TEAMS if line[1].startswith(("/v1/overrides", "/v1/calendars")) else ():
        await created(admin, "schedules", BODIES["schedules"] | {"name": "somebody", "team": team})
    for name, who in PEOPLE.items():
        for team in TEAMS:
            target = await furnished(admin, history, line, team, name)
            letters.sent.clear()
            issued_somebodys(dependencies, target.alert)
            answer = await called(client(who), line[0], call, target)
            assert answer.status_code < 300 or answer.status_code in (403, 404), answer.text
            allowed = answer.status_code < 300
            assert allowed is expected(call.least, name, team), f"{name} of payments on {team}: {answer.text}"
            if call.narrowed and name != ADMINISTRATOR:
                assert "search" not in answer.text
                assert name != "nobody" or "payments" not in answer.text
            stranger = await called(client(None), line[0], call, target)
            assert (stranger.status_code == 401) is not is_public(line[0], line[1])


def issued_somebodys(dependencies: Dependencies, id_: str) -> None:
    """A token of somebody else is good."""
    expires = NOW // 1000 + 3_600
    session = Session(Principal(name="somebody else", teams=TEAMS), id_, expires)
    dependencies.issued.add(session, "token", NOW // 1000)


def expected(least: Least, name: str, team: str) -> bool:
    """Whether somebody who is in payments, if in any team, may do this with what is a team's."""
    if least is None or name == ADMINISTRATOR:
        return True
    if least == ADMINISTRATOR or name == "nobody" or team != "payments":
        return False
    ranks = list(TeamRole)
    return ranks.index(TeamRole(name)) >= ranks.index(TeamRole(least))


async def furnished(
    admin: httpx.AsyncClient, history: History, line: tuple[str, str], team: str, name: str
) -> Target:
    """An alert of an anomaly rule, a command and, where the path is about one, a document of a team."""
    case = f"{name}-{team}"
    section = line[1].split("/")[2] if line[1].startswith("/v1/") else ""
    section = "silences" if line[1].startswith("/api/v2/silence") else section
    target = Target(team, case, "", f"alert-{case}", f"command-{case}")
    history.alert(
        target.alert,
        team=team,
        anomaly=ANOMALY,
        fingerprint=f"prod|{team}|{case}",
        message=f"secret of {team}",
        rule_id=team,
        rule=f"rule of {team}",
    )
    answer = CommandSnapshot(command=target.command, result="accepted")
    history.write(Change(
        id=target.command, at=NOW, team=team, subject="command", subject_id=target.command, what="accepted",
        reason="", by="ada", command=answer,
    ))  # fmt: skip
    if section in BODIES:
        made = await created(admin, section, body(section, target))
        target = target._replace(document=made["id"])
    if line == ("DELETE", f"{ONE_ALERT}/not-an-anomaly"):
        assert (await admin.post(ANOMALY_OF.format(alert=target.alert), json={})).status_code == 200
    return target


async def called(client: httpx.AsyncClient, method: str, call: Call, target: Target) -> httpx.Response:
    """The answer."""
    path, json = call.path.format(**target._asdict()), call.json(target) if call.json else None
    if call.raw is not None:
        return await client.request(method, path, content=call.raw[0], headers=call.raw[1])
    return await client.request(method, path, json=json)


async def test_the_stream_tells_of_ones_own_teams(database: Database, history: History) -> None:
    """Whoever follows what happens hears of nothing that another team's readers only may see."""
    for team in TEAMS:
        history.alert(f"alert-{team}", team=team)
    entries, _ = await database.read(lambda c: stream.after(c, 0, readable_teams(PEOPLE["viewer"]), 100))
    assert [entry.change["team"] for entry in entries] == ["payments"]
    nothing, _ = await database.read(lambda c: stream.after(c, 0, readable_teams(PEOPLE["nobody"]), 100))
    assert nothing == []


@pytest.mark.parametrize("role", [*TeamRole, None])
async def test_a_token_carries_its_role(
    tocsin: Any, dependencies: Dependencies, role: TeamRole | None
) -> None:
    """`tocsin token --role` makes somebody of that role; without it an editor. An unknown role is refused."""
    words = ["--role", role.value] if role else []
    code, said = tocsin("token", "mo@example.com", "--team", "payments", *words)
    claims = jwt.decode(said.strip(), options={"verify_signature": False})
    who = Principal(name="mo", teams=tuple(claims["teams"]), roles=claims["roles"])
    assert (code, role_in(who, "payments")) == (0, role or TeamRole.EDITOR)
    assert tocsin("token", "mo@example.com", "--team", "payments", "--role", "owner")[0] == 2


@pytest.mark.parametrize("roles", [{"payments": "owner"}, ["viewer"], "viewer", {"payments": None}])
def test_roles_that_we_do_not_know(roles: Any) -> None:
    """A token whose roles cannot be read lets nobody in; one of before there were roles does, as an editor."""
    tokens = Tokens(["k" * 32])
    now = int(time.time())
    claims = {
        "sub": "mo",
        "aud": "tocsin",
        "iss": "tocsin",
        "jti": "1",
        "exp": now + 60,
        "teams": ["payments"],
    }
    with pytest.raises(
        Refused, match="`roles` must name for each team one of viewer, responder, editor, admin"
    ):
        tokens.read(jwt.encode(claims | {"roles": roles}, "k" * 32, "HS256"))
    before = tokens.read(jwt.encode(claims, "k" * 32, "HS256")).principal
    assert may(before, Permission.PUT, "payments") is None
